//! Coming in by an invitation. The id is the client's, so a retry names the same person; the password shows that it is
//! a retry.

use axum::{
    extract,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{AccountKind, Name, SessionId, UserId};
use function_host::{Json, Problem, client::Client, extract::Stranger};
use people::{Admission, Invitation, Letter, Lock, NewPerson, PeopleError, letters};
use serde::Deserialize;
use tenancy::Workspace;
use utoipa::ToSchema;

use super::{InvitedError, store};
use crate::{
    State,
    email::Email,
    error::AuthError,
    passwords::Password,
    session::{Entrance, Opened, Origin, Session},
    store as people_store,
};

/// Somebody who was invited.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "token": "pVQmL1sPq0m3v8e2Yb7Xw4Tz6Rk9Nc5Hd1Jf3Ga7Us0", "userId": "019aab3c-5d7e-7f10-8a2b-3c4d5e6f7a8b",
    "email": "grace@acme.example", "password": "correct horse battery", "displayName": "Grace Hopper",
    "sessionId": "019aab3c-5d7e-7f11-9b3c-4d5e6f7a8b9c"
}))]
pub(crate) struct AcceptInvitation {
    /// As in the link.
    #[schema(max_length = 200)]
    token: String,
    /// Made by the client, a UUIDv7; the same in every retry.
    user_id: UserId,
    /// Needed where the invitation is a link for everybody. One that was sent to an address is for that address alone.
    #[schema(max_length = 320)]
    email: Option<String>,
    /// 10 to 128 characters.
    #[schema(min_length = 10, max_length = 128)]
    password: String,
    /// 1 to 80 characters in one line.
    #[schema(min_length = 1, max_length = 80)]
    display_name: String,
    /// Made by the client, a UUIDv7: the session to open; the same in every retry, so that no second one is opened.
    session_id: Option<SessionId>,
}

/// Somebody who was invited, as far as this can be judged without the database.
struct Wanted {
    token: String,
    id: UserId,
    email: Option<Email>,
    name: Name,
    session: Option<SessionId>,
    client: Client,
}

impl Wanted {
    /// They come in by a password that they have just chosen.
    fn entrance(&self) -> Entrance<'_> {
        Entrance { client: &self.client, origin: Origin::Password, asked: self.session, code: None }
    }
}

