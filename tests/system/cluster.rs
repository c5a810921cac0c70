//! Workspaces by kubectl on a real API server: made, used, changed, taken away and brought back.

pub(crate) mod bed;
mod reader;
mod secured;

use anyhow::Context as _;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::{Person, wait};

use bed::{Cluster, LIMIT, condition, workspace};

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_lives_its_whole_life_by_kubectl() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    // Unique, since test runs share a Kafka.
    cluster.apply(&workspace("acme", "")).await?;
    cluster.wait_for("Ready", "workspace/acme").await?;
    let made = cluster.object("workspace/acme").await?;
    let id = made["status"]["workspaceId"].as_str().context("an id")?.to_owned();
    assert_eq!(made["status"]["className"], "standard");
    assert_eq!(made["status"]["url"], format!("{}/w/acme/", cluster.url()));
    assert_eq!(made["status"]["observedGeneration"], made["metadata"]["generation"]);
    assert_eq!(made["status"]["resources"]["database"], format!("t_{id}"));
    for (kind, status) in [
        ("TopicsReady", "True"),
        ("DatabaseReady", "True"),
        ("SchemaCurrent", "True"),
        ("BucketReady", "True"),
        ("RoutesReady", "True"),
        ("Suspended", "False"),
        ("Paused", "False"),
        ("Reconciling", "False"),
        ("Stalled", "False"),
    ] {
        assert_eq!(condition(&made, kind).0, status, "{kind}");
    }
    wait::until("an event says so", LIMIT, async || {
        let events = cluster.kubectl(&["get", "events", "-n", "team-acme"]).await.ok()?;
        events.contains("Ready").then_some(())
    })
    .await?;

    let url = cluster.url();
    let ada = Person::register(&url, "acme", "ada").await?;
    let channel = ada.make_channel(&url, "public").await?;
    let path = format!("/channels/{channel}/messages?limit=1");
    let (posted, _) = ada.post(&url, channel, "before").await?;

    // Somebody's hand in the status does not last.
    let lie = r#"{"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "Lie", "message": "", "lastTransitionTime": "2020-01-01T00:00:00Z"}]}}"#;
    let patch = ["patch", "workspace", "acme", "-n", "team-acme", "--subresource=status", "--type=merge", "-p", lie];
    cluster.kubectl(&patch).await?;
    cluster
        .until("the status is true again", "workspace/acme", |object| condition(object, "Ready").0 == "True")
        .await?;

    let mut socket = ada.connect(&url, None).await?;
    socket.next_of("ready", LIMIT).await?;
    cluster.apply(&workspace("acme", "suspended: true")).await?;
    assert_eq!(socket.closed(LIMIT).await?, Some(4423), "its own close code");
    let suspended =
        cluster.until("it is suspended", "workspace/acme", |object| condition(object, "Suspended").0 == "True").await?;
    assert_eq!(condition(&suspended, "Ready"), ("False", "Suspended"));
    wait::until("requests are refused", LIMIT, async || {
        let answer = ada.request(Method::GET, &url, &path, None).await.ok()?;
        (answer.status == StatusCode::FORBIDDEN && answer.code() == "workspace-suspended").then_some(())
    })
    .await?;
    cluster.apply(&workspace("acme", "suspended: false")).await?;
    cluster.wait_for("Ready", "workspace/acme").await?;

    // It is taken away while nobody looks.
    cluster.kill().await?;
    cluster.kubectl(&["delete", "workspace", "acme", "-n", "team-acme"]).await?;
    cluster.run().await?;
    let retained = cluster.until("it is retained", &format!("retainedworkspace/{id}"), |_| true).await?;
    assert_eq!(retained["spec"]["handle"], "acme");
    assert_eq!(retained["spec"]["formerPlace"]["namespace"], "team-acme");
    wait::until("it is out of service", LIMIT, async || {
        let answer = ada.request(Method::GET, &url, &path, None).await.ok()?;
        (answer.status == StatusCode::NOT_FOUND).then_some(())
    })
    .await?;

    // One of the same name is another workspace; the data comes back to whoever names it.
    cluster.apply(&workspace("back", &format!("handle: acme, restore: {{retainedWorkspace: {id}}}"))).await?;
    cluster.wait_for("Ready", "workspace/back").await?;
    assert_eq!(cluster.object("workspace/back").await?["status"]["workspaceId"], id);
    wait::until("it serves again what was said", LIMIT, async || {
        let history = ada.request(Method::GET, &url, &path, None).await.ok()?;
        (history.json["items"][0]["messageId"] == posted.to_string()).then_some(())
    })
    .await?;
    wait::until("nothing is retained", LIMIT, async || {
        let listed = cluster.kubectl(&["get", "retainedworkspaces", "-o", "name"]).await.ok()?;
        listed.is_empty().then_some(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_class_refuses_and_what_vanishes_at_once_is_told_and_destroys_nothing() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let unique = uuid::Uuid::new_v4().simple().to_string();
    let name = |index: usize| format!("w{index}-{}", &unique[..8]);
    let all: String = (0..6).map(|index| format!("{}---\n", workspace(&name(index), ""))).collect();
    cluster.apply(&all).await?;
    for index in 0..6 {
        cluster.wait_for("Ready", &format!("workspace/{}", name(index))).await?;
    }

    // The younger of two with one handle says so, and the older goes on.
    cluster.apply(&workspace("thief", &format!("handle: {}", name(0)))).await?;
    let thief =
        cluster.until("it is refused", "workspace/thief", |object| condition(object, "Stalled").0 == "True").await?;
    assert_eq!(condition(&thief, "Ready"), ("False", "HandleTaken"));
    cluster.apply(&workspace("nowhere", "className: gold")).await?;
    let nowhere =
        cluster.until("no class", "workspace/nowhere", |object| condition(object, "Stalled").0 == "True").await?;
    assert_eq!(condition(&nowhere, "Ready"), ("False", "ClassMissing"));
    cluster.kubectl(&["delete", "workspace", "thief", "nowhere", "-n", "team-acme"]).await?;

    // A class that goes while it is used takes nobody along.
    let class = cluster.kubectl(&["get", "workspaceclass", "standard", "-o", "json"]).await?;
    cluster.kubectl(&["delete", "workspaceclass", "standard"]).await?;
    let first = format!("workspace/{}", name(0));
    let classless =
        cluster.until("its class is gone", &first, |object| condition(object, "Ready").1 == "ClassMissing").await?;
    assert_eq!(condition(&classless, "Ready").0, "True", "it goes on");
    let mut class: Value = serde_json::from_str(&class)?;
    for field in ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"] {
        class["metadata"].as_object_mut().context("metadata")?.remove(field);
    }
    cluster.apply(&class.to_string()).await?;
    cluster.until("its class is back", &first, |object| condition(object, "Ready") == ("True", "Ready")).await?;

    // Everybody vanishes while the operator is away: they serve on.
    cluster.kill().await?;
    cluster.kubectl(&["delete", "workspaces", "--all", "-n", "team-acme"]).await?;
    cluster.run().await?;
    let held = wait::until("it says so", LIMIT, async || cluster.log().contains("have vanished at once").then_some(()));
    held.await.with_context(|| cluster.log())?;
    let says_so = |class: &Value| condition(class, "Ready") == ("False", "Held");
    let class = cluster.until("its class says so", "workspaceclass/standard", says_so).await?;
    assert_eq!(class["status"]["workspaces"], json!({"total": 6, "ready": 6, "retained": 0}));
    let ada = Person::register(&cluster.url(), &name(3), "ada").await?;
    ada.make_channel(&cluster.url(), "public").await?;
    // Longer than an absence takes to settle, and one too few is not what was held.
    cluster.kubectl(&["annotate", "workspaceclass", "standard", "threadly.dev/allow-vanished=5"]).await?;
    tokio::time::sleep(operator::brake::SETTLE * 2).await;
    let retained = "select count(*) from control.workspaces where state = 'Retained'";
    let retained: i64 = sqlx::query_scalar(retained).fetch_one(&cluster.lab.control.pool).await?;
    assert_eq!(retained, 0, "nobody is retained before a person allows it");

    cluster
        .kubectl(&["annotate", "workspaceclass", "standard", "threadly.dev/allow-vanished=6", "--overwrite"])
        .await?;
    wait::until("all are retained", LIMIT, async || {
        let listed = cluster.kubectl(&["get", "retainedworkspaces", "-o", "name"]).await.ok()?;
        (listed.lines().count() == 6).then_some(())
    })
    .await
    .with_context(|| cluster.log())
}
