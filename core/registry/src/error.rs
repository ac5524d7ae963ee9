use std::time::Duration;

use provost_model::{Digest, Problem};

use crate::reference::{Pinned, Repository};
use crate::signature::Fault;

/// How the reason starts when a connection was made and TLS was not.
pub(crate) const NO_TLS: &str = "no TLS with it";

/// Why a plugin was not pushed, pulled or trusted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No connection, or one that broke.
    #[error("`{registry}` cannot be reached: {reason}")]
    Unreachable {
        /// The registry.
        registry: String,
        /// What the network said.
        reason: String,
    },
    /// It took too long.
    #[error("`{registry}` did not answer in full within {} s", .allowed.as_secs_f64())]
    Slow {
        /// The registry.
        registry: String,
        /// What one request may take.
        allowed: Duration,
    },
    /// Nobody, or the wrong one, asked.
    #[error("`{registry}` does not let this user into `{repository}`: {reason}")]
    Unauthorized {
        /// The registry.
        registry: String,
        /// The repository.
        repository: String,
        /// What was tried.
        reason: String,
    },
    /// It is not there.
    #[error("there is no {0}")]
    Missing(String),
    /// The registry refuses, or fails.
    #[error("`{registry}` answers {status} for {what}")]
    Status {
        /// The registry.
        registry: String,
        /// The code.
        status: u16,
        /// What was asked for.
        what: String,
    },
    /// Something else came than was asked for.
    #[error("{what} has the digest {actual}, not {expected}")]
    Altered {
        /// What was asked for.
        what: String,
        /// Its digest.
        expected: Digest,
        /// What came.
        actual: Digest,
    },
    /// Too much came.
    #[error("{what} has more than {allowed} bytes")]
    TooLarge {
        /// What was asked for.
        what: String,
        /// The most there may be.
        allowed: usize,
    },
    /// An answer that does not follow the specification.
    #[error("`{registry}` answers with something that cannot be used: {reason}")]
    Malformed {
        /// The registry.
        registry: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The artefact is something else.
    #[error("{what} is not a plugin: {reason}")]
    NotAPlugin {
        /// The reference, or the file.
        what: String,
        /// What it is instead.
        reason: String,
    },
    /// The policy knows no such repository.
    #[error("plugins from `{0}` are not allowed")]
    NotAllowed(Repository),
    /// It has no signature at all.
    #[error("{0} is not signed")]
    Unsigned(String),
    /// None of its signatures counts.
    #[error("{what} has no signature that counts, only one that {fault}")]
    NotVerified {
        /// The reference, or the file.
        what: String,
        /// Why the one that comes nearest does not.
        fault: Fault,
    },
    /// A file cannot be read.
    #[error("{what} cannot be read: {error}")]
    File {
        /// Which.
        what: String,
        /// Why.
        error: std::io::Error,
    },
}

impl Error {
    /// Did the policy say no, rather than something go wrong?
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::NotAllowed(_) | Self::Unsigned(_) | Self::NotVerified { .. })
    }

    /// Could it be otherwise when it is tried again?
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Slow { .. } => true,
            Self::Status { status, .. } => *status == 429 || *status >= 500,
            _ => false,
        }
    }

    /// What to do next.
    pub fn help(&self) -> String {
        let text = match self {
            Self::Unreachable { registry, reason } if reason.starts_with(NO_TLS) => {
                return format!(
                    "name `{registry}` in `trust.plainHttp`, or give `--plain-http`, if it speaks no \
                     TLS; else let this machine trust the authority of its certificate"
                );
            }
            Self::Unreachable { .. } => {
                "check the name and the network; what `provost plugin pull` has fetched needs none"
            }
            Self::Slow { .. } => "try again, or raise `limits.fetchSeconds` in provost.yaml",
            Self::Unauthorized { registry, .. } => {
                return format!("sign in, as with `docker login {registry}`, or check the name");
            }
            Self::Missing(_) => "check the repository, and the tag or digest",
            Self::Status { status: 429, .. } => "wait a little, or sign in: it asks to slow down",
            Self::Status { status, .. } if *status >= 500 => "try again later: it is their fault",
            Self::Status { .. } => "check the name, and what this user may do there",
            Self::Altered { .. } => {
                "the registry, or something on the way to it, is broken or lies: do not use it"
            }
            Self::TooLarge { .. } => {
                "raise `plugins[].limits.componentBytes` in provost.yaml, or build a smaller one"
            }
            Self::Malformed { .. } => "check that it is an OCI registry",
            Self::NotAPlugin { .. } => {
                "build it with `provost plugin build`, and push it with `provost plugin push`"
            }
            Self::NotAllowed(_) => "add it to `trust.allow` in provost.yaml if it should be",
            Self::Unsigned(_) => {
                "sign it with `provost plugin sign`, with a key of `trust.signedBy`"
            }
            Self::NotVerified { fault: Fault::Name(_), .. } => {
                "use it under that name, or sign it again; a copy of a repository says `signedAs`"
            }
            Self::NotVerified { .. } => {
                "sign it with `provost plugin sign`, with a key of `trust.signedBy`"
            }
            Self::File { .. } => "check the path",
        };
        text.to_owned()
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed(_) => "plugin-not-allowed",
            Self::Unsigned(_) | Self::NotVerified { .. } => "plugin-signature",
            Self::NotAPlugin { .. } => "plugin-format",
            Self::TooLarge { .. } => "plugin-limit",
            Self::Altered { .. } => "plugin-digest",
            Self::File { .. } => "unreadable",
            _ => "plugin-registry",
        }
    }

    /// The problem with a subject.
    pub fn problem(&self, subject: &str) -> Problem {
        Problem::about(self.code(), subject, self.to_string()).help(self.help())
    }

    pub(crate) fn not_a_plugin(plugin: &Pinned, reason: String) -> Self {
        Self::NotAPlugin { what: format!("`{plugin}`"), reason }
    }
}
