/// How bad a violation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth mending some day.
    Low,
    /// Worth mending now.
    Medium,
    /// Likely to cause an outage or a breach.
    High,
    /// An outage or a breach.
    Critical,
}

impl Severity {
    /// The severity of this lower-case name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "info" => Self::Info,
            "low" => Self::Low,
            "medium" => Self::Medium,
            "high" => Self::High,
            "critical" => Self::Critical,
            _ => return None,
        })
    }
}

/// One rule, as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable, kebab-case, unique among all plugins that a gate loads.
    pub id: String,
    /// One line.
    pub title: String,
    /// How bad a violation is.
    pub severity: Severity,
    /// Why anyone should care.
    pub rationale: String,
    /// What to do about a violation.
    pub remedy: String,
    /// Control identifiers, as `framework:id`.
    pub controls: Vec<String>,
}

impl Rule {
    /// A rule of medium severity with nothing but a name and a title.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            severity: Severity::Medium,
            rationale: String::new(),
            remedy: String::new(),
            controls: Vec::new(),
        }
    }

    /// The same rule with this severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The same rule with this rationale.
    #[must_use]
    pub fn rationale(mut self, rationale: impl Into<String>) -> Self {
        self.rationale = rationale.into();
        self
    }

    /// The same rule with this remedy.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// The same rule with these controls more.
    #[must_use]
    pub fn controls(mut self, controls: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.controls.extend(controls.into_iter().map(Into::into));
        self
    }
}

/// What a plugin is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Kebab-case; what a gate file calls it.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// JSON Schema (draft 2020-12) of the settings, as JSON text.
    pub settings_schema: String,
    /// The kinds it wants to see, as `Kind` or `group/Kind`; empty for all.
    pub kinds: Vec<String>,
    /// The abilities it asks for beyond `log`: `lookup` or `lookup-all`.
    pub capabilities: Vec<String>,
}

impl Description {
    /// A plugin that has no rules and no settings yet, and wants to see every kind.
    ///
    /// `env!("CARGO_PKG_NAME")` and `env!("CARGO_PKG_VERSION")` are good arguments.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            rules: Vec::new(),
            settings_schema: r#"{"type":"object","additionalProperties":false}"#.to_owned(),
            kinds: Vec::new(),
            capabilities: Vec::new(),
        }
    }

    /// The same plugin with this schema of its settings.
    #[must_use]
    pub fn settings_schema(mut self, schema: impl Into<String>) -> Self {
        self.settings_schema = schema.into();
        self
    }

    /// The same plugin with these kinds more.
    #[must_use]
    pub fn kinds(mut self, kinds: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.kinds.extend(kinds.into_iter().map(Into::into));
        self
    }

    /// The same plugin, asking to look at other objects of the namespace of what it judges.
    #[must_use]
    pub fn lookup(mut self) -> Self {
        self.capabilities.push("lookup".to_owned());
        self
    }

    /// The same plugin, asking to look at other objects of every namespace.
    #[must_use]
    pub fn lookup_all(mut self) -> Self {
        self.capabilities.push("lookup-all".to_owned());
        self
    }

    /// The same plugin with one rule more.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }
}
