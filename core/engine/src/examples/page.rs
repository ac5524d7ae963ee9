//! The page beside a specification, as the examples that it shows.
//!
//! An example is one or more fenced blocks and the `text` block after them, which says what
//! comes out. What follows the fence of a block is its language, what the example is
//! (`allowed`, `refuted`, `unknown`, or `before` for the objects as they were), and
//! `file=NAME` where the name of the file matters.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use provost_model::{Location, Problem, Source, Span};

/// What an example comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was proved, or does not apply.
    Allowed,
    /// Something was refuted.
    Refuted,
    /// Nothing was refuted, but something is not known.
    Unknown,
    /// There is no object that the specification is about.
    Nothing,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allowed => "allowed",
            Self::Refuted => "refuted",
            Self::Unknown => "unknown",
            Self::Nothing => "about nothing",
        })
    }
}

/// One example of a page.
#[derive(Clone, Debug)]
pub struct Example {
    /// Where its first block starts.
    pub location: Location,
    /// What the page says that it is.
    pub outcome: Outcome,
    /// The files, each under its name.
    pub files: Vec<Arc<Source>>,
    /// The files before the change.
    pub before: Vec<Arc<Source>>,
    /// What the page says that comes out.
    pub answer: String,
    /// The bytes of the answer in the page.
    range: Range<usize>,
}

/// The name of a file of an example that names none.
pub(super) const UNNAMED: &str = "example.yaml";

/// A page and its examples.
#[derive(Clone, Debug)]
pub struct Page {
    source: Arc<Source>,
    examples: Vec<Example>,
}

impl Page {
    /// Read a page.
    ///
    /// # Errors
    /// Every block that is half an example: a misspelt word, no answer, a file before and
    /// none after.
    pub fn parse(source: &Arc<Source>) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(source);
        for block in blocks(source.text()) {
            reader.block(&block);
        }
        reader.end();
        let Reader { examples, problems, .. } = reader;
        if problems.is_empty() {
            Ok(Self { source: Arc::clone(source), examples })
        } else {
            Err(problems)
        }
    }

    /// Its examples, in order.
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// The name of its file.
    pub fn name(&self) -> &str {
        self.source.name()
    }

    /// Its text.
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// Its text with other answers, one for each example, in order.
    pub fn with_answers<'a>(&self, answers: impl IntoIterator<Item = &'a str>) -> String {
        let mut text = String::new();
        let mut done = 0;
        for (example, answer) in self.examples.iter().zip(answers) {
            text.push_str(self.source.text().get(done..example.range.start).unwrap_or_default());
            text.push_str(answer);
            done = example.range.end;
        }
        text.push_str(self.source.text().get(done..).unwrap_or_default());
        text
    }
}

/// A fenced block.
struct Block<'p> {
    /// What follows the fence.
    info: &'p str,
    /// Where the fence is.
    fence: Range<usize>,
    /// Where its lines are.
    lines: Range<usize>,
    is_closed: bool,
}

/// The fenced blocks of a page (CommonMark, section 4.5, fences of backticks that are not
/// indented).
fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<(Block<'_>, usize)> = None;
    let mut at = 0;
    for line in page.split_inclusive('\n') {
        let (start, end) = (at, at + line.len());
        at = end;
        let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
        let rest = line.trim_start_matches('`').trim();
        match &mut open {
            None if ticks >= 3 && !rest.contains('`') => {
                let fence = start..start + line.trim_end().len();
                let block = Block { info: rest, fence, lines: end..end, is_closed: false };
                open = Some((block, ticks));
            }
            None => {}
            Some((_, opened)) if ticks >= *opened && rest.is_empty() => {
                blocks.extend(open.take().map(|(block, _)| Block { is_closed: true, ..block }));
            }
            Some((block, _)) => block.lines.end = end,
        }
    }
    blocks.extend(open.map(|(block, _)| block));
    blocks
}

