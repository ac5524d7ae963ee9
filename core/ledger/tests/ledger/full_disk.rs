//! A disk without room, as a limit on the size of files shows it: `write` writes less, then fails.

#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use provost_ledger::{Error, Ledger, Options};

use crate::{ids, now, record, verified};

const FOLDER: &str = "PROVOST_TEST_FULL";

/// Not a test by itself: with [`FOLDER`] it appends until there is no room, and a few times more.
#[test]
fn appends_until_there_is_no_room() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let ledger = Ledger::open(folder, &Options::default(), now()).unwrap();
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for number in 0..200 {
        let id = number.to_string();
        match ledger.append(&record(&id)) {
            Ok(_) => acknowledged.push(id),
            Err(error) => {
                assert!(matches!(error, Error::NotWritten { .. }), "{error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 0, "there was room for everything");
    drop(ledger);
    // Nothing is torn, and what was acknowledged is all that is there.
    assert!(verified(folder).is_intact());
    assert_eq!(ids(folder), acknowledged);
    println!("refused {refused}");
}

#[test]
fn without_room_whoever_appends_is_told_and_nothing_is_torn() {
    let folder = tempfile::tempdir().unwrap();
    let this = std::env::current_exe().unwrap();
    // A limit of 40 blocks of 512 bytes; without the trap the signal would end the process.
    let script = "trap '' XFSZ; ulimit -f 40; exec \"$0\" --exact \
                  full_disk::appends_until_there_is_no_room --nocapture";
    let output = Command::new("sh")
        .args(["-c", script])
        .arg(this)
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("refused "), "{said}");
    // With room again it goes on.
    let ledger = Ledger::open(folder.path(), &Options::default(), now()).unwrap();
    assert_eq!(ledger.recovery(), None);
    ledger.append(&record("again")).unwrap();
    drop(ledger);
    assert!(verified(folder.path()).is_intact());
}
