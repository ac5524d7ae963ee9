//! Cases as data: policies, facts, and the answer. `BLESS=1` rewrites the answers.
//!
//! A case is a file of sections that start with `=== `: policies first (`default
//! pack`, `pack NAME`, `file NAME`, `schema`, `entities`), then questions (`load`, `decide`,
//! `advise`, `emergency`, `grant`, `waive`, `faults`), each with its `answer`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use provost_model::{
    Advice, Change, Decision, Digest, Effect, ExceptionFault, Need, Problem, Severity, Source,
};
use provost_policy::{Evidence, Lacks, Policies, Waive};
use serde_json::Value;

use crate::{facts, packs};

/// The title of a section and its text.
type Section = (String, String);

/// Titles of sections that ask.
const QUESTIONS: [&str; 7] = ["load", "decide", "advise", "emergency", "grant", "waive", "faults"];

fn sections(text: &str) -> Vec<Section> {
    text.split("=== ")
        .skip(1)
        .map(|section| {
            let (title, body) = section.split_once('\n').expect("a title");
            (title.trim().to_owned(), body.to_owned())
        })
        .collect()
}

fn load(sections: &[Section]) -> Result<Policies, Vec<Problem>> {
    let mut schema = packs::schema();
    let mut files: Vec<Arc<Source>> = Vec::new();
    let mut entities = None;
    for (title, body) in sections {
        match title.split_once(' ').unwrap_or((title, "")) {
            ("default", "pack") => files.extend(packs::default_pack()),
            ("pack", name) => files.push(packs::source(&format!("{name}/{name}.cedar"))),
            ("entities", _) => entities = Some(Source::new("entities.yaml", body.as_str())),
            ("file", name) => files.push(Source::new(name, body.as_str())),
            ("schema", _) => schema = Source::new("schema.cedarschema", body.as_str()),
            _ => {}
        }
    }
    let policies = Policies::load(&schema, &files)?;
    match entities {
        Some(entities) => policies.with_entities(&entities),
        None => Ok(policies),
    }
}

fn answer(policies: &Result<Policies, Vec<Problem>>, title: &str, body: &str) -> String {
    let loaded = || policies.as_ref().unwrap_or_else(|p| panic!("{}", problems(p)));
    let facts = || serde_json::from_str::<Value>(body).unwrap_or_else(|e| panic!("{e}: {body}"));
    match title.split_once(' ').unwrap_or((title, "")) {
        ("load", _) => match policies {
            Ok(policies) => {
                policies.policies().map(|p| format!("{} {:?}\n", p.id, p.title)).collect()
            }
            Err(found) => problems(found),
        },
        ("faults", day) => faults(&loaded().exception_faults(day.parse().expect("a day"))),
        ("decide", _) => decided(&decide(loaded(), &facts())),
        ("advise", _) => {
            let facts = facts();
            let mended = facts["mended"].as_array().into_iter().flatten();
            let mended = mended.filter_map(Value::as_str).collect();
            let lacks = Lacks { mended: &mended, complete: facts["complete"] == true };
            asked(&facts, &|change, evidence| advised(&loaded().advise(change, evidence, lacks)))
        }
        ("emergency", _) => {
            asked(&facts(), &|change, evidence| match loaded().break_glass(change, evidence) {
                None => "no emergency\n".to_owned(),
                Some(Ok(glass)) => format!("broken by {} until {}\n", glass.by, glass.until),
                Some(Err(ruled)) => format!("not accepted: {ruled}\n"),
            })
        }
        ("grant", words) => {
            let words: Vec<_> = words.split(' ').collect();
            let digest = Digest::of(b"component");
            match loaded().grant(words[0], words[1], words.len() > 2, digest) {
                Ok(()) => "granted\n".to_owned(),
                Err(ruled) => format!("refused: {ruled}\n"),
            }
        }
        ("waive", _) => waive(loaded(), &facts()),
        other => panic!("no such section: {other:?}"),
    }
}

fn problems(problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        let place = problem.location.as_ref().map(ToString::to_string);
        let place = place.or(problem.subject.clone()).unwrap_or_default();
        writeln!(text, "{place}: {} [{}]", problem.message, problem.code).unwrap();
        if let Some(location) = &problem.location {
            let span = location.span.start as usize..location.span.end as usize;
            writeln!(text, "  under: {}", &location.source.text()[span]).unwrap();
        }
        if let Some(help) = &problem.help {
            writeln!(text, "  help: {help}").unwrap();
        }
    }
    text
}

fn faults(faults: &[ExceptionFault]) -> String {
    let place = |fault: &ExceptionFault| fault.policy.location.clone().expect("a location");
    faults.iter().map(|fault| format!("{}: {}\n", place(fault), fault.message)).collect()
}

