//! A specification that was read, typed and is ready to be asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use provost_model::{
    CheckInfo, Digest, Location, Node, ObjectReference, Origin, Problem, Severity, Source, Span,
    escape_pointer,
};
use provost_syntax::Schema;

use crate::expression::{Expr, ExpressionFault, TextSpan};
use crate::form::{Cel, SeverityForm, SortForm, SpecificationForm};
use crate::term::Sort;
use crate::types::{Names, Type, check, check_is};

/// A typed expression and where it stands.
#[derive(Clone, Debug)]
pub struct Expression {
    /// What it says.
    pub expr: Expr,
    /// Its text.
    pub text: String,
    source: Arc<Source>,
    scalar: Span,
}

impl Expression {
    /// The place in the file of some bytes of the expression.
    ///
    /// Exact for plain and quoted scalars; the whole scalar where YAML escapes or
    /// folds lines.
    pub fn location(&self, span: TextSpan) -> Location {
        let raw = self
            .source
            .text()
            .get(self.scalar.start as usize..self.scalar.end as usize)
            .unwrap_or_default();
        let start = self.scalar.start as usize;
        let exact = |offset: usize| Span::new(start + offset + span.0, start + offset + span.1);
        let found = if raw == self.text {
            exact(0)
        } else if raw.get(1..raw.len().saturating_sub(1)) == Some(self.text.as_str()) {
            exact(1)
        } else {
            self.scalar
        };
        Location::new(&self.source, found)
    }
}

/// A step of a machine.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// In words, with `{choice}` placeholders.
    pub title: String,
    /// When it can happen.
    pub when: Expression,
    /// Chosen integers with their least and greatest values.
    pub choices: Vec<(String, Expression, Expression)>,
    /// Next values: index of the state variable, expression.
    pub then: Vec<(usize, Expression)>,
}

/// A state machine.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// State variables, in source order.
    pub state: Vec<(String, Sort)>,
    /// Their first values.
    pub start: Vec<Expression>,
    /// What can happen, in source order.
    pub steps: Vec<Step>,
    /// Facts to prove first and use then.
    pub lemmas: Vec<Expression>,
}

/// What is claimed.
#[derive(Clone, Debug)]
pub enum Claim {
    /// It holds in every reachable state.
    Invariant(Expression),
    /// Every run comes to `goal`; every step lowers `rank` until then.
    Eventually { goal: Expression, rank: Expression },
}

/// One property.
#[derive(Clone, Debug)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// What it claims.
    pub claim: Claim,
    /// When it is proved for all values.
    pub holds_when: Option<Expression>,
    /// What to say about a state that breaks it.
    pub violation: Expression,
}

/// A field to blame.
#[derive(Clone, Debug)]
pub struct FieldReference {
    /// Name of the document in scope.
    pub document: String,
    /// RFC 6901 pointer.
    pub pointer: String,
}

/// A change to try.
#[derive(Clone, Debug)]
pub struct RemedyPlan {
    /// When it makes sense.
    pub when: Option<Expression>,
    /// Fields and values.
    pub edits: Vec<(FieldReference, Expression)>,
}

/// A specification.
#[derive(Clone, Debug)]
pub struct Specification {
    /// As people see it.
    pub check: Arc<CheckInfo>,
    /// Group and kind of the objects it is about.
    pub kinds: Vec<(String, String)>,
    /// The name of the object in expressions.
    pub subject: String,
    /// Named values, each after those it uses.
    pub lets: Vec<(String, Expression)>,
    /// The types of everything in scope outside the machine.
    pub names: Names,
    /// Where one is false, it does not apply.
    pub preconditions: Vec<Expression>,
    /// How the system moves.
    pub machine: Machine,
    /// What is claimed.
    pub properties: Vec<Property>,
    /// The fields to blame.
    pub blame: Vec<FieldReference>,
    /// Changes to try.
    pub remedies: Vec<RemedyPlan>,
    /// The digest of its text.
    pub digest: Digest,
}

/// The JSON Schema of specification files, for editors.
pub fn schema() -> serde_json::Value {
    Schema::of::<SpecificationForm>().json().clone()
}

