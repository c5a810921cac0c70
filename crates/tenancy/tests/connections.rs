//! How many connections a process holds, on a real server.

use std::{env, str::FromStr, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use domain::{Handle, WorkspaceId};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use sqlx::{PgPool, postgres::PgConnectOptions};
use tenancy::{DatabaseError, Databases, DatabasesConfig, Settings, Workspace, workspace::SignUp};
use testkit::wait;

const WORKSPACES: usize = 24;
const TOTAL: u32 = 8;
const LIMIT: Duration = Duration::from_secs(60);

struct Stage {
    admin: PgPool,
    databases: Arc<Databases>,
    workspaces: Vec<Workspace>,
    name: String,
}

impl Stage {
    async fn new(workspaces: usize, per_workspace: u32) -> anyhow::Result<Self> {
        let url = env::var("THREADLY_TEST_POSTGRES").context("THREADLY_TEST_POSTGRES is not set")?;
        let server = PgConnectOptions::from_str(&url)?;
        let admin = PgPool::connect_with(server.clone()).await?;
        let name = format!("connections {}", uuid::Uuid::new_v4());
        let server = server.application_name(&name);
        let databases = Databases::new(DatabasesConfig { server, per_workspace, total: TOTAL, schema_version: 1 });
        let mut made = Vec::new();
        for _ in 0..workspaces {
            let workspace = workspace()?;
            let create = format!("create database {} template template0 strategy wal_log", workspace.id.database());
            sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&admin).await?;
            made.push(workspace);
        }
        Ok(Self { admin, databases, workspaces: made, name })
    }

    /// Connections that the server counts.
    async fn held(&self) -> anyhow::Result<i64> {
        let count = sqlx::query_scalar("select count(*) from pg_stat_activity where application_name = $1");
        Ok(count.bind(&self.name).fetch_one(&self.admin).await?)
    }

    async fn remove(self) -> anyhow::Result<()> {
        self.databases.close().await;
        for workspace in &self.workspaces {
            let drop = format!("drop database {} with (force)", workspace.id.database());
            sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&self.admin).await?;
        }
        Ok(())
    }
}

fn workspace() -> anyhow::Result<Workspace> {
    let id: String = (0..12).map(|_| char::from(rand::random_range(b'a'..=b'z'))).collect();
    Ok(Workspace {
        handle: id.parse::<Handle>()?,
        id: id.parse::<WorkspaceId>()?,
        display_name: id,
        owner_email: String::new(),
        sign_up: SignUp::Invitation,
        suspended: false,
        message_partitions: 1,
        epoch: 1,
        schema_version: 1,
        settings: Settings::default(),
    })
}

#[tokio::test]
async fn many_workspaces_share_the_connections_of_a_process_and_idle_ones_end() -> anyhow::Result<()> {
    let stage = Stage::new(WORKSPACES, 3).await?;
    let turns = stream::iter((0..10 * WORKSPACES).map(|turn| &stage.workspaces[turn * 7 % WORKSPACES]));
    let work = turns.map(Ok::<_, anyhow::Error>).try_for_each_concurrent(16, async |workspace| {
        let pool = loop {
            match stage.databases.lease(workspace).await {
                Err(DatabaseError::Busy) => {}
                leased => break leased?,
            }
        };
        let database: String =
            sqlx::query_scalar("select current_database() from pg_sleep(0.005)").fetch_one(&*pool).await?;
        ensure!(database == workspace.id.database(), "{database}");
        Ok(())
    });
    let watching = async {
        let mut most = 0;
        loop {
            most = most.max(stage.held().await?);
            ensure!(most <= i64::from(TOTAL), "{most} connections");
        }
    };
    tokio::select! {
        done = work => done?,
        watched = watching => return watched,
    }
    ensure!(stage.held().await? > 0, "a connection is kept for a while");
    let none = async || stage.held().await.ok().filter(|held| *held == 0);
    wait::until("idle connections are closed", LIMIT, none).await?;
    stage.remove().await
}

#[tokio::test]
async fn who_finds_every_connection_in_use_is_told_so_and_gets_one_that_comes_free() -> anyhow::Result<()> {
    let stage = Stage::new(TOTAL as usize + 1, 1).await?;
    let (last, others) = stage.workspaces.split_last().context("there are some")?;
    let mut held = Vec::new();
    for workspace in others {
        let lease = stage.databases.lease(workspace).await?;
        let connection = lease.acquire().await?;
        held.push((connection, lease));
    }
    ensure!(matches!(stage.databases.lease(last).await, Err(DatabaseError::Busy)));
    let (connection, lease) = held.pop().context("some are held")?;
    let freeing = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop((connection, lease));
    };
    let (leased, ()) = tokio::join!(stage.databases.lease(last), freeing);
    sqlx::query("select 1").execute(&*leased?).await?;
    ensure!(stage.held().await? <= i64::from(TOTAL));
    drop(held);
    stage.remove().await
}
