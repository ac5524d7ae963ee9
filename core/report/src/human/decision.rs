use provost_model::{Decision, Effect, Suggestion};

use super::ink::Ink;
use super::screen::Screen;
use super::waiver::name;

/// What the policies say, and which of them. That nothing forbids a change is what its
/// verdict says already.
pub(super) fn show(screen: &mut Screen, decision: &Decision) {
    if decision.effect == Effect::Allow && !screen.verbose {
        return;
    }
    let Decision { effect, action, principal, environment, determining, errors, .. } = decision;
    let environment = match environment.as_str() {
        "" => String::new(),
        environment => format!(" in `{environment}`"),
    };
    let (word, by) = match effect {
        Effect::Allow => ("allow", "permitted by"),
        Effect::Deny => ("deny", "forbidden by"),
    };
    screen.gap();
    let lead = [(Ink::Strong, "decision: "), ((*effect).into(), word), (Ink::Plain, "  ")];
    let asked = format!("`{action}` by `{principal}`{environment}");
    screen.wrapped(&lead, 4, (Ink::Plain, &asked));
    for policy in determining {
        let title = match policy.title.as_str() {
            "" => String::new(),
            title => format!(": {title}"),
        };
        let text = format!("{by} {}{title}", name(policy));
        screen.wrapped(&[(Ink::Plain, "  ")], 4, (Ink::Plain, &text));
        if *effect == Effect::Deny && !policy.remedy.is_empty() {
            let lead = [(Ink::Help, "    help"), (Ink::Plain, ": ")];
            screen.wrapped(&lead, 10, (Ink::Plain, &policy.remedy));
        }
        // Of a single policy, what would be enough says the same.
        if determining.len() > 1 || decision.advice.suggestions.is_empty() {
            missing(screen, decision, &policy.id);
        }
    }
    for error in errors {
        let lead = [(Ink::Bad, "  policy failed"), (Ink::Plain, ": ")];
        screen.wrapped(&lead, 4, (Ink::Plain, error));
    }
    if *effect == Effect::Deny && determining.is_empty() && errors.is_empty() {
        screen.line(&[(Ink::Plain, "  no policy permits it")]);
    }
    enough(screen, &decision.advice.suggestions);
}

/// What one policy lacks.
fn missing(screen: &mut Screen, decision: &Decision, id: &str) {
    let missing = decision.advice.missing.iter().find(|missing| missing.policy == id);
    if let Some(missing) = missing {
        let lacks: Vec<_> = missing.needs.iter().map(|need| need.text.as_str()).collect();
        let lead = [(Ink::Note, "    missing"), (Ink::Plain, ": ")];
        screen.wrapped(&lead, 10, (Ink::Plain, &lacks.join("; ")));
    }
}

/// Each set of evidence that would be enough.
fn enough(screen: &mut Screen, suggestions: &[Suggestion]) {
    for (index, suggestion) in suggestions.iter().enumerate() {
        let word = if index == 0 { "  enough would be" } else { "  or" };
        let needs: Vec<_> = suggestion.needs.iter().map(|need| need.text.as_str()).collect();
        let lead = [(Ink::Help, word), (Ink::Plain, ": ")];
        screen.wrapped(&lead, 4, (Ink::Plain, &needs.join(", and ")));
    }
}
