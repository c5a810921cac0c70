//! Sessions: one per signed-in device, opened here, renewed by refresh tokens, ended by one revocation.

use access::token::LIFETIME_SECONDS;
use domain::{Event, Role, SessionId, UserId, events::SessionRevoked, ids::TopicKind};
use event_log::outbox;
use function_host::{Problem, client::Client};
use people::{Letter, letters};
use serde::Serialize;
use sqlx::PgConnection;
use tenancy::Workspace;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    State,
    attempts::Attempt,
    error::AuthError,
    person::{Account, Person},
    refresh, second_factor,
    sessions::{self, Places},
    store,
    token::{Token, TokenDigest},
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

/// Live sessions of one person, those that nobody has used for long not counted.
const MOST: i64 = 200;

/// A session that is to be answered once its transaction is committed.
pub(crate) struct Opened {
    person: Person,
    pub(crate) session: SessionId,
    refresh_token: Token,
    /// There is news of sessions that ended for it.
    ended_others: bool,
}

impl State {
    /// The answer to whoever signs in.
    pub(crate) fn answer(&self, workspace: &Workspace, opened: Opened) -> Result<Session, Problem> {
        self.expiries.expect(&self.services, &workspace.id);
        let Opened { person, session, refresh_token, .. } = opened;
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

    /// Opens a session for who knows the account's password, and has its second factor if there is one. `wrong` is the
    /// answer if the password is wrong, or there is no account.
    pub(crate) async fn open_by_password(
        &self,
        workspace: &Workspace,
        email: &str,
        account: Option<Account>,
        password: String,
        entrance: &Entrance<'_>,
        wrong: AuthError,
    ) -> Result<Opened, Problem> {
        let pool = self.services.pool(workspace).await?;
        // Of nobody too, so that time tells nothing.
        let user = account.as_ref().map_or(UserId(Uuid::nil()), |account| account.person.id);
        let places = Places(sessions::store::places(&*pool, user).await?);
        let known = places.know_network(entrance.client);
        let attempt = Attempt::on_account(&pool, email, &entrance.client.network(), known).await?;
        let opened = self.open_by_right_password(workspace, account, password, entrance).await;
        attempt.settle(opened.and_then(|opened| opened.ok_or_else(|| wrong.into()))).await
    }

    async fn open_by_right_password(
        &self,
        workspace: &Workspace,
        account: Option<Account>,
        password: String,
        entrance: &Entrance<'_>,
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
        let retry = match entrance.asked {
            Some(asked) => store::live_session_person(&mut transaction, asked).await?,
            None => None,
        };
        let (retry, now) = (retry.is_some_and(|holder| holder.id == person.id), self.now());
        second_factor::check(&mut transaction, person.id, entrance.code, now, retry).await?;
        let opened = self.open(workspace, &mut transaction, person, entrance).await?;
        let news = if opened.ended_others { Some(self.services.relay.expect(workspace).await?) } else { None };
        transaction.commit().await?;
        if let Some(news) = news {
            news.committed().await;
        }
        Ok(Some(opened))
    }

    /// Opens a session of a person's, whichever way they came in. A retry asks for the session that its first try opened,
    /// and gets new tokens for it. Who comes from where they never were is written to. Of too many sessions the one ends that
    /// was used the longest ago.
    pub(crate) async fn open(
        &self,
        workspace: &Workspace,
        connection: &mut PgConnection,
        person: Person,
        entrance: &Entrance<'_>,
    ) -> Result<Opened, Problem> {
        if entrance.asked.is_some_and(|asked| is_derived(asked.0)) {
            return Err(AuthError::SessionIdTaken.into());
        }
        let session = entrance.asked.unwrap_or_else(SessionId::random);
        let places = Places(sessions::store::places(&mut *connection, person.id).await?);
        let mut ended = Vec::new();
        if store::insert_session(connection, session, person.id, entrance.client, entrance.origin).await? {
            sessions::store::end_unused(connection, person.id).await?;
            ended = sessions::store::end_oldest(connection, person.id, session, MOST).await?;
            if places.are_new_to(entrance.client) {
                self.tell_of_new_device(workspace, connection, &person, entrance.client).await?;
            }
        } else {
            let holder = store::live_session_person(connection, session).await?;
            if holder.is_none_or(|holder| holder.id != person.id) {
                return Err(AuthError::SessionIdTaken.into());
            }
        }
        tell_ended(connection, person.id, &ended).await?;
        let opened = renew(connection, person, session).await?;
        Ok(Opened { ended_others: !ended.is_empty(), ..opened })
    }

    /// Writes to somebody who has signed in from where they never were.
    async fn tell_of_new_device(
        &self,
        workspace: &Workspace,
        connection: &mut PgConnection,
        person: &Person,
        client: &Client,
    ) -> Result<(), Problem> {
        let Some(email) = &person.email else { return Ok(()) };
        letters::expect(&self.services.registry, workspace).await?;
        let at = sessions::store::now(connection).await?;
        let (device, address) = (client.device.clone(), client.address.to_string());
        letters::write(connection, email, &Letter::NewDevice { user: person.id, device, address, at }).await?;
        Ok(())
    }

    /// Seconds since 1970, by the one clock.
    pub(crate) fn now(&self) -> u64 {
        self.services.registry.clock().now_seconds()
    }
}

/// How a session begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    Password,
    Ticket,
    Issuer,
}

