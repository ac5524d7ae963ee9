//! What is counted and timed, for Prometheus. Labels come from short lists or from the bundle,
//! never from requests.

use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use provost_engine::Bundle;
use provost_telemetry::SpanCounts;

use crate::cluster::{Report, Shelf};
use crate::decision::Decision;
use crate::lanes::Lane;
use crate::review::Endpoint;

/// Upper ends of the buckets of durations, in seconds: most reviews take less than one
/// millisecond, and an API server waits for thirty seconds at most.
const BUCKETS: [f64; 16] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    10.0, 30.0,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReviewLabels {
    endpoint: &'static str,
    operation: &'static str,
    outcome: &'static str,
    allowed: &'static str,
    dry_run: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndpointLabel {
    endpoint: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RuleLabels {
    rule: String,
    mode: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LaneLabel {
    lane: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReloadLabels {
    of: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfLabel {
    of: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PluginLabel {
    plugin: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BundleLabel {
    digest: String,
}

type Seconds = Gauge<f64, AtomicU64>;
type Whole = Gauge<i64, AtomicI64>;

/// What is measured.
pub(crate) struct Metrics {
    registry: Registry,
    reviews: Family<ReviewLabels, Counter>,
    durations: Family<EndpointLabel, Histogram, fn() -> Histogram>,
    violations: Family<RuleLabels, Counter>,
    errors: Family<CodeLabel, Counter>,
    shed: Family<LaneLabel, Counter>,
    waiting: Family<LaneLabel, Whole>,
    expired: Counter,
    panics: Counter,
    unrecorded: Counter,
    connections: Whole,
    reloads: Family<ReloadLabels, Counter>,
    reloaded: Family<OfLabel, Seconds>,
    current: Family<OfLabel, Whole>,
    bundle: Family<BundleLabel, Whole>,
    plugin_calls: Family<PluginLabel, Counter>,
    plugin_failures: Family<PluginLabel, Counter>,
    plugin_seconds: Family<PluginLabel, Counter<f64, AtomicU64>>,
    spans: Family<OutcomeLabel, Counter>,
    memory: Whole,
    cluster_age: Family<KindLabel, Seconds>,
    cluster_known: Family<KindLabel, Whole>,
    cluster_objects: Family<KindLabel, Whole>,
    cluster_bytes: Whole,
    snapshots: Histogram,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let metrics = Self {
            registry: Registry::with_prefix("provost"),
            reviews: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            violations: Family::default(),
            errors: Family::default(),
            shed: Family::default(),
            waiting: Family::default(),
            expired: Counter::default(),
            panics: Counter::default(),
            unrecorded: Counter::default(),
            connections: Whole::default(),
            reloads: Family::default(),
            reloaded: Family::default(),
            current: Family::default(),
            bundle: Family::default(),
            plugin_calls: Family::default(),
            plugin_failures: Family::default(),
            plugin_seconds: Family::default(),
            spans: Family::default(),
            memory: Whole::default(),
            cluster_age: Family::default(),
            cluster_known: Family::default(),
            cluster_objects: Family::default(),
            cluster_bytes: Whole::default(),
            snapshots: Histogram::new(BUCKETS),
        };
        metrics.begin_at_zero();
        metrics.registered()
    }

    /// What alert rules watch is there before it happens: Prometheus sees no increase from
    /// nothing to one.
    fn begin_at_zero(&self) {
        for lane in [Lane::Review, Lane::DryRun] {
            let label = LaneLabel { lane: lane.name() };
            drop(self.shed.get_or_create(&label));
            drop(self.waiting.get_or_create(&label));
        }
        for code in [429, 500, 503, 504] {
            drop(self.errors.get_or_create(&CodeLabel { code }));
        }
    }

    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register("reviews", "Reviews that were decided", self.reviews.clone());
        registry.register(
            "review_duration_seconds",
            "From the whole request to its answer",
            self.durations.clone(),
        );
        registry.register(
            "violations",
            "Violations that no exception covers, by rule and what is done with them",
            self.violations.clone(),
        );
        registry.register(
            "http_errors",
            "Requests answered with an HTTP error",
            self.errors.clone(),
        );
        registry.register("shed", "Reviews refused because too many wait", self.shed.clone());
        registry.register("waiting", "Reviews that wait for a judge", self.waiting.clone());
        registry.register(
            "expired",
            "Reviews that waited for longer than their deadline",
            self.expired.clone(),
        );
        registry.register(
            "panics",
            "Reviews, and watches of the cluster, that panicked: bugs",
            self.panics.clone(),
        );
        registry.register(
            "unrecorded",
            "Decisions that could not be recorded",
            self.unrecorded.clone(),
        );
        registry.register("connections", "Open connections", self.connections.clone());
        registry.register("reloads", "Times that files were read again", self.reloads.clone());
        registry.register(
            "reload_timestamp_seconds",
            "When what is in force was loaded, since 1970",
            self.reloaded.clone(),
        );
        registry.register(
            "reload_current",
            "1 where what is in force is what the files say, 0 where they cannot be used",
            self.current.clone(),
        );
        registry.register("bundle", "The digest of the bundle in force", self.bundle.clone());
        registry.register(
            "plugin_calls",
            "Calls of a plugin since its bundle was loaded",
            self.plugin_calls.clone(),
        );
        registry.register(
            "plugin_failures",
            "Calls of a plugin that went wrong",
            self.plugin_failures.clone(),
        );
        registry.register(
            "plugin_busy_seconds",
            "Time in calls of a plugin",
            self.plugin_seconds.clone(),
        );
        registry.register(
            "spans",
            "Spans that a collector took, or that were lost: too many waited, or none took them",
            self.spans.clone(),
        );
        registry.register("resident_memory_bytes", "Memory of the process", self.memory.clone());
        self.with_cluster()
    }

    fn with_cluster(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register(
            "cluster_age_seconds",
            "Since it was last certain that nothing was missed of a kind that is watched",
            self.cluster_age.clone(),
        );
        registry.register(
            "cluster_known",
            "1 where all objects of a kind are known, 0 where what needs it is not judged",
            self.cluster_known.clone(),
        );
        registry.register(
            "cluster_objects",
            "Objects of a kind that are known",
            self.cluster_objects.clone(),
        );
        registry.register(
            "cluster_bytes",
            "Memory that objects of the cluster take, about",
            self.cluster_bytes.clone(),
        );
        registry.register(
            "cluster_snapshot_seconds",
            "What it takes to make a snapshot of what is known",
            self.snapshots.clone(),
        );
        self
    }

    /// A snapshot of the cluster was made.
    pub(crate) fn snapshot(&self, cost: Duration) {
        self.snapshots.observe(cost.as_secs_f64());
    }

    fn cluster(&self, shelf: &Shelf) {
        self.cluster_age.clear();
        self.cluster_known.clear();
        self.cluster_objects.clear();
        let whole = |number| i64::try_from(number).unwrap_or(i64::MAX);
        for Report { kind, objects, age, is_known, .. } in shelf.reports() {
            let label = KindLabel { kind };
            if let Some(age) = age {
                self.cluster_age.get_or_create(&label).set(age.as_secs_f64());
            }
            self.cluster_known.get_or_create(&label).set(i64::from(is_known));
            self.cluster_objects.get_or_create(&label).set(whole(objects));
        }
        self.cluster_bytes.set(whole(shelf.bytes()));
    }

    pub(crate) fn decided(&self, decision: &Decision) {
        let yes = |flag| if flag { "true" } else { "false" };
        let labels = ReviewLabels {
            endpoint: decision.endpoint,
            operation: decision.operation,
            outcome: decision.outcome.name(),
            allowed: yes(decision.allowed),
            dry_run: yes(decision.dry_run),
        };
        self.reviews.get_or_create(&labels).inc();
        for one in &decision.violations {
            let labels = RuleLabels { rule: one.rule.clone(), mode: one.mode };
            self.violations.get_or_create(&labels).inc_by(one.count as u64);
        }
    }

    pub(crate) fn took(&self, endpoint: Endpoint, time: Duration) {
        let label = EndpointLabel { endpoint: endpoint.name() };
        self.durations.get_or_create(&label).observe(time.as_secs_f64());
    }

    pub(crate) fn failed(&self, code: u16) {
        self.errors.get_or_create(&CodeLabel { code }).inc();
    }

    pub(crate) fn shed(&self, lane: Lane) {
        self.shed.get_or_create(&LaneLabel { lane: lane.name() }).inc();
    }

    pub(crate) fn waiting(&self, lane: Lane, count: usize) {
        let label = LaneLabel { lane: lane.name() };
        self.waiting.get_or_create(&label).set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    pub(crate) fn expired(&self) {
        self.expired.inc();
    }

    pub(crate) fn panicked(&self) {
        self.panics.inc();
    }

    pub(crate) fn unrecorded(&self) {
        self.unrecorded.inc();
    }

    pub(crate) fn connected(&self) {
        self.connections.inc();
    }

    pub(crate) fn disconnected(&self) {
        self.connections.dec();
    }

    /// `of` is `bundle` or `certificate`.
    pub(crate) fn reloaded(&self, of: &'static str, works: bool) {
        let result = if works { "success" } else { "failure" };
        self.reloads.get_or_create(&ReloadLabels { of, result }).inc();
        let label = OfLabel { of };
        self.current.get_or_create(&label).set(i64::from(works));
        if works {
            let now = jiff::Timestamp::now().as_second();
            self.reloaded.get_or_create(&label).set(f64::from(u32::try_from(now).unwrap_or(0)));
        }
    }

    pub(crate) fn in_force(&self, digest: &str) {
        self.bundle.clear();
        self.bundle.get_or_create(&BundleLabel { digest: digest.to_owned() }).set(1);
    }

    /// The text that Prometheus reads (OpenMetrics 1.0).
    pub(crate) fn text(
        &self,
        bundle: Option<&Bundle>,
        spans: Option<&SpanCounts>,
        shelf: Option<&Shelf>,
    ) -> String {
        if let Some(shelf) = shelf {
            self.cluster(shelf);
        }
        self.spans.clear();
        let spans = spans.map(|spans| (spans.exported(), spans.crowded(), spans.refused()));
        let (exported, crowded, refused) = spans.unwrap_or_default();
        let counts = [("exported", exported), ("queue-full", crowded), ("not-taken", refused)];
        for (outcome, count) in counts {
            self.spans.get_or_create(&OutcomeLabel { outcome }).inc_by(count);
        }
        self.plugin_calls.clear();
        self.plugin_failures.clear();
        self.plugin_seconds.clear();
        for (name, cost) in bundle.map(Bundle::plugin_metrics).into_iter().flatten() {
            let label = PluginLabel { plugin: name.to_owned() };
            self.plugin_calls.get_or_create(&label).inc_by(cost.calls);
            self.plugin_failures.get_or_create(&label).inc_by(cost.failures);
            self.plugin_seconds.get_or_create(&label).inc_by(cost.busy.as_secs_f64());
        }
        if let Some(bytes) = resident() {
            self.memory.set(bytes);
        }
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// Resident memory as Linux counts it: pages, in the second field of `statm`.
fn resident() -> Option<i64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: i64 = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
    pages.checked_mul(4096)
}
