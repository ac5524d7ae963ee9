//! What would be enough: the smallest additional evidence that turns a denial into its
//! opposite. Nothing is suggested that was not decided again with it.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use provost_model::{Advice, BreakGlass, Change, Effect, Missing, Need, Suggestion};

use crate::decide::Ruling;
use crate::known::Known;
use crate::lever::Lever;
use crate::{Evidence, Policies};

/// How many answers are shown.
const SHOWN: usize = 3;
/// How many pieces together are looked for exhaustively.
const TOGETHER: usize = 4;
/// How many questions all of it may cost; one takes some tens of microseconds.
const QUESTIONS: usize = 400;

impl Policies {
    /// What would allow a change that policies deny: what each policy that denies lacks,
    /// the smallest additional evidence that is enough for all, and the emergency that
    /// would let it pass, where policies permit that.
    ///
    /// `also` are what the change lacks beside the decision of policies: it is part of every
    /// set, and the rest was decided with it. An emergency outweighs it.
    ///
    /// Sets of up to four pieces are searched, of those that make a difference to the
    /// decision on their own; where none is enough, one is shown of which no piece can be
    /// left out.
    pub fn advise(&self, change: &Change, evidence: &Evidence<'_>, also: Lacks<'_>) -> Advice {
        let known = Known::of(change, *evidence);
        if self.rule(&known).effect == Effect::Allow {
            return Advice::default();
        }
        let (missing, mut enough) = self.search(&known);
        let given = also.levers(&known);
        if !given.is_empty() {
            let mut mended = known.clone();
            given.iter().for_each(|lever| lever.pull(&mut mended));
            enough = match self.rule(&mended).effect {
                Effect::Allow => vec![Vec::new()],
                Effect::Deny => self.search(&mended).1,
            };
        }
        let needs = |levers: &Vec<Lever<'_>>| {
            levers.iter().chain(&given).map(|one| one.need(&known)).collect()
        };
        let mut suggestions: Vec<_> =
            enough.iter().map(|levers| Suggestion { needs: needs(levers) }).collect();
        suggestions.extend(self.glass(&known));
        Advice { missing, suggestions }
    }

    /// What each policy lacks, and sets that are enough for all.
    fn search<'a>(&'a self, known: &Known<'a>) -> (Vec<Missing>, Vec<Vec<Lever<'a>>>) {
        let mut search = Search { policies: self, known, left: QUESTIONS, single: Vec::new() };
        let enough = search.run();
        let missing = search.missing(enough.first().map_or(&[], Vec::as_slice));
        (missing, enough)
    }

    fn glass(&self, known: &Known<'_>) -> Option<Suggestion> {
        let mut broken = known.clone();
        let hour = SignedDuration::from_hours(1);
        broken.facts.break_glass = vec![BreakGlass {
            principal: known.principal.clone(),
            environment: known.environment.to_owned(),
            incident: "the incident".to_owned(),
            reason: "the reason".to_owned(),
            from: known.now,
            until: known.now.saturating_add(hour).ok()?,
        }];
        self.emergency(&broken)?.ok()?;
        let text = "in an emergency, a break-glass record in the facts file".to_owned();
        Some(Suggestion { needs: vec![Need { kind: "break-glass", text }] })
    }
}

/// What a change lacks to be allowed beside the decision of policies.
#[derive(Clone, Copy, Debug)]
pub struct Lacks<'a> {
    /// Checks of which a violation blocks.
    pub mended: &'a BTreeSet<&'a str>,
    /// Something could not be read or judged, and that counts.
    pub complete: bool,
}

impl Lacks<'_> {
    fn levers<'a>(&self, known: &Known<'a>) -> Vec<Lever<'a>> {
        let blocks = known.checks.iter().filter(|check| self.mended.contains(check.id));
        let mend = blocks.map(|check| Lever::Check(check.id, check.is_specification));
        mend.chain(self.complete.then_some(Lever::Complete)).collect()
    }
}

