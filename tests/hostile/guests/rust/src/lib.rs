//! Does what a document says at `/do`.

use std::hint::black_box;

use provost_sdk::{
    Description, Document, Finding, Level, Mismatch, NoSettings, Plugin, Report, Rule, log,
};

struct Hostile;

impl Plugin for Hostile {
    type Settings = NoSettings;

    fn description() -> Description {
        Description::new("hostile", "0.1.0").rule(Rule::new("hostile", "Nothing is done"))
    }

    fn check(document: &dyn Document, _: &NoSettings, report: &mut Report) -> Result<(), Mismatch> {
        match document.text("/do").as_deref() {
            Some("loop") => loop {
                black_box(());
            },
            Some("grow") => {
                let mut all = Vec::new();
                loop {
                    all.push(black_box(vec![1_u8; 1 << 20]));
                }
            }
            Some("recurse") => {
                black_box(deeper(0));
            }
            Some("flood") => {
                for _ in 0..2_000 {
                    report.push(Finding::new("hostile", "", "again"));
                }
            }
            Some("shout") => report.push(Finding::new("hostile", "", "a".repeat(2 << 20))),
            Some("log") => (0..1_000).for_each(|_| log(Level::Info, "again")),
            Some("fail") => panic!("oh no"),
            _ => {}
        }
        Ok(())
    }
}

fn deeper(depth: u64) -> u64 {
    let place = black_box([depth; 100]);
    place[7] + deeper(black_box(depth + 1)) + place[9]
}

provost_sdk::export!(Hostile);
