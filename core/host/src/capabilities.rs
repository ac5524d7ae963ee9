//! What a plugin may use beside documents: what it asks for and is granted.

use std::fmt;

use crate::error::Fault;

/// Something that a plugin may ask for, by the name it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// `log`: write to the operator's log.
    Log,
    /// `lookup`: see other objects of the namespace.
    Lookup,
    /// `lookup-all`: see other objects of every namespace.
    LookupAll,
}

impl Capability {
    /// Every capability.
    pub const ALL: [Self; 3] = [Self::Log, Self::Lookup, Self::LookupAll];

    /// The name that plugins and gate files know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Lookup => "lookup",
            Self::LookupAll => "lookup-all",
        }
    }

    /// The capability of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.name() == name)
    }
}

/// How far a plugin sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// The documents of its call.
    #[default]
    Documents,
    /// The namespace of a document of its call.
    Namespace,
    /// Every namespace.
    Cluster,
}

/// What one plugin may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Granted {
    pub(crate) log: bool,
    pub(crate) reach: Reach,
}

impl Granted {
    /// While it says what it is: it may log, and nobody reads it.
    pub(crate) const DESCRIBING: Self = Self { log: true, reach: Reach::Documents };

    /// What is both asked for and granted. Whoever asks to see everything and may see its
    /// namespace sees that.
    ///
    /// # Errors
    /// [`Fault::Ungranted`] names what is asked for and not granted.
    pub(crate) fn of(requested: &[Capability], grants: &[Capability]) -> Result<Self, Fault> {
        let reach = |of: &[Capability]| {
            if of.contains(&Capability::LookupAll) {
                Reach::Cluster
            } else if of.contains(&Capability::Lookup) {
                Reach::Namespace
            } else {
                Reach::Documents
            }
        };
        let (wanted, allowed) = (reach(requested), reach(grants));
        let ungranted = requested.iter().find(|capability| match capability {
            Capability::Log => !grants.contains(capability),
            Capability::Lookup | Capability::LookupAll => allowed == Reach::Documents,
        });
        match ungranted {
            Some(capability) => Err(Fault::Ungranted(capability.name())),
            None => {
                Ok(Self { log: requested.contains(&Capability::Log), reach: wanted.min(allowed) })
            }
        }
    }
}

/// A guest used what it did not ask for. Carried through the guest as a trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unrequested(pub(crate) Capability);

impl fmt::Display for Unrequested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.name();
        write!(f, "uses the capability `{name}` without requesting it: its `describe` must list it")
    }
}

impl std::error::Error for Unrequested {}

/// A guest looked up a kind whose objects are not all known, and was told that it knows the
/// cluster: it must not take for missing what is not. Carried through the guest as a trap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unwatched(String);

impl Unwatched {
    pub(crate) fn new(kind: &str) -> Self {
        Self(kind.chars().take(100).flat_map(char::escape_debug).collect())
    }
}

impl fmt::Display for Unwatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = &self.0;
        write!(f, "looks up `{kind}`, which is not watched: name it in the plugin's `lookups`")
    }
}

impl std::error::Error for Unwatched {}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::Capability::{Log, Lookup, LookupAll};
    use super::*;

    #[test]
    fn a_plugin_has_what_it_asks_for_and_is_granted() {
        let of = |requested: &[Capability], grants: &[Capability]| {
            Granted::of(requested, grants).map(|granted| (granted.log, granted.reach))
        };
        assert_eq!(of(&[], &Capability::ALL).unwrap(), (false, Reach::Documents));
        assert_eq!(of(&[Log], &[Log]).unwrap(), (true, Reach::Documents));
        assert_eq!(of(&[Lookup], &[Lookup]).unwrap(), (false, Reach::Namespace));
        assert_eq!(of(&[Lookup], &[LookupAll]).unwrap(), (false, Reach::Namespace));
        assert_eq!(of(&[LookupAll], &[Lookup]).unwrap(), (false, Reach::Namespace));
        assert_eq!(of(&[LookupAll, Log], &Capability::ALL).unwrap(), (true, Reach::Cluster));
        for (requested, grants, missing) in [
            (vec![Log], vec![Lookup], "log"),
            (vec![Lookup], vec![Log], "lookup"),
            (vec![LookupAll], vec![], "lookup-all"),
        ] {
            let fault = of(&requested, &grants).unwrap_err();
            assert!(matches!(fault, Fault::Ungranted(name) if name == missing), "{fault}");
        }
    }
}
