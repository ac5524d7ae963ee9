//! The binary starts anywhere: it finds the solver library without help from Cargo, and
//! carries what it judges by. (What it does is tested in `tests/` of the repository; this
//! target also makes Cargo build the binary for those tests.)

use std::process::Command;

#[test]
fn the_binary_starts_far_from_its_sources() {
    let output = Command::new(env!("CARGO_BIN_EXE_provost"))
        .args(["explain", "rollout-keeps-minimum"])
        .current_dir(std::env::temp_dir())
        .env_remove("LD_LIBRARY_PATH")
        .env_remove("PROVOST_CONFIG")
        .output();
    assert!(
        output.as_ref().is_ok_and(|output| {
            output.status.success()
                && String::from_utf8_lossy(&output.stdout).contains("rolling update")
        }),
        "{output:?}"
    );
}
