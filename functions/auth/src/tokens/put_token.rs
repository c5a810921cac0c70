//! Making a token for oneself.

use axum::extract;
use domain::policy::{Action, Refusal};
use function_host::{Json, On, Path, Problem, extract::Authenticated};

use super::{
    MintedToken, PutToken, TokenPath, mint,
    mint::{Holder, Minted},
};
use crate::{
    State,
    accounts::{AccountError, store as accounts},
};

/// Makes an API token for the caller, at most 50 that live. Only who has signed in may, no token.
///
/// The secret is in this answer and never shown again. A retry within 10 minutes, equal in all, gets another secret for the
/// same token, and the first is worth nothing.
#[utoipa::path(
    put, path = "/w/{handle}/v1/me/tokens/{tokenId}", operation_id = "putToken", tag = "auth",
    params(TokenPath), request_body = PutToken,
    responses(
        (status = 201, body = MintedToken, description = "It is made"),
        (status = 200, body = MintedToken, description = "It was made within the last 10 minutes, and has another secret"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_token(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Path(path): Path<TokenPath>,
    Json(body): Json<PutToken>,
) -> Result<Minted, Problem> {
    let wanted = body.read(auth.services.registry.clock().now_seconds())?;
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;

    let mut transaction = auth.services.pool(&caller.workspace).await?.begin().await?;
    let me = accounts::lock(&mut transaction, &[caller.user]).await?.pop().ok_or(AccountError::PersonNotFound)?;
    if !me.active {
        return Err(Refusal::Deactivated.into());
    }
    let holder = Holder { person: &me, made_by: me.id };
    let minted = mint(&mut transaction, holder, path.token_id, &wanted).await?;
    transaction.commit().await?;
    Ok(minted)
}
