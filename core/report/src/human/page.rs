use provost_model::{CheckInfo, Origin, PolicyReference};

use super::ink::Ink;
use super::screen::Screen;

/// All that is known of a check.
pub(super) fn show(screen: &mut Screen, check: &CheckInfo) {
    let label = format!("{}[{}]", check.severity, check.id);
    let lead = [(check.severity.into(), label.as_str()), (Ink::Plain, ": ")];
    screen.wrapped(&lead, 4, (Ink::Strong, &check.title));
    section(screen, "why", &check.rationale);
    section(screen, "remedy", &check.remedy);
    if !check.controls.is_empty() {
        section(screen, "controls", &check.controls.join(", "));
    }
    let origin = match &check.origin {
        Origin::Plugin(name) => format!("plugin `{name}`"),
        Origin::Specification => "specification".to_owned(),
    };
    section(screen, "answered by", &origin);
}

/// All that is known of a policy.
pub(super) fn policy(screen: &mut Screen, policy: &PolicyReference, text: &str) {
    let label = format!("policy[{}]", policy.id);
    let title = match policy.title.as_str() {
        "" => "without a title",
        title => title,
    };
    screen.wrapped(&[(Ink::Note, &label), (Ink::Plain, ": ")], 4, (Ink::Strong, title));
    section(screen, "remedy", &policy.remedy);
    screen.gap();
    let place = policy.location.as_ref().map(ToString::to_string).unwrap_or_default();
    screen.line(&[(Ink::Strong, &place)]);
    for line in text.lines() {
        let line = format!("  {line}");
        screen.line(&[(Ink::Plain, &line)]);
    }
}

/// A heading and its text. Lines that are indented or listed stay as they are;
/// other lines that follow each other are one paragraph.
fn section(screen: &mut Screen, heading: &str, text: &str) {
    if text.trim().is_empty() {
        return;
    }
    screen.gap();
    screen.line(&[(Ink::Strong, heading)]);
    let mut paragraph = String::new();
    for line in text.trim_end().lines() {
        let listed = line.starts_with([' ', '\t', '-', '*', '#']);
        if listed || line.trim().is_empty() {
            flush(screen, &mut paragraph);
        }
        if line.trim().is_empty() {
            screen.gap();
        } else if listed {
            let line = format!("  {line}");
            screen.line(&[(Ink::Plain, &line)]);
        } else {
            paragraph.push_str(line);
            paragraph.push(' ');
        }
    }
    flush(screen, &mut paragraph);
}

fn flush(screen: &mut Screen, paragraph: &mut String) {
    if !paragraph.is_empty() {
        screen.wrapped(&[(Ink::Plain, "  ")], 2, (Ink::Plain, paragraph));
        paragraph.clear();
    }
}
