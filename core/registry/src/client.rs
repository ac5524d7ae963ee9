//! Requests to registries (OCI distribution specification 1.1), with nothing unbounded.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use docker_credential::DockerCredential;
use serde::Deserialize;
use ureq::http::{HeaderMap, Request, Response, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use crate::authorization::{Challenge, basic, credential};
use crate::error::{Error, NO_TLS};
use crate::reference::Repository;

/// Bytes of the answer of a server that gives out tokens.
const TOKEN_BYTES: usize = 64 << 10;

/// One question to a registry.
pub(crate) struct Ask<'a> {
    pub(crate) method: &'static str,
    pub(crate) repository: &'a Repository,
    /// Below `/v2/NAME/`, or what a registry said in `Location`.
    pub(crate) path: &'a str,
    pub(crate) accept: &'a str,
    /// Media type and bytes.
    pub(crate) body: Option<(&'a str, &'a [u8])>,
    /// For messages.
    pub(crate) what: &'a str,
}

/// An answer, whose body is not read yet.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    body: Body,
    registry: String,
    allowed: Duration,
}

/// Asks registries.
pub(crate) struct Client {
    secure: Agent,
    plain: Agent,
    /// Beside the loopback.
    plain_http: Vec<String>,
    allowed: Duration,
    /// What a registry wants to see in `Authorization`, by repository and by whether it is
    /// read only.
    authorizations: Mutex<BTreeMap<(Repository, bool), String>>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Client {
    /// `allowed` is the wall time of one request, all of its answer included.
    pub(crate) fn new(allowed: Duration, plain_http: Vec<String>) -> Self {
        let builder = || {
            Agent::config_builder()
                .http_status_as_error(false)
                .timeout_global(Some(allowed))
                .user_agent(concat!("provost/", env!("CARGO_PKG_VERSION")))
        };
        // What the machine trusts: registries inside a company have authorities of their own.
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        Self {
            secure: builder().https_only(true).tls_config(tls).build().new_agent(),
            // What needs no TLS is near: it is not asked through a proxy.
            plain: builder().proxy(None).build().new_agent(),
            plain_http,
            allowed,
            authorizations: Mutex::default(),
        }
    }

    /// Asks, and says who asks when the registry wants to know.
    pub(crate) fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Error> {
        let key = (ask.repository.clone(), ask.method == "GET");
        let known = || self.authorizations.lock().unwrap_or_else(PoisonError::into_inner);
        let authorization = known().get(&key).cloned();
        let answer = self.send(ask, authorization.as_deref())?;
        if answer.status != 401 {
            return Ok(answer);
        }
        let authorization = self.authorize(ask, &answer.headers)?;
        let answer = self.send(ask, Some(&authorization))?;
        if answer.status == 401 {
            return Err(self.unauthorized(ask, "what `docker login` left is not accepted".into()));
        }
        known().insert(key, authorization);
        Ok(answer)
    }

    fn send(&self, ask: &Ask<'_>, authorization: Option<&str>) -> Result<Answer, Error> {
        let registry = ask.repository.registry();
        let url = self.url(ask);
        let mut request =
            Request::builder().method(ask.method).uri(&url).header("accept", ask.accept);
        // Where the registry sends an upload may be somewhere else.
        let is_registry = url.parse::<Uri>().is_ok_and(|uri| {
            uri.authority().is_some_and(|authority| authority.as_str() == host(registry))
        });
        if let Some(authorization) = authorization.filter(|_| is_registry) {
            request = request.header("authorization", authorization);
        }
        let agent = if self.is_plain(registry) { &self.plain } else { &self.secure };
        let answer = match ask.body {
            Some((kind, bytes)) => {
                let request = request.header("content-type", kind).body(bytes);
                request.map_err(ureq::Error::Http).and_then(|request| agent.run(request))
            }
            None => request.body(()).map_err(ureq::Error::Http).and_then(|r| agent.run(r)),
        };
        let answer = answer.map_err(|error| self.failed(registry, &error))?;
        Ok(self.answer(registry, answer))
    }

    fn answer(&self, registry: &str, answer: Response<Body>) -> Answer {
        let (parts, body) = answer.into_parts();
        let (status, headers) = (parts.status.as_u16(), parts.headers);
        Answer { status, headers, body, registry: registry.to_owned(), allowed: self.allowed }
    }

    fn url(&self, ask: &Ask<'_>) -> String {
        let registry = ask.repository.registry();
        let scheme = if self.is_plain(registry) { "http" } else { "https" };
        let host = host(registry);
        match ask.path {
            path if path.starts_with("http://") || path.starts_with("https://") => path.to_owned(),
            path if path.starts_with('/') => format!("{scheme}://{host}{path}"),
            path => format!("{scheme}://{host}/v2/{}/{path}", ask.repository.name()),
        }
    }

    /// TLS is left out where nobody can listen, and where the operator said so.
    fn is_plain(&self, registry: &str) -> bool {
        let name = match registry.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => registry.split(':').next().unwrap_or_default(),
        };
        let loopback = name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        loopback || name == "localhost" || self.plain_http.iter().any(|one| one == registry)
    }

