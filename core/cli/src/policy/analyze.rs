//! `provost policy analyze`: what holds of policies for all requests.

use provost_engine::PolicyTexts;
use provost_model::{Analysis, Decided, Guaranteed};

use super::arguments::Analyze;
use crate::arguments::Arguments;
use crate::check::{Judged, interruptible};
use crate::config::gate;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::terminal::{print, say, style};

/// Analyse what is asked.
pub fn run(arguments: &Arguments, analyze: &Analyze) -> Judged {
    let style = style(arguments);
    interruptible(&|| {
        let progress = Progress::new();
        progress.start("loading policies");
        let gate = gate(arguments)?;
        let schema = analyze.schema.as_deref();
        let mut policies = if analyze.paths.is_empty() {
            PolicyTexts::of_gate(&gate, schema)?
        } else {
            PolicyTexts::of_paths(&gate, &analyze.paths, schema)?
        };
        policies.guarantee(&analyze.guarantees)?;
        if policies.count() == 0 {
            say("no policy to analyse; name files that end in `.cedar`, or folders of them");
            return Ok(Exit::Nothing);
        }
        progress.start("analysing policies");
        let analysis = policies.analyze(&|more| progress.add(more))?;
        drop(progress);
        let text = provost_report::analysis(&analysis, analyze.format, &style);
        Ok(print(&text, exit(&analysis)))
    })
}

fn exit(analysis: &Analysis) -> Exit {
    let wrong =
        |outcome: &Guaranteed| matches!(outcome, Guaranteed::Broken(_) | Guaranteed::Vacuous(_));
    let unknown = |outcome: &Guaranteed| matches!(outcome, Guaranteed::Unknown(_));
    let outcomes = || analysis.guarantees.iter().map(|record| &record.outcome);
    if !analysis.findings.is_empty() || outcomes().any(wrong) {
        Exit::Denied
    } else if !analysis.unknowns.is_empty()
        || outcomes().any(unknown)
        || analysis.kinds.iter().any(|(_, decided)| matches!(decided, Decided::Unknown(_)))
    {
        Exit::Incomplete
    } else {
        Exit::Allowed
    }
}