impl Specification {
    /// Read every specification of a file.
    ///
    /// # Errors
    /// Every problem of the file, each with its place: syntax, form, and types.
    pub fn load(source: &Arc<Source>) -> Result<Vec<Self>, Vec<Problem>> {
        let parsed = provost_syntax::read(source, &provost_syntax::Limits::default());
        let mut problems: Vec<_> = parsed.problem.into_iter().collect();
        let mut loaded = Vec::new();
        for root in parsed.documents.iter().filter(|root| !root.is_null()) {
            match provost_syntax::decode::<SpecificationForm>(source, root) {
                Ok(form) => {
                    let loader = Loader { source, root, problems: &mut problems };
                    loaded.extend(loader.load(form));
                }
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(loaded) } else { Err(problems) }
    }

    /// Is it about objects of this kind?
    pub fn is_about(&self, object: &ObjectReference) -> bool {
        self.kinds.iter().any(|(group, kind)| *kind == object.kind && *group == object.group())
    }
}

struct Loader<'l> {
    source: &'l Arc<Source>,
    root: &'l Node,
    problems: &'l mut Vec<Problem>,
}

impl Loader<'_> {
    fn load(mut self, form: SpecificationForm) -> Option<Specification> {
        let before = self.problems.len();
        let body = form.spec;
        let mut names = Names::new();
        names.insert(body.subject.name.clone(), Type::Document);
        let lets = self.lets(&body.lets, &mut names);
        let preconditions = self.list(&body.preconditions, "/spec/preconditions", &names);
        let machine = self.machine(body.machine.as_ref(), &names);
        let mut state_names = names.clone();
        state_names.extend(machine.state.iter().map(|(name, sort)| (name.clone(), (*sort).into())));
        let mut properties = Vec::new();
        for (index, invariant) in body.invariants.iter().enumerate() {
            let at = |field: &str| format!("/spec/invariants/{index}/{field}");
            properties.push(Property {
                name: invariant.name.clone(),
                claim: Claim::Invariant(self.expression(
                    &invariant.expr,
                    &at("expr"),
                    &state_names,
                    &Type::Bool,
                )?),
                holds_when: self.optional(&invariant.holds_when, &at("holdsWhen"), &names),
                violation: self.expression(
                    &invariant.violation,
                    &at("violation"),
                    &state_names,
                    &Type::Text,
                )?,
            });
        }
        for (index, property) in body.temporal_properties.iter().enumerate() {
            let at = |field: &str| format!("/spec/temporalProperties/{index}/{field}");
            let (bool, int, text) = (Type::Bool, Type::Int, Type::Text);
            properties.push(Property {
                name: property.name.clone(),
                claim: Claim::Eventually {
                    goal: self.expression(
                        &property.eventually,
                        &at("eventually"),
                        &state_names,
                        &bool,
                    )?,
                    rank: self.expression(&property.rank, &at("rank"), &state_names, &int)?,
                },
                holds_when: self.optional(&property.holds_when, &at("holdsWhen"), &names),
                violation: self.expression(
                    &property.violation,
                    &at("violation"),
                    &state_names,
                    &text,
                )?,
            });
        }
        if properties.is_empty() {
            self.problem(
                "/spec",
                "a specification needs at least one invariant or temporal property",
            );
        }
        let blame = body.blame.iter().enumerate().map(|(index, field)| {
            self.document(&field.document, &format!("/spec/blame/{index}/in"), &names);
            FieldReference { document: field.document.clone(), pointer: field.at.clone() }
        });
        let blame = blame.collect();
        let remedies = self.remedies(&body.remedies, &names);
        let check = CheckInfo {
            id: form.metadata.name,
            title: form.metadata.title,
            severity: match body.severity {
                SeverityForm::Info => Severity::Info,
                SeverityForm::Low => Severity::Low,
                SeverityForm::Medium => Severity::Medium,
                SeverityForm::High => Severity::High,
                SeverityForm::Critical => Severity::Critical,
            },
            rationale: body.rationale,
            remedy: body.remedy,
            controls: body.controls,
            origin: Origin::Specification,
        };
        let kinds = body.subject.kinds.iter().map(|kind| {
            let (group, kind) = kind.rsplit_once('/').unwrap_or(("", kind));
            (group.to_owned(), kind.to_owned())
        });
        (self.problems.len() == before).then(|| Specification {
            check: Arc::new(check),
            kinds: kinds.collect(),
            subject: body.subject.name,
            lets,
            names,
            preconditions,
            machine,
            properties,
            blame,
            remedies,
            digest: Digest::of_json(&self.root.to_json()),
        })
    }

    fn problem(&mut self, pointer: &str, message: impl Into<String>) {
        let (span, _) = self.root.locate(pointer);
        self.problems.push(Problem::at("spec-form", Location::new(self.source, span), message));
    }

    fn parse(&mut self, cel: &Cel, pointer: &str) -> Option<Expression> {
        let scalar = self.root.at(pointer).map_or(self.root.span, |node| node.span);
        let mut expression = Expression {
            expr: Expr { span: (0, 0), kind: crate::expression::ExprKind::List(Vec::new()) },
            text: cel.0.clone(),
            source: Arc::clone(self.source),
            scalar,
        };
        match Expr::parse(&cel.0) {
            Ok(expr) => {
                expression.expr = expr;
                Some(expression)
            }
            Err(faults) => {
                self.report("spec-syntax", &expression, faults);
                None
            }
        }
    }

    fn report(&mut self, code: &'static str, at: &Expression, faults: Vec<ExpressionFault>) {
        self.problems.extend(faults.into_iter().map(|fault| Problem {
            code,
            message: fault.message,
            location: Some(at.location(fault.span)),
            subject: None,
            help: fault.help,
        }));
    }

    fn expression(
        &mut self,
        cel: &Cel,
        pointer: &str,
        names: &Names,
        wanted: &Type,
    ) -> Option<Expression> {
        let expression = self.parse(cel, pointer)?;
        let mut faults = Vec::new();
        check_is(&expression.expr, names, wanted, &mut faults);
        self.report("spec-type", &expression, faults);
        Some(expression)
    }

    fn optional(&mut self, cel: &Option<Cel>, pointer: &str, names: &Names) -> Option<Expression> {
        cel.as_ref().and_then(|cel| self.expression(cel, pointer, names, &Type::Bool))
    }

    fn list(&mut self, cels: &[Cel], pointer: &str, names: &Names) -> Vec<Expression> {
        let items = cels.iter().enumerate().filter_map(|(index, cel)| {
            self.expression(cel, &format!("{pointer}/{index}"), names, &Type::Bool)
        });
        items.collect()
    }

    /// Types every `let`, each after those it uses.
    fn lets(
        &mut self,
        cels: &BTreeMap<String, Cel>,
        names: &mut Names,
    ) -> Vec<(String, Expression)> {
        let mut waiting = Vec::new();
        for (name, cel) in cels {
            if names.contains_key(name) {
                self.problem(&format!("/spec/let/{name}"), format!("`{name}` is already defined"));
            } else if let Some(parsed) = self.parse(cel, &format!("/spec/let/{name}")) {
                waiting.push((name.clone(), parsed));
            }
        }
        let mut ordered = Vec::new();
        while !waiting.is_empty() {
            let pending: BTreeSet<String> = waiting.iter().map(|(name, _)| name.clone()).collect();
            let (ready, blocked): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, e)| {
                let mut used = Vec::new();
                e.expr.free_names(&mut used);
                !used.iter().any(|name| pending.contains(*name))
            });
            if ready.is_empty() {
                let cycle: Vec<_> = pending.iter().map(|name| format!("`{name}`")).collect();
                let first = pending.first().map(String::as_str).unwrap_or_default();
                self.problem(
                    &format!("/spec/let/{first}"),
                    format!("these are defined in terms of each other: {}", cycle.join(", ")),
                );
                return ordered;
            }
            for (name, expression) in ready {
                let mut faults = Vec::new();
                let found = check(&expression.expr, names, &mut faults);
                self.report("spec-type", &expression, faults);
                names.insert(name.clone(), found);
                ordered.push((name, expression));
            }
            waiting = blocked;
        }
        ordered
    }

    /// Keys of a mapping of the file, in source order.
    fn keys(&self, pointer: &str) -> Vec<String> {
        let entries = self.root.at(pointer).map_or(&[][..], Node::entries);
        entries.iter().map(|entry| entry.key.clone()).collect()
    }

    fn machine(&mut self, form: Option<&crate::form::Machine>, names: &Names) -> Machine {
        let Some(form) = form else { return Machine::default() };
        let mut machine = Machine::default();
        let mut scope = names.clone();
        for name in self.keys("/spec/machine/state") {
            let Some(sort) = form.state.get(&name) else { continue };
            let sort = match sort {
                SortForm::Int => Sort::Int,
                SortForm::Bool => Sort::Bool,
            };
            if scope.insert(name.clone(), sort.into()).is_some() {
                let pointer = format!("/spec/machine/state/{name}");
                self.problem(&pointer, format!("`{name}` is already defined"));
            }
            machine.state.push((name, sort));
        }
        for (name, sort) in &machine.state {
            let pointer = format!("/spec/machine/start/{name}");
            match form.start.get(name) {
                Some(cel) => {
                    machine.start.extend(self.expression(cel, &pointer, names, &(*sort).into()));
                }
                None => self.problem(&pointer, format!("`{name}` has no first value")),
            }
        }
        self.known_variables(&machine, form.start.keys(), "/spec/machine/start");
        for name in self.keys("/spec/machine/steps") {
            if let Some(step) = form.steps.get(&name) {
                machine.steps.extend(self.step(&name, step, &machine, &scope));
            }
        }
        machine.lemmas = self.list(&form.lemmas, "/spec/machine/lemmas", &scope);
        machine
    }

    fn known_variables<'k>(
        &mut self,
        machine: &Machine,
        keys: impl Iterator<Item = &'k String>,
        pointer: &str,
    ) {
        for key in keys {
            if !machine.state.iter().any(|(name, _)| name == key) {
                self.problem(
                    &format!("{pointer}/{}", escape_pointer(key)),
                    format!("`{key}` is not a state variable"),
                );
            }
        }
    }

    fn step(
        &mut self,
        name: &str,
        form: &crate::form::StepForm,
        machine: &Machine,
        scope: &Names,
    ) -> Option<Step> {
        let at = |field: &str| format!("/spec/machine/steps/{}/{field}", escape_pointer(name));
        let when = self.expression(&form.when, &at("when"), scope, &Type::Bool);
        let mut choices = Vec::new();
        let mut inner = scope.clone();
        for (choice, range) in &form.choose {
            let bound = |loader: &mut Self, cel: &Cel, end: &str| {
                loader.expression(cel, &at(&format!("choose/{choice}/{end}")), scope, &Type::Int)
            };
            let (from, to) = (bound(self, &range.from, "from"), bound(self, &range.to, "to"));
            choices.push((choice.clone(), from?, to?));
            inner.insert(choice.clone(), Type::Int);
        }
        let mut then = Vec::new();
        for (index, (variable, sort)) in machine.state.iter().enumerate() {
            if let Some(cel) = form.then.get(variable) {
                let pointer = at(&format!("then/{variable}"));
                let next = self.expression(cel, &pointer, &inner, &(*sort).into())?;
                then.push((index, next));
            }
        }
        self.known_variables(machine, form.then.keys(), &at("then"));
        Some(Step { name: name.to_owned(), title: form.title.clone(), when: when?, choices, then })
    }

    fn document(&mut self, name: &str, pointer: &str, names: &Names) {
        let maybe = Type::Optional(Box::new(Type::Document));
        match names.get(name) {
            Some(found) if found.fits(&Type::Document) || found.fits(&maybe) => {}
            Some(found) => self.problem(pointer, format!("`{name}` is {found}, not a document")),
            None => self.problem(pointer, format!("unknown name `{name}`")),
        }
    }

    fn remedies(&mut self, forms: &[crate::form::RemedyForm], names: &Names) -> Vec<RemedyPlan> {
        let mut plans = Vec::new();
        for (index, form) in forms.iter().enumerate() {
            let at = |field: &str| format!("/spec/remedies/{index}/{field}");
            let when = self.optional(&form.when, &at("when"), names);
            let mut edits = Vec::new();
            for (number, edit) in form.set.iter().enumerate() {
                let at = |field: &str| at(&format!("set/{number}/{field}"));
                self.document(&edit.document, &at("in"), names);
                let field =
                    FieldReference { document: edit.document.clone(), pointer: edit.at.clone() };
                if let Some(to) = self.expression(&edit.to, &at("to"), names, &Type::Any) {
                    edits.push((field, to));
                }
            }
            plans.push(RemedyPlan { when, edits });
        }
        plans
    }
}
