//! Sessions: one per signed-in device, opened here, renewed by refresh tokens, ended by one revocation.

use access::token::LIFETIME_SECONDS;
use domain::{Event, Role, SessionId, UserId, events::SessionRevoked, ids::TopicKind};
use event_log::outbox;
use function_host::Problem;
use serde::Serialize;
use sqlx::PgConnection;
use tenancy::Workspace;
use utoipa::ToSchema;

use crate::{
    State,
    error::AuthError,
    person::{Account, Person},
    store,
    token::Token,
};

/// What a device needs until it signs out.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    /// A JWT for `Authorization: Bearer`, valid in this workspace.
    access_token: String,
    /// Seconds until the access token ends.
    expires_in: u64,
    /// Good for one refresh, for 30 days.
    refresh_token: String,
    /// Who has signed in.
    user: SessionUser,
}

/// Who a session belongs to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionUser {
    user_id: UserId,
    /// None where no address is known.
    email: Option<String>,
    display_name: String,
    role: Role,
}

/// A session that is to be answered once its transaction is committed.
pub(crate) struct Opened {
    person: Person,
    pub(crate) session: SessionId,
    refresh_token: Token,
}

impl State {
    /// The answer to whoever signs in.
    pub(crate) fn answer(&self, workspace: &Workspace, opened: Opened) -> Result<Session, Problem> {
        let Opened { person, session, refresh_token } = opened;
        let signed =
            self.signer.sign_at(self.services.registry.clock().now_seconds(), &workspace.id, person.id, session);
        Ok(Session {
            access_token: signed.map_err(|error| Problem::internal(&error))?,
            expires_in: LIFETIME_SECONDS,
            refresh_token: refresh_token.expose().to_owned(),
            user: SessionUser {
                user_id: person.id,
                email: person.email,
                display_name: person.display_name,
                role: person.role,
            },
        })
    }

    /// Opens a session for who knows the account's password; nothing if it is wrong, or there is no account.
    pub(crate) async fn open_by_password(
        &self,
        workspace: &Workspace,
        account: Option<Account>,
        password: String,
        asked: Option<SessionId>,
    ) -> Result<Option<Opened>, Problem> {
        let (person, hash) = match account {
            Some(Account { person, password_hash }) => (Some(person), password_hash),
            None => (None, None),
        };
        if !self.hasher.verify(&workspace.id, password, hash.clone()).await? {
            return Ok(None);
        }
        let (Some(person), Some(hash)) = (person, hash) else { return Ok(None) };
        person.check_active()?;
        let mut transaction = self.services.pool(workspace).await?.begin().await?;
        // A ticket may have taken the password away while it was compared.
        if !store::hold_password(&mut transaction, person.id, &hash).await? {
            return Ok(None);
        }
        let opened = open(&mut transaction, person, asked).await?;
        transaction.commit().await?;
        Ok(Some(opened))
    }
}

/// Opens a session of a person's. A retry asks for the session that its first try opened, and gets new tokens for it.
pub(crate) async fn open(
    connection: &mut PgConnection,
    person: Person,
    asked: Option<SessionId>,
) -> Result<Opened, Problem> {
    let session = asked.unwrap_or_else(SessionId::random);
    if !store::insert_session(connection, session, person.id).await? {
        let holder = store::live_session_person(connection, session).await?;
        if holder.is_none_or(|holder| holder.id != person.id) {
            return Err(AuthError::SessionIdTaken.into());
        }
    }
    Ok(renew(connection, person, session).await?)
}

/// Gives a session its next refresh token.
pub(crate) async fn renew(connection: &mut PgConnection, person: Person, session: SessionId) -> sqlx::Result<Opened> {
    let refresh_token = Token::random();
    store::insert_refresh_token(connection, refresh_token.digest(), session).await?;
    Ok(Opened { person, session, refresh_token })
}

/// Ends a session for good and tells the edges; does nothing if it has ended.
pub(crate) async fn revoke(connection: &mut PgConnection, session: SessionId) -> Result<(), Problem> {
    if let Some(user) = store::revoke_session(connection, session).await? {
        let event = Event::SessionRevoked(SessionRevoked { session_id: session, user_id: user });
        outbox::enqueue(connection, TopicKind::Directory, user.0, &event).await?;
    }
    Ok(())
}
