//! What is said about a specification that cannot be used: one file of mistakes each, and
//! beside it every problem with its place. `BLESS=1` rewrites them.

use std::fmt::Write as _;
use std::fs;

use provost_model::Source;
use provost_spec::{Models, Specification};
use provost_tests::{expect_file, root};

#[test]
fn every_mistake_is_said_at_its_place_with_the_next_step() {
    let folder = root().join("tests/integration/specifications/mistakes");
    let mut cases = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        let source = Source::new(name, fs::read_to_string(&path).unwrap());
        let problems = match Specification::load(&source, &Models::default()) {
            Ok(_) => panic!("{name} has no mistake"),
            Err(problems) => problems,
        };
        let mut said = String::new();
        for problem in &problems {
            let location = problem.location.as_ref().expect("a place");
            let span = location.span.start as usize..location.span.end as usize;
            let shown = source.text()[span].split('\n').next().unwrap_or_default();
            let _ = writeln!(said, "{location}: {} [{}]", problem.message, problem.code);
            let _ = writeln!(said, "  at `{shown}`");
            if let Some(help) = &problem.help {
                let _ = writeln!(said, "  {help}");
            }
        }
        expect_file(&path.with_extension("expected"), &said);
        cases += 1;
    }
    assert!(cases > 20);
}
