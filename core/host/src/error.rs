use provost_model::Problem;

use crate::limits::{Limit, bytes};

/// Why a plugin cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The sandbox itself cannot be set up on this machine.
    #[error("the plugin sandbox cannot be set up: {0}")]
    Sandbox(String),
    /// One plugin cannot be loaded; the others can.
    #[error("plugin `{plugin}` {fault}; {}", fault.help())]
    Plugin {
        /// The name that the gate file gives it.
        plugin: String,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// What is wrong with a plugin. Reads on after "plugin `x`".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The gate file sets a limit that no plugin can have.
    #[error("has a limit `{field}` of {value}, more than the possible {ceiling}")]
    Ceiling {
        /// Field of [`crate::Limits`].
        field: &'static str,
        /// What was asked for.
        value: String,
        /// The most there is.
        ceiling: String,
    },
    /// The file is too large to compile.
    #[error("has {}, over the limit `componentBytes` of {}", bytes(*.size), bytes(*.allowed))]
    TooLarge {
        /// Bytes of the file.
        size: usize,
        /// Bytes allowed.
        allowed: usize,
    },
    /// The bytes are something else.
    #[error("is not a WebAssembly component but {0}")]
    NotAComponent(Format),
    /// It declares more tables, memories or instances than there can be.
    #[error("needs more than any plugin is given: {0}")]
    Oversized(String),
    /// It starts like a component and goes wrong later.
    #[error("is not a valid component: {0}")]
    Invalid(String),
    /// It wants something that no plugin is given.
    #[error("imports `{0}`, which no plugin is given")]
    Import(String),
    /// It speaks another version of the contract.
    #[error("speaks `{0}`, and this Provost speaks version 1 of `provost:plugin`")]
    Version(String),
    /// It is a component, but not a plugin.
    #[error("exports no `provost:plugin/checks@1.0.0`")]
    MissingExport,
    /// Its imports or exports have other types than the contract.
    #[error("does not fit the contract `provost:plugin@1.0.0`: {0}")]
    Mismatch(String),
    /// A call during loading went wrong.
    #[error("failed in `{call}`: it {reason}")]
    Failed {
        /// `describe` or `validate`.
        call: &'static str,
        /// What happened; reads on after "it".
        reason: String,
    },
    /// What it says of itself breaks the contract.
    #[error("describes itself wrongly: {0}")]
    Description(String),
    /// It asks for an ability that does not exist.
    #[error(
        "requests the capability `{0}`, which this Provost does not have (it has: log, lookup, lookup-all)"
    )]
    UnknownCapability(String),
    /// It requests an ability that the gate file does not grant.
    #[error("requests the capability `{0}`, which is not granted to it")]
    Ungranted(&'static str),
    /// The settings break the plugin's schema.
    #[error("does not accept its settings: {}", .0.join("; "))]
    Settings(Vec<String>),
    /// The settings pass the schema, and the plugin refuses them.
    #[error("refuses its settings: {0}")]
    Refused(String),
}

/// What a file is that is not a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// No bytes.
    Empty,
    /// A WebAssembly module without the component layer.
    CoreModule,
    /// A component of another encoding than the one that is standardised.
    OtherEncoding,
    /// Text.
    Text,
    /// Anything else.
    Unknown,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty file",
            Self::CoreModule => "a core module",
            Self::OtherEncoding => "a WebAssembly file of another encoding",
            Self::Text => "a text file",
            Self::Unknown => "something else",
        })
    }
}

impl Fault {
    /// What to do next.
    pub fn help(&self) -> String {
        match self {
            Self::Ceiling { field, .. } => {
                format!("lower `plugins[].limits.{field}` in provost.yaml")
            }
            Self::TooLarge { .. } => {
                format!("{}, or build a smaller one", Limit::ComponentBytes.remedy())
            }
            Self::NotAComponent(Format::CoreModule) => {
                "turn it into a component with `provost plugin build`".to_owned()
            }
            Self::NotAComponent(Format::OtherEncoding) => {
                "build it with a current toolchain".to_owned()
            }
            Self::NotAComponent(_) => "check the path of the plugin in provost.yaml".to_owned(),
            Self::Oversized(_) => "build a smaller one".to_owned(),
            Self::Invalid(_) => "it may be truncated: fetch it again, or build it again".to_owned(),
            Self::Import(_) => "plugins have no files, network, clock or environment: build it \
                                without WASI, as the templates in `sdk/` do"
                .to_owned(),
            Self::Version(_) => {
                "build it with an SDK of version 1, or use a Provost that speaks its version"
                    .to_owned()
            }
            Self::MissingExport => "build it for the world `check` of `provost:plugin`".to_owned(),
            Self::Mismatch(_) => "build it against `sdk/wit/provost-plugin.wit`".to_owned(),
            Self::Failed { .. } | Self::Description(_) => {
                "use another version of the plugin, or tell its author".to_owned()
            }
            Self::UnknownCapability(_) => "use a newer Provost, or another plugin".to_owned(),
            Self::Ungranted(name) => {
                format!("grant it `{name}` in provost.yaml, or use a plugin that does not need it")
            }
            Self::Settings(_) | Self::Refused(_) => {
                "correct `plugins[].settings` in provost.yaml".to_owned()
            }
        }
    }

    /// A stable name, for [`Problem::code`].
    fn code(&self) -> &'static str {
        match self {
            Self::Ceiling { .. } | Self::TooLarge { .. } | Self::Oversized(_) => "plugin-limit",
            Self::NotAComponent(_) | Self::Invalid(_) => "plugin-format",
            Self::Import(_) => "plugin-import",
            Self::Version(_) | Self::MissingExport | Self::Mismatch(_) => "plugin-contract",
            Self::Failed { .. } => "plugin-failure",
            Self::Description(_) => "plugin-description",
            Self::UnknownCapability(_) | Self::Ungranted(_) => "plugin-capability",
            Self::Settings(_) | Self::Refused(_) => "plugin-settings",
        }
    }
}

impl From<&HostError> for Problem {
    fn from(error: &HostError) -> Self {
        match error {
            HostError::Sandbox(reason) => {
                Self::about("plugin-sandbox", "plugins", format!("no sandbox: {reason}"))
                    .help("run without plugins, or on another machine")
            }
            HostError::Plugin { plugin, fault } => {
                Self::about(fault.code(), plugin, format!("plugin {fault}")).help(fault.help())
            }
        }
    }
}
