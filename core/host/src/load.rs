use std::path::PathBuf;
use std::sync::Arc;

use provost_model::Digest;
use provost_syntax::Schema;
use wasmtime::Engine;
use wasmtime::component::{Component, types::Component as ComponentType};

use crate::bindings::CheckPre;
use crate::cache::Cache;
use crate::call::Caller;
use crate::capabilities::{Capability, Granted};
use crate::description::Description;
use crate::engine::{
    MAX_MEMORIES, MAX_TABLES, MEMORY_CEILING, STACK_CEILING, Sandbox, Sandboxes, TABLE_CEILING,
};
use crate::error::{Fault, Format, HostError};
use crate::limits::{Limit, Limits};
use crate::plugin::Plugin;

const CONTRACT: &str = "provost:plugin/";
const DOCUMENTS: &str = "provost:plugin/documents";
const TYPES: &str = "provost:plugin/types";
const LOGGING: &str = "provost:plugin/logging";
const LOOKUP: &str = "provost:plugin/lookup";
const CHECKS: &str = "provost:plugin/checks";

/// Loads plugins; one for the whole process.
pub struct Host {
    sandboxes: Sandboxes,
    cache: Option<Cache>,
}

impl Host {
    /// A host that keeps compiled plugins in a private directory below `cache`.
    ///
    /// A cache that cannot be used is a warning, not an error: plugins are then
    /// compiled each time.
    ///
    /// # Errors
    /// [`HostError::Sandbox`] when the machine cannot run plugins at all.
    pub fn new(cache: Option<PathBuf>) -> Result<Self, HostError> {
        let cache = cache.and_then(|path| {
            Cache::open(&path)
                .inspect_err(|error| {
                    tracing::warn!(path = %path.display(), %error, "no cache of compiled plugins");
                })
                .ok()
        });
        let sandboxes = Sandboxes::new()?;
        sandboxes.of(Limits::default().stack_bytes)?;
        Ok(Self { sandboxes, cache })
    }

    /// Compiles a component (or takes it from the cache), links it, asks it what it
    /// is, and checks `settings` (`null` for none) against its schema and with it.
    ///
    /// `name` is the plugin's name in the gate file, `grants` are the capabilities
    /// that the gate file gives it.
    ///
    /// # Errors
    /// [`HostError::Plugin`] says what is wrong with the plugin or its settings.
    pub fn load(
        &self,
        name: &str,
        component: &[u8],
        settings: &serde_json::Value,
        grants: &[Capability],
        limits: Limits,
    ) -> Result<Plugin, HostError> {
        check_ceilings(&limits).map_err(|fault| named(name, fault))?;
        let sandbox = self.sandboxes.of(limits.stack_bytes)?;
        self.load_in(sandbox, name, component, settings, grants, limits)
            .map_err(|fault| named(name, fault))
    }

    fn load_in(
        &self,
        sandbox: Arc<Sandbox>,
        name: &str,
        bytes: &[u8],
        settings: &serde_json::Value,
        grants: &[Capability],
        limits: Limits,
    ) -> Result<Plugin, Fault> {
        if bytes.len() > limits.component_bytes {
            return Err(Fault::TooLarge { size: bytes.len(), allowed: limits.component_bytes });
        }
        sniff(bytes)?;
        let digest = Digest::of(bytes);
        let component = self.compile(&sandbox.engine, digest, bytes)?;
        check_resources(&component)?;
        check_interfaces(&component.component_type(), &sandbox.engine)?;
        let guest = sandbox
            .linker
            .instantiate_pre(&component)
            .and_then(CheckPre::new)
            .map_err(|error| Fault::Mismatch(format!("{error:#}")))?;
        let mut caller = Caller { sandbox, guest, limits, granted: Granted::DESCRIBING };

        let description = Description::check(name, caller.describe()?)?;
        caller.granted = Granted::of(&description.capabilities, grants)?;
        let settings = check_settings(&description, settings)?;
        caller.validate(&settings)?;
        Ok(Plugin { name: name.to_owned(), caller, description, settings, digest })
    }

    fn compile(&self, engine: &Engine, digest: Digest, bytes: &[u8]) -> Result<Component, Fault> {
        if let Some(component) = self.cache.as_ref().and_then(|cache| cache.load(digest, engine)) {
            return Ok(component);
        }
        let component = Component::from_binary(engine, bytes).map_err(invalid)?;
        if let Some(cache) = &self.cache {
            cache.store(digest, engine, &component);
        }
        Ok(component)
    }
}

