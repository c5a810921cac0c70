//! What is in a workspace and must stay: a row in its database, an object in its bucket, an option of each of its topics
//! that no new topic would have.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, ensure};
use buckets::Buckets;
use domain::{WorkspaceId, ids::TopicKind};
use event_log::admin::{TopicAdmin, options::Options};
use operator::purge::{self, Remains};
use sqlx::{Connection as _, PgConnection};
use testkit::wait;
use uuid::Uuid;

use crate::{buckets::put, interruption::add_user, lab::Lab};

/// No wait for what must be in the end is longer.
pub const IN_THE_END: Duration = Duration::from_secs(120);
const OPTION: (&str, &str) = ("retention.bytes", "123456789");
const OBJECT: &str = "avatars/u/1";

/// A workspace with something in it.
#[derive(Clone, Debug)]
pub struct Marked {
    pub id: WorkspaceId,
    user: Uuid,
}

/// The direct ways to a lab's backends.
pub struct Looker {
    topics: TopicAdmin,
    buckets: Buckets,
}

impl Looker {
    pub fn new(lab: &Lab) -> anyhow::Result<Self> {
        let topics = TopicAdmin::connect(&lab.backends.kafka, &lab.backends.kafka_security)?;
        Ok(Self { topics, buckets: Buckets::connect(&lab.backends.s3)? })
    }

    /// Puts something into each part of a workspace that is ready.
    pub async fn mark(&self, lab: &Lab, id: &WorkspaceId) -> anyhow::Result<Marked> {
        let user = add_user(lab, &id.database()).await?;
        put(&self.buckets, &id.bucket(), OBJECT).await?;
        let option = vec![(OPTION.0.to_owned(), OPTION.1.to_owned())];
        let topics: Vec<_> = topics(id).into_iter().map(|topic| (topic, option.clone())).collect();
        self.topics.set_options(&topics).await?;
        Ok(Marked { id: id.clone(), user })
    }

    /// Waits until a workspace is seen whole, with all that was in it.
    pub async fn is_whole(&self, lab: &Lab, marked: &Marked) -> anyhow::Result<()> {
        let mut last = None;
        let seen = wait::until("a workspace is whole", IN_THE_END, async || {
            self.look(lab, marked).await.map_err(|error| last = Some(error)).ok()
        });
        let seen = seen.await;
        seen.with_context(|| format!("{}: {last:?}", marked.id))
    }

    async fn look(&self, lab: &Lab, marked: &Marked) -> anyhow::Result<()> {
        let Marked { id, user } = marked;
        let found = purge::observe(&lab.control, id).await?;
        let all = Remains { topics: TopicKind::ALL.into(), database: true, bucket: true };
        ensure!(found == all, "{found:?}");
        let server = lab.control.server().clone().database(&id.database());
        let mut admin = PgConnection::connect_with(&server).await?;
        let users: Vec<Uuid> = sqlx::query_scalar("select id from users").fetch_all(&mut admin).await?;
        ensure!(users == [*user], "its row is gone");
        ensure!(self.buckets.head(&id.bucket(), OBJECT).await?.is_some(), "its object is gone");
        let found = self.options(id).await?;
        let has = |options: &Options| options.get(OPTION.0).is_some_and(|option| option.value == OPTION.1);
        ensure!(found.len() == TopicKind::ALL.len() && found.values().all(has), "a topic was made anew");
        Ok(())
    }

    /// All options of its topics.
    pub async fn options(&self, id: &WorkspaceId) -> anyhow::Result<BTreeMap<String, Options>> {
        Ok(self.topics.describe_options(&topics(id)).await?)
    }

    /// Sets an option of a topic by hand.
    pub async fn set_option(&self, topic: String, name: &str, value: &str) -> anyhow::Result<()> {
        Ok(self.topics.set_options(&[(topic, vec![(name.to_owned(), value.to_owned())])]).await?)
    }

    pub const fn buckets(&self) -> &Buckets {
        &self.buckets
    }
}

fn topics(id: &WorkspaceId) -> Vec<String> {
    TopicKind::ALL.into_iter().map(|kind| id.topic(kind)).collect()
}

/// Waits until nothing of a workspace is seen any more.
pub async fn is_gone(lab: &Lab, id: &WorkspaceId) -> anyhow::Result<()> {
    let mut last = None;
    let gone = wait::until("nothing is left", IN_THE_END, async || {
        let found = purge::observe(&lab.control, id).await;
        let gone =
            found.as_ref().is_ok_and(|Remains { topics, database, bucket }| topics.is_empty() && !database && !bucket);
        last = Some(found);
        gone.then_some(())
    });
    let gone = gone.await;
    gone.with_context(|| format!("{id}: {last:?}"))
}
