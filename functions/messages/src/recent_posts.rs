//! What this process has posted lately. It saves the question to the database that most posts would ask in vain: whether
//! their id is known.
//!
//! A fresh id that is not here is appended without asking. If another process has posted it a moment ago, the log holds
//! it twice, and the fold ignores the second: the id's time decides about work, never about truth.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ChannelId, MessageId, WorkspaceId,
    events::MessageCreated,
    fold::{Content, Message},
};
use event_log::Appended;
use moka::sync::Cache;
use tenancy::Workspace;

/// An id is fresh, and a post is remembered, for so long.
const FRESH: Duration = Duration::from_secs(60);
/// Posts remembered at most.
const MOST: u64 = 20_000;

/// Clients choose ids: in another workspace, the same ones name another message.
type Key = (WorkspaceId, ChannelId, MessageId);

/// The posts of the last minute. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct RecentPosts(Cache<Key, Message>);

impl Default for RecentPosts {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(FRESH).build())
    }
}

impl RecentPosts {
    /// A post that was acknowledged.
    pub(crate) fn keep(&self, workspace: &Workspace, event: MessageCreated, appended: &Appended) {
        let message = Message {
            channel: event.channel_id,
            id: event.message_id,
            parent: event.parent_message_id,
            author: event.user_id,
            created: appended.position,
            created_at: appended.time,
            changed: appended.position,
            content: Content::Live { text: event.text, edited_at: None },
        };
        self.0.insert((workspace.id.clone(), message.channel, message.id), message);
    }

    /// The post of this id in the workspace's present epoch, if it is remembered.
    pub(crate) fn find(&self, workspace: &Workspace, channel: ChannelId, id: MessageId) -> Option<Message> {
        self.0.get(&(workspace.id.clone(), channel, id)).filter(|message| message.created.epoch == workspace.epoch)
    }
}

/// Whether an id was made in the last minute, by its own word (a UUID of version 7).
pub(crate) fn is_fresh(id: MessageId, now: DateTime<Utc>) -> bool {
    let made = id.0.get_timestamp().and_then(|made| {
        let (seconds, nanoseconds) = made.to_unix();
        DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
    });
    let minute = TimeDelta::from_std(FRESH).unwrap_or_default();
    made.is_some_and(|made| (now - made).abs() < minute)
}

#[cfg(test)]
mod tests {
    use uuid::{Timestamp, Uuid};

    use super::*;

    #[test]
    fn an_id_is_fresh_for_a_minute_by_its_own_word() {
        let now = Utc::now();
        let made = |seconds: i64| {
            let at = u64::try_from(now.timestamp() - seconds).unwrap();
            MessageId(Uuid::new_v7(Timestamp::from_unix(uuid::NoContext, at, 0)))
        };
        assert!(is_fresh(made(0), now) && is_fresh(made(50), now) && is_fresh(made(-50), now));
        assert!(!is_fresh(made(70), now) && !is_fresh(made(-70), now) && !is_fresh(made(3_600), now));
        assert!(!is_fresh(MessageId(Uuid::new_v4()), now));
    }
}
