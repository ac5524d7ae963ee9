//! One kind: listed by pages, then watched from where the list ended, for as long as it is wanted.
//!
//! As the API describes it (Kubernetes API Concepts, "Efficient detection of changes"): a watch
//! that ends is begun again from the last `resourceVersion` that was heard, of an object or of a
//! bookmark; where that is gone (`410`), the kind is listed again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{TryStreamExt as _, pin_mut};
use http_body_util::{BodyExt as _, Limited};
use kube_client::client::Body;
use kube_client::core::params::{ListParams, WatchParams};
use kube_client::core::{ApiResource, Request};
use kube_client::discovery::{self, verbs};
use kube_client::{Client, Error};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::failure::{Failure, LONGEST, Pause, SHORTEST};
use super::reader::{Next, Page, Reader};
use super::shelf::{Listing, Status, shown};

/// Objects of a page; so many of 1.5 MiB, the most that etcd stores, are within `PAGE_BYTES`.
const PAGE: u32 = 100;
/// Bytes of a page.
const PAGE_BYTES: usize = 160 << 20;
/// How long one answer may take, but for that of a watch.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is asked whether a kind is served that was not.
const NOT_SERVED: Duration = Duration::from_secs(30);
/// How long to wait before what was too large is listed again.
const TOO_LARGE: Duration = Duration::from_secs(300);

/// What keeps one kind current.
pub(super) struct Feed {
    pub(super) client: Client,
    pub(super) reader: Reader,
    /// One kind is listed at a time, so that no more than one page is in memory.
    pub(super) lists: Arc<Semaphore>,
}

impl Feed {
    /// Lists and watches until it is dropped.
    pub(super) async fn run(self) {
        let mut pause = Pause::default();
        loop {
            let failure = match self.listed().await {
                Ok((resource, version)) => self.watch(&resource, version, &mut pause).await,
                Err(failure) => failure,
            };
            let wait = self.note(failure, &mut pause);
            sleep(wait).await;
        }
    }

    /// What the server calls the kind, and the version of the whole list.
    async fn listed(&self) -> Result<(ApiResource, String), Failure> {
        let _turn = self.lists.acquire().await;
        let resource = self.resource().await?;
        let version = self.list(&resource).await?;
        Ok((resource, version))
    }

    /// Says what did not work, and how long to wait before it is tried again.
    fn note(&self, failure: Failure, pause: &mut Pause) -> Duration {
        let (kind, shelf) = (shown(&self.reader.kind), &self.reader.shelf);
        match failure {
            // To list again is the answer to this.
            Failure::Gone => {
                tracing::info!(kind, "the watch is too old for the server: listing again");
                pause.next()
            }
            Failure::NotServed => {
                if shelf.is(&self.reader.kind, Status::NotServed) {
                    tracing::info!(kind, "the server has no such kind, and so no objects of it");
                }
                NOT_SERVED.min(shelf.age / 3)
            }
            Failure::Refused(why) => {
                if shelf.is(&self.reader.kind, Status::Refused(why.clone())) {
                    tracing::warn!(kind, why, "is not known: it may not be listed");
                }
                pause.next()
            }
            Failure::TooLarge => {
                if shelf.is(&self.reader.kind, Status::TooLarge) {
                    tracing::warn!(kind, "is not known: there is too much of it");
                }
                TOO_LARGE
            }
            Failure::Unreadable(why) => {
                if shelf.is(&self.reader.kind, Status::Unreadable(why.clone())) {
                    tracing::warn!(kind, why, "is not known: it cannot be read");
                }
                pause.next()
            }
            Failure::Other(why) => {
                if shelf.is_troubled(&self.reader.kind, &why) {
                    tracing::warn!(kind, why, "cannot be listed or watched now");
                }
                pause.next()
            }
        }
    }

