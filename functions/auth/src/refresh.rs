//! Renewing a session. A refresh token is good until one that was given for it is used: its answer may have been lost. After
//! that another use means that two hold it, and ends the session; so does one that was given and taken back.

pub(crate) mod store;

use axum::extract;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    SessionId,
    policy::{self, Action, Target},
};
use function_host::{Json, Problem, client::Client, extract::Stranger};
use serde::Deserialize;
use sqlx::{Postgres, Transaction};
use tenancy::Workspace;
use utoipa::ToSchema;

use crate::{
    State,
    error::AuthError,
    person::Person,
    session::{self, Session},
    sessions,
    token::{Family, TokenDigest},
};

/// Uses of a token within so long are one: two tabs at once, or a bad connection. All that is given for it is good.
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
    /// Whether one that was given for it has been used.
    pub(crate) successor_used: bool,
}

/// What a use of a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// The first, or one with it.
    First,
    /// What was given for it before never arrived.
    AfterLoss,
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
    let Some(token) = store::lock(&mut transaction, digest).await? else {
        let family = Family::of(&body.refresh_token).ok_or(AuthError::RefreshTokenInvalid)?;
        // Used up or taken back long ago: somebody else goes on with its session.
        let session = store::live_session_of(&mut transaction, family).await?.ok_or(AuthError::RefreshTokenInvalid)?;
        return Err(auth.end_stolen(&workspace, transaction, session).await);
    };
    let person = policy::Person {
        id: token.person.id,
        role: token.person.role,
        active: token.person.active,
        live: token.session_live,
        scopes: None,
    };
    policy::decide(&person, &Target::Workspace, Action::UseWorkspace)?;
    match token.check() {
        Ok(Use::First) => {}
        Ok(Use::AfterLoss) => store::delete_successors(&mut transaction, digest).await?,
        Err(AuthError::RefreshTokenReused) => {
            return Err(auth.end_stolen(&workspace, transaction, token.session).await);
        }
        Err(error) => return Err(error.into()),
    }
    store::mark_used(&mut transaction, digest).await?;
    store::delete_spent(&mut transaction, token.session).await?;
    sessions::store::touch(&mut transaction, token.session, &client).await?;
    let renewed = session::renew_after(&mut transaction, token.person, token.session, Some(digest)).await?;
    transaction.commit().await?;
    Ok(axum::Json(auth.answer(&workspace, renewed)?))
}

impl State {
    /// Ends a session that two hold; says which error whoever came second gets.
    async fn end_stolen(
        &self,
        workspace: &Workspace,
        mut transaction: Transaction<'static, Postgres>,
        session: SessionId,
    ) -> Problem {
        let ended = async {
            session::revoke(&mut transaction, session).await?;
            self.publish(workspace, transaction).await
        };
        ended.await.err().unwrap_or_else(|| AuthError::RefreshTokenReused.into())
    }
}

impl RefreshToken {
    fn check(&self) -> Result<Use, AuthError> {
        if self.now >= self.expires_at {
            return Err(AuthError::RefreshTokenExpired);
        }
        match self.used_at {
            Some(used_at) if self.now - used_at > RETRY => {
                if self.successor_used {
                    Err(AuthError::RefreshTokenReused)
                } else {
                    Ok(Use::AfterLoss)
                }
            }
            _ => Ok(Use::First),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Role, UserId};

    use super::*;

    #[test]
    fn a_token_is_good_until_its_successor_is_used_and_never_after_its_end() {
        let start = DateTime::UNIX_EPOCH;
        let check = |used: Option<i64>, successor_used, now: i64| {
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
                successor_used,
            };
            token.check()
        };
        assert_eq!(check(None, false, 999), Ok(Use::First));
        assert_eq!(check(None, false, 1_000), Err(AuthError::RefreshTokenExpired));
        for successor_used in [false, true] {
            assert_eq!(check(Some(100), successor_used, 130), Ok(Use::First));
            // A transaction that began before the first use, and waited for it.
            assert_eq!(check(Some(100), successor_used, 99), Ok(Use::First));
            assert_eq!(check(Some(100), successor_used, 1_000), Err(AuthError::RefreshTokenExpired));
        }
        assert_eq!(check(Some(100), false, 999), Ok(Use::AfterLoss));
        assert_eq!(check(Some(100), true, 131), Err(AuthError::RefreshTokenReused));
    }
}
