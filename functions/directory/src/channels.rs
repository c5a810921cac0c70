//! Making and changing channels, each in one transaction with its events.

use domain::{ChannelId, ChannelRole, UserId};
use sqlx::PgPool;

use crate::{announce, error::DirectoryError, properties::Properties, store};

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
    let Some(version) = store::insert_channel(&mut transaction, id, properties, maker).await? else {
        return Ok(false);
    };
    announce::channel_made(&mut transaction, id, properties, version).await?;
    people::let_in(&mut transaction, id, maker, ChannelRole::Admin).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Gives a channel new properties. False if it has them already.
pub(crate) async fn change(pool: &PgPool, id: ChannelId, properties: &Properties) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    let Some(version) = store::update_channel(&mut transaction, id, properties).await? else {
        return Ok(false);
    };
    announce::channel_changed(&mut transaction, id, properties, version).await?;
    transaction.commit().await?;
    Ok(true)
}
