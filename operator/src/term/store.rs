//! SQL on who leads, and on tickets.

use domain::WorkspaceId;
use sqlx::PgPool;

use super::{Act, Term};
use crate::OperatorError;

/// Makes `holder` the leader of a source, under the next epoch.
pub async fn next_epoch(control: &PgPool, source: &str, holder: &str) -> Result<i64, OperatorError> {
    sqlx::query_scalar!(
        "insert into control.leaders as leader (source, epoch, holder) values ($1, 1, $2)
         on conflict (source) do update set epoch = leader.epoch + 1, holder = excluded.holder, since = now()
         returning epoch",
        source,
        holder
    )
    .fetch_one(control)
    .await
    .map_err(OperatorError::postgres("taking the lead in the control registry"))
}

/// An error of its own if somebody else leads.
pub async fn check(control: &PgPool, term: &Term) -> Result<(), OperatorError> {
    sqlx::query!("select control.leads($1, $2)", &*term.source, term.epoch)
        .fetch_one(control)
        .await
        .map(drop)
        .map_err(OperatorError::postgres("asking the control registry who leads"))
}

/// Whether leave was given.
pub async fn write_ticket(control: &PgPool, term: &Term, id: &WorkspaceId, act: Act) -> Result<bool, OperatorError> {
    sqlx::query!(
        "insert into control.tickets (source, epoch, workspace, act)
         select $1, $2, id, $4 from control.workspaces
         where id = $3 and source = $1 and state = 'Purging' and control.leads($1, $2)",
        &*term.source,
        term.epoch,
        id.as_str(),
        act.as_str()
    )
    .execute(control)
    .await
    .map(|done| done.rows_affected() == 1)
    .map_err(OperatorError::postgres("writing a ticket into the control registry"))
}
