//! Why somebody was not let in.

use event_log::outbox::RelayError;

use crate::admission::MAX_BOTS;

/// Why nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The workspace has as many members as it may have.
    #[error("this workspace has as many members as it may have; ask its administrators")]
    WorkspaceFull,
    /// The workspace has as many bots as it may have.
    #[error("this workspace has {MAX_BOTS} bots, as many as it may have; erase one of them first")]
    TooManyBots,
    /// Somebody active has a name that looks the same, and is not the same.
    #[error("somebody here has a name that looks just like this one and is not the same")]
    NameLooksTaken,
    /// The workspace's rule lets nobody in whom this issuer vouches for in this way.
    #[error("you are not a member of this workspace; ask its administrators for an invitation")]
    NotAdmitted,
    /// Somebody typed this address in and has not shown that it is theirs.
    #[error("an account here has this address without having proved it; prove it first, by resetting its password")]
    AddressUnproved,
    /// An account with this address has a second factor, for which an issuer's word is no substitute.
    #[error("an account here has this address and a second factor; sign in with them and take the factor away first")]
    SecondFactorSet,
    /// There is no such invitation.
    #[error("there is no such invitation")]
    InvitationNotFound,
    /// It was taken back.
    #[error("this invitation was taken back")]
    InvitationRevoked,
    /// It has been used as often as it may be.
    #[error("this invitation was used")]
    InvitationUsed,
    /// Its time is over.
    #[error("this invitation has expired")]
    InvitationExpired,
    /// It was sent to another address.
    #[error("this invitation is for another e-mail address")]
    InvitationForAnother,
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// A letter could not be written.
    #[error("a letter can't be written: {0}")]
    Letter(#[from] serde_json::Error),
    /// The event could not be put beside the change.
    #[error(transparent)]
    Outbox(#[from] RelayError),
}
