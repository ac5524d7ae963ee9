/// How much one text may cost to read. Every limit that is exceeded becomes a
/// problem that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the text, and bytes of text that its aliases may add.
    pub bytes: usize,
    /// Nested mappings and lists, aliases expanded.
    pub depth: usize,
    /// Documents in one text.
    pub documents: usize,
    /// Values in all documents of one text, aliases expanded; the copy that is
    /// kept of an anchored value counts too.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 16 << 20, depth: 100, documents: 20_000, nodes: 1_000_000 }
    }
}
