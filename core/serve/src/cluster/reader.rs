//! What an API server says of one kind, and what of it is kept.

use std::sync::Arc;

use hyper::StatusCode;
use kube_client::core::response::Status as Answer;
use kube_client::core::{ApiResource, WatchEvent};
use provost_engine::{Kinds, Snapshot};
use provost_model::Source;
use serde::Deserialize;
use serde_json::Value;

use super::WatchOptions;
use super::failure::Failure;
use super::object::Raw;
use super::shelf::{Kind, Listing, Shelf, Status, shown};

/// The parts of a list that matter.
#[derive(Deserialize)]
pub(super) struct Page {
    metadata: PageMetadata,
    /// `null` where a server has none.
    items: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageMetadata {
    #[serde(default)]
    resource_version: String,
    #[serde(default, rename = "continue")]
    token: String,
}

/// What follows a page.
pub(super) enum Next {
    /// Another, under this token.
    Page(String),
    /// Nothing: the list is whole, and a watch goes on from this version.
    Watch(String),
}

/// What is said of one kind goes onto the shelf.
pub(super) struct Reader {
    pub(super) kind: Kind,
    pub(super) shelf: Arc<Shelf>,
    pub(super) source: Arc<Source>,
}

impl Page {
    /// Reads the answer to a list.
    pub(super) fn read(status: StatusCode, body: &[u8]) -> Result<Self, Failure> {
        if status.is_success() {
            return serde_json::from_slice(body)
                .map_err(|error| Failure::Unreadable(format!("a list: {error}")));
        }
        let answer: Option<Answer> = serde_json::from_slice(body).ok();
        let other = || match status.as_u16() {
            410 => Failure::Gone,
            403 => Failure::Refused(status.to_string()),
            _ => Failure::Other(status.to_string()),
        };
        Err(answer.as_ref().filter(|answer| answer.code != 0).map_or_else(other, Failure::from))
    }
}

impl Reader {
    /// Puts the objects of a page into a listing.
    pub(super) fn page(
        &self,
        resource: &ApiResource,
        page: Page,
        listing: &mut Listing,
    ) -> Result<Next, Failure> {
        for item in page.items.unwrap_or_default() {
            let raw = Raw::read(item).map_err(Failure::Unreadable)?;
            let (key, version) = (raw.key.clone(), raw.version.clone());
            let make = || raw.kept(resource, &self.source);
            self.shelf.add(&self.kind, listing, key, &version, make)?;
        }
        let PageMetadata { resource_version, token } = page.metadata;
        if !token.is_empty() {
            return Ok(Next::Page(token));
        }
        if resource_version.is_empty() {
            let why = "a list has no `metadata.resourceVersion`".to_owned();
            return Err(Failure::Unreadable(why));
        }
        Ok(Next::Watch(resource_version))
    }

    /// Puts a listing that is whole in place of what was known.
    pub(super) fn is_listed(&self, listing: Listing) {
        let objects = listing.objects.len();
        if self.shelf.is_listed(&self.kind, listing) {
            tracing::info!(kind = shown(&self.kind), objects, "is known");
        }
    }

    /// Follows one change of a watch; `version` is where it would go on from.
    pub(super) fn change(
        &self,
        resource: &ApiResource,
        event: WatchEvent<Value>,
        version: &mut String,
    ) -> Result<(), Failure> {
        match event {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                let raw = Raw::read(object).map_err(Failure::Unreadable)?;
                version.clone_from(&raw.version);
                let key = raw.key.clone();
                self.shelf.put(&self.kind, key, raw.kept(resource, &self.source))?;
            }
            WatchEvent::Deleted(object) => {
                let raw = Raw::read(object).map_err(Failure::Unreadable)?;
                self.shelf.remove(&self.kind, &raw.key);
                *version = raw.version;
            }
            WatchEvent::Bookmark(mark) => {
                *version = mark.metadata.resource_version;
                self.shelf.is_good(&self.kind);
            }
            WatchEvent::Error(answer) => return Err(answer.as_ref().into()),
        }
        self.shelf.probe(&self.kind.1);
        Ok(())
    }
}

/// For the fuzz target: the first line is a page of a list, each other one a change. Was
/// everything kept?
///
/// # Errors
/// When what is kept is more than may be, or counted wrong.
pub fn replay(lines: &[u8]) -> Result<bool, String> {
    let options = WatchOptions { objects: 8, bytes: 16 << 10, ..WatchOptions::default() };
    let kind = (String::new(), "Pod".to_owned());
    let shelf = Arc::new(Shelf::new(&options));
    shelf.keep(&Kinds::from([kind.clone()]));
    let reader = Reader { kind, shelf, source: Source::new("the cluster", "") };
    let read = reader.lines(lines);
    if matches!(read, Err(Failure::TooLarge)) {
        // As a feed does with what there is too much of.
        reader.shelf.is(&reader.kind, Status::TooLarge);
    }
    let (objects, bytes, counted) = reader.shelf.weighed();
    let is_sound = objects <= options.objects && bytes <= options.bytes && bytes == counted;
    if !is_sound {
        return Err(format!("{objects} objects of {bytes} bytes, {counted} by their own weight"));
    }
    Ok(read.is_ok())
}

impl Reader {
    fn lines(&self, lines: &[u8]) -> Result<(), Failure> {
        let resource = ApiResource {
            group: String::new(),
            version: "v1".to_owned(),
            api_version: "v1".to_owned(),
            kind: "Pod".to_owned(),
            plural: "pods".to_owned(),
        };
        let mut lines = lines.split(|byte| *byte == b'\n');
        let page = Page::read(StatusCode::OK, lines.next().unwrap_or_default())?;
        let mut listing = Listing::default();
        let mut version = match self.page(&resource, page, &mut listing)? {
            Next::Watch(version) => version,
            Next::Page(_) => return Ok(()),
        };
        self.is_listed(listing);
        for line in lines.filter(|line| !line.is_empty()) {
            let event = serde_json::from_slice(line).map_err(kube_client::Error::SerdeError)?;
            self.change(&resource, event, &mut version)?;
        }
        let _ = self
            .shelf
            .take(&Kinds::new())
            .map(|(documents, kinds)| Snapshot::knowing(documents, kinds));
        Ok(())
    }
}
