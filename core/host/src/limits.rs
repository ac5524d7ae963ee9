use std::fmt;
use std::time::Duration;

/// What one call of one plugin may cost.
///
/// Every budget but `deadline` is deterministic: the same plugin, documents and
/// settings always end the same way. `deadline` is the last resort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Instructions of the guest, about one unit each; the work that the host does
    /// for the guest is counted in the same unit against the same number.
    pub fuel: u64,
    /// Wall-clock time of one call, host calls included.
    pub deadline: Duration,
    /// Bytes of all linear memories together; at most 4 GiB.
    pub memory_bytes: usize,
    /// Elements of all tables together; at most 100,000.
    pub table_elements: usize,
    /// Bytes of native stack for the guest; at most 1 MiB.
    pub stack_bytes: usize,
    /// Bytes of the component file.
    pub component_bytes: usize,
    /// Bytes of strings and lists that one answer, or the arguments of one host
    /// call, may copy to the host.
    pub output_bytes: usize,
    /// Findings and inconclusive results of one call together.
    pub findings: usize,
    /// Bytes of log messages; what is over is dropped and counted, never a failure.
    pub log_bytes: usize,
    /// Log messages; what is over is dropped and counted, never a failure.
    pub log_messages: usize,
    /// Calls of host functions.
    pub host_calls: u64,
    /// Looked-up objects that the guest may hold at once.
    pub handles: usize,
    /// Bytes that host functions may hand to the guest, all calls together.
    pub host_bytes: usize,
}

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 1_000_000_000,
            deadline: Duration::from_secs(5),
            memory_bytes: 64 * MIB,
            table_elements: 50_000,
            stack_bytes: 512 * KIB,
            component_bytes: 32 * MIB,
            output_bytes: 8 * MIB,
            findings: 10_000,
            log_bytes: 16 * KIB,
            log_messages: 64,
            host_calls: 1_000_000,
            handles: 10_000,
            host_bytes: 64 * MIB,
        }
    }
}

/// The name of a budget: a field of [`Limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Fuel,
    Deadline,
    MemoryBytes,
    TableElements,
    StackBytes,
    ComponentBytes,
    OutputBytes,
    Findings,
    LogBytes,
    LogMessages,
    HostCalls,
    Handles,
    HostBytes,
}

impl Limit {
    /// The name of the field in a gate file.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Fuel => "fuel",
            Self::Deadline => "deadlineMilliseconds",
            Self::MemoryBytes => "memoryBytes",
            Self::TableElements => "tableElements",
            Self::StackBytes => "stackBytes",
            Self::ComponentBytes => "componentBytes",
            Self::OutputBytes => "outputBytes",
            Self::Findings => "findings",
            Self::LogBytes => "logBytes",
            Self::LogMessages => "logMessages",
            Self::HostCalls => "hostCalls",
            Self::Handles => "handles",
            Self::HostBytes => "hostBytes",
        }
    }

    /// The value in `limits`, for people.
    pub(crate) fn of(self, limits: &Limits) -> String {
        match self {
            Self::Fuel => format!("{} units", limits.fuel),
            Self::Deadline => format!("{:?}", limits.deadline),
            Self::MemoryBytes => bytes(limits.memory_bytes),
            Self::TableElements => limits.table_elements.to_string(),
            Self::StackBytes => bytes(limits.stack_bytes),
            Self::ComponentBytes => bytes(limits.component_bytes),
            Self::OutputBytes => bytes(limits.output_bytes),
            Self::Findings => limits.findings.to_string(),
            Self::LogBytes => bytes(limits.log_bytes),
            Self::LogMessages => limits.log_messages.to_string(),
            Self::HostCalls => limits.host_calls.to_string(),
            Self::Handles => limits.handles.to_string(),
            Self::HostBytes => bytes(limits.host_bytes),
        }
    }

    /// How to raise it.
    pub(crate) fn remedy(self) -> String {
        format!("raise `plugins[].limits.{}` in provost.yaml", self.field())
    }
}

/// A budget was spent. Carried through the guest as a trap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Exceeded {
    /// One of the plugin's.
    Limit { limit: Limit, allowed: String },
    /// The time of whoever asked.
    Late,
}

impl Exceeded {
    pub(crate) fn new(limit: Limit, limits: &Limits) -> Self {
        Self::Limit { limit, allowed: limit.of(limits) }
    }

    /// Whoever asked does not wait any longer.
    pub(crate) fn late() -> Self {
        Self::Late
    }
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Limit { limit, allowed } = self else {
            return f.write_str("was not done when the time for an answer was over");
        };
        let (field, remedy) = (limit.field(), limit.remedy());
        write!(f, "exceeded its limit `{field}` of {allowed}: {remedy} if it is meant to need more",)
    }
}

impl std::error::Error for Exceeded {}

/// A number of bytes in the largest unit that divides it.
pub(crate) fn bytes(count: usize) -> String {
    match count {
        0 => "0 bytes".to_owned(),
        _ if count.is_multiple_of(MIB) => format!("{} MiB", count / MIB),
        _ if count.is_multiple_of(KIB) => format!("{} KiB", count / KIB),
        _ => format!("{count} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exceeded_limit_names_its_field_and_how_to_raise_it() {
        let limits = Limits { memory_bytes: 3 * MIB, ..Limits::default() };
        assert_eq!(
            Exceeded::new(Limit::MemoryBytes, &limits).to_string(),
            "exceeded its limit `memoryBytes` of 3 MiB: raise `plugins[].limits.memoryBytes` \
             in provost.yaml if it is meant to need more"
        );
    }
}
