//! What a plugin answers, as data.

use std::path::Path;
use std::sync::Arc;

use provost_host::{Capability, Host, Limits, Plugin, Surroundings};
use provost_model::{Document, Location, Node, Problem, Source};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::file::{ApiVersion, File};

/// A file of cases.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CasesForm {
    /// `provost.dev/v1`
    #[serde(rename = "apiVersion")]
    _api_version: ApiVersion,
    /// `PluginCases`
    #[serde(rename = "kind")]
    _kind: Kind,
    /// The cases.
    #[schemars(length(min = 1))]
    cases: Vec<CaseForm>,
}

#[derive(Deserialize, JsonSchema)]
enum Kind {
    /// Cases of a plugin.
    PluginCases,
}

/// Documents, and what the plugin says of them.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CaseForm {
    /// What it shows, in a few words.
    name: String,
    /// The plugin's settings.
    #[serde(default)]
    settings: Value,
    /// The objects that it judges.
    #[serde(default)]
    documents: Vec<Value>,
    /// Other objects of the change, which it may look up.
    #[serde(default)]
    beside: Vec<Value>,
    /// Objects of the cluster, which it may look up; without it, no cluster is known.
    #[serde(default)]
    others: Option<Vec<Value>>,
    /// All that it finds, in its order.
    #[serde(default)]
    findings: Vec<FindingForm>,
    /// All that it cannot judge, in its order.
    #[serde(default)]
    inconclusive: Vec<InconclusiveForm>,
    /// All that it logs; without it, anything.
    #[serde(default)]
    log: Option<Vec<String>>,
    /// Words of the error with which it refuses its settings.
    #[serde(default)]
    error: Option<String>,
}

/// One violation.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FindingForm {
    /// Id of the rule.
    rule: String,
    /// The number of the document, counted from 0.
    #[serde(default)]
    document: usize,
    /// Where, as an RFC 6901 pointer.
    pointer: String,
    /// What is wrong.
    message: String,
    /// What to do; without it, anything.
    #[serde(default)]
    remedy: Option<String>,
    /// The suggested RFC 6902 patch; without it, anything.
    #[serde(default)]
    patch: Option<Value>,
}

/// Something that a rule cannot judge.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct InconclusiveForm {
    /// Id of the rule.
    rule: String,
    /// The number of the document, counted from 0.
    #[serde(default)]
    document: usize,
    /// Where, as an RFC 6901 pointer.
    pointer: String,
    /// Why.
    reason: String,
}

/// The cases of a file.
pub struct Cases {
    file: File<CasesForm>,
}

/// One case of a file.
pub struct Case<'c> {
    cases: &'c Cases,
    form: &'c CaseForm,
    index: usize,
}

/// What came of a case.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What the case says.
    Passed,
    /// Something else: each difference in a sentence or a few lines.
    Failed(Vec<String>),
}

impl Cases {
    /// Reads a file of cases.
    ///
    /// # Errors
    /// Every problem of it, each at its line.
    pub fn read(path: &Path) -> Result<Self, Vec<Problem>> {
        let help = "name a file of `kind: PluginCases`";
        Ok(Self { file: File::read(path, "PluginCases", help)? })
    }

    /// The name of the file.
    pub fn name(&self) -> &str {
        self.file.source.name()
    }

    /// The objects that cases judge.
    ///
    /// # Errors
    /// Each text that is not one object.
    pub fn documents(&self) -> Result<Vec<Arc<Document>>, Vec<String>> {
        let all = self.iter().map(|case| objects("document", &case.form.documents));
        Ok(all.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// Every case, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = Case<'_>> {
        let cases = self.file.form.cases.iter().enumerate();
        cases.map(|(index, form)| Case { cases: self, form, index })
    }
}

impl Case<'_> {
    /// What it shows.
    pub fn name(&self) -> &str {
        &self.form.name
    }

    /// Where it is written.
    pub fn location(&self) -> Location {
        self.cases.file.locate(&format!("/cases/{}", self.index))
    }

    /// Runs a component under the settings of the case, with every capability granted and
    /// default limits.
    pub fn run(&self, host: &Host, component: &[u8]) -> Outcome {
        let (documents, around) = match self.objects() {
            Ok(objects) => objects,
            Err(reasons) => return Outcome::Failed(reasons),
        };
        let limits = Limits::default();
        let loaded = host.load("plugin", component, &self.form.settings, &Capability::ALL, limits);
        let differences = match (loaded, &self.form.error) {
            (Ok(plugin), None) => self.compare(&plugin, &documents, &around),
            (Ok(_), Some(error)) => vec![format!("the settings are accepted; expected: {error}")],
            (Err(error), Some(words)) if error.to_string().contains(words) => Vec::new(),
            (Err(error), expected) => {
                let expected = expected.as_deref().unwrap_or("that it loads");
                vec![format!("{error}\nexpected: {expected}")]
            }
        };
        if differences.is_empty() { Outcome::Passed } else { Outcome::Failed(differences) }
    }