/// What a block says it is.
enum Role {
    /// The text that comes out.
    Answer,
    Before,
    Files(Outcome),
    /// Something else.
    Other,
    Wrong(String),
}

/// The role of a block, and the name of its file.
fn role(info: &str) -> (Role, Option<&str>) {
    let mut words = info.split_whitespace();
    let language = words.next().unwrap_or_default();
    let mut role = match language {
        "text" => Role::Answer,
        _ => Role::Other,
    };
    let mut name = None;
    for word in words {
        role = match (word, word.strip_prefix("file=")) {
            (_, Some(file)) if !file.is_empty() => {
                name = Some(file);
                continue;
            }
            ("before", _) => Role::Before,
            ("allowed", _) => Role::Files(Outcome::Allowed),
            ("refuted", _) => Role::Files(Outcome::Refuted),
            ("unknown", _) => Role::Files(Outcome::Unknown),
            _ => Role::Wrong(format!("`{word}` says nothing about a block")),
        };
        if matches!(role, Role::Wrong(_)) {
            break;
        }
    }
    if name.is_some() && matches!(role, Role::Other | Role::Answer) {
        role = Role::Wrong("this block has a file name and no part in an example".to_owned());
    }
    (role, name)
}

/// An example whose answer was not met yet.
struct Half {
    location: Location,
    outcome: Option<Outcome>,
    files: Vec<Arc<Source>>,
    before: Vec<Arc<Source>>,
}

struct Reader<'p> {
    source: &'p Arc<Source>,
    half: Option<Half>,
    examples: Vec<Example>,
    problems: Vec<Problem>,
}

impl<'p> Reader<'p> {
    fn new(source: &'p Arc<Source>) -> Self {
        Self { source, half: None, examples: Vec::new(), problems: Vec::new() }
    }

    fn problem(&mut self, location: Location, message: impl Into<String>, help: &str) {
        self.problems.push(Problem::at("example", location, message).help(help));
    }

    fn block(&mut self, block: &Block<'_>) {
        let location = Location::new(self.source, Span::new(block.fence.start, block.fence.end));
        let (role, name) = role(block.info);
        if !block.is_closed && !matches!(role, Role::Other) {
            self.problem(location.clone(), "this block does not end", "close it with ```");
        }
        let text = self.source.text().get(block.lines.clone()).unwrap_or_default();
        let file = Source::new(name.unwrap_or(UNNAMED), text);
        match role {
            Role::Answer => self.answer(block.lines.clone(), text),
            Role::Before => self.open(location).before.push(file),
            Role::Files(outcome) => {
                let half = self.open(location.clone());
                half.files.push(file);
                if half.outcome.replace(outcome).is_some_and(|other| other != outcome) {
                    self.problem(
                        location,
                        "the blocks of one example do not say the same of it",
                        "end each example with a block ```text, or write the same word",
                    );
                }
            }
            Role::Other => {}
            Role::Wrong(message) => {
                self.problem(location, message, "use allowed, refuted, unknown, before, file=NAME");
            }
        }
    }

    fn open(&mut self, location: Location) -> &mut Half {
        self.half.get_or_insert_with(|| Half {
            location,
            outcome: None,
            files: Vec::new(),
            before: Vec::new(),
        })
    }

    /// The text after an example; any other is prose.
    fn answer(&mut self, range: Range<usize>, answer: &str) {
        let Some(half) = self.half.take() else { return };
        let Half { location, outcome, files, before } = half;
        match outcome {
            Some(outcome) => {
                let answer = answer.to_owned();
                self.examples.push(Example { location, outcome, files, before, answer, range });
            }
            None => self.problem(
                location,
                "nothing follows the objects before the change",
                "write a block ```yaml allowed, refuted or unknown after it",
            ),
        }
    }

    fn end(&mut self) {
        if let Some(half) = self.half.take() {
            self.problem(
                half.location,
                "nothing says what comes of this example",
                "write an empty block ```text after it; `--bless` fills it in",
            );
        }
    }
}
