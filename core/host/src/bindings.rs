//! What `wasmtime` generates from the contract in `sdk/wit/`.

wasmtime::component::bindgen!({
    path: "../../sdk/wit",
    world: "check",
    imports: { default: trappable },
    with: { "provost:plugin/documents.document": crate::state::DocumentHandle },
});
