//! From the form of a file to a specification: names, types, and every mistake in one pass.

use std::sync::Arc;

use provost_model::{
    CheckInfo, Digest, Entry, Location, Node, Origin, Problem, Severity, Source, Span,
    Value as NodeValue,
};

use crate::cluster::is_kind;
use crate::expr::{Expr, ExpressionFault};
use crate::expression::{Expression, place};
use crate::form::{Body, Cel, Kind, RemedyForm, SeverityForm, SpecificationForm};
use crate::model::Models;
use crate::reach::Reach;
use crate::specification::{FieldReference, RemedyPlan, Specification};
use crate::syntax_fault::RESERVED;
use crate::types::{Names, Type, check_is};
use crate::yaml_trap::is_cut_by_comment;

/// A file, and one of its documents.
#[derive(Clone)]
pub(crate) struct Part<'l> {
    pub(crate) source: &'l Arc<Source>,
    pub(crate) root: &'l Node,
}

/// Loads one specification of a file.
///
/// What it is made of comes in parts: its own file, and that of the model it uses. A pointer is
/// looked up in the first part that has it; lists of both are read one after the other.
pub(crate) struct Loader<'l> {
    parts: Vec<Part<'l>>,
    /// The part that lists are read from now.
    only: Option<usize>,
    problems: &'l mut Vec<Problem>,
}

impl<'l> Loader<'l> {
    pub(crate) fn new(
        source: &'l Arc<Source>,
        root: &'l Node,
        problems: &'l mut Vec<Problem>,
    ) -> Self {
        Self { parts: vec![Part { source, root }], only: None, problems }
    }

    /// `None` when there are problems.
    pub(crate) fn load(
        mut self,
        form: SpecificationForm,
        models: &'l Models,
    ) -> Option<Specification> {
        let before = self.problems.len();
        let own = form.spec;
        let mut bodies = vec![&own];
        if let Some(model) = own.uses.as_deref().and_then(|name| self.model(name, models)) {
            bodies.push(&model.body);
            self.parts.push(Part { source: &model.source, root: &model.root });
        }
        self.whole_name(&form.metadata.name, form.kind);
        let mut names = Names::new();
        let subject = bodies.iter().find_map(|body| body.subject.as_ref());
        if let Some(subject) = subject {
            let place = self.value("/spec/for/as");
            self.define(&subject.name, place, Type::Document, &mut names);
        }
        let kinds = subject.map_or_else(Vec::new, |subject| self.kinds(&subject.kinds));
        let lets = self.lets(&bodies, &mut names);
        let preconditions = self.in_parts(&bodies, |l, body| {
            l.list(&body.preconditions, "/spec/preconditions", &names)
        });
        let (machine, state_names) = self.machine(&bodies, &names);
        let properties = self.properties(&own, &names, &state_names);
        self.claims(&bodies, form.kind);
        let mut blame = self.in_parts(&bodies, |l, body| {
            let fields = body.blame.iter().enumerate();
            fields
                .map(|(index, field)| {
                    l.field(&field.document, &field.at, &format!("/spec/blame/{index}"), &names)
                })
                .collect::<Vec<_>>()
        });
        // What a specification blames is more special than what its model does.
        let general = bodies.get(1).map_or(0, |model| model.blame.len());
        let general = general.min(blame.len());
        blame.rotate_left(general);
        let remedies = self.in_parts(&bodies, |l, body| l.remedies(&body.remedies, &names));
        let defaults = bodies.get(1).map(|model| model.defaults.keys());
        let untouched = defaults
            .into_iter()
            .flatten()
            .filter(|name| !own.lets.contains_key(*name) && !own.given.contains_key(*name));
        let untouched = untouched.cloned().collect();
        let title = form.metadata.title;
        let check = CheckInfo {
            id: form.metadata.name,
            severity: severity(own.severity),
            rationale: if own.rationale.is_empty() { title.clone() } else { own.rationale.clone() },
            title,
            remedy: own.remedy.clone(),
            controls: own.controls.clone(),
            origin: Origin::Specification,
        };
        let written: Vec<_> =
            self.parts.iter().map(|part| as_written(part, part.root).to_string()).collect();
        let specification = || Specification {
            reach: Reach::default(),
            check: Arc::new(check),
            kinds,
            subject: subject.map(|subject| subject.name.clone()),
            lets,
            names,
            preconditions,
            machine,
            untouched,
            properties,
            blame,
            remedies,
            source: Arc::clone(self.own().source),
            digest: Digest::of_parts(written.iter().map(String::as_bytes)),
        };
        (self.problems.len() == before).then(|| specification().with_reach())
    }

