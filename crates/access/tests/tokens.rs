//! Tokens, shown more than once: what was verified before is believed no longer than it is true.

use std::{sync::Arc, time::Duration};

use access::{
    Access, Denied,
    token::{Claims, Unauthenticated},
};
use anyhow::Context;
use domain::{SessionId, UserId, WorkspaceId};
use sqlx::{PgPool, postgres::PgConnectOptions};
use tenancy::{Databases, DatabasesConfig, Registry, Workspace};
use testkit::{Lab, wait};

const LIMIT: Duration = Duration::from_secs(60);

/// A registry with two workspaces, and access over it.
struct Stage {
    lab: Lab,
    registry: Registry,
    access: Access,
    home: Arc<Workspace>,
    elsewhere: Arc<Workspace>,
}

impl Stage {
    async fn new() -> anyhow::Result<Self> {
        let lab = Lab::start().await?;
        let (home, elsewhere) = (lab.workspace("home").await?, lab.workspace("elsewhere").await?);
        let server: PgConnectOptions = lab.admin_url.parse()?;
        let control = PgPool::connect_with(server.clone().database(&lab.control_database)).await?;
        let registry = Registry::load(control).await?;
        let databases = Databases::new(DatabasesConfig {
            server,
            per_workspace: 1,
            total: 4,
            schema_version: schema::workspace::VERSION,
        });
        let served = |id: &WorkspaceId| registry.by_id(id).context("the workspace is not served");
        let (home, elsewhere) = (served(&home.id)?, served(&elsewhere.id)?);
        Ok(Self { access: Access::new(registry.clone(), databases), lab, registry, home, elsewhere })
    }

    fn token(&self, seconds: u64) -> anyhow::Result<String> {
        let now = self.registry.clock().now_seconds();
        Ok(self.lab.signer.sign_claims(&Claims {
            iss: "threadly".to_owned(),
            aud: self.home.id.to_string(),
            sub: UserId::random(),
            sid: SessionId::random(),
            iat: now,
            exp: now + seconds,
        })?)
    }

    async fn show(&self, workspace: &Arc<Workspace>, token: &str) -> Result<(), Unauthenticated> {
        match self.access.authenticate(workspace.clone(), token).await {
            Ok(_) => Ok(()),
            Err(Denied::Unauthenticated(why)) => Err(why),
            // None of the answers that are asked for here.
            Err(_) => Err(Unauthenticated::Missing),
        }
    }
}

#[tokio::test]
async fn a_token_is_good_at_home_alone_however_often_it_is_shown() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let token = stage.token(600)?;
    for _ in 0..2 {
        assert_eq!(stage.show(&stage.elsewhere, &token).await, Err(Unauthenticated::Invalid));
        assert_eq!(stage.show(&stage.home, &token).await, Ok(()));
    }
    Ok(())
}

#[tokio::test]
async fn a_changed_token_is_refused_after_the_true_one_was_taken() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let token = stage.token(600)?;
    assert_eq!(stage.show(&stage.home, &token).await, Ok(()));
    let (signed, signature) = token.rsplit_once('.').context("a token has three parts")?;
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let forged = format!("{signed}.{other}{}", &signature[1..]);
    assert_eq!(stage.show(&stage.home, &forged).await, Err(Unauthenticated::Invalid));
    assert_eq!(stage.show(&stage.home, &token).await, Ok(()));
    Ok(())
}

#[tokio::test]
async fn a_token_ends_though_it_was_verified_before() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let token = stage.token(1)?;
    assert_eq!(stage.show(&stage.home, &token).await, Ok(()));
    let ended = wait::until("the token ends", LIMIT, async || stage.show(&stage.home, &token).await.err()).await?;
    assert_eq!(ended, Unauthenticated::Expired);
    Ok(())
}

#[tokio::test]
async fn a_key_that_leaves_the_registry_takes_its_tokens_with_it() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let token = stage.token(600)?;
    assert_eq!(stage.show(&stage.home, &token).await, Ok(()));
    sqlx::query("delete from control.signing_keys").execute(&stage.lab.control.pool).await?;
    stage.registry.refresh().await?;
    assert_eq!(stage.show(&stage.home, &token).await, Err(Unauthenticated::Invalid));
    Ok(())
}
