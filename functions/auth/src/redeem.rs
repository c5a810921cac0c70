//! Signing in with a ticket, once. A ticket reached its holder at the address, so it proves the address.

use axum::extract;
use domain::{AccountKind, Name, Role, SessionId, UserId};
use function_host::{Json, Problem, client::Client, extract::Stranger};
use people::{Admission, NewPerson};
use serde::Deserialize;
use sqlx::{PgConnection, PgPool};
use tenancy::Workspace;
use utoipa::ToSchema;

use crate::{
    State,
    accounts::ending,
    attempts::{self, Attempt},
    error::AuthError,
    passwords::Password,
    person::Person,
    second_factor,
    session::{self, Entrance, Opened, Origin, Session},
    sign_up, store,
    tickets::{Entry, Purpose, Ticket, higher},
    token::TokenDigest,
};

/// A ticket to redeem.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "ticket": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG", "displayName": "Ada Lovelace",
    "password": "correct horse battery", "sessionId": "019a5c1e-7b5b-7d2e-8a4f-3b5c7d9e1f2a",
}))]
pub(crate) struct Redeem {
    /// As in the sign-in link.
    ticket: String,
    /// For somebody new: 1 to 80 characters, no control characters. By default what stands before the address's `@`.
    #[schema(max_length = 80, example = "Ada Lovelace")]
    display_name: Option<String>,
    /// For an account that has none yet: 10 to 128 characters. An account that has a password keeps it.
    #[schema(min_length = 10, max_length = 128, example = "correct horse battery")]
    password: Option<String>,
    /// Of the second factor, where the account has one: 6 digits of the app, or a recovery code.
    #[schema(min_length = 6, max_length = 32)]
    code: Option<String>,
    /// Made by the client, a UUIDv7: the session to open. A retry with it is answered for 10 minutes after the first use.
    session_id: Option<SessionId>,
}

