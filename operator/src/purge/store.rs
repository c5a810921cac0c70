//! SQL on workspaces that are purged, and on what decides whether they are.

use domain::WorkspaceId;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};

use crate::{OperatorError, backend_watch::Pins, registry::store::written, term::Term};

/// Writes after how many days each is purged once its manifest is gone.
pub async fn record_policies(
    control: &PgPool,
    term: &Term,
    policies: &[(WorkspaceId, Option<u32>)],
) -> Result<(), OperatorError> {
    let (ids, days): (Vec<String>, Vec<Option<i32>>) =
        policies.iter().map(|(id, days)| (id.to_string(), days.map(u32::cast_signed))).unzip();
    let done = sqlx::query!(
        "update control.workspaces as workspace set purge_after_days = asked.days
         from unnest($1::text[], $2::int[]) as asked(id, days)
         where workspace.id = asked.id and workspace.state = 'Active' and control.leads($3, $4)",
        &ids,
        &days as &[Option<i32>],
        &*term.source,
        term.epoch
    )
    .execute(control)
    .await;
    written(done)
}

/// On which servers its data was made.
pub async fn held_on(control: &PgPool, id: &WorkspaceId) -> Result<Pins, OperatorError> {
    sqlx::query!("select kafka_cluster_id, postgres_system_id from control.workspaces where id = $1", id.as_str())
        .fetch_optional(control)
        .await
        .map(|row| row.map(|row| Pins { kafka: row.kafka_cluster_id, postgres: row.postgres_system_id }))
        .map(Option::unwrap_or_default)
        .map_err(OperatorError::postgres("reading the control registry"))
}

/// Writes on which servers its data is, as far as they are known.
pub async fn record_backends(
    control: &PgPool,
    term: &Term,
    id: &WorkspaceId,
    servers: &Pins,
) -> Result<(), OperatorError> {
    let done = sqlx::query!(
        "update control.workspaces
         set kafka_cluster_id = coalesce($2, kafka_cluster_id), postgres_system_id = coalesce($3, postgres_system_id)
         where id = $1 and state = 'Active' and control.leads($4, $5)",
        id.as_str(),
        servers.kafka,
        servers.postgres,
        &*term.source,
        term.epoch
    )
    .execute(control)
    .await;
    written(done)
}

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
    let done = sqlx::query!(
        "with idle as (delete from control.due where workspace = $1)
         update control.workspaces
         set state = 'Purged', purge_after = null, display_name = '', owner_email = '', sign_up_domains = '{}'
         where id = $1 and state = 'Purging' and control.leads($2, $3)",
        id.as_str(),
        &*term.source,
        term.epoch
    )
    .execute(control)
    .await;
    written(done)
}

/// Drops a workspace's database, whoever is connected to it. The name is derived from an id.
pub async fn drop_database(connection: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    let statement = format!("drop database if exists {name} with (force)");
    sqlx::query(AssertSqlSafe(statement)).persistent(false).execute(connection).await.map(drop)
}
