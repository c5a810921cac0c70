//! Operators as processes of their own: two of them, one that leads; what they destroy, and what they never do.

use std::time::{Duration, Instant};

mod bed;
mod kills;
mod rights;

use anyhow::Context as _;
use serde_json::Value;
use sqlx::Connection as _;
use testkit::{Process, wait};

use crate::cluster::bed::{LIMIT, workspace};
use bed::{Bed, unique};

#[tokio::test(flavor = "multi_thread")]
async fn another_operator_takes_over_from_one_that_is_killed_or_ends() -> anyhow::Result<()> {
    let bed = Bed::start().await?;
    let mut first = bed.operator("first").await?;
    assert_eq!(bed.leader(&[&first]).await?, 0);
    let mut second = bed.operator("second").await?;
    bed.apply(&unique("one")).await?;

    first.kill().await?;
    let killed = Instant::now();
    bed.apply(&unique("two")).await?;
    println!("after kill -9 of the leader, the next workspace was ready in {:.1?}", killed.elapsed());
    assert_eq!(bed.leader(&[&first, &second]).await?, 1);

    first.restart().await?;
    second.stop().await?;
    let ended = Instant::now();
    bed.apply(&unique("three")).await?;
    println!("after SIGTERM, in {:.1?}", ended.elapsed());
    let epoch: i64 =
        sqlx::query_scalar("select max(epoch) from control.leaders").fetch_one(&bed.cluster.lab.control.pool).await?;
    assert_eq!(epoch, 3, "each leader took an epoch of its own");
    Ok(())
}

