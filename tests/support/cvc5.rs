//! cvc5, the solver that is asked beside Z3, where it is here.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// A Python that has cvc5: that of the system, or one of a folder `cvc5` in `scratch`.
///
/// Says so on stderr when there is none, so that a run without it is visible.
pub fn python_with_cvc5(scratch: &Path) -> Option<PathBuf> {
    let has = |python: &PathBuf| {
        let asked = Command::new(python).args(["-c", "import cvc5"]).output();
        asked.is_ok_and(|output| output.status.success())
    };
    // Two tests must not make the folder at the same time.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let system = PathBuf::from("python3");
    if has(&system) {
        return Some(system);
    }
    let home = scratch.join("cvc5");
    let own = home.join("bin/python3");
    if has(&own) {
        return Some(own);
    }
    let made = Command::new(&system).args(["-m", "venv", "--clear"]).arg(&home).output();
    let made = made.is_ok_and(|output| output.status.success());
    let fetched = made && {
        let pip = Command::new(&own)
            .args(["-m", "pip", "install", "--quiet", "--only-binary=:all:", "cvc5==1.4.2"])
            .output();
        pip.is_ok_and(|output| output.status.success())
    };
    if fetched && has(&own) {
        return Some(own);
    }
    eprintln!("SKIPPED: cvc5 is not here (python3 -m pip install cvc5), so only Z3 checked");
    None
}
