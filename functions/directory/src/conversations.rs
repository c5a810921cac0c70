//! Conversations of people who are always the same: two, or a few.

pub(crate) mod answer;
pub(crate) mod identity;
pub(crate) mod list_conversations;
pub(crate) mod open_conversation;
pub(crate) mod store;

use std::collections::BTreeSet;

use domain::{ChannelId, ChannelKind, ChannelRole, UserId};
use function_host::Problem;
use sqlx::PgPool;

use crate::{channels::announce, error::DirectoryError, people};
use identity::conversation_of;

/// Conversations that one person has opened and is in.
pub(crate) const MAX_OPENED: i64 = 5_000;
/// People in a conversation at most.
pub(crate) const MOST: u8 = 9;

/// Who is in a conversation: two to nine people, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Circle(Vec<UserId>);

impl Circle {
    /// The caller and those whom they name.
    ///
    /// # Errors
    /// 422 `conversation-alone`, `conversation-too-large`.
    pub(crate) fn of(caller: UserId, named: &[UserId]) -> Result<Self, Problem> {
        let people: BTreeSet<UserId> = named.iter().copied().chain([caller]).collect();
        if people.len() < 2 {
            let detail = "a conversation has somebody else in it";
            return Err(Problem::unprocessable("conversation-alone", detail).at("userIds"));
        }
        if people.len() > usize::from(MOST) {
            let detail = "a conversation has at most nine people; make a channel";
            return Err(Problem::unprocessable("conversation-too-large", detail).at("userIds"));
        }
        Ok(Self(people.into_iter().collect()))
    }

    /// In the order of their ids.
    pub(crate) fn people(&self) -> &[UserId] {
        &self.0
    }

    pub(crate) fn kind(&self) -> ChannelKind {
        if self.0.len() == 2 { ChannelKind::Direct } else { ChannelKind::Group }
    }

    /// The same for the same people.
    pub(crate) fn channel(&self) -> ChannelId {
        conversation_of(&self.0)
    }
}

/// Makes a conversation with everybody in it. False if there is one: of many who open it at once, one makes it.
pub(crate) async fn open(pool: &PgPool, opener: UserId, circle: &Circle) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    if store::lock_and_count_opened(&mut transaction, opener, circle.channel()).await? >= MAX_OPENED {
        return Err(DirectoryError::TooManyConversations);
    }
    if people::store::hold_active_people(&mut transaction, circle.people()).await? != circle.people().len() {
        return Err(DirectoryError::PersonNotFound);
    }
    let id = circle.channel();
    if !store::insert_conversation(&mut transaction, id, circle.kind(), opener).await? {
        return Ok(false);
    }
    announce::channel_made(&mut transaction, id).await?;
    for person in circle.people() {
        ::people::let_in(&mut transaction, id, *person, ChannelRole::Member).await?;
    }
    transaction.commit().await?;
    Ok(true)
}

/// Brings everybody back who was taken out of a conversation that is opened again, as happens to deactivated people; those
/// who are deactivated still stay out. False if nobody was missing.
pub(crate) async fn complete(pool: &PgPool, circle: &Circle) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    let id = circle.channel();
    let missing = store::hold_missing(&mut transaction, id, circle.people()).await?;
    for person in &missing {
        ::people::let_in(&mut transaction, id, *person, ChannelRole::Member).await?;
    }
    transaction.commit().await?;
    Ok(!missing.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_people_have_one_conversation_in_whatever_order_and_however_often_they_are_named() {
        let [ada, bob, cleo] = [(); 3].map(|()| UserId::random());
        let circle = |caller, named: &[UserId]| Circle::of(caller, named).unwrap();
        let one = circle(ada, &[bob, cleo]);
        assert_eq!(one.channel(), circle(cleo, &[ada, bob, bob, cleo]).channel());
        assert_eq!((one.kind(), circle(ada, &[bob]).kind()), (ChannelKind::Group, ChannelKind::Direct));
        assert_ne!(one.channel(), circle(ada, &[bob]).channel());
    }

    #[test]
    fn a_conversation_has_two_to_nine_people() {
        let ada = UserId::random();
        let others: Vec<UserId> = (0..9).map(|_| UserId::random()).collect();
        let code = |named: &[UserId]| Circle::of(ada, named).map(|_| "").unwrap_or_else(|problem| problem.code());
        assert_eq!(code(&[]), "conversation-alone");
        assert_eq!(code(&[ada, ada]), "conversation-alone");
        assert_eq!(code(&others[..8]), "");
        assert_eq!(code(&others), "conversation-too-large");
    }
}
