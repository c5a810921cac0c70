//! Who is in a channel: letting people in and out, each in one transaction with its markers.

pub(crate) mod answer;
pub(crate) mod delete_member;
pub(crate) mod list_members;
pub(crate) mod put_member;
pub(crate) mod store;

use domain::{ChannelId, ChannelKind, ChannelRole, UserId, policy::Refusal};
use sqlx::PgPool;

use crate::{channels, error::DirectoryError, people};

/// What somebody is to be in a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// As it is, or a member, if nothing is said.
    pub role: Option<ChannelRole>,
    /// Whether whoever wants it may change what members are.
    pub may_change_roles: bool,
}

impl Wanted {
    /// The role to give to somebody who is `present`, none if they are out; nothing if they have it.
    ///
    /// # Errors
    /// [`Refusal::NotAnAdmin`]
    fn decide(self, present: Option<ChannelRole>) -> Result<Option<ChannelRole>, Refusal> {
        let role = self.role.or(present).unwrap_or(ChannelRole::Member);
        if present == Some(role) {
            return Ok(None);
        }
        let is_change = present.is_some() || role != ChannelRole::Member;
        if is_change && !self.may_change_roles { Err(Refusal::NotAnAdmin) } else { Ok(Some(role)) }
    }
}

/// What became of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// They have come in.
    Added,
    /// They have another role.
    Changed,
    /// They were in, with this role.
    Present,
}

/// Lets a person in, or gives a member another role.
pub(crate) async fn put(
    pool: &PgPool,
    channel: ChannelId,
    person: UserId,
    wanted: Wanted,
) -> Result<Put, DirectoryError> {
    let mut transaction = pool.begin().await?;
    // It may have been archived since whoever asks was found to be allowed.
    match channels::store::hold_channel(&mut transaction, channel).await? {
        None => return Err(DirectoryError::ChannelNotFound),
        Some((ChannelKind::Direct | ChannelKind::Group, _)) => return Err(Refusal::ConversationFixed.into()),
        Some((ChannelKind::Channel, true)) => return Err(Refusal::ChannelArchived.into()),
        Some((ChannelKind::Channel, false)) => {}
    }
    if !people::store::hold_active_person(&mut transaction, person).await? {
        return Err(DirectoryError::PersonNotFound);
    }
    let present = store::lock_member(&mut transaction, channel, person).await?;
    let Some(role) = wanted.decide(present)? else { return Ok(Put::Present) };
    // Of two who let in the same person at once, the second finds them there.
    if !::people::let_in(&mut transaction, channel, person, role).await? {
        return Ok(Put::Present);
    }
    transaction.commit().await?;
    Ok(if present.is_some() { Put::Changed } else { Put::Added })
}

/// Takes a person out. False if they are not in. Also the last admin may go: the workspace's admins look after a public
/// channel, and of a private one whoever of them is in it.
pub(crate) async fn remove(pool: &PgPool, channel: ChannelId, person: UserId) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    if !::people::take_out(&mut transaction, channel, person).await? {
        return Ok(false);
    }
    transaction.commit().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_changes_roles_gives_another_one_and_a_role_that_nobody_names_stays() {
        use ChannelRole::{Admin, Member};
        let want = |role, may_change_roles| Wanted { role, may_change_roles };
        for may in [false, true] {
            assert_eq!(want(None, may).decide(None), Ok(Some(Member)));
            assert_eq!(want(Some(Member), may).decide(None), Ok(Some(Member)));
            assert_eq!(want(None, may).decide(Some(Admin)), Ok(None));
            assert_eq!(want(Some(Admin), may).decide(Some(Admin)), Ok(None));
        }
        for (role, present) in [(Admin, None), (Admin, Some(Member)), (Member, Some(Admin))] {
            assert_eq!(want(Some(role), false).decide(present), Err(Refusal::NotAnAdmin));
            assert_eq!(want(Some(role), true).decide(present), Ok(Some(role)));
        }
    }
}
