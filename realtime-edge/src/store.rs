//! SQL of what a room starts from.

use domain::{ChannelId, Cursor, MessageId, Position, UserId, membership::Membership};
use sqlx::{PgConnection, PgPool};
use tenancy::Workspace;

use crate::recent::{Recent, Remembered};

/// Messages of each partition that are remembered at first.
const REMEMBERED: i64 = 5_000;

/// Why a workspace can't be followed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotError {
    /// Its database.
    #[error("the database can't be read: {0}")]
    Database(#[from] sqlx::Error),
    /// A stored position is of another epoch than the registry's.
    #[error("the projection is of epoch {stored}, the log of epoch {current}")]
    Epoch {
        /// In the workspace's database.
        stored: i32,
        /// In the registry.
        current: u32,
    },
}

/// Deliveries as of one place in the log.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The place.
    pub cursor: Cursor,
    /// Everybody who is or was in a channel.
    pub memberships: Vec<(ChannelId, UserId, Membership)>,
    /// The newest messages.
    pub recent: Recent,
}

/// Reads a workspace's deliveries and how far they are projected, as of one moment.
pub(crate) async fn snapshot(pool: &PgPool, workspace: &Workspace) -> Result<Snapshot, SnapshotError> {
    let mut transaction = pool.begin_with("begin isolation level repeatable read read only").await?;
    let cursor = cursor(&mut transaction, workspace).await?;
    let memberships = memberships(&mut transaction).await?;
    let mut recent = Recent::new(REMEMBERED as usize * 2 * workspace.message_partitions as usize);
    for partition in 0..workspace.message_partitions {
        remember(&mut transaction, workspace.epoch, partition, &mut recent).await?;
    }
    transaction.commit().await?;
    Ok(Snapshot { cursor, memberships, recent })
}

async fn cursor(connection: &mut PgConnection, workspace: &Workspace) -> Result<Cursor, SnapshotError> {
    let rows = sqlx::query!(
        "select partition, epoch, next_offset from projection_positions
         where projection = 'messages' and topic = 'messages'"
    )
    .fetch_all(connection)
    .await?;
    let mut cursor = Cursor::start(workspace.epoch, workspace.message_partitions);
    for row in rows {
        if u32::try_from(row.epoch) != Ok(workspace.epoch) {
            return Err(SnapshotError::Epoch { stored: row.epoch, current: workspace.epoch });
        }
        if let Some(next) = usize::try_from(row.partition).ok().and_then(|partition| cursor.next.get_mut(partition)) {
            *next = row.next_offset;
        }
    }
    Ok(cursor)
}

async fn memberships(connection: &mut PgConnection) -> sqlx::Result<Vec<(ChannelId, UserId, Membership)>> {
    let rows = sqlx::query!(
        "select channel_id, user_id, version, active, joined_epoch, joined_partition, joined_offset
         from delivery_members"
    )
    .fetch_all(connection)
    .await?;
    let memberships = rows.into_iter().map(|row| {
        let joined = Position {
            epoch: u32::try_from(row.joined_epoch).unwrap_or_default(),
            partition: u32::try_from(row.joined_partition).unwrap_or_default(),
            offset: row.joined_offset,
        };
        let membership = Membership { version: row.version, active: row.active, joined };
        (ChannelId(row.channel_id), UserId(row.user_id), membership)
    });
    Ok(memberships.collect())
}

async fn remember(connection: &mut PgConnection, epoch: u32, partition: u32, recent: &mut Recent) -> sqlx::Result<()> {
    let rows = sqlx::query!(
        r#"select channel_id, id, created_offset, changed_offset, deleted_at is not null as "deleted!"
           from messages where epoch = $1 and partition = $2 order by created_offset desc limit $3"#,
        i32::try_from(epoch).unwrap_or(i32::MAX),
        i32::try_from(partition).unwrap_or(i32::MAX),
        REMEMBERED
    )
    .fetch_all(connection)
    .await?;
    for row in rows.into_iter().rev() {
        let deleted = row.deleted.then_some(row.changed_offset);
        let message = Remembered { created: Some(row.created_offset), deleted };
        recent.remember((ChannelId(row.channel_id), MessageId(row.id)), message);
    }
    Ok(())
}
