//! Finding one message, though it may have been posted a moment ago.

use domain::{ChannelId, Cursor, MessageId, fold::Message, position::AtLeast};
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
    if let Some(message) = store::message(pool, channel, id).await? {
        return Ok(Some(message));
    }
    let everything = Cursor { epoch: workspace.epoch, next: vec![i64::MAX; workspace.message_partitions as usize] };
    let reached = read::catch_up(services, workspace, pool, channel, &AtLeast::Cursor(everything)).await?;
    match store::message(pool, channel, id).await? {
        None if !reached.complete => Err(Problem::unavailable(
            "projection-behind",
            "the message may have been posted a moment ago and can't be looked up yet; try again",
        )),
        found => Ok(found),
    }
}