pub fn decide(policies: &Policies, facts: &Value) -> Decision {
    asked(facts, &|change, evidence| policies.decide(change, evidence))
}

/// What is answered about the change and the evidence of a case.
pub fn asked<T>(facts: &Value, answer: &dyn Fn(&Change, &Evidence<'_>) -> T) -> T {
    let mut results = Vec::new();
    let mut waivers = Vec::new();
    for result in facts["results"].as_array().into_iter().flatten() {
        let (result, covered) = facts::result(result);
        results.push(result);
        waivers.extend(covered);
    }
    let blocking = if facts["blocking"].is_string() {
        facts::severity(facts, "blocking")
    } else {
        Severity::Medium
    };
    let change = facts::change(facts);
    let evidence = Evidence {
        change: change.digest(),
        results: &results,
        waivers: &waivers,
        blocking,
        now: facts::now(facts),
    };
    answer(&change, &evidence)
}

fn advised(advice: &Advice) -> String {
    let texts =
        |needs: &[Need]| needs.iter().map(|need| need.text.clone()).collect::<Vec<_>>().join(" + ");
    let missing = advice.missing.iter();
    let missing = missing.map(|one| format!("{} lacks {}\n", one.policy, texts(&one.needs)));
    let enough = advice.suggestions.iter().map(|one| format!("enough: {}\n", texts(&one.needs)));
    let text: String = missing.chain(enough).collect();
    if text.is_empty() { "nothing that can be given is missing\n".to_owned() } else { text }
}

fn decided(decision: &Decision) -> String {
    let mut text = match decision.effect {
        Effect::Allow => "allow".to_owned(),
        Effect::Deny => "deny".to_owned(),
    };
    writeln!(text, ": {} {} {:?}", decision.principal, decision.action, decision.environment)
        .unwrap();
    for policy in &decision.determining {
        let place = policy.location.as_ref().expect("a location");
        writeln!(text, "  by {} ({})", policy.id, place.source.name()).unwrap();
    }
    for error in &decision.errors {
        writeln!(text, "  error: {error}").unwrap();
    }
    text
}

fn waive(policies: &Policies, facts: &Value) -> String {
    let change = facts::change(facts);
    let finding = facts::finding(facts);
    let answers = policies.waive(&change, &[], &[&finding], facts::now(facts));
    let [answer] = answers.try_into().expect("one answer");
    match answer {
        Waive::Waived(waiver) => format!(
            "waived by {} until {}: {} ({})\n",
            waiver.policy.id, waiver.expires, waiver.reason, waiver.owner
        ),
        Waive::Expired(fault) => format!("expired: {}\n", fault.message),
        Waive::Invalid(fault) => format!("invalid: {}\n", fault.message),
        Waive::Forbidden(fault) => format!("forbidden: {}\n", fault.message),
        Waive::No => "no\n".to_owned(),
        Waive::Failed(error) => format!("failed: {error}\n"),
    }
}

/// The text of a case with its answers as they are now.
fn answered(text: &str) -> String {
    let preamble = text.split("=== ").next().unwrap_or_default();
    let mut sections = sections(text);
    let policies = load(&sections);
    let mut asked: Option<Section> = None;
    for (title, body) in &mut sections {
        if title == "answer" {
            let (title, question) = asked.take().expect("a question before the answer");
            *body = format!("{}\n", answer(&policies, &title, &question));
        } else if QUESTIONS.iter().any(|q| title.starts_with(q)) {
            asked = Some((title.clone(), body.clone()));
        }
    }
    assert!(asked.is_none(), "the last question has no answer");
    let body: String =
        sections.iter().map(|(title, body)| format!("=== {title}\n{body}")).collect();
    format!("{preamble}{}\n", body.trim_end())
}

fn run(folder: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(folder);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(&folder).expect("cases").map(|entry| entry.expect("a case").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no cases");
    let mut wrong = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a case");
        let now = answered(&text);
        if now == text {
            continue;
        }
        if env::var_os("BLESS").is_some() {
            fs::write(&path, now).expect("the case");
        } else {
            let differs = text.lines().zip(now.lines()).find(|(then, now)| then != now);
            wrong.push(format!("{}: {differs:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "(expected, found):\n{}", wrong.join("\n"));
}

#[test]
fn decisions_are_as_recorded() {
    run("decide");
}

#[test]
fn facts_and_memberships_reach_policies_as_recorded() {
    run("world");
}

#[test]
fn what_would_be_enough_is_as_recorded() {
    run("advise");
}

#[test]
fn exceptions_are_as_recorded() {
    run("waive");
}

#[test]
fn broken_policies_are_explained_as_recorded() {
    run("load");
}
