//! The only crate that names OpenTelemetry: spans go to a collector, over OTLP
//! (`http/protobuf`), where the environment names one.
//!
//! Spans are those of `tracing` with the target that [`Traces::layer`] is given; other crates make them, and know
//! nothing of who reads them. Where no collector is named, nobody does: such a span is one load
//! of an atomic.
//!
//! Spans wait in a bounded queue (`bounded.rs`) for a thread that sends them (`client.rs`). What
//! finds no place there, or is not taken by the collector, is counted and lost; no answer waits.

mod bounded;
mod client;
mod parent;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{Key, KeyValue};
use opentelemetry_otlp::{Protocol, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

pub use bounded::SpanCounts;
pub use parent::continues;
pub use settings::port;

/// The name of the service where the environment gives none.
const SERVICE: &str = "provost";

/// Spans on their way to a collector.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
    counts: Arc<SpanCounts>,
}

impl Traces {
    /// As the variables of OpenTelemetry say (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME`,
    /// `OTEL_TRACES_SAMPLER`, `OTEL_BSP_…`); nothing where they name no collector. `version` is
    /// that of the service.
    ///
    /// # Errors
    /// What is wrong with a variable, in a sentence.
    pub fn from_environment(version: &str) -> Result<Option<Self>, String> {
        if !settings::is_wanted() {
            return Ok(None);
        }
        settings::speaks()?;
        let client = client::Client::new(settings::timeout(), settings::authorities()?);
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_protocol(Protocol::HttpBinary)
            .build()
            .map_err(|error| error.to_string())?;
        let (processor, counts) = bounded::processor(exporter, settings::queue());
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .with_resource(resource(version))
            .build();
        Ok(Some(Self { provider, counts }))
    }

    /// What hands the spans of this target over, and nothing else.
    pub fn layer<S>(&self, target: &'static str) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(SERVICE))
            // Where a span stands in our source tells an operator nothing.
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(move |metadata| metadata.target() == target))
    }

    /// How many spans came to what.
    pub fn counts(&self) -> Arc<SpanCounts> {
        Arc::clone(&self.counts)
    }

    /// Sends what waits, and ends. What is not taken within this time is lost, which is logged.
    pub fn finish(&self, within: Duration) {
        if let Err(OTelSdkError::AlreadyShutdown) = self.provider.shutdown_with_timeout(within) {
            return;
        }
        // Whether it was in time is seen by what still waits.
        let lost = self.counts.waiting();
        if lost > 0 {
            tracing::warn!(spans = lost, "not exported in time");
        }
    }
}

fn resource(version: &str) -> Resource {
    let found = Resource::builder().build();
    let name = found.get(&Key::from_static_str("service.name"));
    let is_named = name.is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    let builder = Resource::builder();
    let builder = if is_named { builder } else { builder.with_service_name(SERVICE) };
    builder.with_attribute(KeyValue::new("service.version", version.to_owned())).build()
}
