/// How much one change may cost to read. Every limit that is exceeded becomes a
/// problem that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file, or of standard input.
    pub file_bytes: u64,
    /// Files in all.
    pub files: usize,
    /// Objects in all.
    pub documents: usize,
    /// What one text may cost to parse.
    pub syntax: provost_syntax::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 16 << 20,
            files: 100_000,
            documents: 200_000,
            syntax: provost_syntax::Limits::default(),
        }
    }
}
