//! Ranking functions that nobody wrote.

use provost_model::Proof;
use provost_spec::{Claim, Cluster, Specification};
use provost_tests::documents;
use provost_verify::Judgement;

use super::{ask, library, load, solver, technique};

/// A specification of the library without its ranks.
fn without_ranks(id: &str) -> Specification {
    let mut specification = library::specification(id);
    for property in &mut specification.properties {
        match &mut property.claim {
            Claim::Progress { rank, .. } | Claim::Reachable { rank, .. } => *rank = None,
            _ => {}
        }
    }
    specification
}

const SCALED: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 5
  selector: { matchLabels: { app: web } }
  template: { metadata: { labels: { app: web } } }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web, namespace: shop }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: 2
  maxReplicas: 5000
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web, namespace: shop }
spec:
  maxUnavailable: 1
  selector: { matchLabels: { app: web } }
";

/// A run of the library ends without a hint, for all values and for those of one object.
#[test]
fn a_run_of_the_library_ends_without_a_hint() {
    let documents = documents("web.yaml", SCALED);
    let cluster = Cluster::new(&documents);
    let mut specification = without_ranks("drain-can-progress");
    let judge = |specification: &Specification| {
        let Judgement::Judged(records) = solver().judge(specification, &cluster, &documents[0])
        else {
            panic!("it does not apply")
        };
        records.into_iter().find(|one| one.property == "drains").unwrap().proof
    };
    assert_eq!(technique(&judge(&specification)), "induction for all values");
    specification.properties.iter_mut().for_each(|one| one.holds_when = None);
    let proof = judge(&specification);
    assert_eq!(technique(&proof), "found ranking function");
    assert_eq!(proof, judge(&specification), "the same in the next run");
}

fn work(steps: &str, claim: &str) -> Specification {
    load(&format!(
        "  let: {{ x: map.data.x }}\n  given: {{ jobs: {{ from: 1, to: 100000 }} }}\n  machine:\n    \
         state:\n      left: int\n      doing: bool\n      phase: {{ enum: [plan, work, done] }}\n    \
         start: {{ left: jobs, doing: 'false', phase: '\"plan\"' }}\n    steps:\n{steps}    \
         lemmas: [left >= 0, left <= jobs, '!doing || left > 0']\n  temporalProperties:\n    - {{ name: ends, {claim} }}\n"
    ))
}

const STEPS: &str = "      begin: { title: begin, when: 'phase == \"plan\"', then: { phase: '\"work\"' } }\n      \
    take: { title: take, when: 'phase == \"work\" && !doing && left > 0', then: { doing: 'true' } }\n      \
    finish: { title: finish, when: doing, then: { doing: 'false', left: left - 1 } }\n      \
    close: { title: close, when: 'phase == \"work\" && !doing && left == 0', then: { phase: '\"done\"' } }\n";

#[test]
fn truth_values_and_enumerations_count() {
    let specification = work(STEPS, "eventually: 'phase == \"done\"'");
    assert_eq!(technique(&ask(&solver(), &specification, "x: 1")), "found ranking function");
    let specification = work(STEPS, "canAlwaysReach: 'phase == \"done\"'");
    assert_eq!(technique(&ask(&solver(), &specification, "x: 1")), "found ranking function");
}

/// A step back makes a circle, and a hint that is wrong does not hide that there is none.
#[test]
fn a_run_that_does_not_end_has_no_rank() {
    let again = format!(
        "{STEPS}      again: {{ title: again, when: doing, then: {{ doing: 'false' }} }}\n"
    );
    for hint in ["", ", rank: left", ", rank: '2 * left + 9'"] {
        let claim = format!("eventually: 'phase == \"done\"'{hint}");
        let proof = ask(&solver(), &work(&again, &claim), "x: 1");
        let Proof::Refuted(found) = proof else { panic!("{hint}: {proof:?}") };
        assert!(found.back_to.is_some());
    }
    // The goal can always be reached all the same.
    let specification = work(&again, "canAlwaysReach: 'phase == \"done\"'");
    assert_eq!(technique(&ask(&solver(), &specification, "x: 1")), "found ranking function");
    // Not within so few steps for all of these values, though.
    let bounded = work(STEPS, "canAlwaysReach: 'phase == \"done\"', within: 5");
    assert!(!matches!(ask(&solver(), &bounded, "x: 1"), Proof::Proved(_)));
    let bounded = work(STEPS, "canAlwaysReach: 'phase == \"done\"', within: 2 * jobs + 3");
    assert_eq!(technique(&ask(&solver(), &bounded, "x: 1")), "found ranking function");
}

/// A wrong rank is a hint less.
#[test]
fn a_wrong_rank_is_replaced() {
    let claim = "eventually: 'phase == \"done\"', rank: left";
    let proof = ask(&solver(), &work(STEPS, claim), "x: 1");
    assert_eq!(technique(&proof), "found ranking function");
}
