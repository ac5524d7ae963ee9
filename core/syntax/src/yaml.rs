//! YAML text with spans: events of the parser into a tree.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, StrInput, StructureStyle, Tag};
use provost_model::{Location, Node, Problem, Source, Span, Value};

use crate::Limits;
use crate::divergence::Divergence;
use crate::keys::Key;
use crate::read::{Parsed, too_many_documents};
use crate::scalar::{resolve, resolve_as};
use crate::syntax_error;
use crate::tree::Tree;
use crate::weight::Built;

/// Reads every document of a YAML text.
pub(crate) fn read(source: &Arc<Source>, limits: &Limits) -> Parsed {
    let mut reader = Reader {
        source,
        limits,
        text: source.text(),
        tree: Tree::new(source, limits),
        anchors: BTreeMap::new(),
        divergence: Divergence::first_of(source.text()),
        documents: Vec::new(),
    };
    let stopped = reader.stream().err();
    Parsed::new(reader.documents, reader.tree.into_problems(stopped))
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    limits: &'a Limits,
    text: &'a str,
    tree: Tree<'a>,
    /// Anchored values of this document; `None` while the value is still open.
    anchors: BTreeMap<usize, Option<Built>>,
    divergence: Option<Divergence>,
    documents: Vec<Node>,
}

impl<'a> Reader<'a> {
    fn stream(&mut self) -> Result<(), Box<Problem>> {
        let options = granit_parser::options! {
            // Both are limits of one kind of nesting; the tree counts the sum.
            flow_nesting_limit: self.limits.depth,
            block_nesting_limit: self.limits.depth,
            // As libyaml, and so `kubectl`.
            block_scalar_eof_without_line_feed: true,
            emit_comments: false,
        };
        let parser: Parser<'a, StrInput<'a>> =
            Parser::new_from_str_with_options(self.text, options);
        for event in parser {
            let (event, span) = event.map_err(|error| {
                Box::new(syntax_error::problem(&error, self.source, self.limits))
            })?;
            let range = span.byte_range().unwrap_or_default();
            self.event(event, Span::new(range.start, range.end))?;
        }
        self.no_divergence_before(self.text.len())
    }

