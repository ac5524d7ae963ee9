//! A tree under construction: what YAML and JSON have in common.
//!
//! No recursion: open mappings and lists are a stack. Finished children of every
//! open collection share two vectors, so that each collection is allocated once,
//! in its final size.

use std::sync::Arc;

use provost_model::{Entry, Location, Node, Problem, Source, Span, Value};

use crate::Limits;
use crate::keys::{Key, Repeated, merge};
use crate::weight::{Built, Weight};

#[derive(Debug)]
enum Shape {
    List { first: usize },
    Map { first: usize, key: Option<(Key, Span)>, merged: Vec<usize> },
}

#[derive(Debug)]
struct Open {
    shape: Shape,
    start: u32,
    /// Where its last key or child ends.
    end: u32,
    weight: Weight,
    anchor: usize,
}

/// The documents of one text, as they grow.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    source: &'a Arc<Source>,
    limits: &'a Limits,
    open: Vec<Open>,
    items: Vec<Node>,
    entries: Vec<Entry>,
    nodes: usize,
    alias_bytes: usize,
    root: Option<Built>,
    duplicates: Vec<Problem>,
}

/// A collection that was just finished.
pub(crate) struct Ended {
    /// The anchor it was begun with.
    pub(crate) anchor: usize,
    built: Built,
}

impl<'a> Tree<'a> {
    pub(crate) fn new(source: &'a Arc<Source>, limits: &'a Limits) -> Self {
        Self {
            source,
            limits,
            open: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            nodes: 0,
            alias_bytes: 0,
            root: None,
            duplicates: Vec::new(),
        }
    }

    /// Every problem: duplicate keys, and what stopped the reading.
    pub(crate) fn into_problems(self, stopped: Option<Box<Problem>>) -> Vec<Problem> {
        let mut problems = self.duplicates;
        problems.extend(stopped.map(|problem| *problem));
        problems
    }

