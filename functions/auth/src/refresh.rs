//! Renewing a session. A refresh token is good once; a second use means that two hold it, and ends the session.

use axum::extract;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    SessionId,
    policy::{self, Action, Target},
};
use function_host::{Json, Problem, client::Client, extract::Stranger};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    State,
    error::AuthError,
    oidc,
    person::Person,
    session::{self, Session},
    sessions, store,
    token::TokenDigest,
};

/// After its first use a token is good for this long still: the answer may have been lost on a bad connection.
const RETRY: TimeDelta = TimeDelta::seconds(30);

/// A refresh token to use.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"refreshToken": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"}))]
pub(crate) struct Refresh {
    /// Of the last answer.
    refresh_token: String,
}

/// What is known of a refresh token, by the database's clock.
#[derive(Clone, Debug)]
pub(crate) struct RefreshToken {
    pub(crate) person: Person,
    pub(crate) session: SessionId,
    pub(crate) session_live: bool,
    pub(crate) now: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) used_at: Option<DateTime<Utc>>,
}

/// Renews a session: a new access token, and a new refresh token for the next time.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/refresh", operation_id = "refreshSession", tag = "auth", security(()),
    params(("handle" = String, Path, description = "The workspace")), request_body = Refresh,
    responses(
        (status = 200, body = Session),
        (status = "4XX", body = Problem, content_type = "application/problem+json", description = "401: sign in again"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn refresh_session(
    extract::State(auth): extract::State<State>,
    Stranger(workspace): Stranger,
    client: Client,
    Json(body): Json<Refresh>,
) -> Result<axum::Json<Session>, Problem> {
    let digest = TokenDigest::of(&body.refresh_token);

    let pool = auth.services.pool(&workspace).await?;
    let mut transaction = pool.begin().await?;
    let token = store::lock_refresh_token(&mut transaction, digest).await?.ok_or(AuthError::RefreshTokenInvalid)?;
    let person = policy::Person {
        id: token.person.id,
        role: token.person.role,
        active: token.person.active,
        live: token.session_live,
        scopes: None,
    };
    policy::decide(&person, &Target::Workspace, Action::UseWorkspace)?;
    if let Err(error) = token.check() {
        if error == AuthError::RefreshTokenReused {
            session::revoke(&mut transaction, token.session).await?;
            let news = auth.services.relay.expect(&workspace).await?;
            transaction.commit().await?;
            news.committed().await;
        }
        return Err(error.into());
    }
    oidc::check_vouched(&mut transaction, &workspace, token.session).await?;
    store::use_refresh_token(&mut transaction, digest).await?;
    store::delete_expired_refresh_tokens(&mut transaction, token.session).await?;
    sessions::store::touch(&mut transaction, token.session, &client).await?;
    let renewed = session::renew(&mut transaction, token.person, token.session).await?;
    transaction.commit().await?;
    Ok(axum::Json(auth.answer(&workspace, renewed)?))
}

impl RefreshToken {
    fn check(&self) -> Result<(), AuthError> {
        if self.now >= self.expires_at {
            return Err(AuthError::RefreshTokenExpired);
        }
        match self.used_at {
            Some(used_at) if self.now - used_at > RETRY => Err(AuthError::RefreshTokenReused),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Role, UserId};

    use super::*;

    #[test]
    fn a_token_is_good_once_for_30_seconds_more_and_never_after_its_end() {
        let start = DateTime::UNIX_EPOCH;
        let check = |used: Option<i64>, now: i64| {
            let person = Person {
                id: UserId::random(),
                email: Some("ada@acme.example".to_owned()),
                display_name: "Ada".to_owned(),
                role: Role::Member,
                active: true,
                version: 1,
            };
            let token = RefreshToken {
                person,
                session: SessionId::random(),
                session_live: true,
                now: start + TimeDelta::seconds(now),
                expires_at: start + TimeDelta::seconds(1_000),
                used_at: used.map(|used| start + TimeDelta::seconds(used)),
            };
            token.check()
        };
        assert_eq!(check(None, 999), Ok(()));
        assert_eq!(check(None, 1_000), Err(AuthError::RefreshTokenExpired));
        assert_eq!(check(Some(100), 130), Ok(()));
        assert_eq!(check(Some(100), 131), Err(AuthError::RefreshTokenReused));
        // A transaction that began before the first use, and waited for it.
        assert_eq!(check(Some(100), 99), Ok(()));
        assert_eq!(check(Some(100), 1_000), Err(AuthError::RefreshTokenExpired));
    }
}