    /// The header that a challenge wants to see.
    fn authorize(&self, ask: &Ask<'_>, headers: &HeaderMap) -> Result<String, Error> {
        let registry = ask.repository.registry();
        let credential = credential(registry).map_err(|reason| self.unauthorized(ask, reason))?;
        let nobody = || self.unauthorized(ask, "nobody is signed in".to_owned());
        let challenges = headers.get_all("www-authenticate").iter();
        let challenge = challenges.filter_map(|it| Challenge::parse(it.to_str().ok()?)).next();
        match (challenge, credential) {
            (Some(Challenge::Basic), Some(DockerCredential::UsernamePassword(name, password))) => {
                Ok(basic(&name, &password))
            }
            (Some(Challenge::Basic), _) => Err(nobody()),
            (Some(Challenge::Bearer { realm, service, scope }), credential) => {
                let read = if ask.method == "GET" { "pull" } else { "pull,push" };
                let scope =
                    scope.unwrap_or_else(|| format!("repository:{}:{read}", ask.repository.name()));
                self.token(ask, &realm, service.as_deref().unwrap_or_default(), &scope, credential)
                    .map(|token| format!("Bearer {token}"))
            }
            (None, _) => Err(self.unauthorized(ask, "it does not say how to sign in".to_owned())),
        }
    }

    fn token(
        &self,
        ask: &Ask<'_>,
        realm: &str,
        service: &str,
        scope: &str,
        credential: Option<DockerCredential>,
    ) -> Result<String, Error> {
        let registry = ask.repository.registry();
        // A password never goes over a line that others can hear, unless the registry is
        // asked over such a line anyway.
        let agent = if self.is_plain(registry) { &self.plain } else { &self.secure };
        let signed_in = credential.is_some();
        let answer = match credential {
            Some(DockerCredential::IdentityToken(token)) => agent.post(realm).send_form([
                ("grant_type", "refresh_token"),
                ("service", service),
                ("scope", scope),
                ("client_id", "provost"),
                ("refresh_token", &token),
            ]),
            credential => {
                let mut request = agent.get(realm).query("service", service).query("scope", scope);
                if let Some(DockerCredential::UsernamePassword(name, password)) = &credential {
                    request = request.header("authorization", basic(name, password));
                }
                request.call()
            }
        };
        let answer = answer.map_err(|error| self.failed(realm, &error))?;
        let answer = self.answer(realm, answer);
        if answer.status != 200 {
            let who = if signed_in { "what `docker login` left" } else { "nobody" };
            let reason = format!("`{realm}` answers {} to {who}", answer.status);
            return Err(self.unauthorized(ask, reason));
        }
        let bytes = answer.bytes(TOKEN_BYTES, "a token")?;
        let token: Option<Token> = serde_json::from_slice(&bytes).ok();
        token.and_then(|found| found.token.or(found.access_token)).ok_or_else(|| {
            self.unauthorized(ask, format!("`{realm}` gives out something that is no token"))
        })
    }

