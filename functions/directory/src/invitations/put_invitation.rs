//! Asking somebody in. The id is the client's, so a retry names the same invitation.

use ::people::{PeopleError, letters};
use access::Caller;
use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use domain::{ChannelId, Email, Role, TeamId, UserId, policy::Action};
use function_host::{On, Path, Problem, Services, extract::Authenticated};
use serde::Deserialize;
use sqlx::PgPool;
use utoipa::ToSchema;

use super::{
    Made,
    answer::{Invitation, InvitationPath, InvitationState, NewInvitation},
    check_places, make, mint_again,
    offer::{Asked, Offer},
    store,
};
use crate::answer::now;

/// To whom, what they are to be, and where they find themselves.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"email": "grace@acme.example", "role": "member"}))]
pub(crate) struct PutInvitation {
    /// Whom to write to; without one, the invitation is a link for whoever has it.
    #[schema(max_length = 320)]
    email: Option<String>,
    /// What they are to be; admins and owners are invited by e-mail address only.
    role: Role,
    /// Where they find themselves afterwards, each a channel that the caller sees and that is not archived; at least one
    /// for a guest.
    #[serde(default)]
    #[schema(max_items = 50)]
    channels: Vec<ChannelId>,
    /// The teams that they are in afterwards.
    #[serde(default)]
    #[schema(max_items = 50)]
    teams: Vec<TeamId>,
    /// It is good until then, at most 30 days; seven days if absent.
    expires_at: Option<DateTime<Utc>>,
    /// How often a link may be used; once if absent, and always once for an address.
    #[schema(minimum = 1, maximum = 1000)]
    max_uses: Option<i32>,
}

impl PutInvitation {
    fn offer(self, now: DateTime<Utc>) -> Result<Offer, Problem> {
        let Self { email, role, channels, teams, expires_at, max_uses } = self;
        Asked { email, role, channels, teams, expires_at, max_uses }.check(now)
    }
}

/// Asks somebody in: writes to an address, or gives the secret of a link. A retry finds the invitation that it made, writes
/// to nobody again, and gets another secret for the same link. Whether the workspace has room is asked when they come. Within a
/// day 3 invitations go to an address, and 1,000 to all: more are answered 429 `too-many-invitations`.
#[utoipa::path(
    put, path = "/w/{handle}/v1/invitations/{invitationId}", operation_id = "putInvitation", tag = "directory",
    params(InvitationPath), request_body = PutInvitation,
    responses(
        (status = 201, body = NewInvitation, description = "It is made"),
        (status = 200, body = NewInvitation, description = "The caller had made it already"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_invitation(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<InvitationPath>,
    function_host::Json(body): function_host::Json<PutInvitation>,
) -> Result<(StatusCode, Json<NewInvitation>), Problem> {
    let offer = body.offer(now(&services))?;
    let me = services.access.authorise(&caller, On::Workspace, Action::Invite { role: offer.role }).await?;

    let (id, pool) = (path.invitation_id, services.pool(&caller.workspace).await?);
    if let Some(known) = store::invitation(&pool, id).await? {
        return repeated(&pool, &caller, known, &offer).await;
    }
    check_places(&pool, caller.user, &offer).await?;
    if offer.email.is_some() {
        letters::expect(&services.registry, &caller.workspace).await?;
    }
    let made = make(&pool, id, me, &offer).await?;
    let invitation = store::invitation(&pool, id).await?.ok_or(PeopleError::InvitationNotFound)?;
    match made {
        Made::Made(token) => Ok((StatusCode::CREATED, Json(NewInvitation { invitation, token }))),
        Made::Taken => repeated(&pool, &caller, invitation, &offer).await,
    }
}

/// What a retry is told; another invitation under the same id is refused.
async fn repeated(
    pool: &PgPool,
    caller: &Caller,
    known: Invitation,
    offer: &Offer,
) -> Result<(StatusCode, Json<NewInvitation>), Problem> {
    if !known.is(caller.user, offer) {
        let detail = "this id names another invitation; make a new one";
        return Err(Problem::conflict("invitation-id-taken", detail));
    }
    let token = match (&known.email, known.state) {
        (Some(_), _) => None,
        (None, InvitationState::Open) => Some(mint_again(pool, known.invitation_id).await?),
        (None, InvitationState::Used) => return Err(PeopleError::InvitationUsed.into()),
        (None, InvitationState::Expired) => return Err(PeopleError::InvitationExpired.into()),
        (None, InvitationState::Revoked) => return Err(PeopleError::InvitationRevoked.into()),
    };
    Ok((StatusCode::OK, Json(NewInvitation { invitation: known, token })))
}

impl Invitation {
    /// Whether it is what somebody offers now.
    fn is(&self, maker: UserId, offer: &Offer) -> bool {
        self.created_by == maker
            && self.email.as_deref() == offer.email.as_ref().map(Email::as_str)
            && (self.role, self.max_uses) == (offer.role, offer.max_uses)
            && (&self.channels, &self.teams) == (&offer.channels, &offer.teams)
            && (!offer.is_term_given || self.expires_at == offer.expires_at)
    }
}
