//! SQL of people, passwords, sessions and tickets.

use std::time::Duration;

use domain::{Role, SessionId, UserId};
use function_host::client::Client;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::{
    person::{Account, Person},
    session::Origin,
    tickets::{Purpose, Ticket, TicketUse},
    token::TokenDigest,
};

/// Whoever has an id or an address already.
pub(crate) struct Holder {
    pub(crate) account: Account,
    pub(crate) same_email: bool,
}

/// A row of `users`, before its role is read.
pub(crate) struct PersonRow {
    pub(crate) id: Uuid,
    pub(crate) email: Option<String>,
    pub(crate) display_name: String,
    pub(crate) role: String,
    pub(crate) active: bool,
    pub(crate) version: i64,
}

impl PersonRow {
    pub(crate) fn read(self) -> sqlx::Result<Person> {
        Ok(Person {
            id: UserId(self.id),
            email: self.email,
            display_name: self.display_name,
            role: role(&self.role)?,
            active: self.active,
            version: self.version,
        })
    }
}

fn role(word: &str) -> sqlx::Result<Role> {
    word.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// Whoever has this id or this address: nobody, one, or one of each.
pub(crate) async fn holders(pool: &PgPool, user: Option<UserId>, email: &str) -> sqlx::Result<Vec<Holder>> {
    let rows = sqlx::query!(
        r#"select u.id, u.email, u.display_name, u.role, u.active, u.version, p.password_hash as "password_hash?",
                  coalesce(lower(u.email) = lower($2), false) as "same_email!"
           from users u left join passwords p on p.user_id = u.id where u.id = $1 or lower(u.email) = lower($2)"#,
        user.map(|user| user.0),
        email
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let person = PersonRow {
                id: row.id,
                email: row.email,
                display_name: row.display_name,
                role: row.role,
                active: row.active,
                version: row.version,
            };
            let account = Account { person: person.read()?, password_hash: row.password_hash };
            Ok(Holder { account, same_email: row.same_email })
        })
        .collect()
}

/// Somebody by id.
pub(crate) async fn person(connection: &mut PgConnection, user: UserId) -> sqlx::Result<Option<Person>> {
    let row = sqlx::query_as!(
        PersonRow,
        "select id, email, display_name, role, active, version from users where id = $1",
        user.0
    )
    .fetch_optional(connection)
    .await?;
    row.map(PersonRow::read).transpose()
}

/// The account of an address.
pub(crate) async fn account(pool: &PgPool, email: &str) -> sqlx::Result<Option<Account>> {
    Ok(holders(pool, None, email).await?.pop().map(|holder| holder.account))
}

/// The person of an address and whether the address is proved; nobody else changes them until the transaction ends.
/// The lock lets sessions be opened beside it: a sign-in that holds the password never waits for this.
pub(crate) async fn lock_person(connection: &mut PgConnection, email: &str) -> sqlx::Result<(Person, bool)> {
    let row = sqlx::query!(
        r#"select id, email, display_name, role, active, version, email_proved_at is not null as "email_proved!"
           from users where lower(email) = lower($1) for no key update"#,
        email
    )
    .fetch_one(connection)
    .await?;
    let person = PersonRow {
        id: row.id,
        email: row.email,
        display_name: row.display_name,
        role: row.role,
        active: row.active,
        version: row.version,
    };
    Ok((person.read()?, row.email_proved))
}

/// Records that the address is the person's, and their role; the version counts changes that others see.
pub(crate) async fn prove_email(connection: &mut PgConnection, user: UserId, role: Role) -> sqlx::Result<Person> {
    let row = sqlx::query_as!(
        PersonRow,
        "update users set role = $2, version = version + (role <> $2)::int,
                email_proved_at = coalesce(email_proved_at, now())
         where id = $1 returning id, email, display_name, role, active, version",
        user.0,
        role.as_str()
    )
    .fetch_one(connection)
    .await?;
    row.read()
}

pub(crate) async fn insert_password(connection: &mut PgConnection, user: UserId, hash: &str) -> sqlx::Result<()> {
    sqlx::query!("insert into passwords (user_id, password_hash) values ($1, $2)", user.0, hash)
        .execute(connection)
        .await?;
    Ok(())
}

/// For somebody who has no password.
pub(crate) async fn insert_first_password(connection: &mut PgConnection, user: UserId, hash: &str) -> sqlx::Result<()> {
    sqlx::query!("insert into passwords (user_id, password_hash) values ($1, $2) on conflict do nothing", user.0, hash)
        .execute(connection)
        .await
        .map(drop)
}

