//! Progress on a terminal; nothing where nobody looks.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A progress line on standard error that goes away when it is done.
pub struct Progress(ProgressBar);

impl Progress {
    /// Shown on a terminal, and only when the work takes a moment.
    pub fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {pos}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// What is being done, from nothing.
    pub fn start(&self, what: &'static str) {
        self.0.set_message(what);
        self.0.set_position(0);
    }

    /// So much is done.
    pub fn set(&self, done: usize) {
        self.0.set_position(done as u64);
    }

    /// So much more is done.
    pub fn add(&self, more: usize) {
        self.0.inc(more as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
