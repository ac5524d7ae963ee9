//! No text that a solver or the symbolic compiler writes makes the translation panic, and what is
//! read is written back as it was.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| _ = reads(bytes));

use provost_analysis::smtlib::{Script, Sexpr, from_z3, to_z3};

/// Is it a list of expressions?
pub fn reads(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let _ = Script::of(text);
    let Ok(all) = Sexpr::read_all(text) else { return false };
    let written: Vec<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!(Sexpr::read_all(&written.join("\n")).as_ref(), Ok(&all));
    let is_something = !all.is_empty();
    for one in all {
        let _ = from_z3(to_z3(one));
    }
    is_something
}
