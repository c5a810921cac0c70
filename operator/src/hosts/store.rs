//! SQL on host names.

use sqlx::PgPool;

use super::{Claim, Claims};
use crate::{OperatorError, registry::store::written, term::Term};

/// Who has the names that a source's workspaces have, and those that are `asked` for.
pub async fn claims(control: &PgPool, source: &str, asked: &[String]) -> Result<Claims, OperatorError> {
    let rows = sqlx::query!(
        "select host, workspace from control.hosts
         where host = any($2) or workspace in (select id from control.workspaces where source = $1)",
        source,
        asked
    )
    .fetch_all(control)
    .await
    .map_err(OperatorError::postgres("reading the control registry"))?;
    Ok(rows.into_iter().map(|row| (row.host, row.workspace)).collect())
}

/// Frees names.
pub async fn give_back(control: &PgPool, term: &Term, claims: &[Claim]) -> Result<(), OperatorError> {
    let (workspaces, hosts): (Vec<String>, Vec<String>) = claims.iter().cloned().unzip();
    let done = sqlx::query!(
        "delete from control.hosts using unnest($1::text[], $2::text[]) as given (workspace, host)
         where hosts.workspace = given.workspace and hosts.host = given.host and control.leads($3, $4)",
        &workspaces,
        &hosts,
        &*term.source,
        term.epoch
    )
    .execute(control)
    .await;
    written(done)
}

/// Claims names for workspaces in service, the first first; what somebody else has stays theirs.
pub async fn claim(control: &PgPool, term: &Term, claims: &[Claim]) -> Result<(), OperatorError> {
    let (workspaces, hosts): (Vec<String>, Vec<String>) = claims.iter().cloned().unzip();
    let done = sqlx::query!(
        "insert into control.hosts (host, workspace)
         select asked.host, asked.workspace
         from unnest($1::text[], $2::text[]) with ordinality as asked (workspace, host, place)
         join control.workspaces on id = asked.workspace and state = 'Active'
         where control.leads($3, $4)
         order by asked.place
         on conflict do nothing",
        &workspaces,
        &hosts,
        &*term.source,
        term.epoch
    )
    .execute(control)
    .await;
    written(done)
}