    fn own(&self) -> Part<'l> {
        // There is always one: that of the file itself.
        self.parts.first().cloned().unwrap_or_else(|| unreachable!("a loader has a file"))
    }

    fn model(&mut self, name: &str, models: &'l Models) -> Option<&'l crate::model::Model> {
        let found = models.find(name);
        if found.is_none() {
            let near = provost_syntax::suggest(name, models.names());
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    let known: Vec<_> = models.names().map(|name| format!("`{name}`")).collect();
                    format!("there are {}", known.join(", "))
                }
            };
            let place = self.value("/spec/uses");
            self.problem(place, format!("there is no model `{name}`"), help);
        }
        found
    }

    /// What one list in each of the parts gives.
    pub(crate) fn in_parts<T>(
        &mut self,
        bodies: &[&Body],
        mut read: impl FnMut(&mut Self, &Body) -> Vec<T>,
    ) -> Vec<T> {
        let mut all = Vec::new();
        // What a model says comes first: a specification adds to it.
        for (index, body) in bodies.iter().enumerate().rev() {
            self.only = Some(index);
            all.extend(read(self, body));
        }
        self.only = None;
        all
    }

    /// From here on, only what the file itself says.
    pub(crate) fn only_own(&mut self) {
        self.only = Some(0);
    }

    /// From here on, what any part says.
    pub(crate) fn all_parts(&mut self) {
        self.only = None;
    }

    /// Is there a machine?
    pub(crate) fn moves(&self) -> bool {
        self.parts.iter().any(|part| part.root.at("/spec/machine").is_some())
    }

    /// The name of a specification has one part: reports and gate files name it.
    fn whole_name(&mut self, name: &str, kind: Kind) {
        if kind == Kind::Specification && name.contains('/') {
            let place = self.value("/metadata/name");
            let help = format!("write `{}`", name.replace('/', "-"));
            self.problem(place, "only the name of a model has parts", help);
        }
    }

    fn claims(&mut self, bodies: &[&Body], kind: Kind) {
        let claims = |body: &Body| {
            !(body.invariants.is_empty()
                && body.postconditions.is_empty()
                && body.temporal_properties.is_empty())
        };
        let place = self.key("", "spec");
        match kind {
            Kind::Specification if !bodies.first().is_some_and(|own| claims(own)) => {
                let help = "add `invariants`, `postconditions` or `temporalProperties`".to_owned();
                self.problem(place, "a specification claims something", help);
            }
            Kind::Specification if bodies.first().is_some_and(|own| !own.defaults.is_empty()) => {
                let place = self.key("/spec", "defaults");
                let help = "write it under `let`".to_owned();
                self.problem(place, "only a model has defaults", help);
            }
            Kind::Model if bodies.iter().any(|body| claims(body)) => {
                let help = "claim it in a specification that uses the model".to_owned();
                self.problem(place, "a model claims nothing", help);
            }
            _ => {}
        }
    }

    /// The part that has a pointer.
    fn part(&self, pointer: &str) -> Part<'l> {
        let found = match self.only {
            Some(only) => self.parts.get(only),
            None => self.parts.iter().find(|part| part.root.at(pointer).is_some()),
        };
        found.cloned().unwrap_or_else(|| self.own())
    }

    /// The place of a value.
    pub(crate) fn value(&self, pointer: &str) -> Location {
        let part = self.part(pointer);
        Location::new(part.source, part.root.locate(pointer).0)
    }

    /// The place of a key of a mapping.
    pub(crate) fn key(&self, pointer: &str, key: &str) -> Location {
        let part = self.part(&format!("{pointer}/{}", provost_model::escape_pointer(key)));
        let entries = part.root.at(pointer).map_or(&[][..], Node::entries);
        let entry = entries.iter().find(|entry| entry.key == key);
        entry.map_or_else(|| self.value(pointer), |e| Location::new(part.source, e.key_span))
    }

    /// The keys of a mapping, in source order, those of the model first.
    pub(crate) fn keys(&self, pointer: &str) -> Vec<String> {
        let parts = self.parts.iter().rev().filter_map(|part| part.root.at(pointer));
        parts.flat_map(|node| node.entries().iter().map(|entry| entry.key.clone())).collect()
    }

    /// Is a key of a mapping written in more than one part?
    pub(crate) fn once(&mut self, pointer: &str, keys: &[String]) {
        for key in keys {
            let full = format!("{pointer}/{}", provost_model::escape_pointer(key));
            if self.parts.iter().filter(|part| part.root.at(&full).is_some()).count() > 1 {
                let place = self.key(pointer, key);
                let message = format!("the model already defines `{key}`");
                self.problem(place, message, "choose another name".to_owned());
            }
        }
    }

    pub(crate) fn problem(
        &mut self,
        place: Location,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        let mut problem = Problem::at("spec-form", place, message);
        problem.help = help.into();
        self.problems.push(problem);
    }

    /// Adds a name to those in scope.
    pub(crate) fn define(&mut self, name: &str, place: Location, of: Type, names: &mut Names) {
        let mut characters = name.chars();
        let starts = characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        if !starts || !characters.all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let help = "use letters, digits and `_`, and begin with a letter".to_owned();
            self.problem(place, format!("`{name}` cannot be used in expressions"), help);
        } else if RESERVED.contains(&name) || name == "optional" {
            let help = "choose another name".to_owned();
            self.problem(place, format!("`{name}` is a reserved word of CEL"), help);
        } else if names.contains_key(name) {
            let help = "choose another name".to_owned();
            self.problem(place, format!("`{name}` is already defined"), help);
            return;
        }
        names.insert(name.to_owned(), of);
    }

    fn kinds(&mut self, written: &[String]) -> Vec<(String, String)> {
        let mut kinds = Vec::new();
        for (index, written) in written.iter().enumerate() {
            let place = self.value(&format!("/spec/for/kinds/{index}"));
            let parts: Vec<&str> = written.split('/').collect();
            match parts.as_slice() {
                [kind] if is_kind("", kind) => kinds.push((String::new(), (*kind).to_owned())),
                [group, kind] if is_kind(group, kind) && !is_version(group) => {
                    kinds.push(((*group).to_owned(), (*kind).to_owned()));
                }
                [group, version, kind] if is_kind(group, kind) && is_version(version) => {
                    let help = format!("write `{group}/{kind}`: every version is meant");
                    self.problem(place, format!("`{written}` names a version"), help);
                }
                [version, kind] if is_kind("", kind) && is_version(version) => {
                    let help = format!("write `{kind}`: every version is meant");
                    self.problem(place, format!("`{written}` names a version"), help);
                }
                _ => {
                    let help =
                        "write `Kind` for the core group, or `group/Kind` as in `apps/Deployment`";
                    self.problem(place, format!("`{written}` is not a kind"), help.to_owned());
                }
            }
        }
        kinds
    }

    pub(crate) fn parse(&mut self, cel: &Cel, pointer: &str) -> Option<Expression> {
        let part = self.part(pointer);
        let node = part.root.at(pointer);
        let scalar = node.map_or(part.root.span, |node| node.span);
        let text = match node.map(|node| &node.value) {
            Some(NodeValue::Text(_)) | None => cel.0.clone(),
            // YAML 1.1 reads `n`, `y` and `on` as truth values and `0x10` as a number: an
            // expression is what is written.
            Some(_) => written(&part, scalar).to_owned(),
        };
        self.parse_text(&part, text, scalar)
    }

    /// The expression that a key of a mapping is.
    pub(crate) fn parse_key(&mut self, pointer: &str, key: &str) -> Option<Expression> {
        let place = self.key(pointer, key);
        let part = self.part(&format!("{pointer}/{}", provost_model::escape_pointer(key)));
        self.parse_text(&part, key.to_owned(), place.span)
    }

    fn parse_text(&mut self, part: &Part<'_>, text: String, scalar: Span) -> Option<Expression> {
        match Expr::parse(&text) {
            Ok(expr) => Some(Expression { expr, text, source: Arc::clone(part.source), scalar }),
            Err(mut fault) => {
                if is_cut_by_comment(part.source, scalar) {
                    fault = fault.help("quote this expression: YAML reads ` #` as a comment");
                }
                let location = place(part.source, scalar, &text, fault.span);
                self.fault("spec-syntax", location, fault);
                None
            }
        }
    }

    fn fault(&mut self, code: &'static str, location: Location, fault: ExpressionFault) {
        let mut problem = Problem::at(code, location, fault.message);
        problem.help = fault.help;
        self.problems.push(problem);
    }

    pub(crate) fn report(&mut self, at: &Expression, faults: Vec<ExpressionFault>) {
        for fault in faults {
            self.fault("spec-type", at.location(fault.span), fault);
        }
    }

    /// An expression that is not a `let`, and its type.
    pub(crate) fn expression(
        &mut self,
        cel: &Cel,
        pointer: &str,
        names: &Names,
        wanted: &Type,
    ) -> Option<Expression> {
        let expression = self.parse(cel, pointer)?;
        let mut faults = Vec::new();
        check_is(&expression.expr, names, wanted, &mut faults);
        // Elsewhere, two of them would be one unknown with two meanings.
        faults.extend(expression.expr.calls("between").into_iter().map(|(span, _)| {
            ExpressionFault::new(span, "`between` has a meaning only in a `let`")
                .help("give it a `let` of its own and use that name here")
        }));
        self.report(&expression, faults);
        Some(expression)
    }

    pub(crate) fn optional(
        &mut self,
        cel: &Option<Cel>,
        pointer: &str,
        names: &Names,
    ) -> Option<Expression> {
        cel.as_ref().and_then(|cel| self.expression(cel, pointer, names, &Type::Bool))
    }

    pub(crate) fn list(&mut self, cels: &[Cel], pointer: &str, names: &Names) -> Vec<Expression> {
        let items = cels.iter().enumerate().filter_map(|(index, cel)| {
            self.expression(cel, &format!("{pointer}/{index}"), names, &Type::Bool)
        });
        items.collect()
    }

    /// A reference to a field of a document in scope.
    fn field(&mut self, name: &str, at: &str, pointer: &str, names: &Names) -> FieldReference {
        let maybe = Type::Optional(Box::new(Type::Document));
        let place = self.value(&format!("{pointer}/in"));
        match names.get(name) {
            Some(found) if found.fits(&Type::Document) || found.fits(&maybe) => {}
            Some(found) => {
                self.problem(place, format!("`{name}` is {found}, not a document"), None);
            }
            None => {
                let near = provost_syntax::suggest(name, names.keys().map(String::as_str));
                let help = near.map(|near| format!("did you mean `{near}`?"));
                self.problem(place, format!("unknown name `{name}`"), help);
            }
        }
        if !at.starts_with('/') {
            let place = self.value(&format!("{pointer}/at"));
            let help = format!("write `/{}`", at.replace('.', "/"));
            self.problem(place, format!("`{at}` is not a JSON pointer"), help);
        }
        for part in crate::specification::placeholders(at) {
            if !names.get(part).is_some_and(|found| found.fits(&Type::Text)) {
                let place = self.value(&format!("{pointer}/at"));
                let near = provost_syntax::suggest(part, names.keys().map(String::as_str));
                let help = match near {
                    Some(near) => format!("did you mean `{{{near}}}`?"),
                    None => "put the name of a `let` that is a string there".to_owned(),
                };
                self.problem(place, format!("`{part}` is not the name of a string"), help);
            }
        }
        FieldReference { document: name.to_owned(), pointer: at.to_owned() }
    }

    fn remedies(&mut self, forms: &[RemedyForm], names: &Names) -> Vec<RemedyPlan> {
        let mut plans = Vec::new();
        for (index, form) in forms.iter().enumerate() {
            let when = self.optional(&form.when, &format!("/spec/remedies/{index}/when"), names);
            let mut edits = Vec::new();
            for (number, edit) in form.set.iter().enumerate() {
                let pointer = format!("/spec/remedies/{index}/set/{number}");
                let field = self.field(&edit.document, &edit.at, &pointer, names);
                let to = self.expression(&edit.to, &format!("{pointer}/to"), names, &Type::Any);
                edits.extend(to.map(|to| (field, to)));
            }
            plans.push(RemedyPlan { when, edits });
        }
        plans
    }
}

