//! Letting people into channels and out, each in one transaction with its markers.

use domain::{ChannelId, ChannelRole, UserId};
use sqlx::PgPool;

use crate::{announce, error::DirectoryError, store};

/// Lets a person in. False if they are in already.
pub(crate) async fn add(pool: &PgPool, channel: ChannelId, person: UserId) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    if !store::hold_active_person(&mut transaction, person).await? {
        return Err(DirectoryError::PersonNotFound);
    }
    let role = ChannelRole::Member;
    let Some(version) = store::let_in(&mut transaction, channel, person, role).await? else {
        return Ok(false);
    };
    announce::member_added(&mut transaction, channel, person, role, version).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Takes a person out. False if they are not in.
pub(crate) async fn remove(pool: &PgPool, channel: ChannelId, person: UserId) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    let Some(version) = store::take_out(&mut transaction, channel, person).await? else {
        return Ok(false);
    };
    announce::member_removed(&mut transaction, channel, person, version).await?;
    transaction.commit().await?;
    Ok(true)
}
