use annotate_snippets::Level;
use anstyle::{AnsiColor, Effects, Style};
use provost_model::{Effect, Severity, Verdict};

/// What a piece of text is, and so how it is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Strong,
    Faint,
    Bad,
    Warning,
    Note,
    Good,
    Help,
    /// Gutters and arrows.
    Gutter,
}

impl Ink {
    pub(super) fn style(self) -> Style {
        let bold = |color: AnsiColor| color.on_default().effects(Effects::BOLD);
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
            Self::Bad => bold(AnsiColor::BrightRed),
            Self::Warning => bold(AnsiColor::Yellow),
            Self::Note | Self::Good => bold(AnsiColor::BrightGreen),
            Self::Help => bold(AnsiColor::BrightCyan),
            Self::Gutter => bold(AnsiColor::BrightBlue),
        }
    }

    /// The level whose underline has this colour.
    pub(super) fn level(self) -> Level<'static> {
        match self {
            Self::Bad => Level::ERROR,
            Self::Warning => Level::WARNING,
            Self::Help => Level::HELP,
            Self::Gutter => Level::INFO,
            Self::Plain | Self::Strong | Self::Faint | Self::Note | Self::Good => Level::NOTE,
        }
    }
}

impl From<Severity> for Ink {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Bad,
            Severity::Medium => Self::Warning,
            Severity::Low | Severity::Info => Self::Note,
        }
    }
}

impl From<Verdict> for Ink {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Allow => Self::Good,
            Verdict::Deny => Self::Bad,
            Verdict::Unknown => Self::Warning,
        }
    }
}

impl From<Effect> for Ink {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Allow => Self::Good,
            Effect::Deny => Self::Bad,
        }
    }
}
