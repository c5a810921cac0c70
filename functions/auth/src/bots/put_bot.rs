//! Making a bot, or renaming one. The id is the client's, so a retry names the same bot.

use axum::{extract, http::StatusCode, response::Response};
use chrono::{DateTime, Utc};
use domain::{AccountKind, Name, Role, UserId, policy::Action};
use function_host::{
    Json, On, Path, Problem,
    etag::{Conditions, versioned},
    extract::Authenticated,
};
use people::{Admission, NewPerson};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BotError, paths::BotPath, store};
use crate::{
    State,
    accounts::{AccountError, store as accounts},
    error::AuthError,
};

/// A bot's properties.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"displayName": "Build status"}))]
pub(crate) struct PutBot {
    /// As shown to others: 1 to 80 characters in one line.
    #[schema(min_length = 1, max_length = 80)]
    display_name: String,
}

/// A bot.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bot {
    /// The bot's id: it is a person of its own kind.
    pub(super) user_id: UserId,
    /// As shown to others.
    pub(super) display_name: String,
    /// False once deactivated.
    pub(super) active: bool,
    /// Raised by one at every change.
    pub(super) version: i64,
    /// When it was made.
    pub(super) created_at: DateTime<Utc>,
}

/// Makes a bot, a member that does not count against the workspace's limit of members; one that is there gets this name.
/// A workspace has at most 100, deactivated ones included. For admins.
#[utoipa::path(
    put, path = "/w/{handle}/v1/bots/{userId}", operation_id = "putBot", tag = "auth",
    params(BotPath), request_body = PutBot,
    responses(
        (status = 201, body = Bot, description = "It is made"),
        (status = 200, body = Bot, description = "It has this name, now or before"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`too-many-bots`, `user-id-taken`, `name-looks-taken` or `person-erased`"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_bot(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Path(path): Path<BotPath>,
    conditions: Conditions,
    Json(body): Json<PutBot>,
) -> Result<Response, Problem> {
    let name: Name = body.display_name.parse().map_err(|error| Problem::invalid_name(error, "displayName"))?;
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageBots).await?;

    let id = path.user_id;
    let mut transaction = auth.services.pool(&caller.workspace).await?.begin().await?;
    let mut status = StatusCode::OK;
    if accounts::lock(&mut transaction, &[id]).await?.is_empty() {
        people::check_name(&mut transaction, id, &name).await?;
        let (role, kind) = (Role::Member, AccountKind::Bot);
        let bot = NewPerson { id, email: None, email_proved: false, name: &name, role, kind };
        if people::admit(&mut transaction, &caller.workspace.settings.limits, bot).await? == Admission::Admitted {
            status = StatusCode::CREATED;
        }
    }
    let known = accounts::lock(&mut transaction, &[id]).await?.pop().ok_or(BotError::NotFound)?;
    if known.erased {
        return Err(AccountError::Erased.into());
    }
    if known.kind != AccountKind::Bot {
        return Err(AuthError::UserIdTaken.into());
    }
    if known.display_name != name.as_str() {
        conditions.check(known.version)?;
        people::check_name(&mut transaction, id, &name).await?;
        store::rename(&mut transaction, id, &name).await?;
        people::person_changed(&mut transaction, id).await?;
    }
    let bot = store::bot(&mut transaction, id).await?;
    if status == StatusCode::CREATED || bot.version != known.version {
        auth.publish(&caller.workspace, transaction).await?;
    }
    Ok(versioned(status, bot.version, bot))
}
