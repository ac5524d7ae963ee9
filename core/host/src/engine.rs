use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use wasmtime::component::{HasSelf, Linker};
use wasmtime::{
    Config, Enabled, Engine, EngineWeak, InstanceAllocationStrategy, PoolingAllocationConfig,
};

use crate::bindings::provost::plugin::{documents, logging, lookup};
use crate::error::HostError;
use crate::state::State;

/// Core instances of one component; interpreters bring a few dozen.
pub(crate) const MAX_CORE_INSTANCES: u32 = 64;
/// Linear memories of one component.
pub(crate) const MAX_MEMORIES: u32 = 4;
/// Tables of one component.
pub(crate) const MAX_TABLES: u32 = 64;
/// The most that [`crate::Limits::memory_bytes`] can be.
pub(crate) const MEMORY_CEILING: usize = 4 << 30;
/// The most that [`crate::Limits::table_elements`] can be.
pub(crate) const TABLE_CEILING: usize = 100_000;
/// The most that [`crate::Limits::stack_bytes`] can be: threads have 2 MiB, and
/// the host needs its part.
pub(crate) const STACK_CEILING: usize = 1 << 20;

/// How often deadlines are looked at: a guest is stopped at most so much later, and within
/// 10 ms with what it takes to take it down.
const TICK: Duration = Duration::from_millis(5);

/// An engine with what it can link, and a place for every call that runs in it.
pub(crate) struct Sandbox {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<State>,
    pub(crate) slots: Slots,
    /// Ticks as long as someone can call.
    _ticker: Arc<Ticker>,
}

impl Sandbox {
    fn new(stack_bytes: usize, ticker: Arc<Ticker>) -> Result<Self, HostError> {
        let places = thread::available_parallelism().map_or(1, usize::from) * 2;
        let slots = u32::try_from(places).unwrap_or(u32::MAX).clamp(16, 512);
        let pooled = Engine::new(config(stack_bytes).allocation_strategy(pool(slots)));
        let engine = pooled.or_else(|error| {
            tracing::warn!(%error, "no address space for a pool of sandboxes: calls are slower");
            // Memories as large as they are, and checked in code: where the pool has no
            // place, 4 GiB of address space for each memory have none either.
            Engine::new(
                config(stack_bytes)
                    .memory_reservation(0)
                    .memory_reservation_for_growth(1 << 20)
                    .memory_guard_size(0),
            )
        });
        let engine = engine.map_err(|error| HostError::Sandbox(format!("{error:#}")))?;
        let linker = linker(&engine).map_err(|error| HostError::Sandbox(format!("{error:#}")))?;
        ticker.add(&engine);
        Ok(Self { engine, linker, slots: Slots::new(slots), _ticker: ticker })
    }
}

/// All that a plugin can import. Interpreted guests import all of it; whether a call may
/// happen is asked when it does ([`crate::capabilities`]).
fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    documents::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    logging::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    lookup::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    Ok(linker)
}

fn config(stack_bytes: usize) -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .consume_fuel(true)
        .epoch_interruption(true)
        .memory_init_cow(true)
        .max_wasm_stack(stack_bytes)
        // The same verdict on every machine.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        // No toolchain needs it, and no memory is larger than the ceiling.
        .wasm_memory64(false);
    config
}

fn pool(slots: u32) -> InstanceAllocationStrategy {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(slots * MAX_CORE_INSTANCES)
        .total_memories(slots * MAX_MEMORIES)
        .total_tables(slots * MAX_TABLES)
        .max_core_instances_per_component(MAX_CORE_INSTANCES)
        .max_memories_per_component(MAX_MEMORIES)
        .max_tables_per_component(MAX_TABLES)
        .max_tables_per_module(MAX_TABLES)
        .max_memories_per_module(MAX_MEMORIES)
        .max_memory_size(MEMORY_CEILING)
        .table_elements(TABLE_CEILING)
        .max_unused_warm_slots(slots)
        .linear_memory_keep_resident(4 << 20)
        .table_keep_resident(256 << 10)
        .pagemap_scan(Enabled::Auto);
    InstanceAllocationStrategy::Pooling(pool)
}

/// One sandbox for each stack size: `wasmtime` fixes the stack for a whole engine.
pub(crate) struct Sandboxes {
    ticker: Arc<Ticker>,
    by_stack: Mutex<BTreeMap<usize, Arc<Sandbox>>>,
}

impl Sandboxes {
    pub(crate) fn new() -> Result<Self, HostError> {
        Ok(Self { ticker: Ticker::start()?, by_stack: Mutex::default() })
    }

    pub(crate) fn of(&self, stack_bytes: usize) -> Result<Arc<Sandbox>, HostError> {
        let mut by_stack = self.by_stack.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sandbox) = by_stack.get(&stack_bytes) {
            return Ok(Arc::clone(sandbox));
        }
        let sandbox = Arc::new(Sandbox::new(stack_bytes, Arc::clone(&self.ticker))?);
        by_stack.insert(stack_bytes, Arc::clone(&sandbox));
        Ok(sandbox)
    }
}

/// As many calls at once as the pool has places for; the others wait.
pub(crate) struct Slots {
    free: Mutex<u32>,
    freed: Condvar,
}

/// A place in the pool, given back when dropped.
pub(crate) struct Slot<'s>(&'s Slots);

impl Slots {
    fn new(count: u32) -> Self {
        Self { free: Mutex::new(count), freed: Condvar::new() }
    }

    pub(crate) fn take(&self) -> Slot<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Slot(self)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

/// The thread that makes running guests look at their deadline.
struct Ticker {
    engines: Mutex<Vec<EngineWeak>>,
}

impl Ticker {
    /// Starts the thread; it ends when the last sandbox is gone.
    fn start() -> Result<Arc<Self>, HostError> {
        let ticker = Arc::new(Self { engines: Mutex::default() });
        let weak = Arc::downgrade(&ticker);
        thread::Builder::new()
            .name("provost-ticker".to_owned())
            .spawn(move || Self::run(&weak))
            .map_err(|error| HostError::Sandbox(format!("no thread for deadlines: {error}")))?;
        Ok(ticker)
    }

    fn run(weak: &Weak<Self>) {
        while let Some(ticker) = weak.upgrade() {
            for engine in &*ticker.engines.lock().unwrap_or_else(PoisonError::into_inner) {
                if let Some(engine) = engine.upgrade() {
                    engine.increment_epoch();
                }
            }
            drop(ticker);
            thread::sleep(TICK);
        }
    }

    fn add(&self, engine: &Engine) {
        self.engines.lock().unwrap_or_else(PoisonError::into_inner).push(engine.weak());
    }
}
