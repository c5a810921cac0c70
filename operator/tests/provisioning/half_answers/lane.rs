//! How a lane begins: its backends, the spoilt way to one of them, and the workspaces that the acts are about.

use std::collections::BTreeMap;

use anyhow::Context as _;
use domain::WorkspaceId;
use operator::bootstrap::{KeyRule, open_registry, prepare};
use sqlx::PgPool;
use testkit::{
    TestStore,
    servers::{OwnKafka, proxy::Proxy},
    wait,
};
use tokio::net::lookup_host;

use super::{Lane, REGISTRY, SOURCE, handle, place};
use crate::{
    driven::{Driven, class},
    lab::{Lab, manifest, variable},
    marks::{IN_THE_END, Looker},
};

/// A row of the registry.
#[derive(sqlx::FromRow)]
pub struct Row {
    pub id: String,
    pub place: String,
    pub state: String,
    pub display_name: String,
    pub suspended: bool,
    pub purge_after_days: Option<i32>,
    pub ready: bool,
}

pub async fn rows(registry: &PgPool) -> anyhow::Result<Vec<Row>> {
    let rows = sqlx::query_as(
        "select id, place, state, display_name, suspended, purge_after_days, ready_at is not null as ready
         from control.workspaces where source = $1",
    );
    Ok(rows.bind(SOURCE).fetch_all(registry).await?)
}

impl Lane {
    pub(super) async fn start(backend: &'static str) -> anyhow::Result<Self> {
        let (store, proxy) = (TestStore::embedded()?, Proxy::start().await?);
        let behind = backend == "Kafka";
        let own = if behind { Some(OwnKafka::start_behind(proxy.address().port()).await?) } else { None };
        let kafka = own.as_ref().map_or_else(|| variable("THREADLY_TEST_KAFKA"), |own| Ok(own.bootstrap()))?;
        let mut lab = Lab::start_on(store, kafka).await?;
        lab.control = lab.control.with_class(class());
        let mut spoilt = lab.backends.clone();
        let target = match (&own, backend) {
            (Some(own), _) => {
                spoilt.kafka = proxy.address().to_string();
                format!("127.0.0.1:{}", own.behind().context("it has a second listener")?)
            }
            (None, "Postgres" | REGISTRY) => {
                let (host, port) = (lab.control.server().get_host(), lab.control.server().get_port());
                let direct = format!("{host}:{port}");
                spoilt.admin_url = spoilt.admin_url.replace(&direct, &proxy.address().to_string());
                direct
            }
            (None, _) => {
                spoilt.s3.url = format!("http://{}", proxy.address());
                lab.store.config().url.trim_start_matches("http://").to_owned()
            }
        };
        proxy.lead_to(lookup_host(target).await?.next().context("it has an address")?);
        let spoilt = if backend == REGISTRY {
            let registry =
                open_registry(&spoilt.admin_url, &spoilt.root_key, &lab.control_database, KeyRule::Match).await?;
            prepare(&lab.backends, registry, class()).await?
        } else {
            prepare(&spoilt, lab.pool().clone(), class()).await?
        };
        let looker = Looker::new(&lab)?;
        let driven = Driven::start(&spoilt, SOURCE, Vec::new()).await?;
        let nobody: WorkspaceId = operator::registry::mint();
        let mut lane = Self {
            name: backend,
            lab,
            looker,
            proxy,
            driven,
            wanted: BTreeMap::new(),
            marked: Vec::new(),
            doomed: nobody.clone(),
            leaving: "leaving".to_owned(),
            back: nobody,
            cases: Vec::new(),
            _kafka: own,
        };
        lane.settle_in().await?;
        Ok(lane)
    }

    /// Makes the workspaces that the acts are about, and one that no act is about.
    async fn settle_in(&mut self) -> anyhow::Result<()> {
        let names = ["bystander", "changed", "suspended", "leaving", "back", "doomed"];
        for name in names {
            self.wanted.insert(name.to_owned(), manifest(name, &handle(name))?);
        }
        self.want();
        for name in names {
            let id = self.ready(name).await?;
            self.marked.push(self.looker.mark(&self.lab, &id).await?);
        }
        self.back = self.retire("back").await?;
        self.doomed = self.retire("doomed").await?;
        Ok(())
    }

    pub(super) fn want(&self) {
        self.driven.want(self.wanted.values().cloned().collect());
    }

    pub(super) async fn ready(&self, name: &str) -> anyhow::Result<WorkspaceId> {
        let place = place(name);
        self.row(|row| row.place == place && row.state == "Active" && row.ready).await
    }

    pub(super) async fn retire(&mut self, name: &str) -> anyhow::Result<WorkspaceId> {
        let id = self.ready(name).await?;
        self.wanted.remove(name);
        self.want();
        self.row(|row| row.id == id.as_str() && row.state == "Retained").await
    }

    /// Waits for a row.
    async fn row(&self, found: impl Fn(&Row) -> bool) -> anyhow::Result<WorkspaceId> {
        let row = wait::until("a row is as wanted", IN_THE_END, async || {
            rows(&self.lab.control.pool).await.ok()?.into_iter().find(|row| found(row))
        });
        let row = row.await.with_context(|| format!("{}: {:?}", self.name, self.driven.failures))?;
        Ok(row.id.parse()?)
    }
}