    /// What the server calls the kind, in the version that it prefers.
    async fn resource(&self) -> Result<ApiResource, Failure> {
        let (group, kind) = &self.reader.kind;
        let group = in_time(discovery::group(&self.client, group)).await?;
        // A group may serve a kind in another version than the one it prefers.
        let found = group.recommended_kind(kind).or_else(|| {
            let all = group.resources_by_stability();
            all.into_iter().find(|(resource, _)| resource.kind == *kind)
        });
        let (resource, can) = found.ok_or(Failure::NotServed)?;
        if can.supports_operation(verbs::LIST) && can.supports_operation(verbs::WATCH) {
            return Ok(resource);
        }
        Err(Failure::Refused("the server can neither list nor watch it".to_owned()))
    }

    /// Lists all objects, and puts them in place of what was known.
    async fn list(&self, resource: &ApiResource) -> Result<String, Failure> {
        let mut listing = Listing::default();
        let mut parameters = ListParams::default().limit(PAGE);
        loop {
            let page = in_time(self.page(resource, &parameters)).await?;
            match self.reader.page(resource, page, &mut listing)? {
                Next::Page(token) => parameters = parameters.continue_token(&token),
                Next::Watch(version) => {
                    self.reader.is_listed(listing);
                    return Ok(version);
                }
            }
        }
    }

    /// One page, no larger than it may be. What it holds is no text for a log.
    async fn page(&self, resource: &ApiResource, parameters: &ListParams) -> Result<Page, Failure> {
        let request = Request::new(path(resource)).list(parameters).map_err(Error::BuildRequest)?;
        let response = self.client.send(request.map(Body::from)).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), PAGE_BYTES).collect().await;
        let body = body.map_err(|error| Failure::Other(error.to_string()))?.to_bytes();
        Page::read(status, &body)
    }

    /// Follows all changes from a version on, until the kind has to be listed again.
    async fn watch(
        &self,
        resource: &ApiResource,
        mut version: String,
        pause: &mut Pause,
    ) -> Failure {
        while self.reader.shelf.is_here(&self.reader.kind) {
            let started = Instant::now();
            let ended = self.events(resource, &mut version).await;
            if started.elapsed() > LONGEST {
                pause.reset();
            }
            let wait = match ended {
                // The server ends each watch after a while; one that ends at once is none.
                Ok(()) if started.elapsed() > SHORTEST => continue,
                Ok(()) => pause.next(),
                Err(Failure::Other(why)) => self.note(Failure::Other(why), pause),
                Err(failure) => return failure,
            };
            sleep(wait).await;
        }
        Failure::TooLarge
    }

    /// The changes of one watch, until it ends.
    async fn events(&self, resource: &ApiResource, version: &mut String) -> Result<(), Failure> {
        // A watch that lasted for as long as it should have missed nothing: so it is certain that
        // often, also of what never changes and where a server sends no bookmarks. That one began
        // says nothing yet.
        let seconds = u32::try_from(self.reader.shelf.age.as_secs() / 2).unwrap_or(u32::MAX);
        let seconds = seconds.clamp(1, 290);
        let parameters = WatchParams::default().timeout(seconds);
        let request = Request::new(path(resource)).watch(&parameters, version);
        let request = request.map_err(Error::BuildRequest)?;
        let events = in_time(self.client.request_events::<Value>(request)).await?;
        pin_mut!(events);
        let started = Instant::now();
        let patience = Duration::from_secs(u64::from(seconds) + 5);
        loop {
            let silent = |_| Failure::Other("the connection is silent".to_owned());
            let Some(event) = timeout(patience, events.try_next()).await.map_err(silent)?? else {
                if started.elapsed() + Duration::from_secs(1) > Duration::from_secs(seconds.into())
                {
                    self.reader.shelf.is_good(&self.reader.kind);
                }
                return Ok(());
            };
            self.reader.change(resource, event, version)?;
        }
    }
}

/// The path of all objects of a kind, in every namespace.
fn path(resource: &ApiResource) -> String {
    let root = if resource.group.is_empty() { "api" } else { "apis" };
    format!("/{root}/{}/{}", resource.api_version, resource.plural)
}

/// Something that is answered in time, or not at all.
async fn in_time<T, E: Into<Failure>>(
    asked: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure> {
    match timeout(PATIENCE, asked).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(Failure::Other(format!("no answer in {} s", PATIENCE.as_secs()))),
    }
}