    fn event(&mut self, event: Event<'a>, span: Span) -> Result<(), Box<Problem>> {
        match event {
            Event::DocumentStart(..) if self.documents.len() >= self.limits.documents => {
                Err(Box::new(too_many_documents(self.at(span), self.limits)))
            }
            Event::DocumentEnd => {
                self.no_divergence_before(span.start as usize)?;
                self.anchors.clear();
                self.documents.extend(self.tree.take_root());
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(text, style, anchor, tag.as_deref(), span)
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::SequenceStart(style, anchor, _) => {
                let start = self.list_start(style, span.start as usize);
                self.tree.begin_list(start, anchor)?;
                self.open_anchor(anchor);
                Ok(())
            }
            Event::MappingStart(_, anchor, _) => {
                self.tree.begin_map(span.start as usize, anchor)?;
                self.open_anchor(anchor);
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            _ => Ok(()),
        }
    }

    /// Where a list begins. The parser tells of a block list that is not indented
    /// below its key only where the first item begins.
    fn list_start(&self, style: StructureStyle, start: usize) -> usize {
        if style == StructureStyle::Flow || !self.tree.in_map() {
            return start;
        }
        let line = self.text.get(..start).map_or("", |before| {
            before.rsplit('\n').next().unwrap_or_default().trim_start_matches(' ')
        });
        if line.starts_with('-') { start - line.len() } else { start }
    }

    fn open_anchor(&mut self, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
    }

    /// Closes a collection: at the bracket, or after the last child.
    fn end(&mut self, span: Span) -> Result<(), Box<Problem>> {
        let bracket = (span.end > span.start).then_some(span.end as usize);
        let Some(ended) = self.tree.end(bracket)? else {
            return Ok(());
        };
        if ended.anchor != 0 {
            let built = self.tree.keep(&ended)?;
            self.anchors.insert(ended.anchor, Some(built));
        }
        self.tree.place(ended)
    }

    fn scalar(
        &mut self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Box<Problem>> {
        let span = self.trimmed(span, style);
        let plain = style == ScalarStyle::Plain;
        let rest = self.text.get(span.start as usize..).unwrap_or_default();
        if tag.is_some() && span.start == span.end && rest.starts_with(',') {
            let message = "a space is missing between this tag and the `,`";
            let problem = Problem::at("yaml-tag", self.at(span), message);
            let help = "`kubectl` takes the `,` for a part of the tag: write a space before it";
            return Err(Box::new(problem.help(help)));
        }
        if self.tree.wants_key() {
            return self.key(text, plain && tag.is_none(), anchor, span);
        }
        let value = match tag.map(|tag| tag.suffix_in_namespace("tag:yaml.org,2002:")) {
            None if plain && span.start == span.end => Value::Null,
            None if plain => resolve(&text),
            Some(Some(tag)) => resolve_as(&tag, &text).map_err(|message| {
                Problem::at("yaml-tag", self.at(span), message)
                    .help("write the value without the tag, in the form it should have")
            })?,
            None | Some(None) => Value::Text(text.into_owned()),
        };
        let node = Node { span, value };
        if anchor != 0 {
            self.anchors.insert(anchor, Some(Built::scalar(node.clone())));
        }
        self.tree.scalar(node)
    }

    fn key(
        &mut self,
        text: Cow<'a, str>,
        plain: bool,
        anchor: usize,
        span: Span,
    ) -> Result<(), Box<Problem>> {
        if plain && self.is_flow_key_without_space(span) {
            let problem = Problem::at(
                "yaml-syntax",
                self.at(span),
                "a space is missing after this key's `:`",
            );
            return Err(Box::new(problem.help(
                "`kubectl` takes the `:` for a part of the key: write a space after it, or quote the text",
            )));
        }
        if plain && span.start == span.end {
            let problem = Problem::at("yaml-key", self.at(span), "a key is missing before `:`");
            return Err(Box::new(
                problem.help("write the key, or quote the text if `:` is part of it"),
            ));
        }
        if anchor != 0 {
            let node = Node { span, value: Value::Text(text.clone().into_owned()) };
            self.anchors.insert(anchor, Some(Built::scalar(node)));
        }
        let key = if plain && text == "<<" { Key::Merge } else { Key::Name(text.into_owned()) };
        self.tree.key(key, span);
        Ok(())
    }

    /// `{key:}` or `[a:, b]`: a key without a value in YAML 1.2, a text in YAML 1.1.
    fn is_flow_key_without_space(&self, span: Span) -> bool {
        let after = self.text.get(span.end as usize..).unwrap_or_default().trim_start();
        let value = after.strip_prefix(':').unwrap_or_default();
        span.start < span.end && value.starts_with([',', '[', ']', '{', '}'])
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Box<Problem>> {
        let Some(Some(built)) = self.anchors.get(&anchor) else {
            let problem =
                Problem::at("yaml-alias", self.at(span), "an anchor cannot contain itself");
            return Err(Box::new(problem.help("write the value out instead of the alias")));
        };
        if !self.tree.wants_key() {
            return self.tree.alias(built, span);
        }
        let Some(name) = built.node.as_text().map(str::to_owned) else {
            let problem =
                Problem::at("yaml-key", self.at(span), "this alias is not text, so no key");
            return Err(Box::new(problem.help("write the key out instead of the alias")));
        };
        self.tree.key(Key::Name(name), span);
        Ok(())
    }

    /// A block scalar without the breaks after it; nothing where a value would stand.
    fn trimmed(&self, span: Span, style: ScalarStyle) -> Span {
        let (start, end) = (span.start as usize, span.end as usize);
        match style {
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let text = self.text.get(start..end).unwrap_or_default();
                Span::new(start, start + text.trim_end_matches(['\n', '\r', ' ']).len())
            }
            ScalarStyle::Plain if start == end => {
                let colon = self.text.as_bytes().get(start) == Some(&b':');
                let place = start + usize::from(colon);
                Span::new(place, place)
            }
            _ => span,
        }
    }

    fn at(&self, span: Span) -> Location {
        Location::new(self.source, span)
    }

    fn no_divergence_before(&self, end: usize) -> Result<(), Box<Problem>> {
        match &self.divergence {
            Some(Divergence { offset, length, message, help }) if *offset < end => {
                let at = self.at(Span::new(*offset, offset + length));
                Err(Box::new(Problem::at("yaml-syntax", at, message.as_str()).help(*help)))
            }
            _ => Ok(()),
        }
    }
}
