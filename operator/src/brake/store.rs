//! SQL on what a brake remembers.

use std::collections::BTreeMap;

use sqlx::PgPool;

use super::{Kept, Kind};
use crate::{OperatorError, registry::store::written, term::Term};

/// What was kept of a source's classes.
pub async fn read(control: &PgPool, source: &str, kind: Kind) -> Result<BTreeMap<String, Kept>, OperatorError> {
    let rows = sqlx::query!(
        "select class, held, used from control.brakes where source = $1 and kind = $2",
        source,
        kind.as_str()
    )
    .fetch_all(control)
    .await
    .map_err(OperatorError::postgres("reading the control registry"))?;
    let kept = |held, used: Option<i32>| Kept { held, used: used.and_then(|used| usize::try_from(used).ok()) };
    Ok(rows.into_iter().map(|row| (row.class, kept(row.held, row.used))).collect())
}

/// Keeps this in place of what was kept before.
pub async fn write(
    control: &PgPool,
    term: &Term,
    kind: Kind,
    kept: &BTreeMap<String, Kept>,
) -> Result<(), OperatorError> {
    let classes: Vec<String> = kept.keys().cloned().collect();
    let held: Vec<bool> = kept.values().map(|kept| kept.held).collect();
    let used: Vec<Option<i32>> =
        kept.values().map(|kept| kept.used.map(|used| i32::try_from(used).unwrap_or(i32::MAX))).collect();
    let done = sqlx::query!(
        "with others as (
             delete from control.brakes where source = $1 and kind = $6 and not class = any($2) and control.leads($1, $5)
         )
         insert into control.brakes (source, kind, class, held, used)
         select $1, $6, class, held, used from unnest($2::text[], $3::boolean[], $4::int[]) as kept (class, held, used)
         where control.leads($1, $5)
         on conflict (source, kind, class) do update set held = excluded.held, used = excluded.used",
        &*term.source,
        &classes,
        &held,
        &used as &[Option<i32>],
        term.epoch,
        kind.as_str()
    )
    .execute(control)
    .await;
    written(done)
}
