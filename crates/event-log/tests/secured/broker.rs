//! The broker of these tests.

use std::{
    sync::{Arc, Weak},
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::Context as _;
use event_log::{
    Security,
    admin::TopicAdmin,
    security::{Login, Mechanism, Password},
    topics::{TopicDescription, TopicSpec},
};
use testkit::{servers::OwnKafka, wait};
use tokio::sync::{Mutex, oneshot};

/// No wait in a test is longer.
pub const LIMIT: Duration = Duration::from_secs(60);

static SHARED: Mutex<Weak<Broker>> = Mutex::const_new(Weak::new());

/// A broker that ends with the last test that uses it.
pub struct Broker {
    bootstrap: String,
    security: Security,
    cluster_id: String,
    /// Dropping it ends the broker.
    end: Option<oneshot::Sender<()>>,
    /// A server ends with the thread that started it, so it is not a test's.
    keeper: Option<JoinHandle<()>>,
}

pub async fn broker() -> anyhow::Result<Arc<Broker>> {
    let mut shared = SHARED.lock().await;
    if let Some(running) = shared.upgrade() {
        return Ok(running);
    }
    let started = Arc::new(Broker::start().await?);
    *shared = Arc::downgrade(&started);
    Ok(started)
}

impl Broker {
    async fn start() -> anyhow::Result<Self> {
        let ((started, start), (end, ended)) = (oneshot::channel(), oneshot::channel());
        let keeper = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let kafka = match OwnKafka::start_secured().await {
                    Ok(kafka) => kafka,
                    Err(error) => return drop(started.send(Err(error))),
                };
                let _ = started.send(Ok((kafka.bootstrap(), kafka.security(), kafka.cluster_id().to_owned())));
                let _ = ended.await;
            });
        });
        let (bootstrap, security, cluster_id) = start.await.context("the broker's thread ended")??;
        Ok(Self { bootstrap, security, cluster_id, end: Some(end), keeper: Some(keeper) })
    }

    pub fn bootstrap(&self) -> String {
        self.bootstrap.clone()
    }

    /// How its admin connects.
    pub fn security(&self) -> Security {
        self.security.clone()
    }

    pub fn cluster_id(&self) -> &str {
        &self.cluster_id
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.end.take());
        let _ = self.keeper.take().map(JoinHandle::join);
    }
}

pub fn admin(kafka: &Broker) -> anyhow::Result<TopicAdmin> {
    Ok(TopicAdmin::connect(&kafka.bootstrap(), &kafka.security())?)
}

/// The broker's security, with another user.
pub fn security_of(kafka: &Broker, user: &str, password: &str) -> Security {
    Security { login: Some(login(user, password)), ..kafka.security() }
}

pub fn login(user: &str, password: &str) -> Login {
    Login { mechanism: Mechanism::ScramSha512, user: user.to_owned(), password: Password::new(password) }
}

/// Makes topics of one partition, and waits until they answer.
pub async fn make_topics(admin: &TopicAdmin, names: &[String]) -> anyhow::Result<()> {
    let spec = |name: &String| TopicSpec { name: name.clone(), partitions: 1, replication: None, config: Vec::new() };
    admin.ensure(&names.iter().map(spec).collect::<Vec<_>>()).await?;
    wait::until("the topics answer", LIMIT, async || {
        admin.describe(names).await.is_ok_and(|found| found.iter().all(TopicDescription::is_ready)).then_some(())
    })
    .await
}

/// A name that no other test has.
pub fn unique() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
