//! What can go wrong with a change, and how clients are told. Constraints of the database are told by their names.

use ::people::PeopleError;
use domain::policy::Refusal;
use event_log::outbox::RelayError;
use function_host::Problem;
use tenancy::DatabaseError;

use crate::{channels::MAX_CHANNELS, conversations::MAX_OPENED, teams::MAX_TEAMS};

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DirectoryError {
    /// `channel-name-taken`.
    #[error("another channel of the workspace has this name, or one that looks the same")]
    ChannelNameTaken,
    /// `channel-not-found`.
    #[error("there is no such channel")]
    ChannelNotFound,
    /// `person-not-found`.
    #[error("there is no such person, or the account is deactivated")]
    PersonNotFound,
    /// `team-name-taken`.
    #[error("another team of the workspace has this name, or one that looks the same")]
    TeamNameTaken,
    /// `too-many-channels`.
    #[error("this workspace has {MAX_CHANNELS} channels, archived ones included: as many as it may have")]
    TooManyChannels,
    /// `too-many-teams`.
    #[error("this workspace has {MAX_TEAMS} teams, as many as it may have; end one of them first")]
    TooManyTeams,
    /// `too-many-conversations`.
    #[error("you have opened {MAX_OPENED} conversations, as many as anybody may")]
    TooManyConversations,
    /// What the policy says of the state that was found under the lock.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What a client is told as it is.
    #[error("{}", .0.code())]
    Told(Box<Problem>),
    /// The database's.
    #[error(transparent)]
    Database(sqlx::Error),
    /// The workspace's database is not served by this program.
    #[error(transparent)]
    Upgrading(#[from] DatabaseError),
    /// The event could not be put beside the change.
    #[error(transparent)]
    Outbox(#[from] RelayError),
    /// Letting somebody in or out.
    #[error(transparent)]
    People(PeopleError),
}

impl From<PeopleError> for DirectoryError {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Database(error) => error.into(),
            PeopleError::Outbox(error) => error.into(),
            error => Self::People(error),
        }
    }
}

impl From<Problem> for DirectoryError {
    fn from(problem: Problem) -> Self {
        Self::Told(Box::new(problem))
    }
}

impl From<sqlx::Error> for DirectoryError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().and_then(|error| error.constraint()) {
            Some("channels_name") => Self::ChannelNameTaken,
            Some("teams_name") => Self::TeamNameTaken,
            Some("channel_members_channel_id_fkey") => Self::ChannelNotFound,
            Some("channel_members_user_id_fkey") => Self::PersonNotFound,
            _ => Self::Database(error),
        }
    }
}

impl From<DirectoryError> for Problem {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::ChannelNameTaken => Self::conflict("channel-name-taken", error.to_string()).at("name"),
            DirectoryError::TeamNameTaken => Self::conflict("team-name-taken", error.to_string()).at("name"),
            DirectoryError::TooManyChannels => Self::conflict("too-many-channels", error.to_string()),
            DirectoryError::TooManyTeams => Self::conflict("too-many-teams", error.to_string()),
            DirectoryError::TooManyConversations => Self::conflict("too-many-conversations", error.to_string()),
            DirectoryError::Refused(refusal) => refusal.into(),
            DirectoryError::Told(problem) => *problem,
            DirectoryError::ChannelNotFound => Refusal::ChannelNotFound.into(),
            DirectoryError::PersonNotFound => Self::not_found("person-not-found", error.to_string()),
            DirectoryError::Database(error) | DirectoryError::Outbox(RelayError::Database(error)) => error.into(),
            DirectoryError::Upgrading(error) => error.into(),
            DirectoryError::Outbox(error) => Self::internal(&error),
            DirectoryError::People(error) => error.into(),
        }
    }
}
