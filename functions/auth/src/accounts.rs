//! Administration of accounts: roles, deactivation, erasure, signing somebody out.

pub(crate) mod ending;
mod erase_person;
mod error;
mod owners;
mod paths;
mod put_deactivation;
mod put_role;
mod remove_deactivation;
mod remove_sessions;
pub(crate) mod store;

use access::Caller;
use domain::{
    Role, UserId,
    policy::{self, Action, Target},
};
use function_host::{On, Problem};
use sqlx::{Postgres, Transaction};
use tenancy::Workspace;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::State;

pub(crate) use error::AccountError;
pub(crate) use paths::{PersonPath, WorkspacePath};
pub(crate) use store::Facts;

/// The endpoints.
pub(crate) fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(put_role::put_role))
        .routes(routes!(put_deactivation::put_deactivation, remove_deactivation::remove_deactivation))
        .routes(routes!(erase_person::erase_person))
        .routes(routes!(remove_sessions::remove_sessions))
}

impl State {
    /// Begins what the caller does to somebody: both rows are locked, and the caller may do it by what the rows say now.
    /// `action` is told the other's role.
    pub(crate) async fn act_on(
        &self,
        caller: &Caller,
        other: UserId,
        action: impl Fn(Role) -> Action,
    ) -> Result<(Transaction<'static, Postgres>, Facts), Problem> {
        let seen = store::facts(&*self.services.pool(&caller.workspace).await?, other).await?;
        // Of nobody only who could act on a guest learns that there is nobody.
        let asked = action(seen.map_or(Role::Guest, |facts| facts.role));
        let mut me = self.services.access.authorise(caller, On::Workspace, asked).await?;

        let mut transaction = self.services.pool(&caller.workspace).await?.begin().await?;
        let locked = store::lock(&mut transaction, &[caller.user, other]).await?;
        if let Some(facts) = locked.iter().find(|facts| facts.id == caller.user) {
            (me.role, me.active) = (facts.role, facts.active);
        }
        let other = locked.into_iter().find(|facts| facts.id == other).ok_or(AccountError::PersonNotFound)?;
        policy::decide(&me, &Target::Workspace, action(other.role))?;
        Ok((transaction, other))
    }

    /// Commits what has news in the outbox.
    pub(crate) async fn publish(
        &self,
        workspace: &Workspace,
        transaction: Transaction<'static, Postgres>,
    ) -> Result<(), Problem> {
        let news = self.services.relay.expect(workspace).await?;
        transaction.commit().await?;
        news.committed().await;
        Ok(())
    }
}
