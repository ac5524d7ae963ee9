//! Small clusters as text, and what the rules of the Kubernetes controllers make of them.

use std::fmt;

/// An integer or a percentage, as Kubernetes writes them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    Pods(i128),
    Percent(i128),
}

impl Amount {
    /// `GetScaledValueFromIntOrPercent`
    fn of(self, total: i128, up: bool) -> i128 {
        match self {
            Self::Pods(pods) => pods,
            Self::Percent(percent) => {
                let exact = total * percent;
                exact / 100 + i128::from(up && exact % 100 != 0)
            }
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pods(pods) => write!(f, "{pods}"),
            Self::Percent(percent) => write!(f, "\"{percent}%\""),
        }
    }
}

#[derive(Clone, Copy)]
pub enum Workload {
    Rolling { surge: Option<Amount>, unavailable: Option<Amount> },
    Recreate,
    Stateful { partition: Option<i128>, unavailable: Option<Amount> },
}

#[derive(Clone, Copy)]
pub enum Budget {
    MinAvailable(Amount),
    MaxUnavailable(Amount),
}

impl Budget {
    /// `getExpectedPodCount`
    fn desired(self, expected: i128) -> i128 {
        match self {
            Self::MinAvailable(amount) => amount.of(expected, true),
            Self::MaxUnavailable(amount) => (expected - amount.of(expected, true)).max(0),
        }
    }
}

/// One small cluster.
#[derive(Clone, Copy)]
pub struct Case {
    pub workload: Workload,
    pub replicas: i128,
    /// `minReplicas` and `maxReplicas` of an autoscaler.
    pub range: Option<(i128, i128)>,
    pub budget: Option<Budget>,
    /// Replicas of a second workload under the same budget.
    pub others: i128,
    /// Does a second budget select the same pods?
    pub second: bool,
}

impl Case {
    pub fn text(&self) -> String {
        let field = |name: &str, value: Option<String>| {
            value.map(|value| format!("{name}: {value}, ")).unwrap_or_default()
        };
        let amount = |name: &str, value: Option<Amount>| field(name, value.map(|v| v.to_string()));
        let (kind, strategy) = match self.workload {
            Workload::Rolling { surge, unavailable } => (
                "Deployment",
                format!(
                    "strategy: {{rollingUpdate: {{{}{}}}}}",
                    amount("maxSurge", surge),
                    amount("maxUnavailable", unavailable)
                ),
            ),
            Workload::Recreate => ("Deployment", "strategy: {type: Recreate}".to_owned()),
            Workload::Stateful { partition, unavailable } => (
                "StatefulSet",
                format!(
                    "updateStrategy: {{rollingUpdate: {{{}{}}}}}",
                    field("partition", partition.map(|p| p.to_string())),
                    amount("maxUnavailable", unavailable)
                ),
            ),
        };
        let replicas = self.replicas;
        let labels = "template: {metadata: {labels: {app: api}}}";
        let mut text = format!(
            "{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: api}}, \
             spec: {{replicas: {replicas}, {strategy}, {labels}}}}}\n"
        );
        if self.others > 0 {
            let others = self.others;
            text += &format!(
                "---\n{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: other}}, \
                 spec: {{replicas: {others}, {labels}}}}}\n"
            );
        }
        if let Some((low, high)) = self.range {
            text += &format!(
                "---\n{{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: \
                 {{name: api}}, spec: {{minReplicas: {low}, maxReplicas: {high}, scaleTargetRef: \
                 {{apiVersion: apps/v1, kind: {kind}, name: api}}}}}}\n"
            );
        }
        if let Some(budget) = self.budget {
            let promise = match budget {
                Budget::MinAvailable(amount) => format!("minAvailable: {amount}"),
                Budget::MaxUnavailable(amount) => format!("maxUnavailable: {amount}"),
            };
            for name in ["first", "second"].into_iter().take(1 + usize::from(self.second)) {
                text += &format!(
                    "---\n{{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {{name: \
                     {name}}}, spec: {{{promise}, selector: {{matchLabels: {{app: api}}}}}}}}\n"
                );
            }
        }
        text
    }

    /// Every replica count it may have.
    pub fn counts(&self) -> std::ops::RangeInclusive<i128> {
        self.range.map_or(self.replicas..=self.replicas, |(low, high)| low..=high)
    }

    /// Does some rollout of `replicas` pods keep fewer than were promised? From the rules of
    /// the controllers (`ResolveFenceposts`, `MaxUnavailable`, `getStatefulSetMaxUnavailable`).
    pub fn rollout_breaks(&self, replicas: i128) -> Option<bool> {
        let quarter = Amount::Percent(25);
        let (down, kept) = match self.workload {
            Workload::Recreate => (replicas, 0),
            Workload::Rolling { surge, unavailable } => {
                let surge = surge.unwrap_or(quarter).of(replicas, true);
                let down = unavailable.unwrap_or(quarter).of(replicas, false);
                (if surge == 0 && down == 0 { 1 } else { down.min(replicas) }, 0)
            }
            Workload::Stateful { partition, unavailable } => {
                let down = unavailable.unwrap_or(Amount::Pods(1)).of(replicas, false).max(1);
                (down.min(replicas), partition.unwrap_or(0))
            }
        };
        let minimum = match self.budget {
            Some(budget) => budget.desired(replicas + self.others) - self.others,
            None if replicas >= 2 => 1,
            None => return None,
        };
        (replicas >= 1 && kept < replicas).then(|| (replicas - down).max(kept) < minimum)
    }

    /// Is a drain of nodes with `replicas` pods blocked? From the eviction API and the
    /// disruption controller.
    pub fn drain_breaks(&self, replicas: i128) -> Option<bool> {
        let budget = self.budget.filter(|_| replicas >= 1)?;
        let pods = replicas + self.others;
        Some(self.second || pods - 1 < budget.desired(pods))
    }
}