/// Why a component does not compile.
fn invalid(error: wasmtime::Error) -> Fault {
    let cause = error.root_cause().to_string();
    // How `wasmtime` says that the pool has no place for it; there is no type.
    if cause.contains("exceeds the limit of") || cause.contains("exceeds the per-instance limit") {
        Fault::Oversized(cause)
    } else {
        Fault::Invalid(cause)
    }
}

/// The pool refuses this already when it compiles; without a pool nobody does.
fn check_resources(component: &Component) -> Result<(), Fault> {
    let Some(needs) = component.resources_required() else {
        return Ok(());
    };
    let largest = needs.max_initial_table_size.unwrap_or(0);
    if needs.num_memories > MAX_MEMORIES {
        Err(Fault::Oversized(format!("{} memories", needs.num_memories)))
    } else if needs.num_tables > MAX_TABLES {
        Err(Fault::Oversized(format!("{} tables", needs.num_tables)))
    } else if largest > TABLE_CEILING as u64 {
        Err(Fault::Oversized(format!("a table of {largest} elements")))
    } else {
        Ok(())
    }
}

fn named(plugin: &str, fault: Fault) -> HostError {
    HostError::Plugin { plugin: plugin.to_owned(), fault }
}

fn check_ceilings(limits: &Limits) -> Result<(), Fault> {
    let most = Limits {
        memory_bytes: MEMORY_CEILING,
        table_elements: TABLE_CEILING,
        stack_bytes: STACK_CEILING,
        ..*limits
    };
    let over = if limits.memory_bytes > most.memory_bytes {
        Limit::MemoryBytes
    } else if limits.table_elements > most.table_elements {
        Limit::TableElements
    } else if limits.stack_bytes > most.stack_bytes {
        Limit::StackBytes
    } else {
        return Ok(());
    };
    Err(Fault::Ceiling { field: over.field(), value: over.of(limits), ceiling: over.of(&most) })
}

/// Refuses what does not start like a component, and says what it is.
fn sniff(bytes: &[u8]) -> Result<(), Fault> {
    const MAGIC: &[u8] = b"\0asm";
    let format = match bytes.strip_prefix(MAGIC) {
        Some([0x0d, 0, 1, 0, ..]) => return Ok(()),
        Some([1, 0, 0, 0, ..]) => Format::CoreModule,
        Some(_) => Format::OtherEncoding,
        None if bytes.is_empty() => Format::Empty,
        None if std::str::from_utf8(bytes).is_ok() => Format::Text,
        None => Format::Unknown,
    };
    Err(Fault::NotAComponent(format))
}

/// Refuses imports that no plugin is given and other versions of the contract.
fn check_interfaces(component: &ComponentType, engine: &Engine) -> Result<(), Fault> {
    for (import, _) in component.imports(engine) {
        match interface(import) {
            Some((DOCUMENTS | TYPES | LOGGING | LOOKUP, 1)) => {}
            Some((_, version)) if version != 1 => return Err(Fault::Version(import.to_owned())),
            _ => return Err(Fault::Import(import.to_owned())),
        }
    }
    let mut checks = component.exports(engine).filter_map(|(export, _)| {
        interface(export).filter(|(name, _)| *name == CHECKS).map(|(_, version)| (export, version))
    });
    match checks.next() {
        Some((_, 1)) => Ok(()),
        Some((export, _)) => Err(Fault::Version(export.to_owned())),
        None => Err(Fault::MissingExport),
    }
}

/// An interface of the contract: its name, and its major version.
fn interface(name: &str) -> Option<(&str, u64)> {
    let (interface, version) = name.split_once('@')?;
    let major = version.split('.').next()?.parse().ok()?;
    interface.starts_with(CONTRACT).then_some((interface, major))
}

/// The settings as JSON text for the guest, if they follow the plugin's schema.
fn check_settings(
    description: &Description,
    settings: &serde_json::Value,
) -> Result<String, Fault> {
    let none = serde_json::json!({});
    let settings = if settings.is_null() { &none } else { settings };
    let schema = Schema::new(&description.settings_schema)
        .map_err(|error| Fault::Description(format!("its settings schema is invalid: {error}")))?;
    let faults = schema.check_json(settings);
    if faults.is_empty() { Ok(settings.to_string()) } else { Err(Fault::Settings(faults)) }
}
