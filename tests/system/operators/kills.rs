//! The operator killed at each of its writes, from a workspace's first row to its last: once as if the write had been lost,
//! once as if it had been done and nobody had noted it.

use anyhow::Context as _;
use sqlx::{Connection as _, PgConnection};
use testkit::{Process, wait};

use super::bed::{Bed, unique};
use crate::cluster::bed::{LIMIT, workspace};

/// The lock that the test holds while a write is to wait.
const GATE: &str = "
    create table control.gates (label text primary key);
    create function control.wait_at_the_gate(label text) returns void language plpgsql as $$
    begin
        if exists(select from control.gates as gate where gate.label = wait_at_the_gate.label) then
            perform pg_advisory_xact_lock_shared(4712);
        end if;
    end $$;
    create function control.gate_of_workspaces() returns trigger language plpgsql as $$
    begin
        perform control.wait_at_the_gate(case
            when tg_op = 'INSERT' then 'register'
            when old.state <> new.state then new.state
            when old.suspended <> new.suspended then 'suspend'
            when old.schema_version <> new.schema_version then 'schema'
            when old.bucket_made_at is distinct from new.bucket_made_at then 'bucket'
            when old.ready_at is distinct from new.ready_at then 'ready'
            else 'other' end);
        return new;
    end $$;
    create trigger gate before insert or update on control.workspaces
        for each row execute function control.gate_of_workspaces();
    create function control.gate_of_tickets() returns trigger language plpgsql as $$
    begin
        perform control.wait_at_the_gate(new.act);
        return new;
    end $$;
    create trigger gate before insert on control.tickets for each row execute function control.gate_of_tickets();";

/// A write that the operator is killed at, and what leads there.
struct Case {
    label: &'static str,
    /// What a person does.
    act: Act,
    /// The row's state afterwards.
    ends: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Create,
    Suspend,
    Delete,
    Restore,
    Purge,
}

const fn case(label: &'static str, act: Act, ends: &'static str) -> Case {
    Case { label, act, ends }
}

const CASES: [Case; 12] = [
    case("register", Act::Create, "Active"),
    case("schema", Act::Create, "Active"),
    case("bucket", Act::Create, "Active"),
    case("ready", Act::Create, "Active"),
    case("suspend", Act::Suspend, "Active"),
    case("Retained", Act::Delete, "Retained"),
    case("Active", Act::Restore, "Active"),
    case("Purging", Act::Purge, "Purged"),
    case("DeleteTopics", Act::Purge, "Purged"),
    case("DropDatabase", Act::Purge, "Purged"),
    case("DeleteBucket", Act::Purge, "Purged"),
    case("Purged", Act::Purge, "Purged"),
];

struct Scene {
    bed: Bed,
    operator: Process,
    /// Holds the gate's lock.
    gate: PgConnection,
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_killed_at_any_of_its_writes_is_taken_over_and_loses_nothing() -> anyhow::Result<()> {
    let bed = Bed::start().await?;
    let operator = bed.operator("one").await?;
    let control = bed.cluster.lab.control.server().clone().database(&bed.cluster.lab.control_database);
    bed.sql(GATE).await?;
    let mut scene = Scene { operator, gate: PgConnection::connect_with(&control).await?, bed };
    let mut count = 0;
    for case in &CASES {
        for lost in [true, false] {
            scene.run(case, lost).await.with_context(|| format!("killed at {}, lost: {lost}", case.label))?;
            count += 1;
        }
    }
    println!("{count} kills, each taken over");
    Ok(())
}

impl Scene {
    async fn run(&mut self, case: &Case, lost: bool) -> anyhow::Result<()> {
        let name = unique("w");
        let before = if case.act == Act::Create { None } else { Some(self.prepare(&name, case.act).await?) };
        sqlx::raw_sql("select pg_advisory_lock(4712)").execute(&mut self.gate).await?;
        sqlx::query("insert into control.gates values ($1)").bind(case.label).execute(&mut self.gate).await?;
        self.act(case.act, &name, before.as_deref()).await?;
        let waiting = wait::until("the write waits", LIMIT, async || {
            let waiting = "select pid from pg_locks where locktype = 'advisory' and objid = 4712 and not granted";
            sqlx::query_scalar::<_, i32>(waiting).fetch_optional(&self.bed.cluster.lab.control.pool).await.ok()?
        })
        .await?;
        self.operator.kill().await?;
        if lost {
            sqlx::query("select pg_terminate_backend($1)").bind(waiting).execute(&mut self.gate).await?;
        }
        sqlx::raw_sql("delete from control.gates; select pg_advisory_unlock(4712)").execute(&mut self.gate).await?;
        // As if its time were over.
        self.bed.cluster.kubectl(&["delete", "lease", "threadly-operator", "-n", "threadly-system"]).await?;
        self.operator.restart().await?;
        self.ended(case, &name, before.as_deref()).await
    }

    /// Brings a workspace to where the act begins.
    async fn prepare(&self, name: &str, act: Act) -> anyhow::Result<String> {
        let id = self.bed.apply(name).await?;
        if matches!(act, Act::Restore | Act::Purge) {
            self.bed.retain(name, &id).await?;
        }
        Ok(id)
    }

    async fn act(&self, act: Act, name: &str, id: Option<&str>) -> anyhow::Result<()> {
        let id = id.unwrap_or_default();
        match act {
            Act::Create => self.bed.cluster.apply(&workspace(name, "")).await,
            Act::Suspend => self.bed.cluster.apply(&workspace(name, "suspended: true")).await,
            Act::Delete => self.bed.cluster.kubectl(&["delete", "workspace", name, "-n", "team-acme"]).await.map(drop),
            Act::Restore => {
                let more = format!("handle: {name}, restore: {{retainedWorkspace: {id}}}");
                self.bed.cluster.apply(&workspace(&format!("{name}-b"), &more)).await
            }
            Act::Purge => self.bed.delete_retained(&[id]).await,
        }
    }

    /// Whoever took over has ended it: one row, in the right state, with everything there or nothing left.
    async fn ended(&self, case: &Case, name: &str, before: Option<&str>) -> anyhow::Result<()> {
        let object = format!("workspace/{name}");
        match case.act {
            Act::Create => self.bed.cluster.wait_for("Ready", &object).await?,
            Act::Suspend => self.bed.cluster.wait_for("Suspended", &object).await?,
            Act::Restore => self.bed.cluster.wait_for("Ready", &format!("{object}-b")).await?,
            Act::Delete | Act::Purge => {}
        }
        let rows = "select id, state from control.workspaces where handle = $1";
        let rows: Vec<(String, String)> = wait::until("its row is as it should be", LIMIT, async || {
            let rows: Vec<(String, String)> =
                sqlx::query_as(rows).bind(name).fetch_all(&self.bed.cluster.lab.control.pool).await.ok()?;
            rows.iter().all(|(_, state)| state == case.ends).then_some(rows)
        })
        .await?;
        anyhow::ensure!(rows.len() == 1, "one row: {rows:?}");
        let id = &rows[0].0;
        anyhow::ensure!(before.is_none_or(|before| before == id), "the same identity");
        let expected = if case.ends == "Purged" { (0, false, false) } else { (5, true, true) };
        // A broker may hear a moment later that topics are deleted.
        wait::until(&format!("{expected:?} is left"), LIMIT, async || {
            self.bed.remains(id).await.ok().filter(|left| *left == expected)
        })
        .await
        .map(drop)
    }
}
