//! What an analysis may find.

use std::sync::Arc;

use provost_model::{CheckInfo, Origin, Severity};

/// What sort of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Fails,
    NeverMatches,
    ConditionsAlwaysHold,
    Conflict,
    Shadowed,
    Redundant,
    ForbidsNothing,
    ExceptionWithoutSubject,
}

impl Rule {
    pub(crate) fn info(self) -> Arc<CheckInfo> {
        let (id, severity, title, rationale, remedy) = match self {
            Self::Fails => (
                "policy-can-fail",
                Severity::High,
                "a policy never fails while it is evaluated",
                "A policy that fails is skipped by Cedar: a forbid that fails forbids nothing. A \
                 gate denies what a failing policy was asked about.",
                "bound what it computes with, in a condition before",
            ),
            Self::NeverMatches => (
                "policy-never-matches",
                Severity::Medium,
                "a policy matches some request",
                "A policy that matches no request says something that its author did not mean.",
                "correct its conditions, or remove it",
            ),
            Self::ConditionsAlwaysHold => (
                "policy-conditions-always-hold",
                Severity::Low,
                "the conditions of a policy make a difference",
                "Conditions that hold for every request that the scope takes in look like a limit \
                 and are none.",
                "correct the conditions, or leave them out",
            ),
            Self::Conflict => (
                "policy-conflict",
                Severity::Medium,
                "no forbid contradicts a permit altogether",
                "A forbid outweighs a permit: where one forbid takes in everything that a permit \
                 does, the permit grants nothing.",
                "make the forbid spare what the permit is for, or remove the permit",
            ),
            Self::Shadowed => (
                "policy-shadowed",
                Severity::Medium,
                "a permit grants something",
                "Whatever the permit matches, some forbid matches too.",
                "make the forbids spare what the permit is for, or remove the permit",
            ),
            Self::Redundant => (
                "policy-redundant",
                Severity::Low,
                "a policy makes a difference",
                "Without it, every request is decided as with it: whoever changes it changes \
                 nothing.",
                "remove it, or correct what it was meant to say",
            ),
            Self::ForbidsNothing => (
                "policy-forbids-nothing",
                Severity::Low,
                "a forbid forbids something that is permitted",
                "Nothing permits what it forbids, and what nothing permits is denied anyway.",
                "remove it, or keep it as a guard against permits to come",
            ),
            Self::ExceptionWithoutSubject => (
                "exception-without-subject",
                Severity::Medium,
                "an exception says which rule and which object it is about",
                "An exception for every rule or every object waives what nobody thought of.",
                "name the object or its namespace in the scope, and the rule in a condition",
            ),
        };
        Arc::new(CheckInfo {
            id: id.to_owned(),
            title: title.to_owned(),
            severity,
            rationale: rationale.to_owned(),
            remedy: remedy.to_owned(),
            controls: Vec::new(),
            origin: Origin::Specification,
        })
    }
}
