use std::collections::BTreeSet;

use cedar_policy::RestrictedExpression;
use jiff::{SignedDuration, Timestamp};
use provost_model::{Approval, Severity};

use crate::diff::Diff;
use crate::known::{Consent, Known};

/// Named values of a Cedar record.
pub(crate) type Pairs = Vec<(String, RestrictedExpression)>;

/// `Evidence` of the schema: everything known about a change.
///
/// # Errors
/// Cedar's words, when a value cannot be written in Cedar.
pub(crate) fn evidence(known: &Known<'_>, consent: &Consent) -> Result<Pairs, String> {
    let mut pairs = specifications(known);
    pairs.extend(violations(known)?);
    pairs.extend(touched(known)?);
    pairs.extend(self::consent(known, consent)?);
    pairs.extend(known.world()?);
    pairs.push(pair("incomplete", flag(known.is_incomplete())));
    pairs.push(pair("now", moment(known.now)));
    Ok(pairs)
}

fn specifications(known: &Known<'_>) -> Pairs {
    vec![
        pair("proved", texts(known.ids(|one| one.is_specification && one.is_proved))),
        pair("refuted", texts(known.ids(|one| one.is_specification && one.violations > 0))),
        pair("unknown", texts(known.ids(|one| one.is_specification && one.is_unknown))),
        pair("notApplicable", texts(known.ids(|one| one.is_specification && one.is_idle))),
    ]
}

fn violations(known: &Known<'_>) -> Result<Pairs, String> {
    let count = |severity: Severity| {
        let of = known.checks.iter().filter(|check| check.severity == severity);
        pair(severity.name(), long(of.map(|check| check.violations).sum()))
    };
    let blocking = known.checks.iter().filter(|check| check.severity >= known.blocking);
    let mut pairs = vec![
        pair("violated", texts(known.ids(|check| check.violations > 0))),
        pair("waived", texts(known.waived.clone())),
        pair("blocking", long(blocking.map(|check| check.violations).sum())),
        pair("counts", record(Severity::ALL.map(count))?),
    ];
    pairs.extend(known.score().map(|score| pair("score", long(score))));
    Ok(pairs)
}

fn touched(known: &Known<'_>) -> Result<Pairs, String> {
    let touched = &known.touched;
    let mut pairs = vec![
        pair("documents", long(touched.documents)),
        pair("kinds", texts(touched.kinds.clone())),
        pair("namespaces", texts(touched.namespaces.clone())),
        pair("images", texts(touched.images.clone())),
        pair("change", text(&known.digest)),
    ];
    if let Some(Diff { created, updated, values, fields }) = &touched.diff {
        let diff = record([
            pair("created", long(*created)),
            pair("updated", long(*updated)),
            pair("values", long(*values)),
            pair("fields", texts(fields.iter().map(String::as_str).collect())),
        ])?;
        pairs.push(pair("diff", diff));
    }
    Ok(pairs)
}

fn consent(known: &Known<'_>, consent: &Consent) -> Result<Pairs, String> {
    let approval = |approval: &Approval| {
        record([
            pair("by", text(&approval.by)),
            pair("groups", texts(approval.groups.iter().map(String::as_str).collect())),
        ])
    };
    let purpose = |(group, purpose): &(String, String)| {
        record([pair("group", text(group)), pair("purpose", text(purpose))])
    };
    let purposes = consent.purposes.iter().map(purpose).collect::<Result<Vec<_>, _>>()?;
    let stale = known.approvals.len() - known.valid().count();
    let mut pairs = vec![
        pair("approvedByOther", flag(known.others().next().is_some())),
        pair("approvers", long(consent.people)),
        pair("approverGroups", owned(&consent.groups)),
        pair("approverTeams", owned(&consent.teams)),
        pair("namespacesOfOthers", owned(&consent.foreign)),
        pair("consents", set(purposes)),
        pair("staleApprovals", long(stale)),
        pair("approvals", set(known.valid().map(approval).collect::<Result<Vec<_>, _>>()?)),
    ];
    let newest = known.others().filter_map(|approval| known.age(approval.at?)).min();
    pairs.extend(newest.map(|age| pair("approvalAge", span(age))));
    Ok(pairs)
}

pub(crate) fn pair(name: &str, value: RestrictedExpression) -> (String, RestrictedExpression) {
    (name.to_owned(), value)
}

pub(crate) fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

pub(crate) fn texts(values: BTreeSet<&str>) -> RestrictedExpression {
    set(values.into_iter().map(text))
}

fn owned(values: &BTreeSet<String>) -> RestrictedExpression {
    set(values.iter().map(|value| text(value)))
}

/// Cedar counts time in milliseconds.
pub(crate) fn moment(value: Timestamp) -> RestrictedExpression {
    RestrictedExpression::new_datetime(format!("{value:.3}"))
}

/// Cedar counts time in milliseconds.
pub(crate) fn span(value: SignedDuration) -> RestrictedExpression {
    RestrictedExpression::new_duration(format!("{}ms", value.as_millis()))
}

fn set(values: impl IntoIterator<Item = RestrictedExpression>) -> RestrictedExpression {
    RestrictedExpression::new_set(values)
}

pub(crate) fn long(value: usize) -> RestrictedExpression {
    RestrictedExpression::new_long(i64::try_from(value).unwrap_or(i64::MAX))
}

pub(crate) fn flag(value: bool) -> RestrictedExpression {
    RestrictedExpression::new_bool(value)
}

pub(crate) fn record(
    pairs: impl IntoIterator<Item = (String, RestrictedExpression)>,
) -> Result<RestrictedExpression, String> {
    RestrictedExpression::new_record(pairs).map_err(|error| error.to_string())
}
