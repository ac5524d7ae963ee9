//! Cases that other projects wrote for checks of the same intent, put to the built-in plugins in
//! their sandbox. `peers/intents.yaml` says which checks those are, `peers/disagreements.yaml` why
//! a verdict differs, and `plugins/README.md` shows the counts.

mod suites;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use provost_host::{Capability, Host, Limits, Plugin, Surroundings};
use provost_model::Source;
use provost_tests::{corpus, expect_file, root};
use serde_json::{Value, json};

use suites::{Case, Expected, SUITES};

/// Which rules have the intent of a check, and under which settings.
struct Intent {
    rules: BTreeSet<String>,
    settings: Value,
}

/// A reason for cases of a suite whose names hold a text.
struct Disagreement {
    suite: String,
    cases: String,
    reason: String,
}

fn data(file: &str) -> Value {
    let path = root().join("tests/integration/peers").join(file);
    let source = Source::new(file, std::fs::read_to_string(path).unwrap());
    let read = provost_syntax::read(&source, &provost_syntax::Limits::default());
    assert_eq!(read.problem, None, "{file}");
    read.documents[0].to_json()
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("`{field}` of {value}")).to_owned()
}

/// By suite and check.
fn intents() -> BTreeMap<(String, String), Intent> {
    let data = data("intents.yaml");
    let suites = data.as_object().unwrap().iter();
    let intent = |((suite, check), value): ((&String, &String), &Value)| {
        let rules = value["rules"].as_array().unwrap().iter();
        let rules = rules.map(|rule| rule.as_str().unwrap().to_owned()).collect();
        let settings = value.get("settings").cloned().unwrap_or_else(|| json!({}));
        ((suite.clone(), check.clone()), Intent { rules, settings })
    };
    let checks = suites.flat_map(|(suite, checks)| {
        let checks = checks.as_object().unwrap().iter();
        checks.map(move |(check, value)| ((suite, check), value))
    });
    checks.map(intent).collect()
}

fn disagreements() -> Vec<Disagreement> {
    let read = |entry: &Value| Disagreement {
        suite: text(entry, "suite"),
        cases: text(entry, "cases"),
        reason: text(entry, "reason"),
    };
    data("disagreements.yaml").as_array().unwrap().iter().map(read).collect()
}

/// The built-in plugins under the settings that were asked for so far.
struct Plugins {
    host: Host,
    loaded: BTreeMap<(String, String), Plugin>,
}

impl Plugins {
    fn new() -> Self {
        Self { host: Host::new(None).unwrap(), loaded: BTreeMap::new() }
    }

    fn named(&mut self, name: &str, settings: &Value) -> &Plugin {
        let key = (name.to_owned(), settings.to_string());
        self.loaded.entry(key).or_insert_with(|| {
            let component = provost_builtins::PLUGINS.iter().find(|(it, _)| *it == name).unwrap().1;
            let (grants, limits) = (&Capability::ALL, Limits::default());
            self.host.load(name, component, settings, grants, limits).unwrap()
        })
    }

    /// What the rules of an intent find in the objects of a case, and what they cannot judge.
    fn judge(&mut self, intent: &Intent, case: &Case) -> (usize, usize) {
        let (mut found, mut unknown) = (0, 0);
        let of_intent = |id: &str| intent.rules.contains(id);
        for (plugin, prefix) in [("pod-security", "pss-"), ("workload-hygiene", "hygiene-")] {
            if !intent.rules.iter().any(|rule| rule.starts_with(prefix)) {
                continue;
            }
            let mut settings = intent.settings.clone();
            if plugin == "pod-security" {
                settings["level"] = json!("restricted");
            }
            let plugin = self.named(plugin, &settings);
            for object in case.objects.iter().filter(|it| plugin.accepts(&it.object)) {
                let report =
                    plugin.check(std::slice::from_ref(object), &Surroundings::default().into());
                assert_eq!(report.failure, None, "{}", case.name);
                found += report.findings.iter().filter(|it| of_intent(&it.check.id)).count();
                unknown += report.unknowns.iter().filter(|(check, _)| of_intent(&check.id)).count();
            }
        }
        (found, unknown)
    }
}

