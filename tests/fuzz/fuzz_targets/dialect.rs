//! No text that a solver or the symbolic compiler writes makes the translation panic, and what is
//! read is written back as it was.

#![no_main]

use libfuzzer_sys::fuzz_target;
use provost_analysis::smtlib::{Script, Sexpr, from_z3, to_z3};

fuzz_target!(|text: &str| {
    let _ = Script::of(text);
    let Ok(all) = Sexpr::read_all(text) else { return };
    let written: Vec<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!(Sexpr::read_all(&written.join("\n")).as_ref(), Ok(&all));
    for one in all {
        let _ = from_z3(to_z3(one));
    }
});
