//! `provost plugin push`.

use provost_model::Problem;

use super::arguments::Push;
use super::{failed, file, private_key, reference, supply};
use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::terminal::{print, say};

/// Push a component, sign it if asked, and print where it is.
pub fn run(arguments: &Arguments, push: &Push) -> Result<Exit, Vec<Problem>> {
    let to = reference(&push.reference)?;
    let bytes = crate::plugin::component(&file(&push.component)?)?;
    let key = push.sign.as_deref().map(private_key).transpose()?;
    let registries = supply(arguments, push.plain_http.then_some(&to))?.registries;
    let pushed = registries.push(&bytes, &to).and_then(|plugin| {
        key.as_ref().map_or(Ok(()), |key| registries.sign(&plugin, key))?;
        Ok(plugin)
    });
    match pushed {
        Ok(plugin) => {
            let signed =
                key.map(|key| format!(" and signed by key {}", key.public().fingerprint()));
            say(&format!("pushed{}; a gate file names it as below", signed.unwrap_or_default()));
            Ok(print(&format!("{plugin}\n"), Exit::Allowed))
        }
        Err(error) => failed(arguments, &push.reference, &error),
    }
}
