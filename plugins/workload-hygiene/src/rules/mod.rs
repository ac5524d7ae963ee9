//! The rules.

mod hygiene_api_deprecated;
mod hygiene_api_removed;
mod hygiene_cpu_limit;
mod hygiene_cpu_request;
mod hygiene_cron_job;
mod hygiene_default_namespace;
mod hygiene_disruption_budget;
mod hygiene_duplicate_env;
mod hygiene_image_digest;
mod hygiene_image_pull_policy;
mod hygiene_image_tag;
mod hygiene_job_limits;
mod hygiene_labels;
mod hygiene_limit_below_request;
mod hygiene_liveness_probe;
mod hygiene_memory_limit;
mod hygiene_memory_request;
mod hygiene_probe_port;
mod hygiene_probes_differ;
mod hygiene_readiness_probe;
mod hygiene_recreate_strategy;
mod hygiene_replicas;
mod hygiene_selector_matches;
mod hygiene_spread;
mod hygiene_stateful_set_service;

use crate::Rule;

/// Every rule.
pub const ALL: &[Rule] = &[
    hygiene_liveness_probe::RULE,
    hygiene_readiness_probe::RULE,
    hygiene_probes_differ::RULE,
    hygiene_probe_port::RULE,
    hygiene_cpu_request::RULE,
    hygiene_memory_request::RULE,
    hygiene_cpu_limit::RULE,
    hygiene_memory_limit::RULE,
    hygiene_limit_below_request::RULE,
    hygiene_image_tag::RULE,
    hygiene_image_digest::RULE,
    hygiene_image_pull_policy::RULE,
    hygiene_replicas::RULE,
    hygiene_labels::RULE,
    hygiene_selector_matches::RULE,
    hygiene_spread::RULE,
    hygiene_disruption_budget::RULE,
    hygiene_api_removed::RULE,
    hygiene_api_deprecated::RULE,
    hygiene_duplicate_env::RULE,
    hygiene_cron_job::RULE,
    hygiene_job_limits::RULE,
    hygiene_stateful_set_service::RULE,
    hygiene_recreate_strategy::RULE,
    hygiene_default_namespace::RULE,
];
