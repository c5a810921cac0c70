//! SQL of workspaces out of service.

use domain::WorkspaceId;
use sqlx::PgPool;

use crate::{
    OperatorError,
    registry::{
        Retained,
        store::{parse_id, written},
    },
    term::Term,
};

/// The retained workspace of a place that was retained last.
pub async fn newest(control: &PgPool, source: &str, place: &str) -> Result<Option<WorkspaceId>, OperatorError> {
    let id = sqlx::query_scalar!(
        "select id from control.workspaces where source = $1 and place = $2 and state = 'Retained'
         order by retained_at desc, id limit 1",
        source,
        place
    )
    .fetch_optional(control)
    .await
    .map_err(OperatorError::postgres("reading the control registry"))?;
    id.map(parse_id).transpose()
}

/// All workspaces of a source that are out of service and of which something is left.
pub async fn all(control: &PgPool, source: &str) -> Result<Vec<Retained>, OperatorError> {
    let rows = sqlx::query!(
        r#"select id, place, class_name, handle, display_name,
                  to_char(retained_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "since!",
                  to_char(purge_after at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as purge_after,
                  state = 'Purging' as "purging!",
                  state = 'Purging' or coalesce(purge_after <= now(), false) as "due!"
           from control.workspaces where source = $1 and state in ('Retained', 'Purging')"#,
        source
    )
    .fetch_all(control)
    .await
    .map_err(OperatorError::postgres("reading the control registry"))?;
    rows.into_iter()
        .map(|row| {
            Ok(Retained {
                id: parse_id(row.id)?,
                place: row.place,
                class: row.class_name,
                handle: row.handle,
                display_name: row.display_name,
                since: row.since,
                purge_after: row.purge_after,
                purging: row.purging,
                due: row.due,
            })
        })
        .collect()
}

/// Moves the time of a purge that has not begun.
pub async fn move_purge(
    control: &PgPool,
    term: &Term,
    id: &WorkspaceId,
    after: Option<&str>,
) -> Result<(), OperatorError> {
    let done = sqlx::query!(
        "update control.workspaces set purge_after = $2::text::timestamptz
         where id = $1 and source = $3 and state = 'Retained' and control.leads($3, $4)",
        id.as_str(),
        after,
        &*term.source,
        term.epoch
    )
    .execute(control)
    .await;
    written(done)
}

/// Those of these ids that this registry knows as no longer retained.
pub async fn settled(control: &PgPool, source: &str, ids: &[String]) -> Result<Vec<String>, OperatorError> {
    sqlx::query_scalar!(
        "select id from control.workspaces where source = $1 and id = any($2) and state in ('Active', 'Purged')",
        source,
        ids
    )
    .fetch_all(control)
    .await
    .map_err(OperatorError::postgres("reading the control registry"))
}

/// The class of a retained workspace of this source.
pub async fn class(control: &PgPool, source: &str, id: &WorkspaceId) -> Result<Option<String>, OperatorError> {
    sqlx::query_scalar!(
        "select class_name from control.workspaces where id = $1 and source = $2 and state = 'Retained'",
        id.as_str(),
        source
    )
    .fetch_optional(control)
    .await
    .map_err(OperatorError::postgres("reading the control registry"))
}
