//! `provost plugin keygen`.

use std::fs::OpenOptions;
use std::io::{self, Write as _};

use provost_model::Problem;
use provost_registry::PrivateKey;

use super::arguments::Keygen;
use crate::exit::Exit;
use crate::terminal::{print, say};

/// Make a pair of keys. No file is ever replaced: a key that is lost signs no more.
pub fn run(keygen: &Keygen) -> Result<Exit, Vec<Problem>> {
    let (private, public) = (format!("{}.key", keygen.name), format!("{}.pub", keygen.name));
    let failed = |path: &str, error: io::Error| {
        let message = match error.kind() {
            io::ErrorKind::AlreadyExists => format!("there is a `{path}` already"),
            _ => format!("`{path}` cannot be written: {error}"),
        };
        vec![Problem::about("output", path, message).help("give another name")]
    };
    let key = PrivateKey::generate().map_err(|error| failed(&private, io::Error::other(error)))?;
    // The public half first: where it cannot be, no private one is left behind.
    write(&public, 0o644, &key.public().to_pem()).map_err(|error| failed(&public, error))?;
    write(&private, 0o600, &key.to_pem()).map_err(|error| {
        drop(std::fs::remove_file(&public));
        failed(&private, error)
    })?;
    say(&format!(
        "`{private}` signs; it is not encrypted, so keep it where secrets are kept\n\
         provost: `{public}` goes into `trust.signedBy` of gate files"
    ));
    Ok(print(&format!("{}\n", key.public().fingerprint()), Exit::Allowed))
}

fn write(path: &str, mode: u32, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    options.open(path)?.write_all(text.as_bytes())
}