#[derive(Default)]
struct Count {
    agree: usize,
    disagree: usize,
    not_covered: usize,
    /// How many cases each reason explains.
    reasons: BTreeMap<String, usize>,
}

#[test]
fn cases_of_other_projects_are_judged_as_they_judge_them_or_it_is_said_why_not() {
    let (intents, disagreements) = (intents(), disagreements());
    let mut plugins = Plugins::new();
    let (mut used, mut checks) = (BTreeSet::new(), BTreeSet::new());
    let (mut counts, mut wrong) = (Vec::new(), Vec::new());
    for (suite, folder, read) in SUITES {
        let Some(folder) = corpus(folder) else { return };
        let intent = |check: &str| intents.get(&(suite.to_owned(), check.to_owned()));
        let mut count = Count::default();
        for case in read(&folder, &|check| intent(check).is_some()) {
            let Some(intent) = intent(&case.check) else {
                count.not_covered += 1;
                continue;
            };
            checks.insert((suite.to_owned(), case.check.clone()));
            let (found, unknown) = plugins.judge(intent, &case);
            let agrees = match case.expected {
                Expected::Denied(denied) => unknown == 0 && denied == (found > 0),
                Expected::Findings(number) => unknown == 0 && number == found,
                Expected::PassedInPart if unknown + found == 0 => true,
                Expected::PassedInPart | Expected::Skipped => {
                    count.not_covered += 1;
                    continue;
                }
            };
            if agrees {
                count.agree += 1;
                continue;
            }
            count.disagree += 1;
            let explains = |it: &Disagreement| it.suite == suite && case.name.contains(&it.cases);
            let Some(position) = disagreements.iter().position(explains) else {
                wrong.push(format!(
                    "{suite}: {}: {:?} there, {found} found and {unknown} unknown here",
                    case.name, case.expected
                ));
                continue;
            };
            used.insert(position);
            *count.reasons.entry(disagreements[position].reason.clone()).or_default() += 1;
        }
        counts.push((suite, count));
    }
    assert!(wrong.is_empty(), "{} without a reason:\n{}", wrong.len(), wrong.join("\n"));
    let idle = (0..disagreements.len()).filter(|position| !used.contains(position));
    let idle: Vec<_> = idle.map(|position| &disagreements[position].cases).collect();
    assert!(idle.is_empty(), "nothing disagrees there: {idle:?}");
    let unknown: Vec<_> = intents.keys().filter(|key| !checks.contains(*key)).collect();
    assert!(unknown.is_empty(), "no suite has these checks: {unknown:?}");
    expect_table(&counts);
}

/// The part of `plugins/README.md` between its two marks.
fn expect_table(counts: &[(&str, Count)]) {
    const MARKS: [&str; 2] = ["<!-- counts -->\n", "<!-- end of counts -->"];
    let path = root().join("plugins/README.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(MARKS[0]).unwrap();
    let (_, after) = rest.split_once(MARKS[1]).unwrap();
    let mut table = "| suite | agree | disagree | not covered |\n|---|---|---|---|\n".to_owned();
    for (suite, count) in counts {
        let Count { agree, disagree, not_covered, .. } = count;
        let _ = writeln!(table, "| {suite} | {agree} | {disagree} | {not_covered} |");
    }
    table.push_str("\nWhy they disagree:\n\n");
    for (suite, count) in counts {
        for (reason, cases) in &count.reasons {
            let _ = writeln!(table, "- {suite}, {cases}: {reason}");
        }
    }
    expect_file(&path, &format!("{before}{}{table}{}{after}", MARKS[0], MARKS[1]));
}
