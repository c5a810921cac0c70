//! Signing in with a ticket, once. A ticket reached its holder at the address, so it proves the address.

use axum::extract;
use domain::{SessionId, UserId};
use function_host::{Json, Problem, extract::Tenant};
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::{
    State,
    display_name::DisplayName,
    error::AuthError,
    person::Person,
    session::{self, Session},
    store::{self, NewPerson},
    tickets::{Entry, Ticket, higher},
    token::TokenDigest,
};

/// A ticket to redeem.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Redeem {
    /// As in the sign-in link.
    ticket: String,
    /// For somebody new: 1 to 80 characters, no control characters. By default what stands before the address's `@`.
    #[schema(max_length = 80, example = "Ada Lovelace")]
    display_name: Option<String>,
    /// Made by the client, a UUIDv7: the session to open. A retry with it is answered for 10 minutes after the first use.
    session_id: Option<SessionId>,
}

/// Signs in by ticket: makes the person if there is none, and gives the ticket's role if it is the higher one.
///
/// The first ticket of an address that had only been typed in ends what was opened without it, password and sessions:
/// somebody else may have typed it.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/redeem", operation_id = "redeemTicket", tag = "auth",
    params(("handle" = String, Path, description = "The workspace")), request_body = Redeem,
    responses(
        (status = 200, body = Session),
        (status = 410, body = Problem, content_type = "application/problem+json", description = "`ticket-used` or `ticket-expired`"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn redeem_ticket(
    extract::State(auth): extract::State<State>,
    Tenant(workspace): Tenant,
    Json(body): Json<Redeem>,
) -> Result<axum::Json<Session>, Problem> {
    let display_name: Option<DisplayName> = body.display_name.as_deref().map(str::parse).transpose()?;
    let digest = TokenDigest::of(&body.ticket);

    let pool = auth.services.pool(&workspace)?;
    let mut transaction = pool.begin().await?;
    let ticket = store::lock_ticket(&mut transaction, digest).await?.ok_or(AuthError::TicketNotFound)?;
    let opened = match ticket.check(body.session_id)? {
        Entry::First => {
            let person = admit(&mut transaction, &ticket, display_name).await?;
            let opened = session::open(&mut transaction, person, body.session_id).await?;
            store::use_ticket(&mut transaction, digest, opened.session).await?;
            opened
        }
        Entry::Retry(session) => {
            let person = store::live_session_person(&mut transaction, session).await?.ok_or(AuthError::TicketUsed)?;
            person.check_active()?;
            session::renew(&mut transaction, person, session).await?
        }
    };
    let news = auth.services.relay.expect(&workspace).await?;
    transaction.commit().await?;
    news.committed().await;
    Ok(axum::Json(auth.answer(&workspace, opened)?))
}

/// The person of the ticket's address, with at least its role.
async fn admit(
    connection: &mut PgConnection,
    ticket: &Ticket,
    display_name: Option<DisplayName>,
) -> Result<Person, Problem> {
    let display_name = display_name.unwrap_or_else(|| DisplayName::of_address(&ticket.email));
    let person = NewPerson {
        id: UserId::random(),
        email: &ticket.email,
        display_name: display_name.as_str(),
        role: ticket.role,
        email_proved: true,
    };
    if let Some(person) = store::insert_person(connection, person).await? {
        person.announce(connection).await?;
        return Ok(person);
    }

    let (known, email_proved) = store::lock_person(connection, &ticket.email).await?;
    known.check_active()?;
    if !email_proved {
        // The password first: a sign-in under way either is seen by the next line, or finds it gone.
        store::delete_password(connection, known.id).await?;
        for session in store::live_sessions(connection, known.id).await? {
            session::revoke(connection, session).await?;
        }
    }
    let person = store::prove_email(connection, known.id, higher(known.role, ticket.role)).await?;
    if person.version != known.version {
        person.announce(connection).await?;
    }
    Ok(person)
}
