//! What a proof consists of: questions to which the answer is that nothing is like this.

use std::collections::BTreeSet;

use provost_spec::{Fact, Origin, Sort, System, Term};

use crate::solver::{Answer, Core, Session};
use crate::unroll::{in_state, named_in};

/// Something that an obligation supposes.
#[derive(Clone, Debug)]
pub(crate) struct Hypothesis {
    /// What is supposed.
    pub(crate) term: Term,
    /// What says so.
    pub(crate) origins: Vec<Origin>,
    /// The lemma that it is, by its place among those of the proof.
    lemma: Option<usize>,
}

impl Hypothesis {
    /// Supposed, and said by these.
    pub(crate) fn new(term: Term, origins: impl IntoIterator<Item = Origin>) -> Self {
        Self { term, origins: origins.into_iter().collect(), lemma: None }
    }
}

/// The hypotheses and what is denied cannot hold together.
#[derive(Clone, Debug)]
pub(crate) struct Obligation {
    /// What it shows, in words.
    pub(crate) name: String,
    /// What is supposed.
    pub(crate) hypotheses: Vec<Hypothesis>,
    /// The opposite of what it shows.
    pub(crate) denied: Term,
}

impl Obligation {
    fn terms(&self) -> Vec<Term> {
        self.hypotheses.iter().map(|one| one.term.clone()).chain([self.denied.clone()]).collect()
    }

    /// Ask the solver.
    pub(crate) fn ask(&self, session: &Session) -> Answer {
        session.check(&self.terms())
    }

    fn lemmas(&self) -> impl Iterator<Item = usize> {
        self.hypotheses.iter().filter_map(|one| one.lemma)
    }

    /// The same with only the hypotheses that it needs; all of them where the solver cannot
    /// tell.
    fn reduced(mut self, session: &Session) -> Result<Self, String> {
        let terms: Vec<_> = self.hypotheses.iter().map(|one| one.term.clone()).collect();
        match session.core(&terms, &self.denied) {
            Core::Of(needed) => {
                let mut place = 0..;
                self.hypotheses.retain(|_| place.next().is_some_and(|at| needed.contains(&at)));
                Ok(self)
            }
            Core::Unknown(reason) => {
                tracing::debug!(%reason, obligation = self.name, "without a core");
                Ok(self)
            }
            Core::None => Err(format!("the solver contradicts itself about {}", self.name)),
        }
    }
}

/// A system, and the lemmas of it that were shown to hold in every reachable state.
#[derive(Clone, Debug)]
pub(crate) struct Known<'s> {
    pub(crate) system: &'s System,
    pub(crate) lemmas: Vec<Fact>,
}

