//! The HTTP client of the exporter: the one that is there already.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// Bytes of an answer; a collector says little.
const ANSWER_BYTES: u64 = 64 << 10;

/// Sends batches. It blocks: the thread that exports does nothing else.
#[derive(Debug)]
pub(crate) struct Client(Agent);

impl Client {
    /// `timeout` is for a whole request; `authorities` take the place of those of the system.
    pub(crate) fn new(timeout: Duration, authorities: Option<Vec<Certificate<'static>>>) -> Self {
        let roots = match authorities {
            None => RootCerts::PlatformVerifier,
            Some(certificates) => RootCerts::Specific(Arc::new(certificates)),
        };
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("provost/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots).build());
        Self(config.build().new_agent())
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = self.0.run(request.map(|body| body.to_vec()))?;
        let (head, mut body) = answer.into_parts();
        let body = body.with_config().limit(ANSWER_BYTES).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }
}
