use serde::de::DeserializeOwned;

use crate::report::without_position;
use crate::{Mismatch, Tree, escape};

/// A leaf of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number that fits.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// Text.
    Text(String),
}

/// One object of the change. Pointers are RFC 6901; `""` is the whole object.
pub trait Document {
    /// The leaf at `pointer`; `None` when there is nothing or it is a list or mapping.
    fn get(&self, pointer: &str) -> Option<Scalar>;

    /// Every place that matches a pointer in which a token may be `*` (any item,
    /// any key), with its leaf, or `None` for a list or mapping.
    fn select(&self, pattern: &str) -> Vec<(String, Option<Scalar>)>;

    /// The number of items or keys at `pointer`; `None` for anything else.
    fn length(&self, pointer: &str) -> Option<u32>;

    /// The keys of the mapping at `pointer`.
    fn keys(&self, pointer: &str) -> Vec<String>;

    /// The value at `pointer` as JSON text.
    fn to_json(&self, pointer: &str) -> Option<String>;

    /// The document as whatever it is underneath.
    #[doc(hidden)]
    fn as_any(&self) -> &dyn std::any::Any;
}

impl dyn Document + '_ {
    /// The text at `pointer`; `None` when there is nothing or it is something else.
    pub fn text(&self, pointer: &str) -> Option<String> {
        match self.get(pointer) {
            Some(Scalar::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The value at `pointer` as a type; `None` when there is nothing.
    ///
    /// # Errors
    /// A [`Mismatch`] at the field that does not fit the type.
    pub fn read<T: DeserializeOwned>(&self, pointer: &str) -> Result<Option<T>, Mismatch> {
        let Some(json) = self.to_json(pointer) else { return Ok(None) };
        let mut reader = serde_json::Deserializer::from_str(&json);
        serde_path_to_error::deserialize(&mut reader).map(Some).map_err(|error| {
            let place = format!("{pointer}{}", pointer_of(error.path()));
            Mismatch::new(place, without_position(error.inner()))
        })
    }

    /// The part at `pointer`, parsed once; a tree of nothing when there is nothing.
    ///
    /// # Errors
    /// A [`Mismatch`] when it is nested too deeply to be read.
    pub fn tree(&self, pointer: &str) -> Result<Tree, Mismatch> {
        self.tree_without(pointer, |_| false)
    }

    /// [`tree`](#method.tree), passing over what is under the keys that `skip` names.
    ///
    /// Long parts that no rule looks at (`env`, `args`) are then nearly free.
    ///
    /// # Errors
    /// A [`Mismatch`] when it is nested too deeply to be read.
    pub fn tree_without(&self, pointer: &str, skip: fn(&str) -> bool) -> Result<Tree, Mismatch> {
        Tree::parse(pointer, self.to_json(pointer).as_deref(), skip)
    }
}

fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map_while(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", escape(key))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}
