//! Exit codes: published, so that a pipeline can tell a denial from a mistake.

use std::process::ExitCode;

use provost_model::{Assessment, Verdict};

/// How `provost` ends. Clap's own usage errors end with 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: allowed, or done.
    Allowed,
    /// 1: denied.
    Denied,
    /// 2: an argument, the gate file, or something that it names cannot be used.
    Usage,
    /// 3: nothing to check.
    Nothing,
    /// 4: something could not be read or judged.
    Incomplete,
    /// 5: an exception is expired or invalid.
    Exception,
    /// 70: our bug.
    Bug,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Allowed => 0,
            Self::Denied => 1,
            Self::Usage => 2,
            Self::Nothing => 3,
            Self::Incomplete => 4,
            Self::Exception => 5,
            Self::Bug => 70,
        }
    }

    /// The same where what was decided could not be said or recorded: nothing is allowed on the
    /// strength of what nobody can read.
    pub fn unsaid(self) -> Self {
        if self == Self::Allowed { Self::Incomplete } else { self }
    }

    /// The exit code of an assessment.
    pub fn of(assessment: &Assessment) -> Self {
        if assessment.documents == 0 && assessment.problems.is_empty() {
            return Self::Nothing;
        }
        if !assessment.exception_faults.is_empty() {
            return Self::Exception;
        }
        match assessment.verdict {
            Verdict::Allow => Self::Allowed,
            Verdict::Deny => Self::Denied,
            Verdict::Unknown => Self::Incomplete,
        }
    }
}
