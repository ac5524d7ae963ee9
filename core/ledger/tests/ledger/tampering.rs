use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use provost_ledger::{Checkpoint, FaultKind, head, verify};

use crate::{faults, log, segments, verified};

/// Files of a log of three segments, by name, and its head.
struct Original {
    files: Vec<(String, Vec<u8>)>,
    head: Checkpoint,
}

static ORIGINAL: LazyLock<Original> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 8, 2000);
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let files: Vec<_> =
        segments(folder.path()).iter().map(|path| (name(path), fs::read(path).unwrap())).collect();
    assert!(files.len() >= 3);
    Original { files, head: head(folder.path()).unwrap().unwrap() }
});

impl Original {
    /// Every line with its line feed, and the file it is in.
    fn lines(&self) -> Vec<(usize, Vec<u8>)> {
        let lines = self.files.iter().enumerate();
        lines
            .flat_map(|(file, (_, bytes))| {
                bytes.split_inclusive(|byte| *byte == b'\n').map(move |line| (file, line.to_vec()))
            })
            .collect()
    }

    /// Lays out lines again, each in its file.
    fn write(&self, lines: &[(usize, Vec<u8>)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (number, (name, _)) in self.files.iter().enumerate() {
            let of_file = lines.iter().filter(|(file, _)| *file == number);
            let bytes: Vec<u8> = of_file.flat_map(|(_, line)| line.clone()).collect();
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }
}

fn is_found(folder: &Path) -> bool {
    !verify(folder, Some(ORIGINAL.head)).unwrap().is_intact()
}

#[test]
fn an_untouched_copy_is_intact() {
    let folder = ORIGINAL.write(&ORIGINAL.lines());
    assert!(!is_found(folder.path()));
}

#[test]
fn every_removed_line_is_found_and_named() {
    let lines = ORIGINAL.lines();
    for removed in 0..lines.len() {
        let mut changed = lines.clone();
        changed.remove(removed);
        let folder = ORIGINAL.write(&changed);
        assert!(is_found(folder.path()), "{removed}");
        // Without a checkpoint, all but the end.
        let found = verified(folder.path());
        assert_eq!(found.is_intact(), removed + 1 == lines.len());
        if removed + 1 < lines.len() {
            let gap = FaultKind::Missing { from: removed as u64, to: removed as u64 };
            assert_eq!(found.faults[0].kind, gap);
        }
    }
}

#[test]
fn every_exchange_of_two_lines_is_found() {
    let lines = ORIGINAL.lines();
    for a in 0..lines.len() {
        for b in a + 1..lines.len() {
            let mut changed = lines.clone();
            (changed[a].1, changed[b].1) = (lines[b].1.clone(), lines[a].1.clone());
            let folder = ORIGINAL.write(&changed);
            assert!(!verified(folder.path()).is_intact(), "{a} {b}");
        }
    }
}

#[test]
fn every_repeated_line_is_found() {
    let lines = ORIGINAL.lines();
    for repeated in 0..lines.len() {
        for place in 0..=lines.len() {
            let mut changed = lines.clone();
            let file = lines[place.min(lines.len() - 1)].0;
            changed.insert(place, (file, lines[repeated].1.clone()));
            let folder = ORIGINAL.write(&changed);
            assert!(!verified(folder.path()).is_intact(), "{repeated} {place}");
        }
    }
}

#[test]
fn an_end_that_is_cut_off_is_found_by_a_checkpoint_alone() {
    let lines = ORIGINAL.lines();
    for kept in 0..lines.len() {
        let folder = ORIGINAL.write(&lines[..kept]);
        assert!(verified(folder.path()).is_intact(), "{kept}");
        let found = verify(folder.path(), Some(ORIGINAL.head)).unwrap();
        let last = kept.checked_sub(1).map(|last| last as u64);
        let kind = FaultKind::Truncated { checkpoint: ORIGINAL.head.index, last };
        assert_eq!(found.faults[0].kind, kind);
    }
}

#[test]
fn a_log_that_was_written_anew_is_found_by_a_checkpoint_alone() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 20, 2000);
    assert!(verified(folder.path()).is_intact());
    let found = verify(folder.path(), Some(ORIGINAL.head)).unwrap();
    assert_eq!(found.faults[0].kind, FaultKind::OtherThanCheckpoint { index: ORIGINAL.head.index });
}