/// Signs in by ticket: makes the person if there is none, with the role of the ticket, of the newest invitation to its
/// address, or of a member where the workspace's rule lets the address in. Whoever has a higher role keeps it.
///
/// The first ticket of an address that had only been typed in ends what was opened without it: password, second factor,
/// tokens, sessions and changes of the address that were asked for. Somebody else may have typed it.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/redeem", operation_id = "redeemTicket", tag = "auth", security(()),
    params(("handle" = String, Path, description = "The workspace")), request_body = Redeem,
    responses(
        (status = 200, body = Session),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`second-factor-needed` or `wrong-code`: the ticket is still good"),
        (status = 410, body = Problem, content_type = "application/problem+json", description = "`ticket-used` or `ticket-expired`"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "`too-many-attempts`: try again after `Retry-After` seconds"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn redeem_ticket(
    extract::State(auth): extract::State<State>,
    Stranger(workspace): Stranger,
    client: Client,
    Json(body): Json<Redeem>,
) -> Result<axum::Json<Session>, Problem> {
    let name = body.display_name.as_deref().map(str::parse::<Name>).transpose();
    let name = name.map_err(|error| Problem::invalid_name(error, "displayName"))?;
    let password = body.password.as_deref().map(str::parse::<Password>).transpose()?;

    let pool = auth.services.pool(&workspace).await?;
    let digest = TokenDigest::of(&body.ticket);
    let ticket = ticket_for(&pool, digest, &client, &[Purpose::SignIn, Purpose::SignUp]).await?;
    // Looked at before anything costly is done, and once more under its lock.
    ticket.check(body.session_id)?;
    let hash = match password {
        Some(password) => Some(auth.hasher.hash(&workspace.id, password.into_text()).await?),
        None => None,
    };
    let origin = Origin::Ticket;
    let entrance = Entrance { client: &client, origin, asked: body.session_id, code: body.code.as_deref() };
    let coming = Coming { auth: &auth, workspace: &workspace, digest, name, hash, entrance };
    let opened = auth.guarded(&pool, &ticket.email, coming.come_in(&pool)).await?;
    Ok(axum::Json(auth.answer(&workspace, opened)?))
}

/// Somebody with a ticket.
struct Coming<'a> {
    auth: &'a State,
    workspace: &'a Workspace,
    digest: TokenDigest,
    name: Option<Name>,
    /// Of the password that they choose.
    hash: Option<String>,
    entrance: Entrance<'a>,
}

impl Coming<'_> {
    async fn come_in(self, pool: &PgPool) -> Result<Opened, Problem> {
        let news = self.auth.services.relay.expect(self.workspace).await?;
        let mut transaction = pool.begin().await?;
        let ticket = store::lock_ticket(&mut transaction, self.digest).await?.ok_or(AuthError::TicketNotFound)?;
        let opened = match ticket.check(self.entrance.asked)? {
            Entry::First => {
                let person = self.admit(&mut transaction, &ticket).await?;
                let opened = self.auth.open(self.workspace, &mut transaction, person, &self.entrance).await?;
                store::use_ticket(&mut transaction, self.digest, Some(opened.session)).await?;
                opened
            }
            Entry::Retry(session) => {
                let person = store::live_session_person(&mut transaction, session).await?;
                let person = person.ok_or(AuthError::TicketUsed)?;
                person.check_active()?;
                session::renew(&mut transaction, person, session).await?
            }
        };
        transaction.commit().await?;
        news.committed().await;
        Ok(opened)
    }

    /// The person of the ticket's address, with at least the role that it gives.
    async fn admit(&self, connection: &mut PgConnection, ticket: &Ticket) -> Result<Person, Problem> {
        let invitation = people::for_address(connection, &ticket.email).await?;
        let invited = invitation.as_ref().map(|invitation| invitation.role);
        let person = match self.admit_new(connection, ticket, invited).await? {
            Some(person) => person,
            None => self.admit_known(connection, ticket, invited).await?,
        };
        if let Some(invitation) = invitation {
            people::accept(connection, &invitation, person.id).await?;
        }
        if let Some(hash) = &self.hash {
            store::insert_first_password(connection, person.id, hash).await?;
        }
        Ok(person)
    }

    /// Makes the person, if nobody has the address.
    async fn admit_new(
        &self,
        connection: &mut PgConnection,
        ticket: &Ticket,
        invited: Option<Role>,
    ) -> Result<Option<Person>, Problem> {
        let rule = sign_up::admits(&self.workspace.sign_up, &ticket.email).then_some(Role::Member);
        let role = match ticket.purpose {
            Purpose::SignUp => invited.or(rule),
            _ => Some(invited.map_or(ticket.role, |invited| higher(invited, ticket.role))),
        };
        let Some(role) = role else {
            // The rule was another when the letter was sent, or the invitation was taken back.
            let known = store::email_is_taken(connection, &ticket.email).await?;
            return if known { Ok(None) } else { Err(AuthError::SignUpNotAllowed.into()) };
        };
        let id = UserId::random();
        let name = match &self.name {
            Some(name) => name.clone(),
            None => Name::lenient(ticket.email.split('@').next().unwrap_or_default(), "somebody"),
        };
        let email = Some(ticket.email.as_str());
        let person = NewPerson { id, email, email_proved: true, name: &name, role, kind: AccountKind::Person };
        if people::admit(connection, &self.workspace.settings.limits, person).await? == Admission::Taken {
            return Ok(None);
        }
        if self.name.is_some() {
            people::check_name(connection, id, &name).await?;
        }
        Ok(store::person(connection, id).await?)
    }

    async fn admit_known(
        &self,
        connection: &mut PgConnection,
        ticket: &Ticket,
        invited: Option<Role>,
    ) -> Result<Person, Problem> {
        let (known, email_proved) = store::lock_person(connection, &ticket.email).await?;
        // Postgres takes letters for equal that mail servers don't: the Kelvin sign and `k`.
        if !known.email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(&ticket.email)) {
            return Err(AuthError::EmailTaken.into());
        }
        known.check_active()?;
        if !email_proved {
            forget_unproved(connection, known.id, None).await?;
        }
        let now = self.auth.now();
        second_factor::check(connection, known.id, self.entrance.code, now, false).await?;
        let offered = match ticket.purpose {
            Purpose::SignUp => invited,
            _ => Some(invited.map_or(ticket.role, |invited| higher(invited, ticket.role))),
        };
        let role = offered.map_or(known.role, |offered| higher(known.role, offered));
        let person = store::prove_email(connection, known.id, role).await?;
        if person.version != known.version {
            people::person_changed(connection, person.id).await?;
        }
        Ok(person)
    }
}

/// Ends whatever was opened by somebody who only typed the address in, and what letters to them would still let them do;
/// `but` is the ticket of whoever has the mailbox.
pub(crate) async fn forget_unproved(
    connection: &mut PgConnection,
    user: UserId,
    but: Option<TokenDigest>,
) -> Result<(), Problem> {
    // The password first: a sign-in under way either is seen by what follows, or finds it gone.
    store::delete_password(connection, user).await?;
    second_factor::forget(connection, user).await?;
    sign_up::store::void_tickets(connection, user, but).await?;
    ending::everything(connection, user).await
}

/// A ticket that is for one of these purposes. A wrong one is counted.
pub(crate) async fn ticket_for(
    pool: &PgPool,
    digest: TokenDigest,
    client: &Client,
    purposes: &[Purpose],
) -> Result<Ticket, Problem> {
    let found = store::lock_ticket(&mut *pool.acquire().await?, digest).await?;
    match found.filter(|ticket| purposes.contains(&ticket.purpose)) {
        Some(ticket) => Ok(ticket),
        None => Err(attempts::wrong_ticket(pool, &client.network()).await),
    }
}

impl State {
    /// Counts what is done by ticket on an account with a second factor: its codes could be guessed otherwise. Whatever fails
    /// without a ticket makes nobody wait here.
    pub(crate) async fn guarded<T>(
        &self,
        pool: &PgPool,
        email: &str,
        work: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let Some(account) = store::account(pool, email).await? else { return work.await };
        if !second_factor::is_on(pool, account.person.id).await? {
            return work.await;
        }
        let attempt = Attempt::by_ticket(pool, email).await?;
        attempt.settle(work.await).await
    }
}
