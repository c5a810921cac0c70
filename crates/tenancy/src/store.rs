//! SQL on the control database: the registry, read-only, and what is due.

use std::{collections::HashMap, time::Duration};

use sqlx::PgPool;

use crate::{
    Settings,
    due::{DueKey, DueTask},
    workspace::{SignUp, Workspace},
};

/// Every workspace that is active and provisioned. A row that this version can't read is left out and logged.
pub async fn ready_workspaces(control: &PgPool) -> sqlx::Result<Vec<Workspace>> {
    let rows = sqlx::query!(
        r#"select id, handle, display_name, owner_email, sign_up_mode, sign_up_domains, suspended, message_partitions,
                  epoch, schema_version, settings
           from control.workspaces where state = 'Active' and ready_at is not null"#
    )
    .fetch_all(control)
    .await?;
    let mut workspaces = Vec::with_capacity(rows.len());
    for row in rows {
        let (Ok(id), Ok(handle)) = (row.id.parse(), row.handle.parse()) else {
            tracing::error!(id = row.id, "a registry row has an unreadable id or handle");
            continue;
        };
        let sign_up = match row.sign_up_mode.as_str() {
            "Open" => SignUp::Open,
            "Domain" => SignUp::Domain(row.sign_up_domains),
            _ => SignUp::Invitation,
        };
        let settings = serde_json::from_value(row.settings).unwrap_or_else(|error| {
            tracing::error!(%id, %error, "a registry row's settings are unreadable: none of them holds");
            Settings::default()
        });
        workspaces.push(Workspace {
            id,
            handle,
            display_name: row.display_name,
            owner_email: row.owner_email,
            sign_up,
            suspended: row.suspended,
            message_partitions: u32::try_from(row.message_partitions).unwrap_or(1),
            epoch: u32::try_from(row.epoch).unwrap_or(1),
            schema_version: row.schema_version,
            settings,
        });
    }
    Ok(workspaces)
}

/// Milliseconds since 1970, by the database's clock.
pub(crate) async fn now_millis(control: &PgPool) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select (extract(epoch from clock_timestamp()) * 1000)::bigint as "now!""#)
        .fetch_one(control)
        .await
}

/// Public keys by key id, retired ones left out.
pub async fn signing_keys(control: &PgPool) -> sqlx::Result<HashMap<String, Vec<u8>>> {
    let rows = sqlx::query!("select kid, public_key from control.signing_keys where retired_at is null")
        .fetch_all(control)
        .await?;
    Ok(rows.into_iter().map(|row| (row.kid, row.public_key)).collect())
}

pub(crate) async fn set_due(control: &PgPool, key: &DueKey, wait: f64) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into control.due (workspace, function, purpose, holder, at)
         values ($1, $2, $3, $4, now() + make_interval(secs => $5))
         on conflict (workspace, function, purpose, holder) do update
         set at = least(due.at, excluded.at), version = excluded.version, set_at = now(), attempts = 0
         returning version",
        key.workspace.as_str(),
        key.function,
        key.purpose,
        key.holder,
        wait
    )
    .fetch_one(control)
    .await
}

pub(crate) async fn due_done(control: &PgPool, key: &DueKey, version: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from control.due
         where workspace = $1 and function = $2 and purpose = $3 and holder = $4 and version = $5",
        key.workspace.as_str(),
        key.function,
        key.purpose,
        key.holder,
        version
    )
    .execute(control)
    .await?;
    Ok(())
}

pub(crate) async fn claim_due(control: &PgPool, limit: i64, lease: f64) -> sqlx::Result<Vec<DueTask>> {
    let rows = sqlx::query!(
        r#"update control.due set at = now() + make_interval(secs => $2)
           where (workspace, function, purpose, holder) in (
               select workspace, function, purpose, holder from control.due where at <= now()
               order by at limit $1 for update skip locked)
           returning workspace, function, purpose, holder, version, attempts,
                     extract(epoch from now() - set_at)::float8 as "age!""#,
        limit,
        lease
    )
    .fetch_all(control)
    .await?;
    let mut tasks = Vec::with_capacity(rows.len());
    for row in rows {
        let Ok(workspace) = row.workspace.parse() else {
            tracing::error!(workspace = row.workspace, "what is due names an unreadable workspace");
            continue;
        };
        tasks.push(DueTask {
            key: DueKey { workspace, function: row.function, purpose: row.purpose, holder: row.holder },
            version: row.version,
            attempts: u32::try_from(row.attempts).unwrap_or_default(),
            age: Duration::try_from_secs_f64(row.age).unwrap_or_default(),
        });
    }
    Ok(tasks)
}

pub(crate) async fn put_due_off(control: &PgPool, task: &DueTask, wait: f64, failed: i32) -> sqlx::Result<()> {
    sqlx::query!(
        "update control.due set at = now() + make_interval(secs => $6), attempts = attempts + $7
         where workspace = $1 and function = $2 and purpose = $3 and holder = $4 and version = $5",
        task.key.workspace.as_str(),
        task.key.function,
        task.key.purpose,
        task.key.holder,
        task.version,
        wait,
        failed
    )
    .execute(control)
    .await?;
    Ok(())
}

pub(crate) async fn due_of(
    control: &PgPool,
    function: &str,
    purpose: &str,
    holder: &str,
) -> sqlx::Result<Vec<(DueKey, i64)>> {
    let rows = sqlx::query!(
        "select workspace, version from control.due where function = $1 and purpose = $2 and holder = $3",
        function,
        purpose,
        holder
    )
    .fetch_all(control)
    .await?;
    let keys = rows.into_iter().filter_map(|row| {
        let workspace = row.workspace.parse().ok()?;
        let (function, purpose, holder) = (function.to_owned(), purpose.to_owned(), holder.to_owned());
        Some((DueKey { workspace, function, purpose, holder }, row.version))
    });
    Ok(keys.collect())
}
