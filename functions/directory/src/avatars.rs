//! Pictures of people: from an upload that nobody has looked at to the person's record, and away again.
//!
//! The content is judged, then copied to a key that never gets another content. Copying and deleting happen under the lock
//! of the person's row, so that a picture that a record names is always there. What no record names, or may name no more,
//! is written down first, so that it goes although the process dies meanwhile.

pub(crate) mod begin_avatar;
pub(crate) mod complete_avatar;
pub(crate) mod delete_avatar;
pub(crate) mod get_avatar;
pub(crate) mod leftovers;
pub(crate) mod picture;
pub(crate) mod store;

use std::{sync::Arc, time::Duration};

use buckets::{Buckets, BucketsError, INCOMING, S3Args, Served};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{UserId, WorkspaceId};
use function_host::{Problem, Services};

use tenancy::{Lease, Workspace};
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

use crate::error::DirectoryError;
use picture::{Digest, InvalidPicture, MAX_BYTES, Picture, PictureType};

/// How long an announced picture may be put.
pub(crate) const PUT_LIFETIME: Duration = Duration::from_secs(300);
/// How long after its announcement it may be completed; well before it expires.
const COMPLETE_WITHIN: TimeDelta = TimeDelta::hours(1);
/// How long a link to a picture is good.
pub(crate) const GET_LIFETIME: Duration = Duration::from_secs(60);

/// Longer than completing a picture may take: what was being copied then is a record's by now, or nobody's.
const SETTLED: Duration = Duration::from_secs(60);
/// Transactions of this process that wait for the object store at a time: each holds a connection and a person's row,
/// and a slow store must not take all connections.
const TURNS: usize = 2;

/// The way to the pictures of all workspaces.
#[derive(Clone, Debug)]
pub(crate) struct Avatars {
    buckets: Option<Buckets>,
    turns: Arc<Semaphore>,
}

/// A picture that somebody has announced.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub picture: Picture,
    pub created_at: DateTime<Utc>,
    pub completed: bool,
}

/// A person's picture, as the record has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub digest: Digest,
    pub kind: PictureType,
}

/// Why an upload became nobody's picture.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotCompleted {
    /// `upload-not-found`.
    #[error("you have announced no such upload, or too long ago")]
    NotFound,
    /// `upload-expired`.
    #[error("the upload was not completed within an hour; begin a new one")]
    Expired,
    /// `upload-incomplete`.
    #[error("nothing has been uploaded yet")]
    Incomplete,
    /// `buckets-unavailable`.
    #[error("there is no object store here")]
    NoStore,
    /// See [`InvalidPicture`].
    #[error(transparent)]
    Invalid(#[from] InvalidPicture),
    /// The object store's.
    #[error(transparent)]
    Buckets(#[from] BucketsError),
    /// The database's or the outbox's.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl Avatars {
    /// Nothing is asked for yet.
    ///
    /// # Errors
    /// The settings can't be used.
    pub(crate) fn connect(settings: &S3Args) -> anyhow::Result<Self> {
        let buckets = settings.config()?.map(|config| Buckets::connect(&config)).transpose()?;
        Ok(Self { buckets, turns: Arc::new(Semaphore::new(TURNS)) })
    }

    /// The object store.
    ///
    /// # Errors
    /// 503 `buckets-unavailable` if this program was told of none.
    pub(crate) fn buckets(&self) -> Result<&Buckets, Problem> {
        self.buckets.as_ref().ok_or_else(|| NotCompleted::NoStore.into())
    }

    /// A turn at the object store while a transaction is open.
    async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
    }
}

/// Where a client puts a picture.
pub(crate) fn incoming_key(user: UserId, upload: Uuid) -> String {
    format!("{INCOMING}{user}/{upload}")
}

/// Where it stays. Its content is in its name.
pub(crate) fn key(user: UserId, digest: Digest) -> String {
    format!("avatars/{user}/{digest}")
}

