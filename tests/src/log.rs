//! The log behind Threadly's back: records that it would never write, and topics made anew.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, bail};
use domain::{ChannelId, Position, WorkspaceId, ids::TopicKind, position::partition_of};
use event_log::{
    EventLog, KafkaConfig, Security,
    range::{RangeLimits, RangeReader},
    topics::{TopicAdmin, TopicSpec},
};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions},
    client::DefaultClientContext,
};
use sqlx::{PgPool, postgres::PgConnectOptions};
use tenancy::{Registry, Workspace};
use testkit::{Lab, TestWorkspace, wait};

use crate::house::House;

const LIMIT: Duration = Duration::from_secs(60);

/// Somebody with a client of their own.
pub struct Stranger {
    log: EventLog,
    ranges: RangeReader,
    /// The workspace as the registry has it.
    pub workspace: Arc<Workspace>,
    /// Its database, as the admin.
    pub pool: PgPool,
    bootstrap: String,
}

impl Stranger {
    /// In the workspace of a house.
    ///
    /// # Errors
    /// A server is away.
    pub async fn of(house: &House) -> anyhow::Result<Self> {
        Self::in_workspace(&house.lab, &house.workspace).await
    }

    /// In a workspace.
    ///
    /// # Errors
    /// A server is away.
    pub async fn in_workspace(lab: &Lab, workspace: &TestWorkspace) -> anyhow::Result<Self> {
        let config = KafkaConfig {
            bootstrap: lab.kafka.clone(),
            security: Security::default(),
            installation: lab.control_database.clone(),
            instance: "stranger".to_owned(),
        };
        let registry = Registry::load(lab.control.pool.clone()).await?;
        let pool = database_of(lab, &workspace.id).await?;
        let workspace = registry.by_id(&workspace.id).context("no such workspace")?;
        Ok(Self {
            ranges: RangeReader::new(&config),
            log: EventLog::connect(config)?,
            workspace,
            pool,
            bootstrap: lab.kafka.clone(),
        })
    }

    /// Appends bytes where a channel's records are.
    ///
    /// # Errors
    /// The log refuses.
    pub async fn append(&self, channel: ChannelId, value: &[u8]) -> anyhow::Result<Position> {
        let partition = partition_of(channel.0, self.workspace.message_partitions);
        Ok(self.log.append_again(&self.workspace, TopicKind::Messages, partition, value).await?.position)
    }

    /// Everything in the first partition of a topic, as text.
    ///
    /// # Errors
    /// The log does not answer.
    pub async fn records(&self, kind: TopicKind) -> anyhow::Result<Vec<String>> {
        let limits = RangeLimits { records: 10_000, time: LIMIT };
        let range = self.ranges.read(&self.workspace.topic(kind), 0, 0, i64::MAX, limits).await?;
        Ok(range.records.iter().map(|record| String::from_utf8_lossy(&record.value).into_owned()).collect())
    }

    /// Deletes the `messages` topic with all that is in it, and makes it anew.
    ///
    /// # Errors
    /// Kafka refuses.
    pub async fn make_anew(&self) -> anyhow::Result<()> {
        let name = self.workspace.topic(TopicKind::Messages);
        let admin: AdminClient<DefaultClientContext> =
            ClientConfig::new().set("bootstrap.servers", &self.bootstrap).create()?;
        for deleted in admin.delete_topics(&[&name], &AdminOptions::new()).await? {
            if let Err((topic, code)) = deleted {
                bail!("{topic} is not deleted: {code}");
            }
        }
        let topics = TopicAdmin::connect(&self.bootstrap, &Security::default())?;
        let names = [name.clone()];
        wait::until("the topic is gone", LIMIT, async || {
            topics.describe(&names).await.is_ok_and(|found| !found[0].exists()).then_some(())
        })
        .await?;
        let partitions = u16::try_from(self.workspace.message_partitions)?;
        topics.ensure(&[TopicSpec { name, partitions, replication: None, config: Vec::new() }]).await?;
        wait::until("the topic is there again", LIMIT, async || {
            topics.describe(&names).await.is_ok_and(|found| found[0].is_ready()).then_some(())
        })
        .await
    }

    /// Why a channel's partition is projected no more, once it isn't.
    ///
    /// # Errors
    /// It is projected on.
    pub async fn until_halted(&self, channel: ChannelId) -> anyhow::Result<String> {
        let partition = i32::try_from(partition_of(channel.0, self.workspace.message_partitions))?;
        wait::until("projection is halted", LIMIT, async || {
            let reason = sqlx::query_scalar("select halted from projection_positions where partition = $1");
            reason.bind(partition).fetch_one(&self.pool).await.ok().flatten()
        })
        .await
    }
}

/// The workspace's database, as the admin.
///
/// # Errors
/// It is away.
pub async fn database(house: &House) -> anyhow::Result<PgPool> {
    database_of(&house.lab, &house.workspace.id).await
}

async fn database_of(lab: &Lab, workspace: &WorkspaceId) -> anyhow::Result<PgPool> {
    let server: PgConnectOptions = lab.admin_url.parse()?;
    Ok(PgPool::connect_with(server.database(&workspace.database())).await?)
}