/// The leader is stopped after its ticket was written, and before it can act on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_sleeps_between_ticket_and_act_destroys_nothing_when_it_wakes() -> anyhow::Result<()> {
    let bed = Bed::start().await?;
    let sleeper = bed.operator("sleeper").await?;
    assert_eq!(bed.leader(&[&sleeper]).await?, 0);
    let id = bed.apply(&unique("acme")).await?;
    bed.retain_named(&id).await?;

    // Whoever writes a ticket waits for the test.
    let mut gate = sqlx::PgConnection::connect_with(
        &bed.cluster.lab.control.server().clone().database(&bed.cluster.lab.control_database),
    )
    .await?;
    sqlx::raw_sql("select pg_advisory_lock(4711)").execute(&mut gate).await?;
    bed.sql(
        "create function control.wait_for_the_test() returns trigger language plpgsql as $$
         begin perform pg_advisory_xact_lock_shared(4711); return new; end $$;
         create trigger gate before insert on control.tickets
         for each row execute function control.wait_for_the_test();",
    )
    .await?;
    bed.delete_retained(&[&id]).await?;
    wait::until("it asks for a ticket", LIMIT, async || {
        let waiting = "select count(*) from pg_locks where locktype = 'advisory' and objid = 4711 and not granted \
                       and database = (select oid from pg_database where datname = current_database())";
        let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(&bed.cluster.lab.control.pool).await.ok()?;
        (waiting > 0).then_some(())
    })
    .await?;
    sleeper.freeze()?;
    // The ticket is written now, and nobody hears of it.
    sqlx::raw_sql("select pg_advisory_unlock(4711)").execute(&mut gate).await?;
    wait::until("the ticket is there", LIMIT, async || {
        let tickets: i64 = sqlx::query_scalar("select count(*) from control.tickets where workspace = $1")
            .bind(&id)
            .fetch_one(&bed.cluster.lab.control.pool)
            .await
            .ok()?;
        (tickets == 1).then_some(())
    })
    .await?;
    // The successor finds a class that it can't use: it leads, and destroys nothing by itself.
    bed.cluster.kubectl(&["delete", "secret", "pg-admin", "-n", "threadly-system"]).await?;
    let successor = bed.operator("successor").await?;
    assert_eq!(bed.leader(&[&successor]).await?, 0);
    let before = bed.remains(&id).await?;
    assert_eq!(before, (5, true, true));

    sleeper.thaw()?;
    // Long enough for every act that it had in mind.
    tokio::time::sleep(operator::term::TICKET + Duration::from_secs(3)).await;
    let epochs: Vec<i64> = sqlx::query_scalar("select distinct epoch from control.tickets order by epoch")
        .fetch_all(&bed.cluster.lab.control.pool)
        .await?;
    let after = bed.remains(&id).await?;
    assert_eq!(after, before, "nothing was destroyed by who leads no more; tickets of {epochs:?}");
    assert_eq!(bed.leader(&[&sleeper, &successor]).await?, 1);
    assert_eq!(epochs, [1], "it got no further ticket");

    // The successor ends it, once it can.
    bed.cluster.apply(&bed.cluster.platform()?).await?;
    bed.until_state(&id, "Purged").await?;
    assert_eq!(bed.remains(&id).await?, (0, false, false));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_retained_is_purged_when_a_person_deletes_it_or_its_time_has_come() -> anyhow::Result<()> {
    let bed = Bed::start().await?;
    let mut operator = bed.operator("one").await?;
    let ids = bed.retain_many(7).await?;
    // One by its time: a person moves it to the past.
    let patch = r#"{"spec": {"purgeAfter": "2026-01-01T00:00:00Z"}}"#;
    bed.cluster.kubectl(&["patch", "retainedworkspace", &ids[0], "--type=merge", "-p", patch]).await?;
    bed.until_state(&ids[0], "Purged").await?;
    assert!(!bed.has_database(&ids[0]).await?);
    wait::until("its object is gone", LIMIT, async || {
        bed.cluster.find(&format!("retainedworkspace/{}", ids[0])).await.ok()?.is_none().then_some(())
    })
    .await?;

    // Five of six at once: nobody is believed to mean that.
    let five: Vec<&str> = ids[1..6].iter().map(String::as_str).collect();
    bed.delete_retained(&five).await?;
    let held = bed
        .cluster
        .until("it is held", &format!("retainedworkspace/{}", five[0]), |object| reason(object, "Purged") == "Held")
        .await?;
    assert_eq!(held["status"]["phase"], "Retained");
    // An operator that starts anew believes it no more.
    operator.kill().await?;
    operator.restart().await?;
    assert_eq!(bed.leader(&[&operator]).await?, 0);
    tokio::time::sleep(operator::brake::SETTLE * 3).await;
    for id in &five {
        assert_eq!(bed.remains(id).await?, (5, true, true));
    }
    // Its definition is deleted, and a person's word is there by accident: the data stays, and comes back into sight.
    bed.cluster.kubectl(&["delete", "crd", "retainedworkspaces.threadly.dev", "--timeout=60s"]).await?;
    for id in &ids[1..] {
        assert_eq!(bed.remains(id).await?, (5, true, true));
    }
    let yaml = format!("{}/../crds/yaml/retainedworkspaces.yaml", env!("CARGO_MANIFEST_DIR"));
    bed.cluster.kubectl(&["apply", "--server-side", "-f", &yaml]).await?;
    for id in &ids[1..] {
        bed.cluster.until("it is in sight again", &format!("retainedworkspace/{id}"), |_| true).await?;
    }
    // Now it is meant.
    bed.delete_retained(&five).await?;
    bed.cluster.kubectl(&["annotate", "workspaceclass", "standard", "threadly.dev/allow-purges=5"]).await?;
    for id in &five {
        bed.until_state(id, "Purged").await?;
        assert_eq!(bed.remains(id).await?, (0, false, false));
    }
    assert_eq!(bed.remains(&ids[6]).await?, (5, true, true), "nobody asked for this one");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_by_hand_is_repaired_and_what_is_lost_is_told_until_a_person_gives_it_up() -> anyhow::Result<()>
{
    let bed = Bed::start().await?;
    let _operator = bed.operator("one").await?;
    let (opened, lost) = (unique("opened"), ["topics", "database", "bucket"].map(unique));
    let open = bed.apply(&opened).await?;
    let mut ids = Vec::new();
    for name in &lost {
        ids.push(bed.apply(name).await?);
    }
    let pool = &bed.cluster.lab.control.pool;
    // Everybody may connect to the first; the others lose a part each.
    sqlx::query(sqlx::AssertSqlSafe(format!("grant connect on database t_{open} to public"))).execute(pool).await?;
    let kafka = event_log::admin::TopicAdmin::connect(&bed.cluster.lab.kafka, &event_log::Security::default())?;
    kafka.delete(&[format!("t.{}.messages", ids[0])]).await?;
    sqlx::query(sqlx::AssertSqlSafe(format!("drop database t_{} with (force)", ids[1]))).execute(pool).await?;
    let buckets = buckets::Buckets::connect(bed.cluster.lab.store.config())?;
    assert!(buckets.delete_some(&format!("threadly-{}", ids[2])).await?);

    wait::until("nobody else may connect again", LIMIT, async || {
        let open_to_all = "select exists(select from pg_database, aclexplode(datacl) as entry
                           where datname = $1 and entry.grantee = 0)";
        let open_to_all: bool = sqlx::query_scalar(open_to_all).bind(format!("t_{open}")).fetch_one(pool).await.ok()?;
        (!open_to_all).then_some(())
    })
    .await?;
    for (name, part) in lost.iter().zip(["TopicsReady", "DatabaseReady", "BucketReady"]) {
        let object = format!("workspace/{name}");
        let told =
            bed.cluster.until("it is told", &object, |object| reason(object, "Stalled") == "DataMissing").await?;
        assert_eq!(crate::cluster::bed::condition(&told, part), ("False", "DataMissing"));
    }
    for (name, id) in lost.iter().zip(&ids) {
        let object = format!("workspace/{name}");
        // A word for another epoch is none.
        for (epoch, reason_then) in [("2", "DataMissing"), ("1", "CanRecover")] {
            let annotation = format!("threadly.dev/accept-data-loss={epoch}");
            bed.cluster.kubectl(&["annotate", "--overwrite", &object, "-n", "team-acme", &annotation]).await?;
            if epoch == "2" {
                tokio::time::sleep(Duration::from_secs(1)).await;
                assert_ne!(bed.remains(id).await?, (5, true, true), "made anew without a word");
            }
            bed.cluster.until(reason_then, &object, |object| reason(object, "Stalled") == reason_then).await?;
        }
        let whole = bed.cluster.until("it is ready", &object, |object| reason(object, "Ready") == "Ready").await?;
        assert_eq!(whole["status"]["resources"]["epoch"], 2);
        assert_eq!(bed.remains(id).await?, (5, true, true));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_is_made_again_while_nobody_looks_inherits_nothing() -> anyhow::Result<()> {
    let bed = Bed::start().await?;
    let mut operator = bed.operator("one").await?;
    let name = unique("acme");
    let former = bed.apply(&name).await?;
    operator.kill().await?;
    bed.cluster.kubectl(&["delete", "namespace", "team-acme", "--timeout=120s"]).await?;
    bed.cluster.kubectl(&["create", "namespace", "team-acme"]).await?;
    bed.cluster.apply(&workspace(&name, "")).await?;
    operator.restart().await?;
    bed.cluster.wait_for("Ready", &format!("workspace/{name}")).await?;
    let made = bed.cluster.object(&format!("workspace/{name}")).await?;
    let id = made["status"]["workspaceId"].as_str().context("an id")?;
    assert_ne!(id, former);
    assert_eq!(bed.state(&former).await?, "Retained");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_workspaces_of_a_namespace_that_is_made_again_are_held_and_the_class_says_how_many() -> anyhow::Result<()>
{
    let bed = Bed::start().await?;
    let mut operator = bed.operator("one").await?;
    let names: Vec<String> = (0..6).map(|index| unique(&format!("w{index}"))).collect();
    let all: String = names.iter().map(|name| format!("{}---\n", workspace(name, ""))).collect();
    bed.cluster.apply(&all).await?;
    let mut former = Vec::new();
    for name in &names {
        former.push(bed.apply(name).await?);
    }
    operator.kill().await?;
    bed.cluster.kubectl(&["delete", "namespace", "team-acme", "--timeout=120s"]).await?;
    bed.cluster.kubectl(&["create", "namespace", "team-acme"]).await?;
    bed.cluster.apply(&all).await?;
    operator.restart().await?;
    let class = "workspaceclass/standard";
    let held = bed.cluster.until("they are held", class, |class| reason(class, "Ready") == "Held").await?;
    let conditions = held["status"]["conditions"].to_string();
    assert!(conditions.contains("threadly.dev/allow-vanished=6"), "{conditions}");

    bed.cluster.kubectl(&["annotate", class, "threadly.dev/allow-vanished=6"]).await?;
    for (name, former) in names.iter().zip(&former) {
        assert_ne!(bed.apply(name).await?, *former);
        assert_eq!(bed.state(former).await?, "Retained");
    }
    bed.cluster.until("nobody is held", class, |class| reason(class, "Ready") == "Ready").await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_with_the_wrong_key_or_older_definitions_is_not_ready_and_does_nothing() -> anyhow::Result<()> {
    let bed = Bed::start().await?;
    let mut right = bed.operator("right").await?;
    bed.apply(&unique("acme")).await?;
    right.stop().await?;

    let key = bed.cluster.keys.path().join("secrets/root.key");
    let own = std::fs::read(&key)?;
    std::fs::write(&key, [9; 32])?;
    let mut wrong = bed.begin("wrong").await?;
    unready(&wrong, "KeyMismatch").await?;
    assert_eq!(bed.holder().await?, "", "it does not lead");
    wrong.kill().await?;
    std::fs::write(&key, own)?;

    let remove = r#"[{"op": "remove", "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/displayName"}]"#;
    bed.cluster.kubectl(&["patch", "crd", "workspaces.threadly.dev", "--type=json", "-p", remove]).await?;
    let mut newer = bed.begin("newer").await?;
    unready(&newer, "DefinitionOlder").await?;
    assert_eq!(bed.holder().await?, "", "it does not lead");
    let yaml = format!("{}/../crds/yaml/workspaces.yaml", env!("CARGO_MANIFEST_DIR"));
    bed.cluster.kubectl(&["apply", "--server-side", "--force-conflicts", "-f", &yaml]).await?;
    newer.ready().await?;
    bed.apply(&unique("next")).await.map(drop)
}

async fn unready(operator: &Process, reason: &str) -> anyhow::Result<()> {
    let url = format!("{}/readyz", operator.url());
    wait::until(&format!("it says {reason}"), LIMIT, async || {
        let answer = reqwest::get(&url).await.ok()?;
        (answer.status().as_u16() == 503 && answer.text().await.ok()?.starts_with(reason)).then_some(())
    })
    .await
}

fn reason<'a>(object: &'a Value, kind: &str) -> &'a str {
    crate::cluster::bed::condition(object, kind).1
}
