//! Pictures that people leave behind in the workspace's bucket. Whoever may leave one says so before the transaction, and
//! writes it down in the transaction; `directory` deletes the object when the clock asks.

mod store;

use std::time::Duration;

use domain::UserId;
use sqlx::PgConnection;
use tenancy::{
    Registry, Workspace,
    due::{DueKey, Purpose},
};

use crate::PeopleError;

/// The function that has the pictures.
const KEEPER: &str = "directory";

/// Has what is left behind looked for after `wait`.
///
/// # Errors
/// The control database is away.
pub async fn expect(registry: &Registry, workspace: &Workspace, wait: Duration) -> sqlx::Result<()> {
    let key = DueKey {
        workspace: workspace.id.clone(),
        function: KEEPER.to_owned(),
        purpose: Purpose::Leftovers.as_str().to_owned(),
        holder: String::new(),
    };
    registry.due().set(&key, wait).await.map(drop)
}

/// Leaves behind all pictures of somebody who is to be erased, those included that they only announced. Their row is
/// locked, and still names the picture that they have.
///
/// # Errors
/// The database's.
pub async fn leave_all(connection: &mut PgConnection, user: UserId) -> Result<(), PeopleError> {
    Ok(store::leave_pictures(connection, user).await?)
}
