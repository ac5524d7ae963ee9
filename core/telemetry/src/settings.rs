//! The variables of the environment that the SDK leaves to us: is there a collector, how is it
//! spoken to, and how many spans may wait (OpenTelemetry specification, "Environment Variable
//! Specification" and "OpenTelemetry Protocol Exporter").

use std::time::Duration;

use ureq::http::Uri;
use ureq::http::uri::Authority;
use ureq::tls::{Certificate, PemItem, parse_pem};

/// The value of a variable; an empty one counts as none.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// A variable of the exporter: for traces, or else for every signal.
fn of_exporter(name: &str) -> Option<(String, String)> {
    let names = [format!("OTEL_EXPORTER_OTLP_TRACES_{name}"), format!("OTEL_EXPORTER_OTLP_{name}")];
    names.into_iter().find_map(|name| variable(&name).map(|value| (name, value)))
}

/// Is a collector named, and exporting not switched off?
pub(crate) fn is_wanted() -> bool {
    let is_off = variable("OTEL_SDK_DISABLED").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let exporters = variable("OTEL_TRACES_EXPORTER").unwrap_or_else(|| "otlp".to_owned());
    !is_off
        && exporters.split(',').any(|one| one.trim() == "otlp")
        && of_exporter("ENDPOINT").is_some()
}

/// Is it a protocol that is spoken?
pub(crate) fn speaks() -> Result<(), String> {
    match of_exporter("PROTOCOL") {
        Some((name, value)) if value != "http/protobuf" => Err(format!(
            "`{name}` is `{value}`, and only `http/protobuf` is spoken, on port 4318 of most collectors"
        )),
        _ => Ok(()),
    }
}

/// How long a batch may take.
pub(crate) fn timeout() -> Duration {
    let milliseconds = of_exporter("TIMEOUT").and_then(|(_, value)| value.parse().ok());
    Duration::from_millis(milliseconds.unwrap_or(10_000))
}

/// Who signs the certificates of the collector; without the variable, whom the system trusts.
pub(crate) fn authorities() -> Result<Option<Vec<Certificate<'static>>>, String> {
    let Some((name, path)) = of_exporter("CERTIFICATE") else { return Ok(None) };
    let pem = std::fs::read(&path);
    let pem = pem.map_err(|error| format!("`{name}`: `{path}` cannot be read: {error}"))?;
    let certificates = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<_> = certificates.collect();
    if certificates.is_empty() {
        return Err(format!("`{name}`: `{path}` holds no certificate in PEM"));
    }
    Ok(Some(certificates))
}

/// How many spans may wait.
pub(crate) fn queue() -> usize {
    let count = variable("OTEL_BSP_MAX_QUEUE_SIZE").and_then(|value| value.parse().ok());
    count.filter(|count| *count > 0).unwrap_or(2048)
}

/// The port of a collector at a URL.
///
/// # Errors
/// When no spans can be sent there, or it holds what is not for all to read.
pub fn port(url: &str) -> Result<u16, String> {
    const EXAMPLE: &str = "write it as `http://collector.observability:4318`";
    let parsed: Uri = url.parse().map_err(|error| format!("it is no URL: {error}; {EXAMPLE}"))?;
    let usual = match parsed.scheme_str() {
        Some("http") => 80,
        Some("https") => 443,
        _ => return Err(EXAMPLE.to_owned()),
    };
    let authority = parsed.authority().map(Authority::as_str).unwrap_or_default();
    if authority.contains('@') || parsed.query().is_some() {
        return Err("it would be for all to read: put what signs in into a Secret, as \
                    `OTEL_EXPORTER_OTLP_HEADERS`"
            .to_owned());
    }
    let port = match authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
        Some(_) => parsed.port_u16().filter(|port| *port > 0),
        None => Some(usual),
    };
    let port = port.filter(|_| parsed.host().is_some_and(|host| !host.is_empty()));
    port.ok_or_else(|| EXAMPLE.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_a_collector() {
        assert_eq!(port("http://collector.observability:4318"), Ok(4318));
        assert_eq!(port("https://collector.example/otlp"), Ok(443));
        assert_eq!(port("http://collector.example"), Ok(80));
        assert_eq!(port("http://[fd00::1]:4318/"), Ok(4318));
        assert_eq!(port("http://[fd00::1]"), Ok(80));
        for wrong in
            ["", "collector", "collector:4318", "grpc://collector:4317", "http://", "http://a:0"]
        {
            assert!(port(wrong).unwrap_err().contains("write it as"), "{wrong}");
        }
        for secret in ["http://me:secret@collector:4318", "http://collector:4318?token=secret"] {
            assert!(port(secret).unwrap_err().contains("OTEL_EXPORTER_OTLP_HEADERS"), "{secret}");
        }
        for wrong in ["http://a:99999", "http://a:", "http://a b:1", "http://:4318"] {
            port(wrong).unwrap_err();
        }
    }
}
