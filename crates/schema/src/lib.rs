//! The database schemas, embedded in every program that needs them.
//!
//! Migrations only ever go forward, and a released file never changes: its checksum stands in every database that ran it.

use std::borrow::Cow;

use sqlx::migrate::Migrator;

/// The control registry, one database per installation.
pub mod control {
    use super::Migrator;

    /// Run by the operator's bootstrap, as the admin.
    pub static MIGRATOR: Migrator = sqlx::migrate!("migrations/control");
}

/// One database per workspace, cloned from a template that has these migrations.
pub mod workspace {
    use super::{Migrator, newest};

    /// Run by the operator as the role `threadly_owner`, which thereby owns every table.
    pub static MIGRATOR: Migrator = sqlx::migrate!("migrations/workspace");

    /// The newest migration's number: what `control.workspaces.schema_version` holds for an up-to-date workspace.
    pub const VERSION: i32 = newest(&MIGRATOR);

    /// Identifies the exact text of all migrations, so that a template built from an unreleased edit is noticed.
    #[must_use]
    pub fn fingerprint() -> String {
        use std::fmt::Write as _;

        let mut text = String::new();
        for migration in MIGRATOR.iter() {
            let _ = write!(text, "{}:", migration.version);
            for byte in migration.checksum.iter().take(8) {
                let _ = write!(text, "{byte:02x}");
            }
            text.push(' ');
        }
        text.trim_end().to_owned()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "migrations are numbered 1, 2, 3 …")]
const fn newest(migrator: &Migrator) -> i32 {
    let migrations = match &migrator.migrations {
        Cow::Borrowed(list) => list,
        Cow::Owned(_) => &[].as_slice(),
    };
    let mut version = 0;
    let mut index = 0;
    while index < migrations.len() {
        if migrations[index].version > version {
            version = migrations[index].version;
        }
        index += 1;
    }
    version as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_without_gaps() {
        for migrator in [&control::MIGRATOR, &workspace::MIGRATOR] {
            let versions: Vec<i64> = migrator.iter().map(|migration| migration.version).collect();
            let expected: Vec<i64> = (1..).take(versions.len()).collect();
            assert_eq!(versions, expected);
        }
    }

    #[test]
    fn version_is_the_newest_workspace_migration() {
        let newest = workspace::MIGRATOR.iter().map(|migration| migration.version).max();
        assert_eq!(newest, Some(i64::from(workspace::VERSION)));
    }
}
