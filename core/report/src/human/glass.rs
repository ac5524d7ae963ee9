use provost_model::GlassBroken;

use super::ink::Ink;
use super::screen::Screen;
use super::waiver::name;

/// That the change passes by an emergency only, whatever else is said.
pub(super) fn show(screen: &mut Screen, glass: Option<&GlassBroken>) {
    let Some(GlassBroken { by, incident, reason, until, policies }) = glass else { return };
    screen.gap();
    let text = format!("`{by}` breaks the glass for `{incident}` until {until}: {reason}");
    screen.wrapped(&[(Ink::Bad, "alert"), (Ink::Plain, ": ")], 7, (Ink::Strong, &text));
    for policy in policies {
        let title = match policy.title.as_str() {
            "" => String::new(),
            title => format!(": {title}"),
        };
        let text = format!("permitted by {}{title}", name(policy));
        screen.wrapped(&[(Ink::Plain, "  ")], 4, (Ink::Plain, &text));
        if !policy.remedy.is_empty() {
            let lead = [(Ink::Help, "    afterwards"), (Ink::Plain, ": ")];
            screen.wrapped(&lead, 10, (Ink::Plain, &policy.remedy));
        }
    }
}