/// Whoever alters an entry may compute its hash again, and then every hash after it.
#[test]
fn a_hash_that_was_computed_again_is_found_at_the_next_entry() {
    let lines = ORIGINAL.lines();
    for altered in 0..lines.len() - 1 {
        let text = String::from_utf8(lines[altered].1.clone()).unwrap();
        let (before, after) = text.trim_end().split_at("{\"hash\":\"".len());
        let rest = after.split_once("\",").unwrap().1.replacen("2026", "2025", 1);
        let hash = provost_model::Digest::of(format!("{{{rest}").as_bytes());
        let mut changed = lines.clone();
        changed[altered].1 = format!("{before}{hash}\",{rest}\n").into_bytes();
        let folder = ORIGINAL.write(&changed);
        let found = verified(folder.path());
        let next = altered as u64 + 1;
        assert_eq!(found.faults[0].kind, FaultKind::Unlinked { index: next });
    }
}

#[test]
fn archived_segments_need_not_be_there_when_a_checkpoint_stands_for_them() {
    let whole = ORIGINAL.write(&ORIGINAL.lines());
    let files = segments(whole.path());
    let first_of = |file: usize| ORIGINAL.lines().iter().position(|line| line.0 == file).unwrap();
    let checkpoint = |index: u64| {
        let hash =
            provost_ledger::Entry::parse(ORIGINAL.lines()[index as usize].1.trim_ascii_end())
                .unwrap()
                .hash;
        Checkpoint { index, hash }
    };
    fs::remove_file(&files[0]).unwrap();
    let second = first_of(1) as u64;
    assert!(!verified(whole.path()).is_intact());
    // The last archived entry, and every later one, stand for what is not here.
    for index in second - 1..=ORIGINAL.head.index {
        let found = verify(whole.path(), Some(checkpoint(index))).unwrap();
        assert_eq!(faults(&found), [""; 0], "{index}");
    }
    // An earlier one does not: entries after it are missing.
    let found = verify(whole.path(), Some(checkpoint(second - 2))).unwrap();
    assert_eq!(found.faults[0].kind, FaultKind::Missing { from: second - 1, to: second - 1 });
    // One of another log at the seam is found.
    let other = Checkpoint { hash: ORIGINAL.head.hash, ..checkpoint(second - 1) };
    let found = verify(whole.path(), Some(other)).unwrap();
    assert_eq!(found.faults[0].kind, FaultKind::Unlinked { index: second });
    // One segment alone can be verified.
    assert!(verify(&files[1], Some(checkpoint(second))).unwrap().is_intact());
}

#[test]
fn a_renamed_segment_is_found() {
    let folder = ORIGINAL.write(&ORIGINAL.lines());
    let last = segments(folder.path()).pop().unwrap();
    fs::rename(&last, folder.path().join("0000000000000999.jsonl")).unwrap();
    let found = verified(folder.path());
    assert!(matches!(found.faults[0].kind, FaultKind::WrongName { .. }), "{:?}", found.faults);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_change_of_a_single_byte_is_found_at_its_line(
        at in any::<prop::sample::Index>(), change in 1_u8..=255
    ) {
        let mut lines = ORIGINAL.lines();
        let total: usize = lines.iter().map(|(_, line)| line.len()).sum();
        let mut at = at.index(total);
        let mut number = 0;
        while at >= lines[number].1.len() {
            at -= lines[number].1.len();
            number += 1;
        }
        lines[number].1[at] ^= change;
        let folder = ORIGINAL.write(&lines);
        let found = verified(folder.path());
        prop_assert!(!found.is_intact(), "line {number} byte {at}");
        let first_of_file = lines.iter().position(|line| line.0 == lines[number].0).unwrap();
        prop_assert_eq!(found.faults[0].line as usize, number - first_of_file + 1);
        prop_assert!(found.faults[0].file.ends_with(&ORIGINAL.files[lines[number].0].0));
    }

    #[test]
    fn any_inserted_bytes_are_found(
        at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 1..100)
    ) {
        let mut files = ORIGINAL.files.clone();
        let file = at.index(files.len());
        let place = at.index(files[file].1.len() + 1);
        files[file].1.splice(place..place, bytes);
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in &files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        prop_assert!(!verified(folder.path()).is_intact());
    }
}
