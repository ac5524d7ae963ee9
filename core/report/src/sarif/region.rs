use std::collections::BTreeMap;

use provost_model as model;

use super::log::{ArtifactLocation, Location, LogicalLocation, PhysicalLocation, Region};
use super::uri::uri;
use crate::place::Place;

/// The files that results point into, in the order they are first named.
#[derive(Debug, Default)]
pub(super) struct Files {
    indices: BTreeMap<String, usize>,
}

impl Files {
    /// `uri` and `index` of a file.
    pub(super) fn artifact(&mut self, name: &str) -> ArtifactLocation {
        let uri = uri(name);
        let next = self.indices.len();
        let index = *self.indices.entry(uri.clone()).or_insert(next);
        ArtifactLocation { uri: Some(uri), index: Some(index) }
    }

    /// A place in a file.
    pub(super) fn physical(&mut self, location: &model::Location) -> PhysicalLocation {
        let place = Place::of(location);
        let artifact_location = self.artifact(place.file);
        PhysicalLocation { artifact_location, region: Region::of(&place) }
    }

    /// A place in a file, and what is there.
    pub(super) fn location(&mut self, location: &model::Location) -> Location {
        Location { physical_location: Some(self.physical(location)), ..Location::default() }
    }

    /// Every URI, by index.
    pub(super) fn into_uris(self) -> impl Iterator<Item = String> {
        let mut uris: Vec<_> = self.indices.into_iter().collect();
        uris.sort_by_key(|(_, index)| *index);
        uris.into_iter().map(|(uri, _)| uri)
    }
}

impl Region {
    /// An empty place is the rest of its line: viewers refuse regions without extent.
    pub(super) fn of(place: &Place<'_>) -> Self {
        let empty = place.start == place.end;
        let unless_empty = |value: usize| (!empty).then_some(value);
        Self {
            start_line: place.from.line,
            start_column: place.from.column,
            end_line: unless_empty(place.to.line),
            end_column: unless_empty(place.to.column),
            char_offset: unless_empty(place.before().chars().count()),
            char_length: unless_empty(place.covered().chars().count()),
            byte_offset: unless_empty(place.start),
            byte_length: unless_empty(place.end - place.start),
        }
    }
}

impl LogicalLocation {
    pub(super) fn of(object: &model::ObjectReference) -> Self {
        Self {
            name: object.name.clone(),
            fully_qualified_name: full_name(object),
            kind: "resource",
        }
    }
}

/// `apps/v1/Deployment/shop/cart`.
pub(super) fn full_name(object: &model::ObjectReference) -> String {
    format!("{}/{object}", object.api_version)
}
