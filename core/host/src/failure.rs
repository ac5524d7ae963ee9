use wasmtime::{Trap, WasmBacktrace};

use crate::capabilities::{Unrequested, Unwatched};
use crate::documents::Unseen;
use crate::limits::{Exceeded, Limit, Limits};

/// What was going on when it went wrong.
#[derive(Clone, Copy)]
pub(crate) enum Phase {
    /// The instance was made, and its `start` functions ran.
    Start,
    /// An exported function ran, or its answer was read.
    Call,
}

/// What a guest did that ended its call, in words that read on after "plugin `x`".
pub(crate) fn reason(error: &wasmtime::Error, phase: Phase, limits: &Limits) -> String {
    if let Some(exceeded) = exceeded(error, limits) {
        return exceeded.to_string();
    }
    if let Some(unrequested) = error.downcast_ref::<Unrequested>() {
        return unrequested.to_string();
    }
    if let Some(unwatched) = error.downcast_ref::<Unwatched>() {
        return unwatched.to_string();
    }
    if let Some(unseen) = error.downcast_ref::<Unseen>() {
        return unseen.to_string();
    }
    let Some(trap) = error.downcast_ref::<Trap>() else {
        let cause = error.root_cause();
        return match phase {
            Phase::Start => format!("could not be started: {cause}"),
            Phase::Call => format!("breaks the contract: {cause}"),
        };
    };
    let hint = match trap {
        // Guests whose stack lies below their data run out of it like this.
        Trap::MemoryOutOfBounds => " (its own stack may have overflowed)",
        _ => "",
    };
    let trap = trap.to_string();
    let trap = trap.trim_start_matches("wasm trap: ");
    format!("trapped: {trap}{hint}{}", place(error))
}

/// The budget that was spent, if that is what went wrong.
fn exceeded(error: &wasmtime::Error, limits: &Limits) -> Option<Exceeded> {
    if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
        return Some(exceeded.clone());
    }
    let limit = match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Limit::Fuel,
        Some(Trap::Interrupt) => Limit::Deadline,
        Some(Trap::StackOverflow) => Limit::StackBytes,
        Some(_) => return None,
        // `wasmtime` keeps these errors to itself: their words are all there is.
        None if error.root_cause().to_string().contains("fuel allocated for hostcalls") => {
            Limit::OutputBytes
        }
        None if error.root_cause().to_string().contains("store handle limit exceeded") => {
            Limit::Handles
        }
        None => return None,
    };
    Some(Exceeded::new(limit, limits))
}

/// The innermost function of the guest that has a name.
fn place(error: &wasmtime::Error) -> String {
    error
        .downcast_ref::<WasmBacktrace>()
        .and_then(|trace| trace.frames().iter().find_map(wasmtime::FrameInfo::func_name))
        .map_or_else(String::new, |name| format!(" in `{name}`"))
}
