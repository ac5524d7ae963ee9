//! From a core module to a component.

use provost_builtins::{CONTRACT, WASI_STUB};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Makes a component of a core module that says itself which contract it is for.
pub(super) fn encode(module: &[u8]) -> Result<Vec<u8>, String> {
    let encoder = ComponentEncoder::default().validate(true).module(module);
    encoder.and_then(|mut encoder| encoder.encode()).map_err(|error| refused(&error))
}

/// Makes a component of a core module that follows the contract and does not say so. What
/// its run-time library imports of WASI is answered inside it, by a stub without authority.
pub(super) fn encode_for_contract(module: &[u8]) -> Result<Vec<u8>, String> {
    let mut module = module.to_vec();
    let mut resolve = Resolve::default();
    let package = resolve.push_str("provost-plugin.wit", CONTRACT);
    let world = package.and_then(|package| resolve.select_world(&[package], Some("check")));
    let embedded = world.and_then(|world| {
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
    });
    embedded.map_err(|error| refused(&error))?;
    let stub = wat::parse_str(WASI_STUB).map_err(|error| format!("the stub of WASI: {error}"))?;
    let encoder = ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|encoder| encoder.adapter("wasi_snapshot_preview1", &stub));
    encoder.and_then(|mut encoder| encoder.encode()).map_err(|error| refused(&error))
}

fn refused(error: &impl std::fmt::Debug) -> String {
    format!("no component can be made of the module: {error:?}")
}
