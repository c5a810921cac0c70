//! A person's picture.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use buckets::Served;
use domain::policy::Action;
use function_host::{On, Path, Problem, Services, extract::Authenticated};

use crate::{
    answer::PersonPath,
    avatars::{Avatars, GET_LIFETIME, buckets_problem, key},
    store,
};

/// Leads to a person's picture, by a link that is good for a minute.
#[utoipa::path(
    get, path = "/w/{handle}/v1/people/{userId}/avatar", operation_id = "getAvatar", tag = "directory",
    params(PersonPath),
    responses(
        (status = 302, description = "`Location` is a link to the picture"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_avatar(
    State(services): State<Services>,
    State(avatars): State<Avatars>,
    Authenticated(caller): Authenticated,
    Path(path): Path<PersonPath>,
) -> Result<Response, Problem> {
    services.access.authorise(&caller, On::Workspace, Action::SeePeople).await?;

    let pool = services.pool(&caller.workspace).await?;
    let kept = store::avatar(&pool, path.user_id).await?;
    let kept = kept.ok_or_else(|| Problem::not_found("avatar-not-found", "this person has no picture"))?;
    let served = Served { content_type: kept.kind.as_str(), disposition: kept.kind.disposition() };
    let (bucket, key) = (caller.workspace.id.bucket(), key(path.user_id, kept.digest));
    let link = avatars.buckets()?.presign_get(&bucket, &key, &served, GET_LIFETIME).await;
    let link = link.map_err(|error| buckets_problem(&error))?;
    Ok((StatusCode::FOUND, [(header::LOCATION, link.url)]).into_response())
}