impl Origin {
    /// As stored.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Ticket => "ticket",
            Self::Issuer => "issuer",
        }
    }
}

/// How somebody comes in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entrance<'a> {
    /// From where.
    pub(crate) client: &'a Client,
    /// By what.
    pub(crate) origin: Origin,
    /// The session that they name.
    pub(crate) asked: Option<SessionId>,
    /// Their second factor's.
    pub(crate) code: Option<&'a str>,
}

/// The version (RFC 9562) of ids that are derived: sessions of outside issuers' tokens have them, and who knows a subject
/// knows them beforehand.
const DERIVED: usize = 8;

/// Whether an id is one that no client chooses, for a session or for a token: facts of both are found by it.
pub(crate) fn is_derived(id: Uuid) -> bool {
    id.get_version_num() == DERIVED
}

/// Gives a session a refresh token.
pub(crate) async fn renew(connection: &mut PgConnection, person: Person, session: SessionId) -> sqlx::Result<Opened> {
    renew_after(connection, person, session, None).await
}

/// Gives a session its next refresh token, for this one.
pub(crate) async fn renew_after(
    connection: &mut PgConnection,
    person: Person,
    session: SessionId,
    predecessor: Option<TokenDigest>,
) -> sqlx::Result<Opened> {
    let refresh_token = Token::of_family(refresh::store::family(connection, session).await?);
    refresh::store::insert(connection, refresh_token.digest(), session, predecessor).await?;
    Ok(Opened { person, session, refresh_token, ended_others: false })
}

/// Ends a session for good and tells the edges; does nothing if it has ended.
pub(crate) async fn revoke(connection: &mut PgConnection, session: SessionId) -> Result<(), Problem> {
    match store::revoke_session(connection, session).await? {
        Some(user) => tell_ended(connection, user, &[session]).await,
        None => Ok(()),
    }
}

/// Ends all of somebody's sessions but one, however many they are: in two statements.
pub(crate) async fn revoke_all(
    connection: &mut PgConnection,
    user: UserId,
    but: Option<SessionId>,
) -> Result<(), Problem> {
    let ended = store::revoke_sessions(connection, user, but).await?;
    tell_ended(connection, user, &ended).await
}

/// Tells the edges which of somebody's sessions, or tokens, have ended, so that their sockets close.
pub(crate) async fn tell_ended(
    connection: &mut PgConnection,
    user: UserId,
    ended: &[SessionId],
) -> Result<(), Problem> {
    let revoked = |session: &SessionId| SessionRevoked { session_id: *session, user_id: user };
    let events: Vec<Event> = ended.iter().map(revoked).map(Event::SessionRevoked).collect();
    outbox::enqueue_all(connection, TopicKind::Directory, user.0, &events).await?;
    Ok(())
}
