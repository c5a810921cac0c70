//! Announcing a picture, and being told where to put it.

use std::collections::BTreeMap;

use access::Caller;
use axum::{Json, extract::State, http::StatusCode};
use buckets::Upload;
use chrono::{DateTime, Utc};
use domain::policy::Action;
use function_host::{On, Problem, Services, extract::Authenticated};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    answer::WorkspacePath,
    avatars::{Avatars, PUT_LIFETIME, buckets_problem, incoming_key, picture::Picture, store},
};

/// Announcements of a person within a day, which is how long what was uploaded may stay: so nobody fills the bucket.
const MAX_A_DAY: i64 = 50;

/// A picture that is about to be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "contentType": "image/png", "length": 48211,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
}))]
pub(crate) struct BeginAvatar {
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
    #[schema(example = "image/png")]
    content_type: String,
    /// Bytes, 1 MiB at most.
    #[schema(minimum = 1, maximum = 1_048_576)]
    length: u64,
    /// The content's SHA-256: 64 hexadecimal digits in lower case.
    #[schema(pattern = "^[0-9a-f]{64}$", example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
}

/// Where to put it, by one PUT with exactly these headers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AvatarUpload {
    /// Names the upload when it is completed.
    upload_id: Uuid,
    /// Where to; signed, for nothing but the announced content.
    url: String,
    /// To be sent as they are.
    headers: BTreeMap<String, String>,
    /// The link is worth nothing from then on.
    expires_at: DateTime<Utc>,
}

/// Announces a picture of the caller. Nobody sees it before it is completed. Refused with `workspace-storage-full` where
/// all pictures together would take more bytes than the workspace may hold.
#[utoipa::path(
    post, path = "/w/{handle}/v1/me/avatar", operation_id = "beginAvatar", tag = "directory", params(WorkspacePath),
    request_body = BeginAvatar,
    responses(
        (status = 201, body = AvatarUpload),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn begin_avatar(
    State(services): State<Services>,
    State(avatars): State<Avatars>,
    Authenticated(caller): Authenticated,
    function_host::Json(body): function_host::Json<BeginAvatar>,
) -> Result<(StatusCode, Json<AvatarUpload>), Problem> {
    let picture = Picture::announced(&body.content_type, body.length, &body.sha256)?;
    services.access.authorise(&caller, On::Workspace, Action::ChangeOwnProfile).await?;

    let (buckets, pool) = (avatars.buckets()?, services.pool(&caller.workspace).await?);
    check_storage(&pool, &caller, &picture).await?;
    let id = Uuid::now_v7();
    store::forget_uploads(&pool, caller.user).await?;
    if !store::insert_upload(&pool, caller.user, id, &picture, MAX_A_DAY).await? {
        let detail = "too many pictures were announced today; wait until tomorrow";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-uploads", detail));
    }
    let upload = Upload { content_type: picture.kind.as_str(), length: picture.length, sha256: &picture.digest.0 };
    let (bucket, key) = (caller.workspace.id.bucket(), incoming_key(caller.user, id));
    let link =
        buckets.presign_put(&bucket, &key, &upload, PUT_LIFETIME).await.map_err(|error| buckets_problem(&error))?;
    let answer = AvatarUpload { upload_id: id, url: link.url, headers: link.headers, expires_at: link.expires_at };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Whether the workspace has room for one more picture.
async fn check_storage(pool: &PgPool, caller: &Caller, picture: &Picture) -> Result<(), Problem> {
    let Some(most) = caller.workspace.settings.limits.storage_bytes else { return Ok(()) };
    let others = u64::try_from(store::others_bytes(pool, caller.user).await?).unwrap_or_default();
    if others.saturating_add(picture.length.into()) <= most {
        return Ok(());
    }
    let detail = "this workspace holds as many bytes as it may; ask its administrators";
    Err(Problem::new(StatusCode::FORBIDDEN, "workspace-storage-full", detail))
}
