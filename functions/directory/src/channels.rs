//! Channels: making, changing and archiving them, each in one transaction with its events.

pub(crate) mod announce;
pub(crate) mod answer;
pub(crate) mod archive_channel;
pub(crate) mod get_channel;
pub(crate) mod list_channels;
pub(crate) mod properties;
pub(crate) mod put_channel;
pub(crate) mod restore_channel;
pub(crate) mod store;

use access::Caller;
use axum::{http::StatusCode, response::Response};
use domain::{ChannelId, ChannelKind, ChannelRole, UserId, policy::Refusal};
use function_host::{
    Problem, Services,
    etag::{Conditions, versioned_as},
};
use sqlx::PgPool;

use crate::error::DirectoryError;
use properties::Properties;

/// Channels of a workspace, archived ones included, conversations not.
pub(crate) const MAX_CHANNELS: i64 = 20_000;

/// Makes a channel with its maker as admin. False if there is one of this id already.
pub(crate) async fn create(
    pool: &PgPool,
    id: ChannelId,
    properties: &Properties,
    maker: UserId,
) -> Result<bool, DirectoryError> {
    match try_create(pool, id, properties, maker).await {
        // Two equal requests at once may meet in the name before they meet in the id.
        Err(DirectoryError::ChannelNameTaken) if store::channel(pool, id, maker).await?.is_some() => Ok(false),
        made => made,
    }
}

async fn try_create(
    pool: &PgPool,
    id: ChannelId,
    properties: &Properties,
    maker: UserId,
) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    if store::lock_and_count_others(&mut transaction, id).await? >= MAX_CHANNELS {
        return Err(DirectoryError::TooManyChannels);
    }
    if !store::insert_channel(&mut transaction, id, properties, maker).await? {
        return Ok(false);
    }
    announce::channel_made(&mut transaction, id).await?;
    ::people::let_in(&mut transaction, id, maker, ChannelRole::Admin).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Gives a channel new properties. False if it has them already; then nobody is asked which version they had read, so
/// that a retry is answered alike.
pub(crate) async fn change(
    pool: &PgPool,
    id: ChannelId,
    properties: &Properties,
    conditions: &Conditions,
) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    let locked = store::lock_channel(&mut transaction, id).await?.ok_or(DirectoryError::ChannelNotFound)?;
    if locked.kind != ChannelKind::Channel {
        return Err(Refusal::ConversationFixed.into());
    }
    if locked.has(properties) {
        return Ok(false);
    }
    // It may have been archived since its caller was found to be allowed.
    if locked.archived {
        return Err(Refusal::ChannelArchived.into());
    }
    conditions.check(locked.version)?;
    store::update_channel(&mut transaction, id, properties).await?;
    announce::channel_changed(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Archives a channel or brings it back. False if it is so already.
pub(crate) async fn set_archived(
    pool: &PgPool,
    id: ChannelId,
    archived: bool,
    conditions: &Conditions,
) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    let locked = store::lock_channel(&mut transaction, id).await?.ok_or(DirectoryError::ChannelNotFound)?;
    if locked.archived == archived {
        return Ok(false);
    }
    conditions.check(locked.version)?;
    store::set_archived(&mut transaction, id, archived).await?;
    announce::channel_changed(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(true)
}

/// The same for a caller who may, and shows them the channel.
pub(crate) async fn archive(
    services: &Services,
    caller: &Caller,
    id: ChannelId,
    archived: bool,
    conditions: &Conditions,
) -> Result<Response, Problem> {
    let pool = services.pool(&caller.workspace).await?;
    let news = services.relay.expect(&caller.workspace).await?;
    if set_archived(&pool, id, archived, conditions).await? {
        news.committed().await;
    } else {
        news.nothing();
    }
    show(&pool, id, caller.user, StatusCode::OK).await
}

/// The answer to whoever has changed a channel.
pub(crate) async fn show(pool: &PgPool, id: ChannelId, user: UserId, status: StatusCode) -> Result<Response, Problem> {
    let channel = store::channel(pool, id, user).await?.ok_or(DirectoryError::ChannelNotFound)?;
    Ok(versioned_as(status, channel.version, channel.shade(), channel))
}
