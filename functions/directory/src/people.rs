//! People: what they say of themselves, and how others find them.

pub(crate) mod answer;
pub(crate) mod delete_status;
pub(crate) mod get_me;
pub(crate) mod get_person;
pub(crate) mod list_people;
pub(crate) mod patch_me;
pub(crate) mod profile;
pub(crate) mod put_status;
pub(crate) mod store;

use access::Caller;
use axum::{http::StatusCode, response::Response};
use domain::{Role, UserId, policy::Person as Reader};
use function_host::{
    Problem, Services,
    etag::{Conditions, versioned},
};
use sqlx::PgPool;

use crate::{
    answer::{Seen, now},
    error::DirectoryError,
};
use answer::Me;
use profile::Change;

/// Who is shown only those with whom they share a channel or a team.
pub(crate) fn guest(reader: &Reader) -> Option<UserId> {
    (reader.role == Role::Guest).then_some(reader.id)
}

/// Whether the reader may know of a person.
///
/// # Errors
/// 404 `person-not-found`.
pub(crate) async fn check_seen(pool: &PgPool, reader: &Reader, person: UserId) -> Result<(), DirectoryError> {
    check_all_seen(pool, reader, &[person]).await
}

/// Whether the reader may know of each of these people.
///
/// # Errors
/// 404 `person-not-found`.
pub(crate) async fn check_all_seen(pool: &PgPool, reader: &Reader, people: &[UserId]) -> Result<(), DirectoryError> {
    let Some(guest) = guest(reader) else { return Ok(()) };
    let seen = store::seen_by(pool, guest, people).await?;
    if people.iter().all(|person| *person == guest || seen.contains(person)) {
        return Ok(());
    }
    Err(DirectoryError::PersonNotFound)
}

/// Changes what the caller says of themselves, and shows it.
pub(crate) async fn change_me(
    services: &Services,
    caller: &Caller,
    change: &Change,
    conditions: &Conditions,
) -> Result<Response, Problem> {
    let pool = services.pool(&caller.workspace).await?;
    let news = services.relay.expect(&caller.workspace).await?;
    if change_profile(&pool, caller.user, change, conditions).await? {
        news.committed().await;
    } else {
        news.nothing();
    }
    let me = me(&pool, services, caller).await?;
    Ok(versioned(StatusCode::OK, me.person.version, me))
}

/// The caller.
pub(crate) async fn me(pool: &PgPool, services: &Services, caller: &Caller) -> Result<Me, Problem> {
    let seen = Seen { handle: &caller.workspace.handle, now: now(services) };
    Ok(store::me(pool, &seen, caller.user).await?.ok_or(DirectoryError::PersonNotFound)?)
}

/// False if nothing of it is new; then nobody is asked which version they had read, so that a retry is answered alike.
pub(crate) async fn change_profile(
    pool: &PgPool,
    user: UserId,
    change: &Change,
    conditions: &Conditions,
) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    let locked = store::lock_profile(&mut transaction, user).await?;
    let (profile, version) = locked.ok_or(DirectoryError::PersonNotFound)?;
    let changed = change.apply(&profile);
    if changed == profile {
        return Ok(false);
    }
    conditions.check(version)?;
    if let Some(name) = &change.name {
        ::people::check_name(&mut transaction, user, name).await?;
    }
    store::update_profile(&mut transaction, user, &changed, change.name.as_ref()).await?;
    ::people::person_changed(&mut transaction, user).await?;
    transaction.commit().await?;
    Ok(true)
}