    /// Is the next value a key?
    pub(crate) fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { shape: Shape::Map { key: None, .. }, .. }))
    }

    /// Is the next value a list item?
    pub(crate) fn in_list(&self) -> bool {
        matches!(self.open.last(), Some(Open { shape: Shape::List { .. }, .. }))
    }

    /// Is the next value, or its key, in a mapping?
    pub(crate) fn in_map(&self) -> bool {
        matches!(self.open.last(), Some(Open { shape: Shape::Map { .. }, .. }))
    }

    /// Is there an open collection?
    pub(crate) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// The finished document.
    pub(crate) fn take_root(&mut self) -> Option<Node> {
        self.root.take().map(|built| built.node)
    }

    /// The next key of the open mapping.
    pub(crate) fn key(&mut self, key: Key, span: Span) {
        let Some(open) = self.open.last_mut() else {
            return;
        };
        open.end = open.end.max(span.end);
        if let Key::Name(name) = &key {
            open.weight.bytes += name.len();
        }
        if let Shape::Map { key: place, .. } = &mut open.shape {
            *place = Some((key, span));
        }
    }

    pub(crate) fn begin_list(&mut self, start: usize, anchor: usize) -> Result<(), Box<Problem>> {
        let first = self.items.len();
        self.begin(Shape::List { first }, start, anchor)
    }

    pub(crate) fn begin_map(&mut self, start: usize, anchor: usize) -> Result<(), Box<Problem>> {
        let first = self.entries.len();
        self.begin(Shape::Map { first, key: None, merged: Vec::new() }, start, anchor)
    }

    fn begin(&mut self, shape: Shape, start: usize, anchor: usize) -> Result<(), Box<Problem>> {
        let span = Span::new(start, start);
        if self.wants_key() {
            return Err(Box::new(self.collection_as_key(span)));
        }
        if self.open.len() >= self.limits.depth {
            return Err(Box::new(too_deep(self.at(span), self.limits)));
        }
        let weight = Weight { nodes: 1, bytes: 0, height: 1 };
        self.open.push(Open { shape, start: span.start, end: span.start, weight, anchor });
        Ok(())
    }

    /// Closes the innermost collection at `end`; without one, after its last child.
    pub(crate) fn end(&mut self, end: Option<usize>) -> Result<Option<Ended>, Box<Problem>> {
        let Some(open) = self.open.pop() else {
            return Ok(None);
        };
        let value = match open.shape {
            Shape::List { first } => {
                Value::List(self.items.drain(first.min(self.items.len())..).collect())
            }
            Shape::Map { first, merged, .. } => {
                let mut entries: Vec<_> =
                    self.entries.drain(first.min(self.entries.len())..).collect();
                let repeated = Repeated::of(&entries, &merged);
                for (first, again) in &repeated.written {
                    if let (Some(first), Some(again)) = (entries.get(*first), entries.get(*again)) {
                        self.duplicate(first, again)?;
                    }
                }
                repeated.settle(&mut entries);
                Value::Map(entries)
            }
        };
        let end = end.map_or(open.end, |end| Span::new(0, end).end);
        let span = Span { start: open.start, end: end.max(open.start) };
        let built = Built { node: Node { span, value }, weight: open.weight };
        Ok(Some(Ended { anchor: open.anchor, built }))
    }

    /// Puts a finished collection in its place.
    pub(crate) fn place(&mut self, ended: Ended) -> Result<(), Box<Problem>> {
        self.add(ended.built)
    }

    /// Puts a scalar in its place.
    pub(crate) fn scalar(&mut self, node: Node) -> Result<(), Box<Problem>> {
        self.add(Built { weight: Weight::of_scalar(&node), node })
    }

    /// Puts a copy of an anchored value in its place, `span`.
    ///
    /// The limits are checked before anything is copied.
    pub(crate) fn alias(&mut self, built: &Built, span: Span) -> Result<(), Box<Problem>> {
        let Weight { nodes, bytes, height } = built.weight;
        if self.open.len() + height > self.limits.depth {
            return Err(Box::new(too_deep(self.at(span), self.limits)));
        }
        // `add` counts the value itself.
        self.afford(nodes - 1, bytes, span)?;
        let node = Node { span, value: built.node.value.clone() };
        self.add(Built { node, weight: built.weight })
    }

    /// A copy for an anchor.
    pub(crate) fn keep(&mut self, ended: &Ended) -> Result<Built, Box<Problem>> {
        let Weight { nodes, bytes, .. } = ended.built.weight;
        self.afford(nodes, bytes, ended.built.node.span)?;
        Ok(ended.built.clone())
    }

    fn afford(&mut self, nodes: usize, bytes: usize, span: Span) -> Result<(), Box<Problem>> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.alias_bytes = self.alias_bytes.saturating_add(bytes);
        if self.nodes > self.limits.nodes {
            return Err(Box::new(self.too_many_nodes(span)));
        }
        if self.alias_bytes > self.limits.bytes {
            let message = format!("aliases repeat more than {} bytes of text", self.limits.bytes);
            return Err(Box::new(Problem::at("too-large", self.at(span), message).help(
                "write the values out, or raise `limits.fileBytes` in the gate file if this text is trusted",
            )));
        }
        Ok(())
    }

    fn add(&mut self, built: Built) -> Result<(), Box<Problem>> {
        let Built { node, weight } = built;
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(Box::new(self.too_many_nodes(node.span)));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(Built { node, weight });
            return Ok(());
        };
        open.end = open.end.max(node.span.end);
        open.weight.nodes += weight.nodes;
        open.weight.bytes += weight.bytes;
        open.weight.height = open.weight.height.max(weight.height + 1);
        match &mut open.shape {
            Shape::List { .. } => self.items.push(node),
            Shape::Map { first, key, merged } => match key.take() {
                Some((Key::Name(key), key_span)) => {
                    self.entries.push(Entry { key, key_span, value: node });
                }
                Some((Key::Merge, key_span)) => {
                    let from = self.entries.len() - *first;
                    let Some(()) = merge(node.value, &mut self.entries) else {
                        return Err(Box::new(not_mergeable(self.at(key_span))));
                    };
                    merged.extend(from..self.entries.len() - *first);
                }
                // The readers give every value of a mapping its key first.
                None => return Err(Box::new(self.collection_as_key(node.span))),
            },
        }
        Ok(())
    }

    fn at(&self, span: Span) -> Location {
        Location::new(self.source, span)
    }

    /// Notes a duplicate key; after many of them the text is given up.
    fn duplicate(&mut self, first: &Entry, again: &Entry) -> Result<(), Box<Problem>> {
        const MANY: usize = 100;
        let [one, two] = [first, again].map(|e| self.source.position(e.key_span.start).line);
        let message = format!("key `{}` is on line {one} and again on line {two}", again.key);
        let problem = Problem::at("duplicate-key", self.at(again.key_span), message)
            .help("only one of them would count; keep one");
        if self.duplicates.len() >= MANY {
            return Err(Box::new(problem));
        }
        self.duplicates.push(problem);
        Ok(())
    }

    fn collection_as_key(&self, span: Span) -> Problem {
        let problem =
            Problem::at("yaml-key", self.at(span), "a mapping or list cannot be a key here");
        let rest = self.source.text().get(span.start as usize..).unwrap_or_default();
        let before = self.source.text().get(..span.start as usize).unwrap_or_default();
        if rest.starts_with('{') && before.ends_with('{') || rest.starts_with("{{") {
            problem.help(crate::syntax_error::TEMPLATE)
        } else {
            problem.help("put the key in quotes if it is text")
        }
    }

    fn too_many_nodes(&self, span: Span) -> Problem {
        let message = format!("more than {} values once aliases are expanded", self.limits.nodes);
        Problem::at("too-many-nodes", self.at(span), message).help(
            "split the file, or raise `limits.nodes` in the gate file if this text is trusted",
        )
    }
}

fn not_mergeable(location: Location) -> Problem {
    Problem::at("yaml-merge", location, "`<<` needs a mapping, or a list of mappings")
        .help("refer to an anchored mapping: `<<: *name`; put `<<` in quotes if it is a plain key")
}

pub(crate) fn too_deep(location: Location, limits: &Limits) -> Problem {
    let message = format!("nested more than {} deep", limits.depth);
    Problem::at("too-deep", location, message)
        .help("flatten it, or raise `limits.depth` in the gate file if this text is trusted")
}
