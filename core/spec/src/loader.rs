//! From the form of a file to a specification: names, types, and every mistake in one pass.

use std::sync::Arc;

use provost_model::{
    CheckInfo, Digest, Entry, Location, Node, Origin, Problem, Severity, Source, Span,
    Value as NodeValue,
};

use crate::expr::{Expr, ExpressionFault};
use crate::expression::{Expression, place};
use crate::form::{Body, Cel, RemedyForm, SeverityForm, SpecificationForm};
use crate::specification::{Claim, FieldReference, Property, RemedyPlan, Specification};
use crate::syntax_fault::RESERVED;
use crate::types::{Names, Type, check_is};
use crate::yaml_trap::is_cut_by_comment;

/// Loads one specification of a file.
pub(crate) struct Loader<'l> {
    source: &'l Arc<Source>,
    root: &'l Node,
    problems: &'l mut Vec<Problem>,
}

impl<'l> Loader<'l> {
    pub(crate) fn new(
        source: &'l Arc<Source>,
        root: &'l Node,
        problems: &'l mut Vec<Problem>,
    ) -> Self {
        Self { source, root, problems }
    }

    /// `None` when there are problems.
    pub(crate) fn load(mut self, form: SpecificationForm) -> Option<Specification> {
        let before = self.problems.len();
        let body = form.spec;
        let mut names = Names::new();
        let subject = body.subject.name.clone();
        let place = self.value("/spec/for/as");
        self.define(&subject, place, Type::Document, &mut names);
        let kinds = self.kinds(&body.subject.kinds);
        let lets = self.lets(&body.lets, &mut names);
        let preconditions = self.list(&body.preconditions, "/spec/preconditions", &names);
        let machine = self.machine(body.machine.as_ref(), &names);
        let mut state_names = names.clone();
        state_names.extend(machine.state.iter().map(|(name, sort)| (name.clone(), (*sort).into())));
        let properties = self.properties(&body, &names, &state_names);
        let blame = body.blame.iter().enumerate();
        let blame = blame
            .map(|(index, field)| {
                self.field(&field.document, &field.at, &format!("/spec/blame/{index}"), &names)
            })
            .collect();
        let remedies = self.remedies(&body.remedies, &names);
        let check = CheckInfo {
            id: form.metadata.name,
            title: form.metadata.title,
            severity: severity(body.severity),
            rationale: body.rationale,
            remedy: body.remedy,
            controls: body.controls,
            origin: Origin::Specification,
        };
        (self.problems.len() == before).then(|| Specification {
            check: Arc::new(check),
            kinds,
            subject,
            lets,
            names,
            preconditions,
            machine,
            properties,
            blame,
            remedies,
            digest: Digest::of_json(&self.as_written(self.root)),
        })
    }

    /// The place of a value.
    pub(crate) fn value(&self, pointer: &str) -> Span {
        self.root.locate(pointer).0
    }

    /// The place of a key of a mapping.
    pub(crate) fn key(&self, pointer: &str, key: &str) -> Span {
        let entries = self.root.at(pointer).map_or(&[][..], Node::entries);
        let entry = entries.iter().find(|entry| entry.key == key);
        entry.map_or_else(|| self.value(pointer), |entry| entry.key_span)
    }

    /// The keys of a mapping, in source order.
    pub(crate) fn keys(&self, pointer: &str) -> Vec<String> {
        let entries = self.root.at(pointer).map_or(&[][..], Node::entries);
        entries.iter().map(|entry| entry.key.clone()).collect()
    }

    pub(crate) fn problem(
        &mut self,
        span: Span,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        let mut problem = Problem::at("spec-form", Location::new(self.source, span), message);
        problem.help = help.into();
        self.problems.push(problem);
    }

