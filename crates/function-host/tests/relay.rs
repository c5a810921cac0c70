//! The relay against real servers: what was committed reaches the log whatever becomes of the request.

use std::{sync::Arc, time::Duration};

use access::tick::TickKey;
use anyhow::Context;
use axum::{body::Body, http::Request};
use domain::{ChannelId, Event, UserId, events::MemberRemoved, ids::TopicKind};
use event_log::{EventLog, KafkaConfig, Security, outbox};
use function_host::{Services, http, tick};

use tenancy::{Databases, DatabasesConfig, Lease, Registry, Workspace};
use testkit::Lab;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use utoipa_axum::router::OpenApiRouter;

/// One connection: whoever holds it for long is found out.
const CONNECTIONS: u32 = 1;
/// Nobody listens here.
const NO_KAFKA: &str = "127.0.0.1:1";

/// For what must happen, on a machine that is busy.
const LIMIT: Duration = Duration::from_secs(30);

struct House {
    services: Services,
    workspace: Arc<Workspace>,
    pool: Lease,
    shutdown: CancellationToken,
}

impl House {
    async fn start(lab: &Lab, kafka: &str) -> anyhow::Result<Self> {
        let id = lab.workspace("relay").await?.id;
        let registry = Registry::load(lab.control.pool.clone()).await?;
        let databases = Databases::new(DatabasesConfig {
            server: lab.control.server().clone(),
            per_workspace: CONNECTIONS,
            total: CONNECTIONS,
            schema_version: schema::workspace::VERSION,
        });
        let log = EventLog::connect(KafkaConfig {
            bootstrap: kafka.to_owned(),
            security: Security::default(),
            installation: lab.control_database.clone(),
            instance: "relay-test".to_owned(),
        });
        let shutdown = CancellationToken::new();
        let key = TickKey::from_bytes(&[3; 32]);
        let services = Services::assemble("directory", key, registry, databases, log?, shutdown.clone());
        let workspace = services.registry.by_id(&id).context("the registry has no such workspace")?;
        let pool = services.databases.lease(&workspace).await?;
        Ok(Self { services, workspace, pool, shutdown })
    }