/// Makes the account of somebody who was invited, with the invitation's role, channels and teams, and signs them in.
///
/// An invitation that was sent to an address proves it. By a link the address is typed in: a letter asks its reader to
/// prove it. Who has an account signs in and joins by `joinByInvitation`.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/accept-invitation", operation_id = "acceptInvitation", tag = "auth", security(()),
    params(("handle" = String, Path, description = "The workspace")), request_body = AcceptInvitation,
    responses(
        (status = 201, body = Session, description = "They are in"),
        (status = 200, body = Session, description = "They came in before, with the same id, address and password"),
        (status = 410, body = Problem, content_type = "application/problem+json",
         description = "`invitation-used`, `invitation-revoked` or `invitation-expired`"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn accept_invitation(
    extract::State(auth): extract::State<State>,
    Stranger(workspace): Stranger,
    client: Client,
    Json(body): Json<AcceptInvitation>,
) -> Result<Response, Problem> {
    let email = body.email.as_deref().map(str::parse::<Email>).transpose()?;
    let name: Name = body.display_name.parse().map_err(|error| Problem::invalid_name(error, "displayName"))?;
    let password = body.password.parse::<Password>()?.into_text();
    let wanted = Wanted { token: body.token, id: body.user_id, email, name, session: body.session_id, client };

    if !came_in(&auth, &workspace, &wanted).await? {
        // What is no good is not worth the work of a password.
        let invitation = look(&auth, &workspace, &wanted).await?;
        address(&invitation, &wanted)?;
        if invitation.email.is_none() {
            letters::expect(&auth.services.registry, &workspace).await?;
        }
        let hash = auth.hasher.hash(&workspace.id, password.clone()).await?;
        if let Some(opened) = admit(&auth, &workspace, &wanted, &hash).await? {
            let session = auth.answer(&workspace, opened)?;
            return Ok((StatusCode::CREATED, axum::Json(session)).into_response());
        }
    }
    let session = again(&auth, &workspace, &wanted, password).await?;
    Ok(axum::Json(session).into_response())
}

/// Whether somebody of this id has used the invitation before.
async fn came_in(auth: &State, workspace: &Workspace, wanted: &Wanted) -> Result<bool, Problem> {
    let pool = auth.services.pool(workspace).await?;
    Ok(store::came_in_by(&pool, wanted.id, &wanted.token).await?)
}

/// The invitation as it is now, if it is good.
async fn look(auth: &State, workspace: &Workspace, wanted: &Wanted) -> Result<Invitation, Problem> {
    let mut transaction = auth.services.pool(workspace).await?.begin().await?;
    Ok(people::lock(&mut transaction, Lock::Token(&wanted.token), Some(wanted.id)).await?)
}

/// The address that the account is to have.
fn address<'a>(invitation: &'a Invitation, wanted: &'a Wanted) -> Result<&'a str, Problem> {
    match (&invitation.email, &wanted.email) {
        (Some(invited), Some(typed)) if invited.to_lowercase() != typed.as_str().to_lowercase() => {
            Err(PeopleError::InvitationForAnother.into())
        }
        (Some(invited), _) => Ok(invited),
        (None, Some(typed)) => Ok(typed.as_str()),
        (None, None) => Err(InvitedError::EmailNeeded.into()),
    }
}

/// Makes the person; nothing if the id or the address is taken.
async fn admit(auth: &State, workspace: &Workspace, wanted: &Wanted, hash: &str) -> Result<Option<Opened>, Problem> {
    // Before anything is locked that others wait for.
    let news = auth.services.relay.expect(workspace).await?;
    let mut transaction = auth.services.pool(workspace).await?.begin().await?;
    let invitation = people::lock(&mut transaction, Lock::Token(&wanted.token), Some(wanted.id)).await?;
    let (email, email_proved) = (address(&invitation, wanted)?, invitation.email.is_some());
    let person = NewPerson {
        id: wanted.id,
        email: Some(email),
        email_proved,
        name: &wanted.name,
        role: invitation.role,
        kind: AccountKind::Person,
    };
    people::check_name(&mut transaction, person.id, person.name).await?;
    if people::admit(&mut transaction, &workspace.settings.limits, person).await? == Admission::Taken {
        news.nothing();
        return Ok(None);
    }
    people::accept(&mut transaction, &invitation, wanted.id).await?;
    people_store::insert_password(&mut transaction, wanted.id, hash).await?;
    let Some(person) = people_store::person(&mut transaction, wanted.id).await? else { return Ok(None) };
    let opened = auth.open(workspace, &mut transaction, person, &wanted.entrance()).await?;
    if !email_proved {
        letters::write(&mut transaction, email, &Letter::VerifyEmail { user: wanted.id }).await?;
    }
    transaction.commit().await?;
    news.committed().await;
    Ok(Some(opened))
}

/// Signs in who came in by this invitation before; everybody else who has the id or the address is in the way.
async fn again(auth: &State, workspace: &Workspace, wanted: &Wanted, password: String) -> Result<Session, Problem> {
    if !came_in(auth, workspace, wanted).await? {
        let id_taken = store::is_taken(&*auth.services.pool(workspace).await?, wanted.id).await?;
        return Err(if id_taken { AuthError::UserIdTaken } else { AuthError::EmailTaken }.into());
    }
    let account = store::account(&*auth.services.pool(workspace).await?, wanted.id).await?;
    let typed = wanted.email.as_ref().map(|email| email.as_str().to_lowercase());
    let account = account.filter(|account| {
        let held = account.person.email.as_ref().map(|email| email.to_lowercase());
        typed.is_none() || typed == held
    });
    let held = account.as_ref().and_then(|account| account.person.email.clone()).or(typed).unwrap_or_default();
    let wrong = AuthError::UserIdTaken;
    let opened = auth.open_by_password(workspace, &held, account, password, &wanted.entrance(), wrong).await?;
    auth.answer(workspace, opened)
}
