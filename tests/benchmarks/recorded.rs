//! What a decision log costs: the binary as it is run, with one and without.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// `provost serve` on free ports, without lines of a log.
pub struct Running {
    child: Child,
    pub webhook: SocketAddr,
    /// The certificate of its authority, in PEM.
    pub authority: String,
    _folder: tempfile::TempDir,
}

impl Running {
    /// Waits until it listens. Its files are below `place`: that disk is measured.
    pub fn start(binary: &Path, place: &Path, records: bool) -> Self {
        let folder = tempfile::tempdir_in(place).expect("a folder");
        let mut command = Command::new(binary);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--operations", "127.0.0.1:0"])
            .args(["--self-signed", "localhost", "--linger", "0s"])
            .args(records.then_some("--log=decisions"))
            .env("PROVOST_LOG", "off")
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary");
        let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let said = lines.map_while(Result::ok).find(|line| line.contains("webhook on"));
        let said = said.expect("it listens");
        let webhook = said.split([' ', ',']).find_map(|word| word.parse().ok());
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let bundle = lines
            .map_while(Result::ok)
            .find_map(|line| Some(line.strip_prefix("caBundle: ")?.to_owned()))
            .and_then(|text| STANDARD.decode(text).ok())
            .and_then(|pem| String::from_utf8(pem).ok());
        Self {
            child,
            webhook: webhook.expect("an address"),
            authority: bundle.expect("an authority"),
            _folder: folder,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
