/// How loud a message for the operator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For the plugin's author.
    Debug,
    /// For the curious.
    Info,
    /// Something is odd.
    Warning,
    /// Something is broken.
    Error,
}

/// Says something to the operator; never part of a verdict.
///
/// Outside WebAssembly it goes to standard error. The host keeps only so much.
pub fn log(level: Level, message: &str) {
    #[cfg(target_arch = "wasm32")]
    crate::guest::log(level, message);
    #[cfg(not(target_arch = "wasm32"))]
    eprintln!("{level:?}: {message}");
}
