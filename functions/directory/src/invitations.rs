//! Asking people in: by letter to an address, or by a link for whoever has it.

pub(crate) mod answer;
pub(crate) mod delete_invitation;
pub(crate) mod get_invitation;
pub(crate) mod list_invitations;
pub(crate) mod offer;
pub(crate) mod put_invitation;
pub(crate) mod store;

use ::people::{Letter, letters};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    ChannelKind, InvitationId, UserId,
    policy::{self, Action, Person, Refusal, Target},
};
use function_host::Problem;
use sha2::{Digest as _, Sha256};
use sqlx::{PgConnection, PgPool};

use crate::error::DirectoryError;
use offer::Offer;

/// Invitations that are sent within a day: to an address, and of a workspace. They go to people who never asked for them.
const MOST_TO_ADDRESS: i64 = 3;
const MOST_IN_ALL: i64 = 1_000;
/// When it is worth trying again, in seconds.
const WAIT_SECONDS: u32 = 3_600;

/// The secret of a link: 32 random bytes, as 43 characters (RFC 4648, section 5).
fn mint() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What is stored of it.
fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

/// What became of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    /// It is an invitation, with its secret if it is a link.
    Made(Option<String>),
    /// There is one of this id.
    Taken,
}

/// Makes an invitation, with the letter that brings it or the secret of its link. The maker is judged once more with their
/// row held: whoever deactivates them meanwhile takes back what is made here.
pub(crate) async fn make(
    pool: &PgPool,
    id: InvitationId,
    mut maker: Person,
    offer: &Offer,
) -> Result<Made, DirectoryError> {
    let mut transaction = pool.begin().await?;
    (maker.role, maker.active) = store::hold_person(&mut transaction, maker.id).await?;
    policy::decide(&maker, &Target::Workspace, Action::Invite { role: offer.role }).map_err(Problem::from)?;
    if let Some(email) = &offer.email
        && store::has_account(&mut transaction, email.as_str()).await?
    {
        return Err(Problem::conflict("already-a-member", "somebody here has this e-mail address").at("email").into());
    }
    if let Some(email) = &offer.email
        && !store::exists(&mut transaction, id).await?
    {
        check_quota(&mut transaction, email.as_str()).await?;
    }
    if !store::insert(&mut transaction, id, maker.id, offer).await? {
        return Ok(Made::Taken);
    }
    let token = offer.email.is_none().then(mint);
    if let Some(token) = &token {
        store::insert_token(&mut transaction, id, &digest(token)).await?;
    }
    if let Some(email) = &offer.email {
        letters::write(&mut transaction, email.as_str(), &Letter::Invitation { invitation: id }).await?;
    }
    transaction.commit().await?;
    Ok(Made::Made(token))
}

/// Whether one more invitation may be sent to an address today. Of two at once the second waits until the first is there.
async fn check_quota(connection: &mut PgConnection, email: &str) -> Result<(), DirectoryError> {
    store::lock_letters(connection).await?;
    let sent = store::sent_within_a_day(connection, email).await?;
    let detail = if sent.to_address >= MOST_TO_ADDRESS {
        "this address was invited 3 times within a day; try again tomorrow"
    } else if sent.in_all >= MOST_IN_ALL {
        "1,000 invitations were sent within a day; try again tomorrow, or pass a link on"
    } else {
        return Ok(());
    };
    Err(Problem::too_many("too-many-invitations", detail, WAIT_SECONDS).at("email").into())
}

/// Another secret for a link that is open: the first one was told once, and may have been lost on its way.
pub(crate) async fn mint_again(pool: &PgPool, id: InvitationId) -> Result<String, DirectoryError> {
    let token = mint();
    store::insert_token(&mut *pool.acquire().await?, id, &digest(&token)).await?;
    Ok(token)
}

/// Whether the maker may lead people to these channels and teams.
///
/// # Errors
/// 404 `channel-not-found`, `team-not-found`, 403 `channel-archived`, `conversation-fixed`, each with its field.
pub(crate) async fn check_places(pool: &PgPool, maker: UserId, offer: &Offer) -> Result<(), DirectoryError> {
    let known = store::visible_channels(pool, maker, &offer.channels).await?;
    for (place, channel) in offer.channels.iter().enumerate() {
        let refusal = match known.iter().find(|known| known.id == *channel) {
            None => Refusal::ChannelNotFound,
            Some(known) if known.kind != ChannelKind::Channel => Refusal::ConversationFixed,
            Some(known) if known.archived => Refusal::ChannelArchived,
            Some(_) => continue,
        };
        return Err(Problem::from(refusal).at(format!("channels[{place}]")).into());
    }
    let known = store::open_teams(pool, &offer.teams).await?;
    match offer.teams.iter().position(|team| !known.contains(team)) {
        Some(place) => Err(Problem::from(Refusal::TeamNotFound).at(format!("teams[{place}]")).into()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_43_characters_and_never_the_same() {
        let (one, other) = (mint(), mint());
        assert_eq!(one.len(), 43);
        assert!(one.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_ne!(one, other);
        assert_ne!(digest(&one), digest(&other));
    }
}