    /// Adds a name to those in scope.
    pub(crate) fn define(&mut self, name: &str, place: Span, of: Type, names: &mut Names) {
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
                [kind] if is_kind(kind) => kinds.push((String::new(), (*kind).to_owned())),
                [group, kind] if is_kind(kind) && !is_version(group) => {
                    kinds.push(((*group).to_owned(), (*kind).to_owned()));
                }
                [group, version, kind] if is_kind(kind) && is_version(version) => {
                    let help = format!("write `{group}/{kind}`: every version is meant");
                    self.problem(place, format!("`{written}` names a version"), help);
                }
                [version, kind] if is_kind(kind) && is_version(version) => {
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

    fn properties(&mut self, body: &Body, names: &Names, state: &Names) -> Vec<Property> {
        let mut properties = Vec::new();
        for (index, invariant) in body.invariants.iter().enumerate() {
            let at = |field: &str| format!("/spec/invariants/{index}/{field}");
            let expr = self.expression(&invariant.expr, &at("expr"), state, &Type::Bool);
            let holds_when = self.optional(&invariant.holds_when, &at("holdsWhen"), names);
            let violation =
                self.expression(&invariant.violation, &at("violation"), state, &Type::Text);
            self.unique(&invariant.name, &at("name"), &properties);
            if let (Some(expr), Some(violation)) = (expr, violation) {
                let (name, claim) = (invariant.name.clone(), Claim::Invariant(expr));
                properties.push(Property { name, claim, holds_when, violation });
            }
        }
        for (index, property) in body.temporal_properties.iter().enumerate() {
            let at = |field: &str| format!("/spec/temporalProperties/{index}/{field}");
            let goal = self.expression(&property.eventually, &at("eventually"), state, &Type::Bool);
            let rank = self.expression(&property.rank, &at("rank"), state, &Type::Int);
            let holds_when = self.optional(&property.holds_when, &at("holdsWhen"), names);
            let violation =
                self.expression(&property.violation, &at("violation"), state, &Type::Text);
            self.unique(&property.name, &at("name"), &properties);
            if body.machine.is_none() {
                let place = self.key(&format!("/spec/temporalProperties/{index}"), "eventually");
                let help = "add a `machine`, or state an invariant".to_owned();
                self.problem(place, "without a `machine` nothing ever happens", help);
            }
            if let (Some(goal), Some(rank), Some(violation)) = (goal, rank, violation) {
                let claim = Claim::Eventually { goal, rank };
                properties.push(Property {
                    name: property.name.clone(),
                    claim,
                    holds_when,
                    violation,
                });
            }
        }
        if body.invariants.is_empty() && body.temporal_properties.is_empty() {
            let place = self.key("", "spec");
            let help = "add `invariants` or `temporalProperties`".to_owned();
            self.problem(place, "a specification claims something", help);
        }
        properties
    }

    fn unique(&mut self, name: &str, pointer: &str, before: &[Property]) {
        if before.iter().any(|property| property.name == name) {
            let place = self.value(pointer);
            let help = "choose another name".to_owned();
            self.problem(place, format!("there are two properties `{name}`"), help);
        }
    }

    pub(crate) fn parse(&mut self, cel: &Cel, pointer: &str) -> Option<Expression> {
        let node = self.root.at(pointer);
        let scalar = node.map_or(self.root.span, |node| node.span);
        let text = match node.map(|node| &node.value) {
            Some(NodeValue::Text(_)) | None => cel.0.clone(),
            // YAML 1.1 reads `n`, `y` and `on` as truth values and `0x10` as a number: an
            // expression is what is written.
            Some(_) => self.written(scalar).to_owned(),
        };
        match Expr::parse(&text) {
            Ok(expr) => Some(Expression { expr, text, source: Arc::clone(self.source), scalar }),
            Err(mut fault) => {
                if is_cut_by_comment(self.source, scalar) {
                    fault = fault.help("quote this expression: YAML reads ` #` as a comment");
                }
                let location = place(self.source, scalar, &text, fault.span);
                self.fault("spec-syntax", location, fault);
                None
            }
        }
    }

    /// A tree whose scalars are their text. To YAML `n` and `no` are both false, and as
    /// expressions they are two names.
    fn as_written(&self, node: &Node) -> serde_json::Value {
        match &node.value {
            NodeValue::Text(text) => text.as_str().into(),
            NodeValue::List(items) => items.iter().map(|item| self.as_written(item)).collect(),
            NodeValue::Map(entries) => {
                let entry = |e: &Entry| (e.key.clone(), self.as_written(&e.value));
                entries.iter().map(entry).collect::<serde_json::Map<_, _>>().into()
            }
            _ => self.written(node.span).into(),
        }
    }

    fn written(&self, scalar: Span) -> &str {
        let (start, end) = (scalar.start as usize, scalar.end as usize);
        self.source.text().get(start..end).unwrap_or_default()
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

    fn optional(&mut self, cel: &Option<Cel>, pointer: &str, names: &Names) -> Option<Expression> {
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

fn severity(form: SeverityForm) -> Severity {
    match form {
        SeverityForm::Info => Severity::Info,
        SeverityForm::Low => Severity::Low,
        SeverityForm::Medium => Severity::Medium,
        SeverityForm::High => Severity::High,
        SeverityForm::Critical => Severity::Critical,
    }
}

fn is_kind(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase()) && word.chars().all(char::is_alphanumeric)
}

/// `v1`, `v2beta1`, …
fn is_version(word: &str) -> bool {
    let number = word.strip_prefix('v').unwrap_or_default();
    number.starts_with(|c: char| c.is_ascii_digit())
}
