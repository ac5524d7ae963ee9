//! cvc5 as a process: asked beside Z3 where it is installed.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cedar_policy_symcc::solver::DecisionWithModel;

/// The command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cvc5(PathBuf);

impl Cvc5 {
    /// What the variable `CVC5` names, or else `cvc5` on the `PATH`. An empty variable means
    /// none.
    pub fn find(variable: Option<OsString>, path: Option<OsString>) -> Option<Self> {
        match variable {
            Some(named) if named.is_empty() => None,
            Some(named) => Some(Self(named.into())),
            None => {
                let folders = path.as_deref().map(std::env::split_paths).into_iter().flatten();
                folders.map(|folder| folder.join("cvc5")).find(|file| file.is_file()).map(Self)
            }
        }
    }

    /// Asks whether the assertions of a script can be met, and how.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) fn ask(&self, script: &str, wall: Duration) -> Result<DecisionWithModel, String> {
        let failed = |error: std::io::Error| format!("`{}`: {error}", self.0.display());
        let mut child = Command::new(&self.0)
            .args(["--lang", "smt", "--strings-exp"])
            .arg(format!("--tlimit={}", wall.as_millis()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let mut input = child.stdin.take();
        let mut output = child.stdout.take();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                // A solver that went away says so by what it did not write.
                if let Some(input) = &mut input {
                    let _ = write!(input, "{script}\n(check-sat)\n(get-model)\n(exit)\n");
                }
                drop(input);
            });
            let text = scope.spawn(move || {
                let mut text = String::new();
                output.as_mut().map(|output| output.read_to_string(&mut text));
                text
            });
            end(&mut child, wall);
            let text = text.join().map_err(|_| "its answer could not be read".to_owned())?;
            understood(&text)
        })
    }
}

/// Waits for the end of a process, and ends it when it outlives its time.
fn end(child: &mut Child, wall: Duration) {
    let last = Instant::now() + wall + Duration::from_secs(1);
    while Instant::now() < last {
        match child.try_wait() {
            Ok(None) => std::thread::sleep(Duration::from_millis(2)),
            Ok(Some(_)) | Err(_) => return,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn understood(text: &str) -> Result<DecisionWithModel, String> {
    let (answer, rest) = text.trim_start().split_once('\n').unwrap_or((text.trim(), ""));
    match answer.trim() {
        "sat" => Ok(DecisionWithModel::Sat { model: rest.to_owned() }),
        "unsat" => Ok(DecisionWithModel::Unsat),
        "unknown" => Err("it does not know".to_owned()),
        "" => Err("it gave no answer".to_owned()),
        other => Err(other.to_owned()),
    }
}
