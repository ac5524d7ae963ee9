//! Other objects of the namespace that say something of a workload.

use provost_sdk::{Document, Mismatch, Tree, lookup};

use crate::{Subject, selector};

impl Subject<'_> {
    /// Does a disruption budget select its pods?
    ///
    /// # Errors
    /// A [`Mismatch`] when a budget cannot be read, and none of the others does.
    pub fn has_budget(&self) -> Result<bool, Mismatch> {
        let labels = self.pod("/metadata/labels");
        let mut unreadable = None;
        for budget in lookup::find(self.document, "policy/PodDisruptionBudget", None) {
            let selects = budget.tree("/spec/selector").and_then(|selector| {
                let selector = selector.root();
                // Without a selector it is about no pod.
                Ok(selector.has_mapping()? && selector::matches(&selector, &labels)?)
            });
            match selects {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(mismatch) => unreadable = Some(elsewhere(&*budget, &mismatch)),
            }
        }
        unreadable.map_or(Ok(false), Err)
    }

    /// The least number of replicas that a horizontal autoscaler keeps, where one sets it.
    ///
    /// # Errors
    /// A [`Mismatch`] when an autoscaler cannot be read, and none of the others is about this
    /// workload.
    pub fn autoscaled_from(&self) -> Result<Option<i64>, Mismatch> {
        let mut unreadable = None;
        for scaler in lookup::find(self.document, "autoscaling/HorizontalPodAutoscaler", None) {
            match scaler.tree("/spec").and_then(|spec| self.scaled_by(&spec)) {
                Ok(Some(least)) => return Ok(Some(least)),
                Ok(None) => {}
                Err(mismatch) => unreadable = Some(elsewhere(&*scaler, &mismatch)),
            }
        }
        unreadable.map_or(Ok(None), Err)
    }

    fn scaled_by(&self, spec: &Tree) -> Result<Option<i64>, Mismatch> {
        let spec = spec.root();
        let own_name = self.object.at("/metadata/name").text()?;
        let (kind, name) = (spec.at("/scaleTargetRef/kind"), spec.at("/scaleTargetRef/name"));
        let is_meant = kind.text()? == Some(self.kind()) && name.text()? == own_name;
        // The API server's default is one.
        if is_meant { Ok(Some(spec.at("/minReplicas").integer()?.unwrap_or(1))) } else { Ok(None) }
    }
}

/// What cannot be read in another object, as seen from the one that is judged.
fn elsewhere(other: &dyn Document, mismatch: &Mismatch) -> Mismatch {
    let [kind, name] = ["/kind", "/metadata/name"].map(|at| other.text(at).unwrap_or_default());
    let reason = format!("{kind} `{name}` at `{}`: {}", mismatch.pointer, mismatch.reason);
    Mismatch::new("", reason)
}
