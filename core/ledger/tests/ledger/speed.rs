//! Figures, printed on request: `PROVOST_BENCH_LOG=FOLDER cargo test -p provost-ledger --test
//! ledger speed -- --nocapture`, on the disk of that folder.

use std::path::Path;
use std::time::Instant;

use provost_ledger::{Durability, Ledger, Options, verify};

use crate::{now, record};

/// Appends a second, of so many threads, for about two seconds.
fn appends(folder: &Path, writers: usize, durability: Durability) -> f64 {
    let folder = tempfile::tempdir_in(folder).unwrap();
    let options = Options { durability, ..Options::default() };
    let ledger = Ledger::open(folder.path(), &options, now()).unwrap();
    let record = record("0123456789abcdef0123456789abcdef");
    let start = Instant::now();
    let total: u32 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..writers)
            .map(|_| {
                scope.spawn(|| {
                    let mut appended = 0;
                    while start.elapsed().as_secs() < 2 {
                        ledger.append(&record).unwrap();
                        appended += 1;
                    }
                    appended
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    f64::from(total) / start.elapsed().as_secs_f64()
}

#[test]
fn figures() {
    let Some(folder) = std::env::var_os("PROVOST_BENCH_LOG") else { return };
    let folder = Path::new(&folder);
    for durability in [Durability::Disk, Durability::System] {
        for writers in [1, 8, 64] {
            let rate = appends(folder, writers, durability);
            println!("appends, {writers:2} writers, {durability:?}: {rate:.0} a second");
        }
    }
    let log = tempfile::tempdir_in(folder).unwrap();
    let ledger = Ledger::open(
        log.path(),
        &Options { queue: 1 << 16, durability: Durability::System, ..Options::default() },
        now(),
    )
    .unwrap();
    let record = record("0123456789abcdef0123456789abcdef");
    let gigabyte = 1 << 30;
    let line = 1100;
    for _ in 0..gigabyte / line / 10_000 {
        let pending: Vec<_> = (0..10_000).map(|_| ledger.submit(&record).unwrap()).collect();
        pending.into_iter().for_each(|pending| assert!(pending.wait().is_ok()));
    }
    drop(ledger);
    let (start, before) = (Instant::now(), processor_seconds());
    let found = verify(log.path(), None).unwrap();
    let megabytes = found.bytes as f64 / 1e6;
    let seconds = start.elapsed().as_secs_f64();
    assert!(found.is_intact());
    let processor = processor_seconds() - before;
    println!(
        "verify: {megabytes:.0} MB, {} entries of {} bytes: {:.0} MB/s by the clock, {:.0} MB/s of \
         one processor",
        found.lines,
        found.bytes / found.lines,
        megabytes / seconds,
        megabytes / processor
    );
    println!("peak memory of this process: {}", peak());
}

/// The most memory that this process had, as Linux says it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap_or("unknown here").trim().to_owned()
}

/// How long this thread ran, as Linux says it: the clock counts what other programs do as well.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|field| field.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e9
}
