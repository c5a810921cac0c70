//! Proving an address: the one that an account has, or the one that it is to have.

use axum::{extract, http::StatusCode};
use function_host::{Json, Problem, client::Client, extract::Stranger};
use people::{Letter, letters};
use serde::Deserialize;
use sqlx::PgPool;
use tenancy::Workspace;
use utoipa::ToSchema;

use super::store;
use crate::{
    State,
    error::AuthError,
    redeem::ticket_for,
    store as shared,
    tickets::{Done, Purpose, Ticket},
    token::TokenDigest,
};

/// A ticket from a letter.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"ticket": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"}))]
pub(crate) struct VerifyEmail {
    /// As in the letter's link.
    #[schema(max_length = 200, example = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG")]
    ticket: String,
}

/// Proves the address that a letter with this ticket reached. If its account is to have that address, it has it now, and
/// its former address is told. Needs no session: the letter may be read on another device.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/verify-email", operation_id = "verifyEmail", tag = "auth", security(()),
    params(("handle" = String, Path, description = "The workspace")), request_body = VerifyEmail,
    responses(
        (status = 204, description = "The address is proved; sent again within 10 minutes, the answer is the same"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`email-taken`: somebody else has the address by now"),
        (status = 410, body = Problem, content_type = "application/problem+json", description = "`ticket-used`, `ticket-expired` or `ticket-outdated`"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn verify_email(
    extract::State(auth): extract::State<State>,
    Stranger(workspace): Stranger,
    client: Client,
    Json(body): Json<VerifyEmail>,
) -> Result<StatusCode, Problem> {
    let pool = auth.services.pool(&workspace).await?;
    let digest = TokenDigest::of(&body.ticket);
    let ticket = ticket_for(&pool, digest, &client, &[Purpose::VerifyEmail, Purpose::ChangeEmail]).await?;
    if ticket.check_done()? == Done::NotYet {
        verify(&auth, &workspace, &pool, digest).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn verify(auth: &State, workspace: &Workspace, pool: &PgPool, digest: TokenDigest) -> Result<(), Problem> {
    let news = auth.services.relay.expect(workspace).await?;
    letters::expect(&auth.services.registry, workspace).await?;
    let mut transaction = pool.begin().await?;
    let ticket = shared::lock_ticket(&mut transaction, digest).await?.ok_or(AuthError::TicketNotFound)?;
    if ticket.check_done()? == Done::Before {
        return Ok(());
    }
    let Ticket { user: Some(user), ref email, purpose, .. } = ticket else {
        return Err(AuthError::TicketOutdated.into());
    };
    let address = store::lock_address(&mut transaction, user).await?.filter(|address| address.active);
    let former = address.ok_or(AuthError::TicketOutdated)?.email;
    let has_it = former.as_ref().is_some_and(|former| former.eq_ignore_ascii_case(email));
    if purpose == Purpose::ChangeEmail {
        if !store::change_address(&mut transaction, user, email).await? {
            return Err(AuthError::EmailTaken.into());
        }
        store::void_tickets(&mut transaction, user, Some(digest)).await?;
        people::person_changed(&mut transaction, user).await?;
        if let Some(former) = former.filter(|_| !has_it) {
            letters::write(&mut transaction, &former, &Letter::EmailChanged { user, to: email.clone() }).await?;
        }
    } else if has_it {
        store::prove_address(&mut transaction, user).await?;
    } else {
        return Err(AuthError::TicketOutdated.into());
    }
    shared::use_ticket(&mut transaction, digest, None).await?;
    transaction.commit().await?;
    news.committed().await;
    Ok(())
}
