//! The first owner's way in: a one-time link that the operator keeps, and a letter with another, where letters are sent.

mod store;

use std::time::Duration;

use domain::Role;
use people::{Letter, PeopleError, letters};
use sqlx::PgPool;
use tenancy::{Registry, Workspace};

use crate::{
    email::Email,
    tickets::{self, IssueError},
    token::Token,
};

/// How long the links work. They wait until somebody gets to them.
pub const LIFETIME: Duration = Duration::from_hours(7 * 24);

/// How far the first owner has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing has reached them yet.
    Open,
    /// The mail server has taken a letter to them, in the last 7 days.
    Emailed,
    /// They have signed in, and the address is proved to be theirs.
    In,
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// No ticket.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// No letter.
    #[error(transparent)]
    Letter(#[from] PeopleError),
}

impl From<sqlx::Error> for InviteError {
    fn from(error: sqlx::Error) -> Self {
        IssueError::from(error).into()
    }
}

/// How far the owner that the workspace's manifest names has come.
///
/// # Errors
/// The workspace's database.
pub async fn progress(pool: &PgPool, workspace: &Workspace) -> sqlx::Result<Progress> {
    let row = store::progress(pool, &workspace.owner_email).await?;
    Ok(match (row.is_in, row.emailed) {
        (true, _) => Progress::In,
        (false, true) => Progress::Emailed,
        (false, false) => Progress::Open,
    })
}

/// A ticket that lets the first owner in, once. With the first one they are written to as well.
///
/// # Errors
/// See [`InviteError`].
pub async fn invite(pool: &PgPool, registry: &Registry, workspace: &Workspace) -> Result<Token, InviteError> {
    let email: Email = workspace.owner_email.parse().map_err(IssueError::from)?;
    if !store::was_invited(pool, email.as_str()).await? {
        letters::expect(registry, workspace).await?;
        let mut connection = pool.acquire().await?;
        letters::write(&mut connection, email.as_str(), &Letter::FirstOwner).await?;
    }
    Ok(tickets::issue(pool, email.as_str(), Role::Owner, LIFETIME).await?)
}
