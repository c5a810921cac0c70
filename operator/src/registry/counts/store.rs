//! SQL that counts `control.workspaces`.

use std::collections::BTreeMap;

use sqlx::PgPool;

use super::Counts;
use crate::OperatorError;

/// The workspaces of a source, by class.
pub async fn by_class(control: &PgPool, source: &str) -> Result<BTreeMap<String, Counts>, OperatorError> {
    let rows = sqlx::query!(
        r#"select class_name, count(*) filter (where state = 'Active') as "active!",
                  count(*) filter (where state = 'Retained') as "retained!"
           from control.workspaces where source = $1 group by class_name"#,
        source
    )
    .fetch_all(control)
    .await
    .map_err(OperatorError::postgres("reading the control registry"))?;
    let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(rows
        .into_iter()
        .map(|row| (row.class_name, Counts { active: number(row.active), retained: number(row.retained) }))
        .collect())
}
