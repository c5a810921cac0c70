//! SQL on workspaces that are purged.

use domain::WorkspaceId;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};

use crate::{OperatorError, term::Term};

/// Whether it is being purged from now on, or was before: a workspace in service is not.
pub async fn begin(control: &PgPool, term: &Term, id: &WorkspaceId) -> Result<bool, OperatorError> {
    sqlx::query!(
        "update control.workspaces set state = 'Purging'
         where id = $1 and source = $2 and state in ('Retained', 'Purging') and control.leads($2, $3)",
        id.as_str(),
        &*term.source,
        term.epoch
    )
    .execute(control)
    .await
    .map(|done| done.rows_affected() == 1)
    .map_err(OperatorError::postgres("writing the control registry"))
}

/// Writes that nothing is left. The row stays without what it said of people, so that nobody gets its id.
pub async fn end(control: &PgPool, term: &Term, id: &WorkspaceId) -> Result<(), OperatorError> {
    sqlx::query!(
        "with idle as (delete from control.due where workspace = $1)
         update control.workspaces
         set state = 'Purged', purge_after = null, display_name = '', owner_email = '', sign_up_domains = '{}'
         where id = $1 and state = 'Purging' and control.leads($2, $3)",
        id.as_str(),
        &*term.source,
        term.epoch
    )
    .execute(control)
    .await
    .map(drop)
    .map_err(OperatorError::postgres("writing the control registry"))
}

/// Drops a workspace's database, whoever is connected to it. The name is derived from an id.
pub async fn drop_database(connection: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    let statement = format!("drop database if exists {name} with (force)");
    sqlx::query(AssertSqlSafe(statement)).persistent(false).execute(connection).await.map(drop)
}
