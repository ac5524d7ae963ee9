//! The queue of spans: bounded, counted, never waited for.
//!
//! The SDK's processor drops what its own queue has no room for without telling anybody how
//! much. Here a span gets a place before it is handed over, and gives it back when it is sent, so
//! that the SDK's queue, which is as long, never overflows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor,
};

/// How many spans came to what.
#[derive(Debug, Default)]
pub struct SpanCounts {
    waiting: AtomicUsize,
    exported: AtomicU64,
    crowded: AtomicU64,
    refused: AtomicU64,
}

impl SpanCounts {
    /// Spans that wait to be sent.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Spans that a collector took.
    pub fn exported(&self) -> u64 {
        self.exported.load(Ordering::Relaxed)
    }

    /// Spans that were dropped because too many waited.
    pub fn crowded(&self) -> u64 {
        self.crowded.load(Ordering::Relaxed)
    }

    /// Spans that were sent, and not taken.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

/// What spans go through on their way to an exporter, of which so many may wait.
pub(crate) fn processor(
    exporter: opentelemetry_otlp::SpanExporter,
    most: usize,
) -> (impl SpanProcessor, Arc<SpanCounts>) {
    let counts = Arc::new(SpanCounts::default());
    let counted = Counted { exporter, counts: Arc::clone(&counts), fails: AtomicBool::new(false) };
    let config = BatchConfigBuilder::default().with_max_queue_size(most).build();
    let inner = BatchSpanProcessor::new(counted, config);
    (Bounded { inner, most, counts: Arc::clone(&counts) }, counts)
}

#[derive(Debug)]
struct Bounded {
    inner: BatchSpanProcessor,
    most: usize,
    counts: Arc<SpanCounts>,
}

impl SpanProcessor for Bounded {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.inner.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        let next = |waiting| (waiting < self.most).then_some(waiting + 1);
        let (order, waiting) = (Ordering::Relaxed, &self.counts.waiting);
        if waiting.fetch_update(order, order, next).is_ok() {
            self.inner.on_end(span);
        } else {
            self.counts.crowded.fetch_add(1, order);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// An exporter that says when it stops working, and when it works again.
#[derive(Debug)]
struct Counted {
    exporter: opentelemetry_otlp::SpanExporter,
    counts: Arc<SpanCounts>,
    fails: AtomicBool,
}

impl SpanExporter for Counted {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        let result = self.exporter.export(batch).await;
        // Only now: a batch that is under way takes up memory too.
        self.counts.waiting.fetch_sub(count, Ordering::Relaxed);
        let into = if result.is_ok() { &self.counts.exported } else { &self.counts.refused };
        into.fetch_add(count as u64, Ordering::Relaxed);
        match (&result, self.fails.swap(result.is_err(), Ordering::Relaxed)) {
            (Err(error), false) => {
                tracing::warn!(%error, spans = count, "spans are not exported, and lost");
            }
            (Ok(()), true) => tracing::info!("spans are exported again"),
            _ => {}
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
