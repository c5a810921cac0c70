//! SQL on the control registry, read-only.

use std::collections::HashMap;

use sqlx::PgPool;

use crate::workspace::{SignUp, Workspace};

/// Every workspace that is active and provisioned. A row that this version can't read is left out and logged.
pub async fn ready_workspaces(control: &PgPool) -> sqlx::Result<Vec<Workspace>> {
    let rows = sqlx::query!(
        r#"select id, handle, display_name, owner_email, sign_up_mode, sign_up_domains, suspended, message_partitions,
                  epoch, schema_version
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
        });
    }
    Ok(workspaces)
}

/// Public keys by key id, retired ones left out.
pub async fn signing_keys(control: &PgPool) -> sqlx::Result<HashMap<String, Vec<u8>>> {
    let rows = sqlx::query!("select kid, public_key from control.signing_keys where retired_at is null")
        .fetch_all(control)
        .await?;
    Ok(rows.into_iter().map(|row| (row.kid, row.public_key)).collect())
}
