//! The fuzz targets compile, are in their page, and read what they start from.
#![expect(clippy::duplicate_mod, reason = "each target is whole without the others")]

#[path = "../fuzz/fuzz_targets/decision_log.rs"]
mod decision_log;
#[path = "../fuzz/fuzz_targets/dialect.rs"]
mod dialect;
#[path = "../fuzz/fuzz_targets/distribution.rs"]
mod distribution;
#[path = "../fuzz/fuzz_targets/gate.rs"]
mod gate;
#[path = "../fuzz/fuzz_targets/guarantees.rs"]
mod guarantees;
#[path = "../fuzz/fuzz_targets/intake.rs"]
mod intake;
#[path = "../fuzz/fuzz_targets/plugin.rs"]
mod plugin;
#[path = "../fuzz/fuzz_targets/policies.rs"]
mod policies;
#[path = "../fuzz/fuzz_targets/review.rs"]
mod review;
#[path = "../fuzz/fuzz_targets/specifications.rs"]
mod specifications;
#[path = "../fuzz/fuzz_targets/watch.rs"]
mod watch;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use provost_tests::root;

/// Each is a program of its own where it is run: bytes in; do they mean something?
type Target = fn(&[u8]) -> bool;

const TARGETS: [(&str, Target); 11] = [
    ("decision_log", decision_log::reads),
    ("dialect", dialect::reads),
    ("distribution", distribution::reads),
    ("gate", gate::reads),
    ("guarantees", guarantees::reads),
    ("intake", intake::reads),
    ("plugin", plugin::reads),
    ("policies", policies::reads),
    ("review", review::reads),
    ("specifications", specifications::reads),
    ("watch", watch::reads),
];

/// Seeds of a target that are read, and parts that each is cut into.
const MOST: usize = 40;
const PARTS: usize = 5;

/// Rows `| target | what it reads | folders of seeds |` of the page.
fn documented() -> BTreeMap<String, Vec<PathBuf>> {
    let text = fs::read_to_string(root().join("tests/fuzz/README.md")).unwrap();
    let rows = text.lines().skip_while(|line| !line.starts_with("| target |")).skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .map(|row| {
            let cells: Vec<_> = row.trim_matches('|').split('|').collect();
            let names = |cell: &str| -> Vec<String> {
                cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
            };
            let seeds = names(cells[2]).iter().map(|folder| root().join(folder)).collect();
            (names(cells[0]).remove(0), seeds)
        })
        .collect()
}

/// Names of the programs in the manifest.
fn declared() -> Vec<String> {
    let text = fs::read_to_string(root().join("tests/fuzz/Cargo.toml")).unwrap();
    let programs = text.split("[[bin]]\nname = \"").skip(1);
    programs.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}

#[test]
fn every_target_is_in_the_page_and_the_manifest() {
    let targets = TARGETS.map(|(name, _)| name.to_owned()).to_vec();
    assert_eq!(targets, documented().into_keys().collect::<Vec<_>>());
    assert_eq!(targets, declared());
    let mut here = Vec::new();
    files(&root().join("tests/fuzz/fuzz_targets"), &mut here);
    assert_eq!(here.len(), targets.len() + 1, "and `refusal.rs`, which they share: {here:?}");
}

/// The seeds of a target. Some folders are large; what is in them is much alike.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    documented()[name].iter().for_each(|folder| files(folder, &mut seeds));
    seeds.sort();
    let some = seeds.iter().step_by(seeds.len().div_ceil(MOST));
    some.map(|path| fs::read(path).unwrap()).collect()
}

/// What nobody reads is no place to start from; what is cut off anywhere breaks nothing.
#[test]
fn every_target_reads_its_seeds_and_what_is_left_of_them() {
    for (name, reads) in TARGETS {
        let mut read = 0;
        let seeds = seeds(name);
        for bytes in &seeds {
            read += usize::from(reads(bytes));
            for part in 1..PARTS {
                reads(&bytes[..bytes.len() * part / PARTS]);
            }
        }
        assert!(read > 0, "{name} reads none of its {} seeds", seeds.len());
        eprintln!("{name}: {read} seeds are read");
    }
}

/// Seeds altered at random, without a fuzzer that sees what is reached: the same ones each time, or
/// for so many seconds a target as `PROVOST_FUZZ_SECONDS` says.
#[test]
fn what_is_altered_at_random_breaks_nothing() {
    let seconds = std::env::var("PROVOST_FUZZ_SECONDS").ok().map(|text| text.parse().unwrap());
    let is_named = |name: &str| match std::env::var("PROVOST_FUZZ_TARGET") {
        Ok(wanted) => wanted == name,
        Err(_) => true,
    };
    for (name, reads) in TARGETS.into_iter().filter(|(name, _)| is_named(name)) {
        let (seeds, started) = (seeds(name), Instant::now());
        let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
        let (mut runs, mut read) = (0_usize, 0_usize);
        let goes_on = |runs| match seconds {
            Some(seconds) => started.elapsed() < Duration::from_secs(seconds),
            None => runs < 20,
        };
        while goes_on(runs) {
            let bytes = altered(&seeds, &mut random);
            let result = std::panic::catch_unwind(|| reads(&bytes));
            let Ok(is_read) = result else {
                panic!("{name}, run {runs}: {}", String::from_utf8_lossy(&bytes));
            };
            runs += 1;
            read += usize::from(is_read);
        }
        eprintln!("{name}: {runs} runs, of which {read} are read, in {:?}", started.elapsed());
    }
}

/// Xorshift of 64 bits: enough to choose with.
struct Xorshift(u64);

impl Xorshift {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

/// A seed with a few pieces of itself or of another moved, doubled, cut out or altered.
fn altered(seeds: &[Vec<u8>], random: &mut Xorshift) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(24)).min(bytes.len());
        match random.below(5) {
            0 => drop(bytes.drain(at..end)),
            1 => drop(bytes.splice(at..end, [random.below(256) as u8])),
            2 => bytes.extend_from_within(at..end),
            3 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                let to = (from + random.below(64)).min(other.len());
                drop(bytes.splice(at..end, other[from..to].iter().copied()));
            }
            _ => {
                const TELLING: [&str; 12] = [
                    "\"", "{", "}", "[", "\\u0000", "\n  ", ": ", "-1", "1e999", "null", "é", "\0",
                ];
                let text = TELLING[random.below(TELLING.len())];
                drop(bytes.splice(at..at, text.bytes()));
            }
        }
    }
    bytes
}
