//! A browser that comes back from an issuer.

use axum::{extract, http::StatusCode};
use domain::SessionId;
use function_host::{Json, Problem, client::Client, extract::Stranger};
use issuers::Returned;
use people::{PeopleError, Subject, admit_subject};
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::{Flow, audience, refused, store, trusted};
use crate::{
    State,
    error::AuthError,
    redeem::forget_unproved,
    session::{Entrance, Origin, Session},
    store as accounts,
};

/// What the browser has come back with.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "flow": "eyJhbGciOiJFZERTQSJ9.e30.c2ln", "state": "f1Jx0m2yVbY3", "code": "SplxlOBeZQQYbYS6WxSbIA",
    "sessionId": "019aab3c-5d7e-7f11-9b3c-4d5e6f7a8b9c"
}))]
pub(crate) struct FinishSignIn {
    /// As `beginSignIn` answered it.
    #[schema(max_length = 4096)]
    flow: String,
    /// Of the query.
    #[schema(max_length = 512)]
    state: String,
    /// Of the query.
    #[schema(max_length = 4096)]
    code: String,
    /// Of the query, if it has one (RFC 9207).
    #[schema(max_length = 512)]
    iss: Option<String>,
    /// Made by the client, a UUIDv7: the session to open.
    session_id: Option<SessionId>,
}

/// Ends a sign-in by an issuer: whoever the issuer vouches for is signed in, and let in by the workspace's rule if they
/// are here for the first time. A code is good once: after a lost answer the sign-in begins again.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/issuers/finish", operation_id = "finishSignIn", tag = "auth", security(()),
    params(("handle" = String, Path, description = "The workspace")), request_body = FinishSignIn,
    responses(
        (status = 200, body = Session),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn finish_sign_in(
    extract::State(auth): extract::State<State>,
    Stranger(workspace): Stranger,
    client: Client,
    Json(body): Json<FinishSignIn>,
) -> Result<axum::Json<Session>, Problem> {
    let flow: Option<Flow> = auth.signer.unseal(&audience(&workspace), auth.now(), &body.flow);
    // The state shows that the browser that came back is the one that went.
    let flow = flow.filter(|flow| flow.state == body.state).ok_or_else(|| {
        Problem::new(StatusCode::UNAUTHORIZED, "sign-in-refused", "this sign-in was not begun here, or too long ago")
    })?;
    let (issuer, settings) = trusted(&workspace, &flow.issuer)?;
    let returned = Returned {
        code: &body.code,
        issuer: body.iss.as_deref(),
        verifier: &flow.verifier,
        nonce: &flow.nonce,
        redirect_uri: &flow.redirect_uri,
    };
    let identity = auth.services.access.issuers().finish(&settings, returned, auth.now()).await;
    let identity = identity.map_err(|error| refused(&error))?;

    let subject = Subject {
        issuer,
        subject: &identity.subject,
        email: identity.email.as_deref(),
        name: identity.name.as_deref(),
    };
    let pool = auth.services.pool(&workspace).await?;
    let news = auth.services.relay.expect(&workspace).await?;
    let mut transaction = pool.begin().await?;
    let user = match admit_subject(&mut transaction, &workspace, subject).await {
        Err(PeopleError::AddressUnproved) => {
            claim(&mut transaction, subject.email.unwrap_or_default()).await?;
            admit_subject(&mut transaction, &workspace, subject).await?
        }
        admitted => admitted?,
    };
    let person = accounts::person(&mut transaction, user).await?.ok_or(AuthError::WrongCredentials)?;
    person.check_active()?;
    let entrance = Entrance { client: &client, origin: Origin::Issuer, asked: body.session_id, code: None };
    let opened = auth.open(&workspace, &mut transaction, person, &entrance).await?;
    store::set_issuer(&mut transaction, opened.session, &flow.issuer).await?;
    transaction.commit().await?;
    news.committed().await;
    Ok(axum::Json(auth.answer(&workspace, opened)?))
}

/// Gives an account to the owner of its address, for whom an issuer vouches. Whoever only typed the address in loses it.
async fn claim(connection: &mut PgConnection, email: &str) -> Result<(), Problem> {
    let (known, proved) = accounts::lock_person(connection, email).await?;
    known.check_active()?;
    if !proved {
        forget_unproved(connection, known.id, None).await?;
        accounts::prove_email(connection, known.id, known.role).await?;
    }
    Ok(())
}
