//! What does not work, and how long to wait before it is tried again.

use std::time::{Duration, Instant};

use kube_client::Error;
use kube_client::core::response::Status as Answer;
use kube_client::error::DiscoveryError;

use super::connect::told;
use super::shelf::TooLarge;

/// How long to wait after something did not work: longer each time.
pub(super) const SHORTEST: Duration = Duration::from_millis(200);
pub(super) const LONGEST: Duration = Duration::from_secs(30);

/// Why a kind is not listed, or not watched any more.
#[derive(Debug)]
pub(super) enum Failure {
    /// What was heard last is too old for the server.
    Gone,
    /// The server has no such kind.
    NotServed,
    Refused(String),
    TooLarge,
    Unreadable(String),
    Other(String),
}

impl From<TooLarge> for Failure {
    fn from(TooLarge: TooLarge) -> Self {
        Self::TooLarge
    }
}

impl From<&Answer> for Failure {
    fn from(answer: &Answer) -> Self {
        match answer.code {
            410 => Self::Gone,
            403 => Self::Refused(answer.message.clone()),
            // `kube-client` takes for a status whatever line of JSON it cannot read.
            0 => Self::Unreadable("a change that is none".to_owned()),
            code => Self::Other(format!("{code}: {}", answer.message)),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match &error {
            Error::Api(answer) => Self::from(answer.as_ref()),
            Error::SerdeError(error) => Self::Unreadable(error.to_string()),
            Error::Discovery(
                DiscoveryError::MissingApiGroup(_) | DiscoveryError::MissingKind(_),
            ) => Self::NotServed,
            // What it wraps says more than what `kube-client` calls it.
            Error::Service(error) => Self::Other(told(error.as_ref())),
            error => Self::Other(told(error)),
        }
    }
}

/// Twice as long each time, and never quite the same: replicas that lost one server must not all
/// come back at once.
#[derive(Default)]
pub(super) struct Pause(Option<Duration>);

impl Pause {
    pub(super) fn next(&mut self) -> Duration {
        let wait = self.0.map_or(SHORTEST, |last| (last * 2).min(LONGEST));
        self.0 = Some(wait);
        wait / 2 + wait.mul_f64(share() / 2.0)
    }

    pub(super) fn reset(&mut self) {
        self.0 = None;
    }
}

/// A number from 0 to 1.
fn share() -> f64 {
    use std::hash::{BuildHasher as _, RandomState};
    let number = RandomState::new().hash_one(Instant::now());
    f64::from(u32::try_from(number >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}