struct Search<'a, 'b> {
    policies: &'a Policies,
    known: &'b Known<'a>,
    /// Questions that may still be asked.
    left: usize,
    /// What is answered with each lever alone.
    single: Vec<(Lever<'a>, Ruling)>,
}

impl<'a> Search<'a, '_> {
    /// Sets of levers each of which is enough.
    fn run(&mut self) -> Vec<Vec<Lever<'a>>> {
        let levers = self.policies.levers(self.known);
        let before = self.policies.rule(self.known);
        let mut enough = Vec::new();
        let mut relevant = Vec::new();
        for lever in &levers {
            let ruling = self.ask(std::slice::from_ref(lever));
            if ruling.effect == Effect::Allow {
                add(&mut enough, vec![lever.clone()]);
            } else if ruling != before {
                relevant.push(lever.clone());
            }
            self.single.push((lever.clone(), ruling));
        }
        for size in 2..=TOGETHER.min(relevant.len()) {
            if enough.is_empty() {
                self.choose(&relevant, size, 0, &mut Vec::new(), &mut enough);
            }
        }
        if enough.is_empty() {
            enough.extend(self.reduced(&levers));
        }
        // Whoever needs one exemption is not told of two.
        let least = enough.iter().map(|set| purposes(set).count()).min();
        let most = least.unwrap_or_default().max(1);
        enough.retain(|set| purposes(set).count() <= most);
        enough
    }

    /// Every set of `size` of the levers from `from` on.
    fn choose(
        &mut self,
        levers: &[Lever<'a>],
        size: usize,
        from: usize,
        chosen: &mut Vec<Lever<'a>>,
        enough: &mut Vec<Vec<Lever<'a>>>,
    ) {
        if chosen.len() == size {
            if enough.len() < SHOWN && self.allows(chosen) {
                add(enough, chosen.clone());
            }
            return;
        }
        for (index, lever) in levers.iter().enumerate().skip(from) {
            chosen.push(lever.clone());
            self.choose(levers, size, index + 1, chosen, enough);
            chosen.pop();
        }
    }

    /// All levers but those that can be left out, where all of them are enough: without
    /// those that alter who asks and when, or else with them.
    fn reduced(&mut self, levers: &[Lever<'a>]) -> Option<Vec<Lever<'a>>> {
        let plain = |lever: &&Lever<'a>| !matches!(lever, Lever::Member(_) | Lever::Time(_));
        let plain: Vec<_> = levers.iter().filter(plain).cloned().collect();
        let all = [plain, levers.to_vec()];
        let mut kept = all.into_iter().find(|levers| self.allows(levers))?;
        // The hardest to get is tried first.
        for index in (0..kept.len()).rev() {
            let mut fewer = kept.clone();
            fewer.remove(index);
            if self.allows(&fewer) {
                kept = fewer;
            }
        }
        Some(kept)
    }

    fn allows(&mut self, levers: &[Lever<'a>]) -> bool {
        if self.left == 0 {
            return false;
        }
        self.ask(levers).effect == Effect::Allow
    }

    fn ask(&mut self, levers: &[Lever<'a>]) -> Ruling {
        self.left = self.left.saturating_sub(1);
        let mut known = self.known.clone();
        let mut ordered: Vec<_> = levers.iter().collect();
        ordered.sort_by_key(|lever| lever.order());
        ordered.into_iter().for_each(|lever| lever.pull(&mut known));
        self.policies.rule(&known)
    }

    /// What each policy that denies lacks: the easiest piece that is enough for it alone,
    /// or else those of a set that is enough for all.
    fn missing(&mut self, enough: &[Lever<'a>]) -> Vec<Missing> {
        let denies = self.policies.rule(self.known).determining;
        let lacks = |search: &mut Self, id: &str| {
            let alone = search.single.iter().find(|(_, ruling)| !denies_by(ruling, id));
            match alone {
                Some((lever, _)) => vec![lever.clone()],
                None => search.lacks(id, enough),
            }
        };
        let missing = denies.into_iter().map(|policy| {
            let needs = lacks(self, &policy.id).iter().map(|one| one.need(self.known)).collect();
            Missing { policy: policy.id, needs }
        });
        missing.filter(|missing| !missing.needs.is_empty()).collect()
    }

    /// The pieces without any of which this policy would still deny; the easiest to get
    /// where others would do as well.
    fn lacks(&mut self, id: &str, levers: &[Lever<'a>]) -> Vec<Lever<'a>> {
        let mut kept = levers.to_vec();
        for index in (0..kept.len()).rev() {
            let mut fewer = kept.clone();
            fewer.remove(index);
            if !denies_by(&self.ask(&fewer), id) {
                kept = fewer;
            }
        }
        kept
    }
}

/// Does this policy take part in a denial?
fn denies_by(ruling: &Ruling, id: &str) -> bool {
    let determines = ruling.determining.iter().any(|policy| policy.id == id);
    ruling.effect == Effect::Deny && (determines || !ruling.errors.is_empty())
}

/// The purposes that approvals of a set state.
fn purposes<'b>(set: &'b [Lever<'_>]) -> impl Iterator<Item = &'b str> {
    set.iter().filter_map(|lever| match lever {
        Lever::Approval(approval, _) => approval.purpose.as_deref(),
        _ => None,
    })
}

/// Adds a set, unless one of the same sorts is there: whoever can have an approval at all
/// need not be told of all who could give it.
fn add<'a>(enough: &mut Vec<Vec<Lever<'a>>>, set: Vec<Lever<'a>>) {
    let sorts = |set: &[Lever<'a>]| set.iter().map(std::mem::discriminant).collect::<Vec<_>>();
    let is_new = |other: &Vec<Lever<'a>>| {
        let same = sorts(other) == sorts(&set);
        !same || (purposes(other).ne(purposes(&set)) && purposes(other).next().is_some())
    };
    if enough.len() < SHOWN && enough.iter().all(is_new) {
        enough.push(set);
    }
}
