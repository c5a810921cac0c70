//! Letting people into channels and out, each in one transaction with its markers.

use domain::{ChannelId, ChannelRole, UserId};
use sqlx::PgPool;

use crate::{error::DirectoryError, store};

/// Lets a person in. False if they are in already.
pub(crate) async fn add(pool: &PgPool, channel: ChannelId, person: UserId) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    if !store::hold_active_person(&mut transaction, person).await? {
        return Err(DirectoryError::PersonNotFound);
    }
    if !people::let_in(&mut transaction, channel, person, ChannelRole::Member).await? {
        return Ok(false);
    }
    transaction.commit().await?;
    Ok(true)
}

/// Takes a person out. False if they are not in.
pub(crate) async fn remove(pool: &PgPool, channel: ChannelId, person: UserId) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    if !people::take_out(&mut transaction, channel, person).await? {
        return Ok(false);
    }
    transaction.commit().await?;
    Ok(true)
}
