use std::sync::Arc;

use provost_model::Document;
use wasmtime::component::Resource;
use wasmtime::{Store, UpdateDeadline};

use crate::bindings::provost::plugin::types;
use crate::bindings::{Check, CheckPre};
use crate::capabilities::Granted;
use crate::engine::Sandbox;
use crate::error::Fault;
use crate::excerpt::excerpt;
use crate::failure::{self, Phase};
use crate::limits::Limits;
use crate::logs::Logs;
use crate::state::{DocumentHandle, State};
use crate::surroundings::Surroundings;

/// Everything needed to call a guest, each time in a fresh instance: a guest
/// cannot leave anything behind for the next call.
pub(crate) struct Caller {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) guest: CheckPre<State>,
    pub(crate) limits: Limits,
    pub(crate) granted: Granted,
}

/// How one call went.
pub(crate) struct Called<R> {
    /// What the guest said, or what it did instead, reading on after "plugin `x`".
    pub(crate) answer: Result<R, String>,
    pub(crate) logs: Logs,
    pub(crate) fuel: u64,
    /// Bytes of all its memories, which never shrink.
    pub(crate) memory_bytes: usize,
    /// Documents that it looked up.
    pub(crate) looked_up: Vec<Arc<Document>>,
}

impl<R> Called<R> {
    /// The same call, with what is made of its answer.
    fn and_then<T>(self, then: impl FnOnce(R) -> Result<T, String>) -> Called<T> {
        let Self { answer, logs, fuel, memory_bytes, looked_up } = self;
        Called { answer: answer.and_then(then), logs, fuel, memory_bytes, looked_up }
    }
}

impl Caller {
    /// Asks the guest what it is.
    pub(crate) fn describe(&self) -> Result<types::Description, Fault> {
        self.run(&[], &Arc::default(), Logs::default(), |guest, store| {
            guest.provost_plugin_checks().call_describe(store)
        })
        .answer
        .map_err(|reason| Fault::Failed { call: "describe", reason })
    }

    /// Asks the guest whether it accepts its settings.
    pub(crate) fn validate(&self, settings: &str) -> Result<(), Fault> {
        self.run(&[], &Arc::default(), Logs::default(), |guest, store| {
            guest.provost_plugin_checks().call_validate(store, settings)
        })
        .answer
        .map_err(|reason| Fault::Failed { call: "validate", reason })?
        .map_err(|message| Fault::Refused(excerpt(&message)))
    }

    /// Lets the guest judge documents; `logs` are the messages so far.
    pub(crate) fn check(
        &self,
        documents: &[Arc<Document>],
        surroundings: &Arc<Surroundings>,
        settings: &str,
        logs: Logs,
    ) -> Called<types::Report> {
        let handles: Vec<Resource<DocumentHandle>> =
            (0_u32..).zip(documents).map(|(index, _)| Resource::new_own(index)).collect();
        let called = self.run(documents, surroundings, logs, |guest, store| {
            guest.provost_plugin_checks().call_check(store, &handles, settings)
        });
        called
            .and_then(|answer| answer.map_err(|message| format!("gave up: {}", excerpt(&message))))
    }

    fn run<R>(
        &self,
        documents: &[Arc<Document>],
        surroundings: &Arc<Surroundings>,
        logs: Logs,
        call: impl FnOnce(&Check, &mut Store<State>) -> wasmtime::Result<R>,
    ) -> Called<R> {
        // Held until the instance is gone.
        let _slot = self.sandbox.slots.take();
        let surroundings = Arc::clone(surroundings);
        let state = State::new(self.limits, self.granted, documents, surroundings, logs);
        let mut store = self.store(state);
        let fault = |phase, error| excerpt(&failure::reason(&error, phase, &self.limits));
        let answer = match self.guest.instantiate(&mut store) {
            Ok(guest) => call(&guest, &mut store).map_err(|error| fault(Phase::Call, error)),
            Err(error) => Err(fault(Phase::Start, error)),
        };
        let left = store.get_fuel().unwrap_or(0);
        let mut state = store.into_data();
        let fuel = self.limits.fuel.saturating_sub(left).saturating_add(state.meter.work());
        let looked_up = state.documents.split_off(documents.len());
        Called { answer, fuel, memory_bytes: state.memory_bytes, looked_up, logs: state.logs }
    }

    fn store(&self, state: State) -> Store<State> {
        let handles = state.documents.len().saturating_add(self.limits.handles);
        let mut store = Store::new(&self.sandbox.engine, state);
        store.limiter(|state| state);
        store.set_hostcall_fuel(self.limits.output_bytes);
        store.set_max_component_handles(handles);
        // It fails only in an engine that does not count fuel; then nothing runs.
        drop(store.set_fuel(self.limits.fuel));
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|store| {
            store.data().meter.check_deadline()?;
            Ok(UpdateDeadline::Continue(1))
        });
        store
    }
}
