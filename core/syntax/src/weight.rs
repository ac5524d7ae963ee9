use provost_model::Node;

/// What was built, and what it weighs.
#[derive(Clone, Debug)]
pub(crate) struct Built {
    pub(crate) node: Node,
    pub(crate) weight: Weight,
}

/// The size of a value and everything in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weight {
    /// Values, itself included.
    pub(crate) nodes: usize,
    /// Bytes of text and keys.
    pub(crate) bytes: usize,
    /// Nested collections.
    pub(crate) height: usize,
}

impl Weight {
    pub(crate) fn of_scalar(node: &Node) -> Self {
        Self { nodes: 1, bytes: node.as_text().map_or(0, str::len), height: 0 }
    }
}

impl Built {
    /// A scalar kept for an anchor.
    pub(crate) fn scalar(node: Node) -> Self {
        Self { weight: Weight::of_scalar(&node), node }
    }
}
