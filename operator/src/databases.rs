//! Postgres as a server: roles, databases, and the template that workspaces are cloned from.

use sqlx::{
    PgConnection,
    migrate::{MigrateError, Migrator},
};

pub(crate) mod disk;
pub(crate) mod store;

/// Owns every workspace database and all tables; nobody logs in as it.
pub const OWNER_ROLE: &str = "threadly_owner";

/// The template of this program's schema version.
#[must_use]
pub fn template_name() -> String {
    format!("threadly_template_v{}", schema::workspace::VERSION)
}

/// A name that needs no quoting rules to think about: a-z, 0-9 and _, at most 63.
#[must_use]
pub fn is_plain_name(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        && !name.as_bytes()[0].is_ascii_digit()
}

/// Runs what is missing of a schema's migrations; safe to repeat, and from several programs at once.
pub(crate) async fn migrate(migrator: &Migrator, connection: &mut PgConnection) -> Result<(), MigrateError> {
    migrator.run_direct(None, connection, false).await
}