    /// The documents to judge, and what is around them.
    ///
    /// # Errors
    /// Each text that is not one object.
    fn objects(&self) -> Result<(Objects, Arc<Surroundings>), Vec<String>> {
        let form = self.form;
        let documents = objects("document", &form.documents);
        let beside = objects("object beside", &form.beside);
        let others = form.others.as_ref().map(|others| objects("other", others)).transpose();
        match (documents, beside, others) {
            (Ok(documents), Ok(beside), Ok(others)) => {
                let change: Vec<_> = documents.iter().chain(&beside).cloned().collect();
                let around = Surroundings::new(&change, others.as_deref());
                Ok((documents, Arc::new(around)))
            }
            (documents, beside, others) => {
                let reasons = documents.err().into_iter().chain(beside.err()).chain(others.err());
                Err(reasons.flatten().collect())
            }
        }
    }

    fn compare(
        &self,
        plugin: &Plugin,
        documents: &[Arc<Document>],
        around: &Arc<Surroundings>,
    ) -> Vec<String> {
        let mut differences = Vec::new();
        for (number, document) in documents.iter().enumerate() {
            if !plugin.accepts(&document.object) {
                let kinds = plugin.description().kinds.join(", ");
                let object = &document.object;
                differences.push(format!(
                    "the plugin does not ask for document {number}, {object} (it asks for {kinds})"
                ));
            }
        }
        let report = plugin.check(documents, around);
        differences.extend(report.failure);
        let form = self.form;
        let seen = report.findings.iter().enumerate().map(|(place, finding)| {
            let expected = form.findings.get(place);
            let remedy = expected.and_then(|it| it.remedy.as_ref()).and(finding.remedy.as_ref());
            let patch = expected.and_then(|it| it.patch.as_ref()).and(finding.patch.as_ref());
            let (document, pointer) = place_of(&finding.location);
            finding_line(
                (&finding.check.id, document, &pointer, &finding.message),
                remedy.map(String::as_str),
                patch,
            )
        });
        let expected = form.findings.iter().map(|it| {
            let what = (it.rule.as_str(), it.document, it.pointer.as_str(), it.message.as_str());
            finding_line(what, it.remedy.as_deref(), it.patch.as_ref())
        });
        differences.extend(difference("findings", expected.collect(), seen.collect()));
        let seen = report.unknowns.iter().filter_map(|(check, unknown)| {
            let (document, pointer) = place_of(unknown.location.as_ref()?);
            Some(line(&check.id, document, &pointer, &unknown.reason))
        });
        let expected =
            form.inconclusive.iter().map(|it| line(&it.rule, it.document, &it.pointer, &it.reason));
        differences.extend(difference("inconclusive", expected.collect(), seen.collect()));
        if let Some(expected) = &form.log {
            let seen = report.logs.iter().map(|(_, message)| message.clone());
            differences.extend(difference("log", expected.clone(), seen.collect()));
        }
        differences
    }
}

/// The document that a location is in, and where in it.
fn place_of(location: &Location) -> (usize, String) {
    let name = location.source.name();
    let number = name.rsplit_once(' ').and_then(|(_, number)| number.parse().ok());
    (number.unwrap_or(usize::MAX), location.pointer.clone())
}

fn line(rule: &str, document: usize, pointer: &str, words: &str) -> String {
    format!("{rule} in document {document} at {pointer}: {words}")
}

fn finding_line(
    (rule, document, pointer, message): (&str, usize, &str, &str),
    remedy: Option<&str>,
    patch: Option<&Value>,
) -> String {
    let mut text = line(rule, document, pointer, message);
    if let Some(remedy) = remedy {
        text.push_str(&format!("; remedy: {remedy}"));
    }
    if let Some(patch) = patch {
        // The order of keys does not count.
        text.push_str(&format!("; patch: {}", Node::from_json(patch).canonical_json()));
    }
    text
}

/// What is missing (`-`) and what is too much (`+`), if the lists differ.
fn difference(what: &str, expected: Vec<String>, seen: Vec<String>) -> Option<String> {
    if expected == seen {
        return None;
    }
    let missing = expected.iter().filter(|one| !seen.contains(one)).map(|one| format!("\n- {one}"));
    let more = seen.iter().filter(|one| !expected.contains(one)).map(|one| format!("\n+ {one}"));
    let lines: String = missing.chain(more).collect();
    let lines = if lines.is_empty() { format!("\nin another order: {seen:?}") } else { lines };
    Some(format!("{what} differ (- expected, + seen):{lines}"))
}

type Objects = Vec<Arc<Document>>;

/// Objects as a gate would read them, each from a text of its own.
fn objects(what: &str, values: &[Value]) -> Result<Objects, Vec<String>> {
    let mut documents = Vec::new();
    let mut problems = Vec::new();
    for (number, value) in values.iter().enumerate() {
        let name = format!("{what} {number}");
        let source = Source::new(name.clone(), json!(value).to_string());
        let change = provost_intake::read_source(&source, &provost_intake::Limits::default());
        let skipped = change.skipped.iter().map(|it| it.reason.clone());
        let reasons: Vec<_> =
            change.problems.iter().map(|it| it.message.clone()).chain(skipped).collect();
        match change.documents.as_slice() {
            [document] if reasons.is_empty() => documents.push(Arc::clone(document)),
            _ => problems.push(format!("{name} is not one object: {}", reasons.join("; "))),
        }
    }
    if problems.is_empty() { Ok(documents) } else { Err(problems) }
}

/// The JSON Schema of a file of cases.
pub fn cases_schema() -> Value {
    provost_syntax::Schema::of::<CasesForm>().json().clone()
}
