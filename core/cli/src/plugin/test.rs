//! `provost plugin test`: does a plugin answer what its cases say?

use std::fmt::Write as _;

use provost_host::Host;
use provost_model::Problem;
use provost_workshop::{Cases, Outcome};

use crate::arguments::PluginTest;
use crate::check::cache_folder;
use crate::exit::Exit;
use crate::plugin::{Made, made};
use crate::terminal::{print, say};

/// Build a project and run its cases; or run cases against a component.
pub fn run(test: &PluginTest) -> Result<Exit, Vec<Problem>> {
    let Made { component, cases: mut files, .. } = made(&test.path)?;
    if !test.cases.is_empty() {
        files.clone_from(&test.cases);
    }
    let host = Host::new(cache_folder()).map_err(|error| vec![Problem::from(&error)])?;
    let (mut shown, mut passed, mut failed) = (String::new(), 0_usize, 0_usize);
    for file in &files {
        let cases = Cases::read(file)?;
        for case in cases.iter() {
            let name = case.name();
            match case.run(&host, &component) {
                Outcome::Passed => {
                    passed += 1;
                    let _ = writeln!(shown, "ok      {name}");
                }
                Outcome::Failed(differences) => {
                    failed += 1;
                    let _ = writeln!(shown, "FAILED  {name}\n        {}", case.location());
                    for line in differences.iter().flat_map(|difference| difference.lines()) {
                        let _ = writeln!(shown, "        {line}");
                    }
                }
            }
        }
    }
    if passed + failed == 0 {
        say("no case to run; name a file of cases in `plugin.yaml` or with `--cases`");
        return Ok(Exit::Nothing);
    }
    let exit = if failed == 0 { Exit::Allowed } else { Exit::Denied };
    Ok(print(&format!("{shown}\n{passed} passed, {failed} failed\n"), exit))
}
