//! A cluster, and operators on it.

use anyhow::Context as _;
use testkit::{Lab, Process, wait};

use crate::cluster::bed::{Cluster, LIMIT, LOOK_SECONDS, OPERATOR, workspace};

/// A cluster, and operators on it.
pub(crate) struct Bed {
    pub(crate) cluster: Cluster,
}

impl Bed {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Ok(Self { cluster: Cluster::bare(Lab::start().await?).await? })
    }

    /// An operator under its own account, not waited for.
    pub(crate) async fn begin(&self, name: &str) -> anyhow::Result<Process> {
        let (lab, keys) = (&self.cluster.lab, self.cluster.keys.path().join("secrets/root.key"));
        let account = self.cluster.api.kubeconfig_for(OPERATOR, &["system:serviceaccounts"])?;
        let mut environment = vec![
            ("THREADLY_POSTGRES_URL".to_owned(), lab.admin_url.clone()),
            ("THREADLY_CONTROL_DATABASE".to_owned(), lab.control_database.clone()),
            ("THREADLY_ROOT_KEY_FILE".to_owned(), keys.display().to_string()),
            ("THREADLY_KUBECONFIG".to_owned(), account.display().to_string()),
            ("THREADLY_LOG".to_owned(), std::env::var("THREADLY_TEST_LOG").unwrap_or_else(|_| "warn".to_owned())),
            ("HOSTNAME".to_owned(), name.to_owned()),
            ("THREADLY_USAGE_SECONDS".to_owned(), "2".to_owned()),
            ("THREADLY_LOOK_SECONDS".to_owned(), LOOK_SECONDS.to_owned()),
        ];
        environment.extend(lab.store.environment());
        Process::begin(testkit::program("threadly-operator")?, name.to_owned(), environment).await
    }

    pub(crate) async fn operator(&self, name: &str) -> anyhow::Result<Process> {
        let mut operator = self.begin(name).await?;
        operator.ready().await?;
        Ok(operator)
    }

    pub(crate) async fn apply(&self, name: &str) -> anyhow::Result<String> {
        self.cluster.apply(&workspace(name, "")).await?;
        let object = format!("workspace/{name}");
        self.cluster.wait_for("Ready", &object).await?;
        let made = self.cluster.object(&object).await?;
        Ok(made["status"]["workspaceId"].as_str().context("an id")?.to_owned())
    }

    /// Deletes a workspace and waits until it is retained.
    pub(crate) async fn retain(&self, name: &str, id: &str) -> anyhow::Result<()> {
        self.cluster.kubectl(&["delete", "workspace", name, "-n", "team-acme"]).await?;
        self.cluster.until("it is retained", &format!("retainedworkspace/{id}"), |_| true).await.map(drop)
    }

    /// So many workspaces, made and deleted at once by somebody who means that; their ids.
    pub(crate) async fn retain_many(&self, count: usize) -> anyhow::Result<Vec<String>> {
        let names: Vec<String> = (0..count).map(|_| unique("w")).collect();
        let all: String = names.iter().map(|name| format!("{}---\n", workspace(name, ""))).collect();
        self.cluster.apply(&all).await?;
        let mut ids = Vec::new();
        for name in &names {
            ids.push(self.apply(name).await?);
        }
        self.cluster.kubectl(&["delete", "workspaces", "--all", "-n", "team-acme"]).await?;
        let permit = format!("threadly.dev/allow-vanished={count}");
        self.cluster.kubectl(&["annotate", "workspaceclass", "standard", &permit]).await?;
        for id in &ids {
            self.cluster.until("it is retained", &format!("retainedworkspace/{id}"), |_| true).await?;
        }
        Ok(ids)
    }

    /// Asks for the purge of what is retained, without waiting for it.
    pub(crate) async fn delete_retained(&self, ids: &[&str]) -> anyhow::Result<()> {
        let args = [&["delete", "retainedworkspace", "--wait=false"], ids].concat();
        self.cluster.kubectl(&args).await.map(drop)
    }

    pub(crate) async fn until_state(&self, id: &str, state: &str) -> anyhow::Result<()> {
        wait::until(&format!("{id} is {state}"), LIMIT, async || (self.state(id).await.ok()? == state).then_some(()))
            .await
    }

    pub(crate) async fn state(&self, id: &str) -> anyhow::Result<String> {
        let state = sqlx::query_scalar("select state from control.workspaces where id = $1");
        Ok(state.bind(id).fetch_one(&self.cluster.lab.control.pool).await?)
    }

    pub(crate) async fn has_database(&self, id: &str) -> anyhow::Result<bool> {
        let found = sqlx::query_scalar("select exists(select from pg_database where datname = $1)");
        Ok(found.bind(format!("t_{id}")).fetch_one(&self.cluster.lab.control.pool).await?)
    }

    pub(crate) async fn holder(&self) -> anyhow::Result<String> {
        let lease = self.cluster.find("lease/threadly-operator").await?.unwrap_or_default();
        Ok(lease["spec"]["holderIdentity"].as_str().unwrap_or_default().to_owned())
    }

    /// Waits until an operator leads, and gives its number.
    pub(crate) async fn leader(&self, operators: &[&Process]) -> anyhow::Result<usize> {
        wait::until("one of them leads", LIMIT, async || {
            let holder = self.holder().await.ok()?;
            operators.iter().position(|operator| holder.starts_with(&format!("{}-", operator.name)))
        })
        .await
    }

    pub(crate) async fn sql(&self, statement: &'static str) -> anyhow::Result<()> {
        sqlx::raw_sql(statement).execute(&self.cluster.lab.control.pool).await?;
        Ok(())
    }
}

impl Bed {
    /// Takes the only workspace of this id away.
    pub(crate) async fn retain_named(&self, id: &str) -> anyhow::Result<()> {
        let listed = self.cluster.kubectl(&["get", "workspaces", "-n", "team-acme", "-o", "name"]).await?;
        let name = listed.trim().rsplit('/').next().context("a name")?.to_owned();
        self.retain(&name, id).await
    }

    /// What is left on the backends: topics, database, bucket.
    pub(crate) async fn remains(&self, id: &str) -> anyhow::Result<(usize, bool, bool)> {
        let left = operator::purge::observe(&self.cluster.lab.control, &id.parse()?).await?;
        Ok((left.topics.len(), left.database, left.bucket))
    }
}

/// A name that no other test has.
pub(crate) fn unique(prefix: &str) -> String {
    format!("{prefix}-{}", operator::registry::mint())
}
