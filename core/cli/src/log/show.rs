//! `provost log show`: what is recorded, for people and as it is.

use std::io::{self, ErrorKind, Write};

use jiff::Timestamp;
use provost_ledger::{Entry, Read, read};
use provost_model::Problem;
use serde_json::Value;

use super::arguments::{Show, ShowFormat, ShownVerdict};
use super::{nothing, unreadable};
use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::terminal::say;

/// Show what a log holds, line by line: a log may be longer than memory.
pub fn run(arguments: &Arguments, show: &Show) -> Result<Exit, Vec<Problem>> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut shown = 0_u64;
    let mut damaged = 0_u64;
    let mut read_any = false;
    let mut unwritten = None;
    let mut each = |line: Read<'_>| {
        let record = match intact(&line) {
            Ok(record) => record,
            Err(reason) => {
                damaged += 1;
                say(&format!("{}:{}: {reason}", line.file.display(), line.line));
                return Ok(());
            }
        };
        read_any = true;
        if !is_wanted(show, &record) {
            return Ok(());
        }
        shown += 1;
        let written = match (show.format, &line.entry) {
            (ShowFormat::Human, Ok(entry)) => {
                out.write_all(for_people(entry, &record, arguments.verbose).as_bytes())
            }
            _ => out.write_all(line.text).and_then(|()| out.write_all(b"\n")),
        };
        written.inspect_err(|error| unwritten = Some(error.kind()))
    };
    let outcome = read(&show.path, &mut each);
    let flushed = out.flush().map_err(|error| error.kind());
    match (unwritten.or(flushed.err()), outcome) {
        // A reader that went away has seen what it wanted.
        (Some(ErrorKind::BrokenPipe), _) => return Ok(Exit::Allowed),
        (Some(kind), _) => {
            say(&format!("the output could not be written: {kind}"));
            return Ok(Exit::Incomplete);
        }
        (None, Err(error)) => return Err(vec![unreadable(&show.path, &error)]),
        (None, Ok(())) => {}
    }
    if damaged > 0 {
        say("what is not as it was written was left out; see `provost log verify`");
        return Ok(Exit::Denied);
    }
    if shown > 0 {
        return Ok(Exit::Allowed);
    }
    if read_any {
        say(&format!("no decision in `{}` is as asked", show.path.display()));
        return Ok(Exit::Nothing);
    }
    Ok(nothing(&show.path))
}

/// The record of a line, or why it is not shown.
fn intact(line: &Read<'_>) -> Result<Value, String> {
    let entry = line.entry.as_ref().map_err(|fault| format!("this is no entry: {fault}"))?;
    if !entry.is_intact() {
        return Err(format!("this is not entry {} as it was written", entry.index));
    }
    serde_json::from_str(entry.record).map_err(|error| format!("this is no record: {error}"))
}

/// A filter is about decisions: with one, other records are left out.
fn is_wanted(show: &Show, record: &Value) -> bool {
    let verdict = show.verdict.map(|verdict| match verdict {
        ShownVerdict::Allow => "allow",
        ShownVerdict::Deny => "deny",
        ShownVerdict::Unknown => "unknown",
    });
    let is = |name: &str, wanted: Option<&str>| wanted.is_none_or(|it| text(record, name) == it);
    let is_later = show.since.is_none_or(|since| {
        text(record, "time").parse::<Timestamp>().is_ok_and(|time| time >= since)
    });
    let id = show.id.as_deref().unwrap_or_default();
    is("verdict", verdict)
        && is("principal", show.principal.as_deref())
        && show
            .namespace
            .as_ref()
            .is_none_or(|it| texts(record, "namespaces").contains(&it.as_str()))
        && text(record, "id").starts_with(id)
        && is_later
}

fn text<'a>(record: &'a Value, name: &str) -> &'a str {
    record.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn texts<'a>(record: &'a Value, name: &str) -> Vec<&'a str> {
    list(record, name).iter().filter_map(Value::as_str).collect()
}

fn list<'a>(record: &'a Value, name: &str) -> &'a [Value] {
    record.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn for_people(entry: &Entry<'_>, record: &Value, verbose: bool) -> String {
    let time = text(record, "time");
    // A person has no use for nanoseconds.
    let time = time.split_once('.').map_or(time.to_owned(), |(seconds, _)| format!("{seconds}Z"));
    let head = match text(record, "kind") {
        "Decision" => decision(record),
        "LogStart" => format!("log {} begins", text(record, "log")),
        "Recovery" => {
            let bytes = record.get("bytes").and_then(Value::as_u64).unwrap_or_default();
            format!("{bytes} bytes that a crash had left unfinished were cut off")
        }
        other => format!("a record of kind `{other}`, which this version does not know"),
    };
    let mut lines = vec![format!("{time}  {head}")];
    if verbose {
        lines.extend(details(record));
        lines.push(format!("    entry {}:{}", entry.index, entry.hash));
    }
    lines.iter().map(|line| format!("{}\n", plain(line))).collect()
}

