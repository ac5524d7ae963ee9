//! Pages: one Markdown file a rule, which says what the rule is for and is its test.

use std::fmt;

use crate::{Rule, Severity};

/// What a rule's page in `rules/` says about the rule: its front matter, then the
/// rationale, then the section `Remedy`. The examples after it are for the tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<'p> {
    /// Id of the rule.
    pub id: &'p str,
    /// One line.
    pub title: &'p str,
    /// How bad a violation is.
    pub severity: Severity,
    /// Control identifiers, as `framework:id`.
    pub controls: Vec<&'p str>,
    /// Why anyone should care: paragraphs, each on one line.
    pub rationale: String,
    /// What to do: paragraphs, each on one line.
    pub remedy: String,
}

/// A page that lacks something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusablePage(&'static str);

impl<'p> Page<'p> {
    /// Reads a page, with or without its examples.
    ///
    /// # Errors
    /// [`UnusablePage`] names what is missing.
    pub fn parse(text: &'p str) -> Result<Self, UnusablePage> {
        let (front, body) = text
            .strip_prefix("---\n")
            .and_then(|rest| rest.split_once("\n---\n"))
            .ok_or(UnusablePage("front matter"))?;
        let field = |name: &'static str| {
            let line = front.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.map(str::trim).ok_or(UnusablePage(name))
        };
        let (rationale, rest) =
            body.split_once("\n## Remedy\n").ok_or(UnusablePage("section `Remedy`"))?;
        let remedy = rest.split_once("\n## ").map_or(rest, |(remedy, _)| remedy);
        Ok(Self {
            id: field("id")?,
            title: field("title")?,
            severity: Severity::from_name(field("severity")?).ok_or(UnusablePage("severity"))?,
            controls: field("controls")?
                .trim_matches(['[', ']'])
                .split(',')
                .map(str::trim)
                .filter(|control| !control.is_empty())
                .collect(),
            rationale: unwrapped(rationale),
            remedy: unwrapped(remedy),
        })
    }

    /// The rule with this id as people see it, told by its page.
    pub fn describe(id: &str, text: &str) -> Rule {
        match Page::parse(text) {
            Ok(page) => Rule::new(page.id, page.title)
                .severity(page.severity)
                .rationale(page.rationale)
                .remedy(page.remedy)
                .controls(page.controls),
            // A plugin's tests read every page, so this is for one that was just broken.
            Err(unusable) => Rule::new(id, unusable.to_string()),
        }
    }
}

impl fmt::Display for UnusablePage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the page lacks its {}", self.0)
    }
}

impl std::error::Error for UnusablePage {}

/// Paragraphs, each on one line, as terminals and reports wrap text themselves.
fn unwrapped(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
    });
    paragraphs.filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// The page `../../rules/<id>.md`, seen from the file that asks, up to its examples:
/// the component need not carry those.
#[macro_export]
macro_rules! page {
    ($id:literal) => {{
        const PAGE: &str = include_str!(concat!("../../rules/", $id, ".md"));
        const HEAD: [u8; $crate::page::head_length(PAGE)] = $crate::page::head(PAGE);
        match ::core::str::from_utf8(&HEAD) {
            Ok(head) => head,
            Err(_) => "",
        }
    }};
}

/// The bytes before the first example.
#[doc(hidden)]
pub const fn head_length(page: &str) -> usize {
    let mut rest = page.as_bytes();
    while let [_, after @ ..] = rest {
        if let [b'\n', b'#', b'#', b' ', b'A', b'l', b'l', b'o', b'w', b'e', b'd', ..] = rest {
            break;
        }
        rest = after;
    }
    page.len() - rest.len()
}

/// The first bytes of a page.
#[doc(hidden)]
pub const fn head<const LENGTH: usize>(page: &str) -> [u8; LENGTH] {
    match page.as_bytes().first_chunk() {
        Some(head) => *head,
        None => [0; LENGTH],
    }
}
