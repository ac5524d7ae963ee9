//! `provost plugin verify`.

use provost_engine::Supply;
use provost_model::Problem;
use provost_registry::{Error, NamedKey, Policy, PublicKey, Reference, Repository};

use super::arguments::Verify;
use super::pull::repository;
use super::{Subject, failed, supply_of, text};
use crate::arguments::Arguments;
use crate::config::gate;
use crate::exit::Exit;
use crate::terminal::print;

/// Say who signed a plugin.
pub fn run(arguments: &Arguments, verify: &Verify) -> Result<Exit, Vec<Problem>> {
    let subject = Subject::read(&verify.subject)?;
    let signed_as = verify.signed_as.as_deref().map(repository).transpose()?;
    let supply = trusting(arguments, verify, &subject)?;
    let signer = match subject {
        Subject::File(path) => {
            supply.policy.read(&path).map(|trusted| trusted.signer().map(str::to_owned))
        }
        Subject::Registry(reference) => in_registry(&supply, &reference, signed_as),
    };
    match signer {
        Ok(signer) => {
            let signer = signer.unwrap_or_default();
            Ok(print(&format!("{}: signed by `{signer}`\n", verify.subject), Exit::Allowed))
        }
        Err(error) => failed(arguments, &verify.subject, &error),
    }
}

/// The keys of the command line, or else those of the gate file, for files too.
fn trusting(
    arguments: &Arguments,
    verify: &Verify,
    subject: &Subject,
) -> Result<Supply, Vec<Problem>> {
    let mut gate = gate(arguments)?;
    let keys = verify.keys.iter().map(|path| {
        let name = path.display().to_string();
        let key = PublicKey::from_pem(&text(path)?).map_err(|error| {
            let message = format!("`{name}` cannot verify: {error}");
            vec![Problem::about("key", &name, message).help(error.help())]
        })?;
        Ok(NamedKey { name, key })
    });
    let keys: Vec<_> = keys.collect::<Result<_, Vec<Problem>>>()?;
    if keys.is_empty() && gate.form.trust.signed_by.is_empty() {
        let problem =
            Problem::about("arguments", &verify.subject, "there is no key to verify with");
        return Err(vec![problem.help("give one with `--key`, or in `trust.signedBy`")]);
    }
    let plain = match subject {
        Subject::Registry(reference) if verify.plain_http => Some(reference),
        _ => None,
    };
    let given = Policy::new(None, keys, true);
    if given.is_none() {
        gate.form.trust.local_paths = provost_engine::LocalPaths::Signed;
    }
    let mut supply = supply_of(gate, plain)?;
    supply.policy = given.unwrap_or(supply.policy);
    Ok(supply)
}

fn in_registry(
    supply: &Supply,
    reference: &Reference,
    signed_as: Option<Repository>,
) -> Result<Option<String>, Error> {
    supply.policy.permit(&reference.repository)?;
    let plugin = supply.registries.resolve(reference)?;
    let signed_as = signed_as.unwrap_or_else(|| plugin.repository.clone());
    supply.policy.verify(&supply.registries, &plugin, &signed_as)
}
