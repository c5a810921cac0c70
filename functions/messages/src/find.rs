//! Finding one message, though it may have been posted a moment ago.

use domain::{ChannelId, Cursor, MessageId, fold::Message, position::AtLeast};
use event_log::ProjectError;
use function_host::{Problem, Services};
use sqlx::PgPool;
use tenancy::Workspace;

use crate::{read, store};

/// The message, from the database; if it isn't there, after projecting what the log holds beyond.
pub(crate) async fn find_message(
    services: &Services,
    workspace: &Workspace,
    pool: &PgPool,
    channel: ChannelId,
    id: MessageId,
) -> Result<Option<Message>, Problem> {
    if let Some(message) = store::message(pool, channel, id).await.map_err(ProjectError::from)? {
        return Ok(Some(message));
    }
    let everything = Cursor { epoch: workspace.epoch, next: vec![i64::MAX; workspace.message_partitions as usize] };
    read::catch_up(services, workspace, pool, channel, &AtLeast::Cursor(everything)).await?;
    Ok(store::message(pool, channel, id).await.map_err(ProjectError::from)?)
}