    async fn commit(&self) -> anyhow::Result<()> {
        let (channel_id, user_id) = (ChannelId::random(), UserId::random());
        let event = Event::MemberRemoved(MemberRemoved { channel_id, user_id, version: 1 });
        let mut transaction = self.pool.begin().await?;
        outbox::enqueue(&mut transaction, TopicKind::Messages, channel_id.0, &event).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Commits an event of a kind that this version does not know.
    async fn commit_unreadable(&self) -> anyhow::Result<()> {
        sqlx::query(
            "insert into outbox (topic, key, event) values ('messages', gen_random_uuid(), '{\"type\":\"NEWER\"}')",
        )
        .execute(&*self.pool)
        .await?;
        Ok(())
    }

    async fn waiting(&self) -> anyhow::Result<i64> {
        Ok(sqlx::query_scalar("select count(*) from outbox").fetch_one(&*self.pool).await?)
    }

    async fn until_waiting(&self, count: i64) -> anyhow::Result<()> {
        let settled = async {
            while self.waiting().await? != count {
                sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        };
        timeout(Duration::from_secs(10), settled).await.context("the outbox is not relayed")?
    }

    async fn until_due(&self, lab: &Lab, count: i64) -> anyhow::Result<()> {
        let settled = async {
            loop {
                let rows = sqlx::query_scalar("select count(*) from control.due where workspace = $1");
                let found: i64 = rows.bind(self.workspace.id.as_str()).fetch_one(&lab.control.pool).await?;
                if found == count {
                    return Ok(());
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(LIMIT, settled).await.context("what is due is not what it should be")?
    }

    /// The same process after a restart.
    fn again(&self, lab: &Lab) -> Services {
        let databases = Databases::new(DatabasesConfig {
            server: lab.control.server().clone(),
            per_workspace: CONNECTIONS,
            total: CONNECTIONS,
            schema_version: schema::workspace::VERSION,
        });
        let Services { tick_key, registry, log, shutdown, .. } = self.services.clone();
        Services::assemble("directory", tick_key, registry, databases, log, shutdown)
    }

    async fn end(self) -> anyhow::Result<()> {
        self.shutdown.cancel();
        self.services.tasks.close();
        timeout(LIMIT, self.services.tasks.wait()).await.context("tasks hold up the end")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_is_relayed_though_the_request_is_dropped() {
    let lab = Lab::start().await.unwrap();
    let house = House::start(&lab, &lab.kafka).await.unwrap();
    let news = house.services.relay.expect(&house.workspace).await.unwrap();
    house.commit().await.unwrap();
    drop(news);
    house.until_waiting(0).await.unwrap();

    let news = house.services.relay.expect(&house.workspace).await.unwrap();
    house.commit().await.unwrap();
    news.committed().await;
    assert_eq!(house.waiting().await.unwrap(), 0, "who waits finds it relayed");
    house.until_due(&lab, 0).await.unwrap();
    house.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_left_is_due_and_relayed_by_its_next_life_or_at_a_tick() {
    let lab = Lab::start().await.unwrap();
    let house = House::start(&lab, &lab.kafka).await.unwrap();
    // As if it were killed between its commit and its relay.
    std::mem::forget(house.services.relay.expect(&house.workspace).await.unwrap());
    house.commit().await.unwrap();
    house.until_due(&lab, 1).await.unwrap();

    let next_life = house.again(&lab);
    next_life.relay.resume().await.unwrap();
    house.until_waiting(0).await.unwrap();
    house.until_due(&lab, 0).await.unwrap();

    house.commit().await.unwrap();
    let app = http::app(OpenApiRouter::new(), tick::routes("directory", house.services.clone(), Vec::new()));
    let ask = |token: String| {
        let request = Request::post(tick::path("directory")).header("authorization", format!("Bearer {token}"));
        app.clone().oneshot(request.body(Body::empty()).unwrap())
    };
    let token = |key: &TickKey, function| key.token(function, &house.workspace.id, "outbox").unwrap();
    let key = &house.services.tick_key;
    let strangers = [token(&TickKey::from_bytes(&[4; 32]), "directory"), token(key, "auth"), String::new()];
    for stranger in strangers {
        assert_eq!(ask(stranger).await.unwrap().status(), 401);
    }
    assert_eq!(house.waiting().await.unwrap(), 1);
    assert_eq!(ask(token(key, "directory")).await.unwrap().status(), 204);
    assert_eq!(house.waiting().await.unwrap(), 0);
    house.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_stays_while_a_transaction_may_still_commit() {
    let lab = Lab::start().await.unwrap();
    let house = House::start(&lab, &lab.kafka).await.unwrap();
    let slow = house.services.relay.expect(&house.workspace).await.unwrap();
    house.services.relay.expect(&house.workspace).await.unwrap().committed().await;
    house.until_due(&lab, 1).await.unwrap();
    slow.committed().await;
    house.until_due(&lab, 0).await.unwrap();
    house.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_row_stays_and_holds_up_no_other() {
    let lab = Lab::start().await.unwrap();
    let house = House::start(&lab, &lab.kafka).await.unwrap();
    house.commit().await.unwrap();
    house.commit_unreadable().await.unwrap();
    house.commit().await.unwrap();
    house.services.relay.expect(&house.workspace).await.unwrap().committed().await;
    assert_eq!(house.waiting().await.unwrap(), 1);
    house.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_away_holds_neither_connections_nor_requests_nor_the_end() {
    let lab = Lab::start().await.unwrap();
    let house = House::start(&lab, NO_KAFKA).await.unwrap();
    house.commit().await.unwrap();
    let relayed = house.services.relay.expect(&house.workspace).await.unwrap().committed();
    sleep(Duration::from_millis(500)).await;
    assert_eq!(house.waiting().await.unwrap(), 1, "the one connection is free meanwhile");
    timeout(LIMIT, relayed).await.expect("a request waits for the log");
    assert_eq!(house.waiting().await.unwrap(), 1);
    house.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_leaves_the_registry_loses_its_pool() {
    let lab = Lab::start().await.unwrap();
    let house = House::start(&lab, &lab.kafka).await.unwrap();
    sqlx::query("update control.workspaces set ready_at = null where id = $1")
        .bind(house.workspace.id.to_string())
        .execute(&lab.control.pool)
        .await
        .unwrap();
    // Made before the end: one that is made while the pool is being closed may miss it.
    let closed = house.pool.close_event();
    house.services.registry.refresh().await.unwrap();
    timeout(LIMIT, closed).await.expect("its pool stays open");
    house.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_limits_every_connection() {
    let lab = Lab::start().await.unwrap();
    let house = House::start(&lab, &lab.kafka).await.unwrap();
    for (name, value) in [
        ("statement_timeout", "15s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "15s"),
        ("tcp_keepalives_idle", "10"),
    ] {
        let found: String =
            sqlx::query_scalar("select current_setting($1)").bind(name).fetch_one(&house.pool).await.unwrap();
        assert_eq!(found, value, "{name}");
    }
    house.end().await.unwrap();
}
