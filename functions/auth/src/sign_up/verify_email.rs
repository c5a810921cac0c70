//! Proving an address: the one that an account has, or the one that it is to have. It takes the letter and the account
//! together. Whoever only follows a letter's link may be the owner of an address that somebody else has registered, or
//! asked for, and must not raise that account by it; whoever only has the account may have typed in any address.

use access::Caller;
use axum::{extract, http::StatusCode};
use domain::policy::Action;
use function_host::{Json, On, Problem, client::Client, extract::Authenticated};
use people::{Letter, letters};
use serde::Deserialize;
use sqlx::PgPool;
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

/// Proves the address that a letter with this ticket reached, for the account that the letter is about, once its holder has
/// signed in: on another device than before, too. If the account is to have that address, it has it now, and its former
/// address is told. A letter about an account that somebody else made proves nothing: whoever reads it gets that account
/// by asking for a new password.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/verify-email", operation_id = "verifyEmail", tag = "auth",
    params(("handle" = String, Path, description = "The workspace")), request_body = VerifyEmail,
    responses(
        (status = 204, description = "The address is proved; sent again within 10 minutes, the answer is the same"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "`ticket-for-another`: the letter is about another account than the caller's"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`email-taken`: somebody else has the address by now"),
        (status = 410, body = Problem, content_type = "application/problem+json", description = "`ticket-used`, `ticket-expired` or `ticket-outdated`"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn verify_email(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    client: Client,
    Json(body): Json<VerifyEmail>,
) -> Result<StatusCode, Problem> {
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;

    let pool = auth.services.pool(&caller.workspace).await?;
    let digest = TokenDigest::of(&body.ticket);
    let ticket = ticket_for(&pool, digest, &client, &[Purpose::VerifyEmail, Purpose::ChangeEmail]).await?;
    if ticket.user != Some(caller.user) {
        return Err(AuthError::TicketForAnother.into());
    }
    if ticket.check_done()? == Done::NotYet {
        verify(&auth, &caller, &pool, digest).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn verify(auth: &State, caller: &Caller, pool: &PgPool, digest: TokenDigest) -> Result<(), Problem> {
    let user = caller.user;
    let news = auth.services.relay.expect(&caller.workspace).await?;
    letters::expect(&auth.services.registry, &caller.workspace).await?;
    let mut transaction = pool.begin().await?;
    // The account first, as whoever ends its tickets does.
    let address = store::lock_address(&mut transaction, user).await?.filter(|address| address.active);
    let former = address.ok_or(AuthError::TicketOutdated)?.email;
    let ticket = shared::lock_ticket(&mut transaction, digest).await?.ok_or(AuthError::TicketNotFound)?;
    if ticket.check_done()? == Done::Before {
        return Ok(());
    }
    let Ticket { ref email, purpose, .. } = ticket;
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
