//! The binary as it is run: started, signalled, killed, waited for.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;

use provost_tests::provost;
use tokio_rustls::rustls::ClientConfig;

use super::client::{Client, Http, trusting};

/// A server that runs, and is killed when the test ends without it.
pub struct Process {
    child: Child,
    pub webhook: SocketAddr,
    pub operations: SocketAddr,
    /// Its log must not fill the pipe: then it would wait for a reader.
    rest: Option<JoinHandle<Vec<String>>>,
}

/// `provost serve` in a folder, on free ports, signed by an authority kept in `ca`.
pub fn serve(folder: &Path) -> Command {
    let mut command = provost(folder);
    command.args(["serve", "--listen", "127.0.0.1:0", "--operations", "127.0.0.1:0"]).args([
        "--self-signed",
        "localhost",
        "--certificates",
        "ca",
        "--linger",
        "300ms",
    ]);
    command
}

/// What clients of such a server trust.
pub fn trusted(folder: &Path) -> Arc<ClientConfig> {
    trusting(&std::fs::read_to_string(folder.join("ca/ca.crt")).unwrap(), Http::Two)
}

impl Process {
    /// Waits until it listens.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        let mut before = Vec::new();
        let said = lines.by_ref().find(|line| {
            before.push(line.clone());
            line.contains("webhook on")
        });
        let said = said.unwrap_or_else(|| panic!("it does not listen: {before:#?}"));
        let addresses: Vec<_> =
            said.split([' ', ',']).filter_map(|word| word.parse().ok()).collect();
        let [webhook, operations] = addresses[..] else { panic!("{said}") };
        let rest = Some(std::thread::spawn(move || before.into_iter().chain(lines).collect()));
        Self { child, webhook, operations, rest }
    }

    pub async fn client(&self, folder: &Path) -> Client {
        Client::to(self.webhook, &trusted(folder), Http::Two).await
    }

    pub fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// `SIGKILL`: nothing is finished.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// `SIGTERM`.
    pub fn terminate(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.id()]).status().unwrap().success());
    }

    /// Its exit code, and the last line that it wrote.
    pub fn wait(self) -> (Option<i32>, Option<String>) {
        let (code, mut log) = self.wait_for_log();
        (code, log.pop())
    }

    /// Its exit code, and every line that it wrote.
    pub fn wait_for_log(mut self) -> (Option<i32>, Vec<String>) {
        let log = self.rest.take().map(|rest| rest.join().unwrap()).unwrap_or_default();
        (self.child.wait().unwrap().code(), log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