impl Known<'_> {
    /// The ranges of the unknowns and the assumptions.
    pub(crate) fn domain(&self) -> Vec<Hypothesis> {
        let unknowns = self.system.unknowns.iter().enumerate();
        let ranges =
            unknowns.map(|(index, one)| Hypothesis::new(one.range(), [Origin::Unknown(index)]));
        let assumptions = self.system.assumptions.iter();
        let assumptions = assumptions.map(|fact| Hypothesis::new(fact.term.clone(), [fact.origin]));
        ranges.chain(assumptions).collect()
    }

    /// The lemmas, in state `index`.
    pub(crate) fn lemmas(&self, index: usize) -> impl Iterator<Item = Hypothesis> {
        self.lemmas.iter().enumerate().map(move |(place, fact)| Hypothesis {
            term: in_state(self.system, &fact.term, index),
            origins: vec![fact.origin],
            lemma: Some(place),
        })
    }

    /// All that is known of any reachable state, here state `index`.
    pub(crate) fn always(&self, index: usize) -> Vec<Hypothesis> {
        let mut always = self.domain();
        always.extend(self.lemmas(index));
        always
    }

    /// All that is known of the first state, here state 0.
    pub(crate) fn start(&self) -> Vec<Hypothesis> {
        let mut start = self.domain();
        let first = self.system.state.iter().zip(&self.system.start).enumerate();
        start.extend(first.map(|(index, ((name, sort), first))| {
            let symbol = Term::symbol(named_in(name, 0), *sort);
            Hypothesis::new(Term::equal(symbol, first.clone()), [Origin::Start(index)])
        }));
        start
    }

    /// Step `step` leads from state 0 to state 1.
    pub(crate) fn takes(&self, step: usize) -> Vec<Hypothesis> {
        let Some(taken) = self.system.steps.get(step) else { return Vec::new() };
        let here = |term: &Term| in_state(self.system, term, 0);
        let mut parts = vec![Hypothesis::new(here(&taken.guard), [Origin::When(step)])];
        parts.extend(taken.choices.iter().enumerate().map(|(index, (name, low, high))| {
            let range = Term::between(&Term::symbol(name, Sort::Int), low, high);
            Hypothesis::new(here(&range), [Origin::Choice(step, index)])
        }));
        let next = self.system.state.iter().zip(&taken.next).enumerate();
        parts.extend(next.map(|(index, ((name, sort), next))| {
            let equal = Term::equal(Term::symbol(named_in(name, 1), *sort), here(next));
            let same = *next == Term::symbol(name, *sort);
            Hypothesis::new(equal, (!same).then_some(Origin::Next(step, index)))
        }));
        parts
    }

    /// Some lemmas are false in state `index`.
    fn denied(&self, places: &BTreeSet<usize>, index: usize) -> Term {
        let lemmas = places.iter().filter_map(|place| self.lemmas.get(*place));
        Term::negate(Term::and(lemmas.map(|fact| in_state(self.system, &fact.term, index))))
    }
}

/// A proof.
#[derive(Clone, Debug)]
pub(crate) struct Argument {
    /// What kind of proof it is.
    pub(crate) technique: &'static str,
    /// Everything that was shown, each with the hypotheses that it needs.
    pub(crate) obligations: Vec<Obligation>,
    /// What says the facts that it rests on.
    pub(crate) origins: BTreeSet<Origin>,
}

impl Argument {
    /// From what shows the claim to the whole proof: only the hypotheses that are needed, and
    /// for each lemma among them why it holds. Lemmas that were shown to hold together are
    /// shown again in the order in which they are needed, so that those that are not do not
    /// count.
    ///
    /// # Errors
    /// That the solver does not stand by its answer.
    pub(crate) fn of(
        session: &Session,
        known: &Known<'_>,
        technique: &'static str,
        obligations: Vec<Obligation>,
    ) -> Result<Self, String> {
        let mut argument = Self { technique, obligations: Vec::new(), origins: BTreeSet::new() };
        for obligation in obligations {
            argument.add(obligation.reduced(session)?);
        }
        let mut shown = BTreeSet::new();
        loop {
            let needed: BTreeSet<usize> = argument
                .obligations
                .iter()
                .flat_map(Obligation::lemmas)
                .filter(|place| !shown.contains(place))
                .collect();
            if needed.is_empty() {
                return Ok(argument);
            }
            for obligation in hold(known, &needed) {
                argument.add(obligation.reduced(session)?);
            }
            shown.extend(needed);
        }
    }

    fn add(&mut self, obligation: Obligation) {
        self.origins.extend(obligation.hypotheses.iter().flat_map(|one| one.origins.clone()));
        self.obligations.push(obligation);
    }
}

/// Some lemmas hold at the start, and every step keeps them as long as all lemmas hold.
fn hold(known: &Known<'_>, places: &BTreeSet<usize>) -> Vec<Obligation> {
    let start = Obligation {
        name: "lemmas hold at the start".to_owned(),
        hypotheses: known.start(),
        denied: known.denied(places, 0),
    };
    let kept = known.system.steps.iter().enumerate().map(|(index, step)| {
        let mut hypotheses = known.always(0);
        hypotheses.extend(known.takes(index));
        let name = format!("step `{}` keeps lemmas", step.name);
        Obligation { name, hypotheses, denied: known.denied(places, 1) }
    });
    std::iter::once(start).chain(kept).collect()
}
