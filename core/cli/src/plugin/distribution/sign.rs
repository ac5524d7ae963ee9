//! `provost plugin sign`.

use provost_model::Problem;
use provost_registry::{signature, signature_beside};

use super::arguments::Sign;
use super::{Subject, failed, private_key, supply};
use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::terminal::{print, say};

/// Sign a plugin, and print where the signature is: the file, or what it was put beside.
pub fn run(arguments: &Arguments, sign: &Sign) -> Result<Exit, Vec<Problem>> {
    let key = private_key(&sign.key)?;
    let place = match Subject::read(&sign.subject)? {
        Subject::File(path) => {
            let component = crate::plugin::component(&path)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let subject = signature::Subject::file(&name, &component);
            let beside = signature_beside(&path);
            let text = signature::Bundle::sign(&subject, &key).to_json();
            std::fs::write(&beside, text).map_err(|error| {
                let place = beside.display().to_string();
                let message = format!("`{place}` cannot be written: {error}");
                vec![Problem::about("output", place, message)]
            })?;
            beside.display().to_string()
        }
        Subject::Registry(reference) => {
            let registries = supply(arguments, sign.plain_http.then_some(&reference))?.registries;
            let signed = registries
                .resolve(&reference)
                .and_then(|plugin| registries.sign(&plugin, &key).map(|()| plugin));
            match signed {
                Ok(plugin) => plugin.to_string(),
                Err(error) => return failed(arguments, &sign.subject, &error),
            }
        }
    };
    say(&format!("signed by key {}", key.public().fingerprint()));
    Ok(print(&format!("{place}\n"), Exit::Allowed))
}
