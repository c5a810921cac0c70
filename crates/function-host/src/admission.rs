//! Who asks, also for the first time: whoever a trusted issuer vouches for comes in by the workspace's rule, on every
//! route and socket alike.

use std::sync::Arc;

use access::{Caller, Denied, external::Vouched};
use people::{Subject, admit_subject};
use tenancy::Workspace;

use crate::{Problem, Services};

impl Services {
    /// Whose token it is; a stranger whom the workspace's rule admits is one of its people from now on.
    ///
    /// # Errors
    /// 401 or 403, by the token and the rule; 503 where it can't be decided now.
    pub async fn authenticate(&self, workspace: Arc<Workspace>, token: &str) -> Result<Caller, Problem> {
        match self.access.authenticate(workspace.clone(), token).await {
            Err(Denied::Stranger(vouched)) => self.welcome(&workspace, &vouched).await?,
            known => return Ok(known?),
        }
        Ok(self.access.authenticate(workspace, token).await?)
    }

    async fn welcome(&self, workspace: &Workspace, vouched: &Vouched) -> Result<(), Problem> {
        let subject = Subject {
            issuer: &vouched.issuer,
            subject: &vouched.identity.subject,
            email: vouched.identity.email.as_deref(),
            name: vouched.identity.name.as_deref(),
        };
        let pool = self.pool(workspace).await?;
        let news = self.relay.expect(workspace).await?;
        let mut transaction = pool.begin().await?;
        if let Err(error) = admit_subject(&mut transaction, workspace, subject).await {
            news.nothing();
            return Err(error.into());
        }
        transaction.commit().await?;
        news.committed().await;
        Ok(())
    }
}