    fn unauthorized(&self, ask: &Ask<'_>, reason: String) -> Error {
        Error::Unauthorized {
            registry: ask.repository.registry().to_owned(),
            repository: ask.repository.name().to_owned(),
            reason,
        }
    }

    fn failed(&self, registry: &str, error: &ureq::Error) -> Error {
        failed(registry, self.allowed, error)
    }
}

impl Answer {
    /// A header, as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The whole body, which may have so many bytes.
    pub(crate) fn bytes(self, most: usize, what: &str) -> Result<Vec<u8>, Error> {
        let too_large = || Error::TooLarge { what: what.to_owned(), allowed: most };
        if self.body.content_length().is_some_and(|length| length > most as u64) {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        let reader = self.body.into_with_config().limit(u64::MAX).reader();
        let read = reader.take(most as u64 + 1).read_to_end(&mut bytes);
        read.map_err(|error| broken(&self.registry, self.allowed, &error))?;
        if bytes.len() > most { Err(too_large()) } else { Ok(bytes) }
    }

    /// What it means that the answer is not the one that was hoped for.
    pub(crate) fn refused(&self, ask: &Ask<'_>) -> Error {
        match self.status {
            404 => Error::Missing(ask.what.to_owned()),
            403 => Error::Unauthorized {
                registry: self.registry.clone(),
                repository: ask.repository.name().to_owned(),
                reason: "it is forbidden".to_owned(),
            },
            status => {
                let (registry, what) = (self.registry.clone(), ask.what.to_owned());
                Error::Status { registry, status, what }
            }
        }
    }
}

/// Where the registry of a name is asked.
fn host(registry: &str) -> &str {
    if registry == "docker.io" { "registry-1.docker.io" } else { registry }
}

fn failed(registry: &str, allowed: Duration, error: &ureq::Error) -> Error {
    let registry = registry.to_owned();
    let reason = match error {
        ureq::Error::Timeout(_) => return Error::Slow { registry, allowed },
        ureq::Error::Io(error) => return broken(&registry, allowed, error),
        ureq::Error::HostNotFound => "there is no host of this name".to_owned(),
        ureq::Error::Rustls(error) => format!("{NO_TLS}: {error}"),
        ureq::Error::RequireHttpsOnly(_) => "it leads to an address without TLS".to_owned(),
        error => error.to_string(),
    };
    Error::Unreachable { registry, reason }
}

fn broken(registry: &str, allowed: Duration, error: &io::Error) -> Error {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>());
    if matches!(inner, Some(ureq::Error::Timeout(_))) {
        return Error::Slow { registry: registry.to_owned(), allowed };
    }
    let reason = match error.kind() {
        io::ErrorKind::ConnectionRefused => "nobody listens there".to_owned(),
        // How a TLS library says that what came is not what it should be.
        io::ErrorKind::InvalidData => format!("{NO_TLS}: {error}"),
        io::ErrorKind::UnexpectedEof => "the answer breaks off".to_owned(),
        _ => error.to_string(),
    };
    Error::Unreachable { registry: registry.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_left_out_on_the_loopback_and_where_the_operator_said_so() {
        let client = Client::new(Duration::from_secs(1), vec!["registry.internal:5000".into()]);
        for plain in ["localhost", "localhost:5000", "127.0.0.1:5000", "127.9.9.9", "[::1]:5000"] {
            assert!(client.is_plain(plain), "{plain}");
        }
        assert!(client.is_plain("registry.internal:5000"));
        for secure in
            ["registry.example", "registry.internal", "localhost.evil.example", "127.0.0.1.nip.io"]
        {
            assert!(!client.is_plain(secure), "{secure}");
        }
    }
}