/// Looks at what was uploaded, and makes it the person's picture. Repeating it changes nothing.
pub(crate) async fn complete(
    services: &Services,
    avatars: &Avatars,
    workspace: &Workspace,
    user: UserId,
    id: Uuid,
) -> Result<Kept, NotCompleted> {
    let buckets = avatars.buckets.as_ref().ok_or(NotCompleted::NoStore)?;
    let pool = services.databases.lease(workspace).await.map_err(DirectoryError::from)?;
    let upload = store::upload(&*pool, user, id).await.map_err(DirectoryError::from)?.ok_or(NotCompleted::NotFound)?;
    let picture = upload.picture;
    let kept = Kept { digest: picture.digest, kind: picture.kind };
    if upload.completed {
        return Ok(kept);
    }
    if Utc::now() - upload.created_at > COMPLETE_WITHIN {
        return Err(NotCompleted::Expired);
    }
    let (bucket, incoming) = (workspace.id.bucket(), incoming_key(user, id));
    let found = buckets.read(&bucket, &incoming, MAX_BYTES.into()).await?;
    let Some(found) = found else {
        // It may be gone because the same request has just been done.
        let again = store::upload(&*pool, user, id).await.map_err(DirectoryError::from)?;
        return again.filter(|upload| upload.completed).map(|_| kept).ok_or(NotCompleted::Incomplete);
    };
    picture.judge(found.head.length, &found.content)?;

    let turn = avatars.turn().await;
    let news = services.relay.expect(workspace).await.map_err(DirectoryError::from)?;
    ::people::pictures::expect(&services.registry, workspace, SETTLED).await.map_err(DirectoryError::from)?;
    store::leave(&*pool, user, kept.digest, SETTLED).await.map_err(DirectoryError::from)?;
    let mut transaction = pool.begin().await.map_err(DirectoryError::from)?;
    let before = store::lock_avatar(&mut transaction, user).await.map_err(DirectoryError::from)?;
    // The same request may have been done while this one waited, or its person erased.
    let again = store::upload(&mut *transaction, user, id).await.map_err(DirectoryError::from)?;
    if again.ok_or(NotCompleted::NotFound)?.completed {
        return Ok(kept);
    }
    let leftover = before.filter(|before| *before != kept.digest);
    if let Some(leftover) = leftover {
        store::leave(&mut *transaction, user, leftover, Duration::ZERO).await.map_err(DirectoryError::from)?;
    }
    let served = Served { content_type: kept.kind.as_str(), disposition: kept.kind.disposition() };
    let copied = buckets.copy(&bucket, &incoming, &found.head.etag, &key(user, kept.digest), &served).await;
    copied.map_err(|error| match error {
        BucketsError::ObjectChanged => NotCompleted::Incomplete,
        error => NotCompleted::Buckets(error),
    })?;
    store::complete_upload(&mut transaction, id).await.map_err(DirectoryError::from)?;
    store::settle(&mut transaction, user, kept.digest).await.map_err(DirectoryError::from)?;
    let kept_length = Some((kept, upload.picture.length));
    if store::set_avatar(&mut transaction, user, kept_length).await.map_err(DirectoryError::from)? {
        ::people::person_changed(&mut transaction, user).await.map_err(DirectoryError::from)?;
    }
    transaction.commit().await.map_err(DirectoryError::from)?;
    drop(turn);
    news.committed().await;

    let tidying = tidy(pool, avatars.clone(), workspace.id.clone(), user, Some(incoming), leftover);
    services.own("tidying avatars", tidying);
    Ok(kept)
}

/// Takes the person's picture away. Repeating it changes nothing.
pub(crate) async fn remove(
    services: &Services,
    avatars: &Avatars,
    workspace: &Workspace,
    user: UserId,
) -> Result<(), DirectoryError> {
    let pool = services.databases.lease(workspace).await?;
    let news = services.relay.expect(workspace).await?;
    ::people::pictures::expect(&services.registry, workspace, Duration::ZERO).await?;
    let mut transaction = pool.begin().await?;
    let before = store::lock_avatar(&mut transaction, user).await?;
    if !store::set_avatar(&mut transaction, user, None).await? {
        news.nothing();
        return Ok(());
    }
    if let Some(before) = before {
        store::leave(&mut *transaction, user, before, Duration::ZERO).await?;
    }
    ::people::person_changed(&mut transaction, user).await?;
    transaction.commit().await?;
    news.committed().await;
    services.own("tidying avatars", tidy(pool, avatars.clone(), workspace.id.clone(), user, None, before));
    Ok(())
}

/// Deletes what is of no use any more at once, if the store lets it; if not, the clock asks for what a record named (what
/// lies in `incoming/` expires by itself).
async fn tidy(
    pool: Lease,
    avatars: Avatars,
    workspace: WorkspaceId,
    user: UserId,
    incoming: Option<String>,
    replaced: Option<Digest>,
) {
    let Some(buckets) = &avatars.buckets else { return };
    let work = async {
        if let Some(incoming) = incoming {
            buckets.delete(&workspace.bucket(), &incoming).await?;
        }
        if let Some(replaced) = replaced {
            leftovers::clear(&pool, &avatars, buckets, &workspace, (user, replaced)).await?;
        }
        Ok::<(), NotCompleted>(())
    };
    if let Err(error) = work.await {
        tracing::warn!(workspace = %workspace, %error, "an avatar that nobody has any more stays in the bucket for now");
    }
}

impl From<NotCompleted> for Problem {
    fn from(error: NotCompleted) -> Self {
        match error {
            NotCompleted::NotFound => Self::not_found("upload-not-found", error.to_string()),
            NotCompleted::Expired => Self::conflict("upload-expired", error.to_string()),
            NotCompleted::Incomplete => Self::conflict("upload-incomplete", error.to_string()),
            NotCompleted::NoStore => Self::unavailable("buckets-unavailable", error.to_string()),
            NotCompleted::Invalid(invalid) => invalid.into(),
            NotCompleted::Buckets(error) => buckets_problem(&error),
            NotCompleted::Directory(error) => error.into(),
        }
    }
}

/// What a client is told of the object store's trouble; the cause is the operator's.
pub(crate) fn buckets_problem(error: &BucketsError) -> Problem {
    tracing::warn!(%error, code = error.code(), "the object store fails");
    Problem::unavailable("buckets-unavailable", "the store of pictures and files does not answer; try again")
}