/// One line: `deny  apply by `alice` in `production`: Deployment/shop/web and 3 more  (id)`.
fn decision(record: &Value) -> String {
    let environment = match text(record, "environment") {
        "" => String::new(),
        environment => format!(" in `{environment}`"),
    };
    let omitted = record.pointer("/omitted/objects").and_then(Value::as_u64).unwrap_or(0);
    let objects = match texts(record, "objects").as_slice() {
        [] => "no object".to_owned(),
        [object] => (*object).to_owned(),
        [object, rest @ ..] => format!("{object} and {} more", rest.len() as u64 + omitted),
    };
    format!(
        "{:<7}  {} by `{}`{environment}: {objects}  ({})",
        text(record, "verdict"),
        text(record, "action"),
        text(record, "principal"),
        text(record, "id"),
    )
}

fn details(record: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let mut say = |label: &str, values: Vec<String>| {
        if !values.is_empty() {
            lines.push(format!("    {label} {}", values.join(", ")));
        }
    };
    let owned = |name| texts(record, name).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let of = |name: &str, each: &dyn Fn(&Value) -> Option<String>| {
        list(record, name).iter().filter_map(each).collect::<Vec<_>>()
    };
    let on = |one: &Value| format!("{} on {}", text(one, "check"), text(one, "object"));
    let is_refuted = |one: &&Value| one.get("refuted").and_then(Value::as_u64) > Some(0);
    say("groups", owned("groups"));
    say("objects", owned("objects"));
    say("determined by", owned("determining"));
    say(
        "violations",
        of("findings", &|one| {
            Some(on(one)).filter(|_| one.get("waived") == Some(&Value::Bool(false)))
        }),
    );
    say("unknown", of("unknowns", &|one| Some(on(one))));
    say(
        "refuted",
        of("proofs", &|one| {
            let name = format!("{}/{}", text(one, "specification"), text(one, "property"));
            Some(one).filter(is_refuted).map(|_| name)
        }),
    );
    say("waived", of("waivers", &|one| Some(format!("{} by {}", on(one), text(one, "policy")))));
    say("emergency", of_emergency(record));
    say("exceptions that may not be used", owned("exceptionFaults"));
    say("could not be read", owned("problems"));
    say("approved", owned("approvals"));
    say("admission", of_admission(record));
    for name in ["change", "bundle"] {
        say(
            name,
            vec![text(record, name).to_owned()].into_iter().filter(|it| !it.is_empty()).collect(),
        );
    }
    lines
}

fn of_emergency(record: &Value) -> Vec<String> {
    let Some(emergency) = record.get("emergency") else { return Vec::new() };
    let part = |name| text(emergency, name);
    vec![format!("{} by {} until {}", part("incident"), part("by"), part("until"))]
}

/// `validate UPDATE apps/v1/deployments/scale <uid>`, whether only asked, and what was answered.
fn of_admission(record: &Value) -> Vec<String> {
    let Some(admission) = record.get("admission") else { return Vec::new() };
    let part = |name| text(admission, name);
    let is = |name: &str| admission.get(name) == Some(&Value::Bool(true));
    let resource = [part("resource"), part("subresource")].join("/");
    let resource = resource.trim_matches('/').to_owned();
    let asked = [part("endpoint"), part("operation"), &resource, part("uid")];
    let asked: Vec<_> = asked.into_iter().filter(|part| !part.is_empty()).collect();
    let mut parts = vec![asked.join(" ")];
    parts.extend(is("dryRun").then(|| "dry run".to_owned()));
    parts.push(if is("allowed") { "let through" } else { "refused" }.to_owned());
    parts
}

/// A name may hold whatever a file does: nothing of it reaches a terminal as a command.
fn plain(line: &str) -> String {
    let mut text = String::new();
    for character in line.chars() {
        // Controls, and marks that change the direction of what follows.
        match character {
            '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                text.extend(character.escape_default());
            }
            _ if character.is_control() => text.extend(character.escape_default()),
            _ => text.push(character),
        }
    }
    text
}
