use std::time::Instant;

use crate::limits::{Exceeded, Limit, Limits};

/// Work of a host call that does nothing, about what crossing the border costs.
const CALL: u64 = 100;

/// Work of looking at one entry or item of a document.
const VISIT: u64 = 4;

/// Work between two looks at the clock: well under a millisecond.
const CLOCK_INTERVAL: u64 = 1 << 16;

/// Counts what the host does on the guest's behalf. `wasmtime` meters the guest's
/// own instructions and what it copies to the host; the rest is counted here.
pub(crate) struct Meter {
    limits: Limits,
    deadline: Option<Instant>,
    /// When the answer is of no use any more, whatever the plugin may use.
    until: Option<Instant>,
    work: u64,
    clock_at: u64,
    calls: u64,
    handed: usize,
}

impl Meter {
    pub(crate) fn new(limits: Limits, start: Instant, until: Option<Instant>) -> Self {
        Self {
            limits,
            deadline: start.checked_add(limits.deadline),
            until,
            work: 0,
            clock_at: CLOCK_INTERVAL,
            calls: 0,
            handed: 0,
        }
    }

    /// Work done so far, in units of fuel.
    pub(crate) fn work(&self) -> u64 {
        self.work
    }

    /// A host function was called, with arguments of `bytes`.
    pub(crate) fn call(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.calls += 1;
        if self.calls > self.limits.host_calls {
            return Err(Exceeded::new(Limit::HostCalls, &self.limits));
        }
        self.spend(CALL.saturating_add(bytes as u64))
    }

    /// `count` entries or items were looked at.
    pub(crate) fn visit(&mut self, count: usize) -> Result<(), Exceeded> {
        self.spend(VISIT.saturating_mul(count as u64))
    }

    /// `bytes` are going to be handed to the guest.
    pub(crate) fn hand_over(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.handed = self.handed.saturating_add(bytes);
        if self.handed > self.limits.host_bytes {
            return Err(Exceeded::new(Limit::HostBytes, &self.limits));
        }
        self.spend(bytes as u64)
    }

    /// Is the time of the call over?
    pub(crate) fn check_deadline(&self) -> Result<(), Exceeded> {
        if self.until.is_some_and(|until| Instant::now() >= until) {
            return Err(Exceeded::late());
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => {
                Err(Exceeded::new(Limit::Deadline, &self.limits))
            }
            _ => Ok(()),
        }
    }

    fn spend(&mut self, work: u64) -> Result<(), Exceeded> {
        self.work = self.work.saturating_add(work);
        if self.work > self.limits.fuel {
            return Err(Exceeded::new(Limit::Fuel, &self.limits));
        }
        if self.work >= self.clock_at {
            self.clock_at = self.work.saturating_add(CLOCK_INTERVAL);
            self.check_deadline()?;
        }
        Ok(())
    }
}
