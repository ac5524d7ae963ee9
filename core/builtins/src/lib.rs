//! The only crate that embeds what ships inside the binary: built-in plugins, specifications and policies.