/// Whether this is still the person's password; if so, it is until the transaction ends.
pub(crate) async fn hold_password(connection: &mut PgConnection, user: UserId, hash: &str) -> sqlx::Result<bool> {
    let row =
        sqlx::query!("select user_id from passwords where user_id = $1 and password_hash = $2 for share", user.0, hash)
            .fetch_optional(connection)
            .await?;
    Ok(row.is_some())
}

pub(crate) async fn delete_password(connection: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!("delete from passwords where user_id = $1", user.0).execute(connection).await?;
    Ok(())
}

/// Whether somebody has an address.
pub(crate) async fn email_is_taken(connection: &mut PgConnection, email: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists(select from users where lower(email) = lower($1)) as "taken!""#, email)
        .fetch_one(connection)
        .await
}

/// Makes a session; false if the id is taken.
pub(crate) async fn insert_session(
    connection: &mut PgConnection,
    session: SessionId,
    user: UserId,
    client: &Client,
    origin: Origin,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into sessions (id, user_id, device, address, origin) values ($1, $2, $3, $4, $5) on conflict do nothing",
        session.0,
        user.0,
        client.device,
        client.address.to_string(),
        origin.as_str()
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whose session it is; nobody's if it has ended.
pub(crate) async fn live_session_person(
    connection: &mut PgConnection,
    session: SessionId,
) -> sqlx::Result<Option<Person>> {
    let row = sqlx::query_as!(
        PersonRow,
        "select u.id, u.email, u.display_name, u.role, u.active, u.version
         from sessions s join users u on u.id = s.user_id where s.id = $1 and s.revoked_at is null",
        session.0
    )
    .fetch_optional(connection)
    .await?;
    row.map(PersonRow::read).transpose()
}

/// Ends all of somebody's sessions but one, and says which have not ended before.
pub(crate) async fn revoke_sessions(
    connection: &mut PgConnection,
    user: UserId,
    but: Option<SessionId>,
) -> sqlx::Result<Vec<SessionId>> {
    let ended = sqlx::query_scalar!(
        "update sessions set revoked_at = now()
         where user_id = $1 and revoked_at is null and id is distinct from $2 returning id",
        user.0,
        but.map(|but| but.0)
    );
    Ok(ended.fetch_all(connection).await?.into_iter().map(SessionId).collect())
}

/// Ends a session and says whose it was; nothing if it has ended.
pub(crate) async fn revoke_session(connection: &mut PgConnection, session: SessionId) -> sqlx::Result<Option<UserId>> {
    let row = sqlx::query!(
        "update sessions set revoked_at = now() where id = $1 and revoked_at is null returning user_id",
        session.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| UserId(row.user_id)))
}

pub(crate) async fn insert_ticket(
    pool: &PgPool,
    digest: TokenDigest,
    email: &str,
    role: Role,
    lifetime: Duration,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into sign_in_tickets (token_hash, email, role, expires_at)
         values ($1, $2, $3, now() + make_interval(secs => $4))",
        digest.as_bytes(),
        email,
        role.as_str(),
        lifetime.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// A ticket; of two that redeem it at once, the second waits here, and then finds its use.
pub(crate) async fn lock_ticket(connection: &mut PgConnection, digest: TokenDigest) -> sqlx::Result<Option<Ticket>> {
    let row = sqlx::query!(
        r#"select purpose, user_id, email, role, expires_at, used_at, session_id, now() as "now!"
           from sign_in_tickets where token_hash = $1 for update"#,
        digest.as_bytes()
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Ticket {
            purpose: Purpose::of(&row.purpose)
                .ok_or_else(|| sqlx::Error::Decode("a ticket for something unknown".into()))?,
            user: row.user_id.map(UserId),
            email: row.email,
            role: role(&row.role)?,
            now: row.now,
            expires_at: row.expires_at,
            used: row.used_at.map(|at| TicketUse { at, session: row.session_id.map(SessionId) }),
        })
    })
    .transpose()
}

pub(crate) async fn use_ticket(
    connection: &mut PgConnection,
    digest: TokenDigest,
    session: Option<SessionId>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update sign_in_tickets set used_at = now(), session_id = $2 where token_hash = $1",
        digest.as_bytes(),
        session.map(|session| session.0)
    )
    .execute(connection)
    .await?;
    Ok(())
}
