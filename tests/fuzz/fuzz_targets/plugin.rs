//! No component, as bytes or as text, breaks the host: it is refused, or it says what it is
//! within its limits.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| _ = reads(bytes));

use std::sync::LazyLock;
use std::time::Duration;

use provost_host::{Host, Limits};
use serde_json::Value;

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(None).expect("a sandbox"));

/// Is it a component? One of the contract is rare where bytes are made up.
pub fn reads(bytes: &[u8]) -> bool {
    let Ok(component) = wat::parse_bytes(bytes) else { return false };
    let limits = Limits { deadline: Duration::from_millis(200), ..Limits::default() };
    match HOST.load("fuzz", &component, &Value::Null, &[], limits) {
        Ok(plugin) => _ = plugin.description(),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    component.starts_with(b"\0asm\x0d\0\x01\0")
}