/// A tree whose scalars are their text. To YAML `n` and `no` are both false, and as
/// expressions they are two names.
fn as_written(part: &Part<'_>, node: &Node) -> serde_json::Value {
    match &node.value {
        NodeValue::Text(text) => text.as_str().into(),
        NodeValue::List(items) => items.iter().map(|item| as_written(part, item)).collect(),
        NodeValue::Map(entries) => {
            let entry = |e: &Entry| (e.key.clone(), as_written(part, &e.value));
            entries.iter().map(entry).collect::<serde_json::Map<_, _>>().into()
        }
        _ => written(part, node.span).into(),
    }
}

fn written<'p>(part: &Part<'p>, scalar: Span) -> &'p str {
    let (start, end) = (scalar.start as usize, scalar.end as usize);
    part.source.text().get(start..end).unwrap_or_default()
}

fn severity(form: SeverityForm) -> Severity {
    match form {
        SeverityForm::Info => Severity::Info,
        SeverityForm::Low => Severity::Low,
        SeverityForm::Medium => Severity::Medium,
        SeverityForm::High => Severity::High,
        SeverityForm::Critical => Severity::Critical,
    }
}

/// `v1`, `v2beta1`, …
fn is_version(word: &str) -> bool {
    let number = word.strip_prefix('v').unwrap_or_default();
    number.starts_with(|c: char| c.is_ascii_digit())
}
