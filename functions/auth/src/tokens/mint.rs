//! Making a token. The id is the client's: a retry gets another secret for the same token, since the first was lost.

use access::api_token;
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{Scope, TokenId, UserId};
use function_host::Problem;
use sqlx::PgConnection;

use super::{
    MintedToken, TokenError,
    answer::{TokenView, Wanted},
    error::MAX_TOKENS,
    store,
};
use crate::{accounts::Facts, session::is_derived};

/// Whose a token is to be, and by whom it is made. Their rows are locked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holder<'a> {
    pub(crate) person: &'a Facts,
    pub(crate) made_by: UserId,
}

/// A token that was made, and whether it is the first time.
#[derive(Debug)]
pub(crate) struct Minted {
    first: bool,
    body: MintedToken,
}

impl IntoResponse for Minted {
    fn into_response(self) -> Response {
        let status = if self.first { StatusCode::CREATED } else { StatusCode::OK };
        (status, Json(self.body)).into_response()
    }
}

/// Makes a token, or another secret for it if it is asked for again within 10 minutes.
pub(crate) async fn mint(
    connection: &mut PgConnection,
    holder: Holder<'_>,
    id: TokenId,
    wanted: &Wanted,
) -> Result<Minted, Problem> {
    if wanted.scopes.contains(Scope::Admin) && !holder.person.role.administers() {
        return Err(TokenError::ScopeNotAllowed.into());
    }
    if is_derived(id.0) {
        return Err(TokenError::IdTaken.into());
    }
    let (secret, digest) = api_token::make(rand::random());
    let user = holder.person.id;
    let (first, token) = match store::lock_token(connection, id).await? {
        Some(known) => {
            let same = known.name == wanted.name.as_str()
                && known.scopes == wanted.scopes
                && known.expires_at == wanted.expires_at;
            if known.user != user || known.revoked || known.settled || !same {
                return Err(TokenError::IdTaken.into());
            }
            (false, store::replace_secret(connection, id, &digest).await?)
        }
        None => {
            store::delete_long_ended(connection, user).await?;
            if store::live(connection, user).await? >= MAX_TOKENS {
                return Err(TokenError::TooMany.into());
            }
            let made = store::insert(connection, id, &digest, holder, wanted).await?;
            (true, made.ok_or(TokenError::IdTaken)?)
        }
    };
    let token: TokenView = token;
    Ok(Minted { first, body: MintedToken { secret, token } })
}
