use std::fmt;

use crate::Location;

/// Something a person wrote that cannot be used: what, where, and what to do next.
///
/// Messages are lower case, without a full stop, with the user's words in backticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Stable, kebab-case: `yaml-syntax`, `unknown-key`, `spec-type`, …
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// Where, when there is a text to point into.
    pub location: Option<Location>,
    /// The path or name concerned, when there is no text to point into.
    pub subject: Option<String>,
    /// What to do next.
    pub help: Option<String>,
}

impl Problem {
    /// A problem at a place in a text.
    pub fn at(code: &'static str, location: Location, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), location: Some(location), subject: None, help: None }
    }

    /// A problem with a whole file or another named thing.
    pub fn about(
        code: &'static str,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            message: message.into(),
            location: None,
            subject: Some(subject.into()),
            help: None,
        }
    }

    /// The same problem with a next step.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.location, &self.subject) {
            (Some(location), _) => write!(f, "{location}: ")?,
            (None, Some(subject)) => write!(f, "{subject}: ")?,
            (None, None) => {}
        }
        write!(f, "{} [{}]", self.message, self.code)?;
        if let Some(help) = &self.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
