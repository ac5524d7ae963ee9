use provost_model::Source;
use provost_spec::{Cluster, Specification};
use provost_verify::{Judgement, Limits, Verifier};
use provost_tests::{documents, root};

#[test]
fn quick() {
    let mut specs = Vec::new();
    for p in ["specs/rollouts/rollout-keeps-minimum.yaml", "specs/disruption/drain-can-progress.yaml"] {
        let text = std::fs::read_to_string(root().join(p)).unwrap();
        match Specification::load(&Source::new(p, text)) { Ok(s) => specs.extend(s), Err(ps) => { for p in ps { eprintln!("{p}"); } panic!() } }
    }
    let docs = documents("x.yaml", r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 4
  strategy: {rollingUpdate: {maxUnavailable: 50%}}
  template: {metadata: {labels: {app: api}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: api}
spec: {minAvailable: 3, selector: {matchLabels: {app: api}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template: {metadata: {labels: {app: web}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {minReplicas: 2, maxReplicas: 10, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 3
  template: {metadata: {labels: {app: db}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: db}
spec: {maxUnavailable: 0, selector: {matchLabels: {app: db}}}
"#);
    let cluster = Cluster::new(&docs);
    let v = Verifier::new(Limits::default());
    for s in &specs { for d in &docs { if s.is_about(&d.object) {
        let t = std::time::Instant::now();
        let j = v.judge(s, &cluster, d);
        eprintln!("== {} {} {:?}", s.check.id, d.object, t.elapsed());
        if let Judgement::Judged(rs) = j { for r in rs { match r.proof {
            provost_model::Proof::Refuted(c) => { eprintln!("{}: REFUTED {} blame {} params {:?}", r.property, c.message, c.blame, c.parameters); for s in &c.steps { eprintln!("   {} {:?}", s.action, s.state); } for m in &c.remedies { eprintln!("  {m}"); } }
            p => eprintln!("{}: {p:?}", r.property) } } }
    } } }
}
