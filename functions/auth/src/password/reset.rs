//! A new password by a letter's ticket.

use axum::extract;
use domain::SessionId;
use function_host::{Json, Problem, client::Client, extract::Stranger};
use people::letters;
use serde::Deserialize;
use sqlx::{PgConnection, PgPool};
use tenancy::Workspace;
use utoipa::ToSchema;

use super::set;
use crate::{
    State,
    accounts::ending,
    attempts,
    error::AuthError,
    passwords::Password,
    person::Person,
    redeem::{forget_unproved, ticket_for},
    second_factor,
    session::{self, Entrance, Opened, Origin, Session},
    store,
    tickets::{Entry, Purpose, Ticket},
    token::TokenDigest,
};

/// A ticket from a letter, and the new password.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "ticket": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG", "password": "correct horse battery",
    "sessionId": "019a5c1e-7b5b-7d2e-8a4f-3b5c7d9e1f2a",
}))]
pub(crate) struct ResetPassword {
    /// As in the letter's link.
    #[schema(max_length = 200, example = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG")]
    ticket: String,
    /// 10 to 128 characters.
    #[schema(min_length = 10, max_length = 128, example = "correct horse battery")]
    password: String,
    /// Made by the client, a UUIDv7: the session to open. A retry with it is answered for 10 minutes after the first use.
    session_id: Option<SessionId>,
    /// Of the second factor, where the account has one: 6 digits of the app, or a recovery code.
    #[schema(min_length = 6, max_length = 32)]
    code: Option<String>,
}

/// Sets a new password and signs in; all other devices are signed out, all API tokens end, and the address is told. It also
/// proves the address. Never slowed by what failed before, except by wrong codes of the second factor that came with a
/// ticket.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/reset-password", operation_id = "resetPassword", tag = "auth", security(()),
    params(("handle" = String, Path, description = "The workspace")), request_body = ResetPassword,
    responses(
        (status = 200, body = Session),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`second-factor-needed` or `wrong-code`: the ticket is still good"),
        (status = 410, body = Problem, content_type = "application/problem+json", description = "`ticket-used`, `ticket-expired` or `ticket-outdated`"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "`too-many-attempts`: try again after `Retry-After` seconds"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn reset_password(
    extract::State(auth): extract::State<State>,
    Stranger(workspace): Stranger,
    client: Client,
    Json(body): Json<ResetPassword>,
) -> Result<axum::Json<Session>, Problem> {
    let password: Password = body.password.parse()?;

    let pool = auth.services.pool(&workspace).await?;
    let digest = TokenDigest::of(&body.ticket);
    let ticket = ticket_for(&pool, digest, &client, &[Purpose::ResetPassword]).await?;
    // Looked at before anything costly is done, and once more under its lock.
    ticket.check(body.session_id)?;
    let hash = auth.hasher.hash(&workspace.id, password.into_text()).await?;
    let (origin, code) = (Origin::Ticket, body.code.as_deref());
    let entrance = Entrance { client: &client, origin, asked: body.session_id, code };
    let work = reset(&auth, &workspace, &pool, digest, &hash, &entrance);
    let opened = auth.guarded(&pool, &ticket.email, work).await?;
    attempts::forgive(&pool, &ticket.email, &client.network()).await;
    Ok(axum::Json(auth.answer(&workspace, opened)?))
}

async fn reset(
    auth: &State,
    workspace: &Workspace,
    pool: &PgPool,
    digest: TokenDigest,
    hash: &str,
    entrance: &Entrance<'_>,
) -> Result<Opened, Problem> {
    let news = auth.services.relay.expect(workspace).await?;
    letters::expect(&auth.services.registry, workspace).await?;
    let mut transaction = pool.begin().await?;
    let ticket = store::lock_ticket(&mut transaction, digest).await?.ok_or(AuthError::TicketNotFound)?;
    let opened = match ticket.check(entrance.asked)? {
        Entry::First => {
            let person = owner(&mut transaction, &ticket, digest, entrance, auth.now()).await?;
            // The password before sessions, as whoever signs in.
            set(&mut transaction, person.id, hash, person.email.as_deref(), Some(digest)).await?;
            ending::everything(&mut transaction, person.id).await?;
            let opened = auth.open(workspace, &mut transaction, person, entrance).await?;
            store::use_ticket(&mut transaction, digest, Some(opened.session)).await?;
            opened
        }
        Entry::Retry(session) => {
            let person = store::live_session_person(&mut transaction, session).await?.ok_or(AuthError::TicketUsed)?;
            person.check_active()?;
            session::renew(&mut transaction, person, session).await?
        }
    };
    transaction.commit().await?;
    news.committed().await;
    Ok(opened)
}

/// Whose account the ticket is about, with both proofs.
async fn owner(
    connection: &mut PgConnection,
    ticket: &Ticket,
    digest: TokenDigest,
    entrance: &Entrance<'_>,
    now: u64,
) -> Result<Person, Problem> {
    if !store::email_is_taken(connection, &ticket.email).await? {
        return Err(AuthError::TicketOutdated.into());
    }
    let (known, email_proved) = store::lock_person(connection, &ticket.email).await?;
    if ticket.user != Some(known.id) {
        return Err(AuthError::TicketOutdated.into());
    }
    known.check_active()?;
    if !email_proved {
        forget_unproved(connection, known.id, Some(digest)).await?;
    }
    second_factor::check(connection, known.id, entrance.code, now, false).await?;
    Ok(store::prove_email(connection, known.id, known.role).await?)
}
