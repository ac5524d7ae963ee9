//! Label selectors, as `LabelSelector` of `meta/v1` defines them.

use provost_sdk::{Mismatch, Place, escape};

/// Does a selector match these labels? One that asks for nothing does.
///
/// # Errors
/// A [`Mismatch`] when something of it, or a label that it asks for, cannot be read.
pub(crate) fn matches(selector: &Place<'_>, labels: &Place<'_>) -> Result<bool, Mismatch> {
    let mut all = true;
    for (name, wanted) in selector.at("/matchLabels").entries()? {
        let path = format!("/{}", escape(name));
        // `key:` with nothing behind it is read as the empty text.
        let wanted = wanted.text()?.unwrap_or_default();
        all &= labels.at(&path).text()? == Some(wanted);
    }
    for expression in selector.at("/matchExpressions").items()? {
        all &= expression_matches(&expression, labels)?;
    }
    Ok(all)
}

/// Does one item of `matchExpressions` match these labels?
///
/// # Errors
/// A [`Mismatch`] when it, or the label that it asks for, cannot be read.
pub(crate) fn expression_matches(
    expression: &Place<'_>,
    labels: &Place<'_>,
) -> Result<bool, Mismatch> {
    let key = expression.at("/key").text()?.unwrap_or_default();
    let mut values = Vec::new();
    for value in expression.at("/values").items()? {
        values.push(value.text()?);
    }
    let path = format!("/{}", escape(key));
    let found = labels.at(&path).text()?;
    let operator = expression.at("/operator");
    match operator.text()?.unwrap_or_default() {
        "In" => Ok(found.is_some() && values.contains(&found)),
        "NotIn" => Ok(found.is_none() || !values.contains(&found)),
        "Exists" => Ok(found.is_some()),
        "DoesNotExist" => Ok(found.is_none()),
        other => {
            let reason = format!("`{other}` is no operator of a selector");
            Err(Mismatch::new(operator.pointer(), reason))
        }
    }
}
