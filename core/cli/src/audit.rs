//! `provost audit`: what a running system looks like to every check.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use provost_engine::Bundle;
use provost_model::Change;
use provost_report::{Audited, Format, render};

use crate::arguments::{Arguments, time};
use crate::check::{Judged, cache_folder, documents, interruptible, nothing};
use crate::config::gate;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::terminal::{print, style};

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub struct Audit {
    /// Files or folders of manifests, or `-` for standard input, where `kubectl get … -A -o yaml`
    /// writes. What is not given is taken not to be there: name budgets and autoscalers too.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The form of the report.
    #[arg(long, short, value_enum, default_value_t = AuditForm::Human)]
    pub format: AuditForm,
    /// Judge as of this time (RFC 3339) instead of now.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub now: Option<Timestamp>,
}

/// How an audit is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AuditForm {
    /// What is wrong, and a table of checks.
    Human,
    /// As `provost check` writes it.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// One report of OpenReports for each object, for `kubectl apply -f -`.
    #[value(name = "openreports")]
    OpenReports,
}

/// Judge what is.
pub fn run(arguments: &Arguments, audit: &Audit) -> Judged {
    let style = style(arguments);
    interruptible(&|| {
        let progress = Progress::new();
        let gate = gate(arguments)?;
        progress.start("loading plugins, specifications and policies");
        let bundle = Bundle::load(&gate, cache_folder())?;
        progress.start("reading files");
        let (read, _) = documents(&gate, &audit.paths, &progress);
        let environment = gate.form.environment.clone();
        // It is the cluster itself: what is not here is not there.
        let cluster = Some(read.documents.clone());
        let state = Change { environment, cluster, ..read };
        progress.start("judging");
        let now = audit.now.unwrap_or_else(Timestamp::now);
        let provost_engine::Audit { assessment, incomplete } =
            bundle.audit(&state, now, &|_, more| progress.add(more));
        drop(progress);
        let audited: Vec<_> = state
            .documents
            .iter()
            .map(|document| Audited { document, rules: bundle.rules_about(&document.object) })
            .collect();
        let text = match audit.format {
            AuditForm::Human => provost_report::audit(&assessment, &audited, &style),
            AuditForm::Json => render(&assessment, Format::Json, &style),
            AuditForm::Sarif => render(&assessment, Format::Sarif, &style),
            AuditForm::OpenReports => {
                provost_report::open_reports(&assessment, &audited, now.as_second())
            }
        };
        let exit = match Exit::of(&assessment) {
            Exit::Denied if incomplete => Exit::Incomplete,
            Exit::Denied => Exit::Allowed,
            exit => exit,
        };
        let exit = print(&text, exit);
        if exit == Exit::Nothing {
            nothing(&audit.paths);
        }
        Ok(exit)
    })
}
