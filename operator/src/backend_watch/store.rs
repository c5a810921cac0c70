//! SQL on `control.backends`, and a server's word on who it is.

use sqlx::{PgConnection, PgPool};

use super::{Backend, Pins};
use crate::OperatorError;

/// What was pinned of a class.
pub async fn pinned(control: &PgPool, (source, class): (&str, &str)) -> Result<Pins, OperatorError> {
    let rows =
        sqlx::query!("select kind, identity from control.backends where source = $1 and class = $2", source, class)
            .fetch_all(control)
            .await
            .map_err(OperatorError::postgres("reading the control registry"))?;
    let mut pins = Pins::default();
    for row in rows {
        let backend = Backend::ALL.into_iter().find(|backend| backend.as_str() == row.kind);
        if let Some(backend) = backend {
            pins.set(backend, row.identity);
        }
    }
    Ok(pins)
}

/// Pins an identity in place of `former`, if that is still what is pinned; answers what is pinned now.
pub async fn pin(
    control: &PgPool,
    (source, class): (&str, &str),
    backend: Backend,
    identity: &str,
    former: Option<&str>,
) -> Result<String, OperatorError> {
    // A conflict writes the row in any case, so that it is answered with.
    sqlx::query_scalar!(
        "insert into control.backends as known (source, class, kind, identity) values ($1, $2, $3, $4)
         on conflict (source, class, kind) do update
         set identity = case when known.identity = $5::text then excluded.identity else known.identity end,
             first_seen = case when known.identity = $5::text then now() else known.first_seen end
         returning identity",
        source,
        class,
        backend.as_str(),
        identity,
        former
    )
    .fetch_one(control)
    .await
    .map_err(OperatorError::postgres("writing the control registry"))
}

/// A server's identity, from when its storage was made.
pub async fn system_identifier(connection: &mut PgConnection) -> sqlx::Result<String> {
    sqlx::query_scalar!(r#"select system_identifier::text as "identifier!" from pg_control_system()"#)
        .fetch_one(connection)
        .await
}
