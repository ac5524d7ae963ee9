//! From a core module to a component.

use wit_component::ComponentEncoder;

/// Makes a component of a core module that says itself which contract it is for.
pub(super) fn encode(module: &[u8]) -> Result<Vec<u8>, String> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| format!("no component can be made of the module: {error:#}"))
}
