//! Signing in with a ticket, once. A ticket reached its holder at the address, so it proves the address.

use axum::extract;
use domain::{AccountKind, Name, SessionId, UserId};
use function_host::{Json, Problem, extract::Stranger};
use people::{Admission, NewPerson};
use serde::Deserialize;
use sqlx::PgConnection;
use tenancy::Limits;
use utoipa::ToSchema;

use crate::{
    State,
    error::AuthError,
    person::Person,
    session::{self, Session},
    store,
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
    Stranger(workspace): Stranger,
    Json(body): Json<Redeem>,
) -> Result<axum::Json<Session>, Problem> {
    let name = body.display_name.as_deref().map(str::parse::<Name>).transpose();
    let name = name.map_err(|error| Problem::invalid_name(error, "displayName"))?;
    let digest = TokenDigest::of(&body.ticket);

    let pool = auth.services.pool(&workspace).await?;
    let mut transaction = pool.begin().await?;
    let ticket = store::lock_ticket(&mut transaction, digest).await?.ok_or(AuthError::TicketNotFound)?;
    let opened = match ticket.check(body.session_id)? {
        Entry::First => {
            let person = admit(&mut transaction, &workspace.settings.limits, &ticket, name).await?;
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
    limits: &Limits,
    ticket: &Ticket,
    name: Option<Name>,
) -> Result<Person, Problem> {
    let name = name.unwrap_or_else(|| Name::lenient(ticket.email.split('@').next().unwrap_or_default(), "somebody"));
    let id = UserId::random();
    let person = NewPerson {
        id,
        email: Some(&ticket.email),
        email_proved: true,
        name: &name,
        role: ticket.role,
        kind: AccountKind::Person,
    };
    if people::admit(connection, limits, person).await? == Admission::Admitted {
        return Ok(store::person(connection, id).await?.ok_or(sqlx::Error::RowNotFound)?);
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
        people::person_changed(connection, person.id).await?;
    }
    Ok(person)
}
