//! What the operator tells of classes, usage and first owners, on a real API server.

use anyhow::{Context as _, ensure};
use event_log::{Security, admin::TopicAdmin};
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};
use testkit::{
    Lab, Person,
    servers::{OwnKafka, OwnPostgres},
    wait,
};
use uuid::Uuid;

use crate::cluster::bed::{Cluster, LIMIT, condition, workspace};

const CLASS: &str = "workspaceclass/apart";
/// The admin of the class's own Postgres.
const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: pg-apart, namespace: threadly-system}\n\
                      stringData: {username: postgres, password: threadly}\n";

/// A class on servers of the test's own, beside the one that the registry is on.
struct Apart {
    cluster: Cluster,
    postgres: OwnPostgres,
    kafka: OwnKafka,
}

impl Apart {
    async fn start() -> anyhow::Result<Self> {
        let (postgres, kafka) = tokio::try_join!(OwnPostgres::start(), OwnKafka::start())?;
        let cluster = Cluster::start().await?;
        let apart = Self { cluster, postgres, kafka };
        apart
            .cluster
            .apply(&format!(
                "{SECRET}---\n\
                 apiVersion: threadly.dev/v1alpha1\nkind: WorkspaceClass\nmetadata: {{name: apart}}\n\
                 spec:\n  kafka: {{bootstrapServers: [{:?}]}}\n\
                 \x20 postgres: {{host: 127.0.0.1, port: {}, adminSecret: pg-apart, tls: {{mode: Disable}}}}\n",
                apart.kafka.bootstrap(),
                port(&apart.postgres)?
            ))
            .await?;
        Ok(apart)
    }

    /// Waits until a condition of the class has this status and reason.
    async fn says(&self, kind: &str, status: &str, reason: &str) -> anyhow::Result<Value> {
        let what = format!("the class says {kind}={status}, {reason}");
        self.cluster.until(&what, CLASS, |class| condition(class, kind) == (status, reason)).await
    }

    async fn move_to(&self, spec: &Value) -> anyhow::Result<()> {
        let patch = json!({"spec": spec}).to_string();
        self.cluster.kubectl(&["patch", CLASS, "--type=merge", "-p", &patch]).await.map(drop)
    }

    /// Points it to another Kafka, by a person's word.
    async fn accept(&self, bootstrap: &str) -> anyhow::Result<()> {
        let identity = TopicAdmin::connect(bootstrap, &Security::default())?.cluster_id().await?;
        let accepted = format!("threadly.dev/accept-backend-identity={identity}");
        self.cluster.kubectl(&["annotate", "--overwrite", CLASS, &accepted]).await?;
        self.move_to(&json!({"kafka": {"bootstrapServers": [bootstrap]}})).await?;
        let pinned = |class: &Value| class["status"]["backends"]["kafkaClusterId"] == identity.as_str();
        self.cluster.until("it is pinned", CLASS, pinned).await.map(drop)
    }

    /// The conditions of its workspaces, with when each changed last.
    async fn conditions(&self, names: &[&str]) -> anyhow::Result<Vec<Value>> {
        let mut conditions = Vec::new();
        for name in names {
            let object = self.cluster.object(&format!("workspace/{name}")).await?;
            ensure!(condition(&object, "Ready") == ("True", "Ready"), "{name} flipped: {}", object["status"]);
            conditions.push(object["status"]["conditions"].clone());
        }
        Ok(conditions)
    }

    async fn events(&self, reason: &str) -> anyhow::Result<usize> {
        let events = self.cluster.kubectl(&["get", "events", "-n", "default", "-o", "json"]).await?;
        let events: Value = serde_json::from_str(&events)?;
        let ours = |event: &&Value| event["involvedObject"]["name"] == "apart" && event["reason"] == reason;
        Ok(events["items"].as_array().context("a list")?.iter().filter(ours).count())
    }
}

fn port(postgres: &OwnPostgres) -> anyhow::Result<u16> {
    Ok(postgres.url().parse::<PgConnectOptions>()?.get_port())
}

fn in_apart(name: &str) -> String {
    workspace(name, "className: apart")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_one_condition_on_the_class_and_flips_no_workspace() -> anyhow::Result<()> {
    let mut apart = Apart::start().await?;
    let names = ["one", "two"];
    for name in names {
        apart.cluster.apply(&in_apart(name)).await?;
    }
    for name in names {
        apart.cluster.wait_for("Ready", &format!("workspace/{name}")).await?;
    }
    let class =
        apart.cluster.until("both are counted", CLASS, |class| class["status"]["workspaces"]["ready"] == 2).await?;
    assert_eq!(class["status"]["workspaces"], json!({"total": 2, "ready": 2, "retained": 0}));
    assert_eq!(class["status"]["observedGeneration"], class["metadata"]["generation"]);
    assert_eq!(condition(&class, "Ready"), ("True", "Ready"));
    assert_eq!(condition(&class, "BackendsReachable"), ("True", "Reachable"));
    let mut server = apart.postgres.url().parse::<PgConnectOptions>()?.connect().await?;
    let identity: String =
        sqlx::query_scalar("select system_identifier::text from pg_control_system()").fetch_one(&mut server).await?;
    assert_eq!(class["status"]["backends"]["postgresSystemId"], identity.as_str());
    let cluster_id = TopicAdmin::connect(&apart.kafka.bootstrap(), &Security::default())?.cluster_id().await?;
    assert_eq!(class["status"]["backends"]["kafkaClusterId"], cluster_id.as_str());

    // Somebody's hand in the status does not last.
    let lie = json!({"status": {"conditions": [], "workspaces": {"total": 7, "ready": 7, "retained": 7}}}).to_string();
    apart.cluster.kubectl(&["patch", CLASS, "--subresource=status", "--type=merge", "-p", &lie]).await?;
    let class = apart.says("Ready", "True", "Ready").await?;
    assert_eq!(class["status"]["workspaces"]["total"], 2);

    let before = apart.conditions(&names).await?;
    apart.cluster.kubectl(&["delete", "secret", "pg-apart", "-n", "threadly-system"]).await?;
    apart.says("Ready", "False", "SecretMissing").await?;
    assert_eq!(apart.conditions(&names).await?, before);
    apart.cluster.apply(SECRET).await?;
    apart.says("Ready", "True", "Ready").await?;

    apart.postgres.kill().await?;
    let class = apart.says("BackendsReachable", "False", "BackendUnreachable").await?;
    assert_eq!(condition(&class, "Ready"), ("False", "BackendUnreachable"));
    assert_eq!(class["status"]["workspaces"]["ready"], 2, "they go on");
    let message = class["status"]["conditions"].to_string();
    assert!(message.contains(&format!("Postgres at 127.0.0.1:{}", port(&apart.postgres)?)), "{message}");

    // An operator that starts meanwhile says the same, and nothing of workspaces that want nothing.
    apart.cluster.kill().await?;
    apart.cluster.run().await?;
    apart.cluster.apply(&in_apart("late")).await?;
    let late =
        apart.cluster.until("it waits", "workspace/late", |object| condition(object, "Ready").0 == "False").await?;
    assert_eq!(condition(&late, "Ready").1, "BackendUnreachable");
    assert_eq!(condition(&late, "Stalled").0, "False");
    assert_eq!(apart.conditions(&names).await?, before);
    wait::until("it is told", LIMIT, async || (apart.events("BackendUnreachable").await.ok()? == 1).then_some(()))
        .await?;

    apart.postgres.restart().await?;
    apart.cluster.wait_for("Ready", "workspace/late").await?;
    apart.says("Ready", "True", "Ready").await?;
    // One that hangs is away, too.
    apart.kafka.freeze()?;
    let class = apart.says("BackendsReachable", "False", "BackendUnreachable").await?;
    assert!(class["status"]["conditions"].to_string().contains("Kafka at"), "{}", class["status"]);
    assert_eq!(apart.conditions(&names).await?, before);
    apart.kafka.thaw()?;
    apart.says("BackendsReachable", "True", "Reachable").await?;
    assert_eq!(apart.conditions(&names).await?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_in_a_backends_place_is_told_and_nothing_is_made_or_removed() -> anyhow::Result<()> {
    let apart = Apart::start().await?;
    apart.cluster.apply(&in_apart("one")).await?;
    apart.cluster.wait_for("Ready", "workspace/one").await?;
    let made = apart.cluster.object("workspace/one").await?;
    let database = made["status"]["resources"]["database"].as_str().context("a database")?;
    let (other_postgres, other_kafka) = tokio::try_join!(OwnPostgres::start(), OwnKafka::start())?;

    apart.move_to(&json!({"postgres": {"port": port(&other_postgres)?}})).await?;
    let class = apart.says("Ready", "False", "BackendIdentityChanged").await?;
    assert_eq!(condition(&class, "BackendsReachable"), ("False", "BackendIdentityChanged"));
    apart.cluster.apply(&in_apart("late")).await?;
    let late = "workspace/late";
    apart
        .cluster
        .until("it is stuck", late, |object| condition(object, "Stalled").1 == "BackendIdentityChanged")
        .await?;
    let mut server = other_postgres.url().parse::<PgConnectOptions>()?.connect().await?;
    let made: i64 = sqlx::query_scalar(
        "select (select count(*) from pg_roles where rolname like 'threadly%')
              + (select count(*) from pg_database where datname like 't_%' and not datistemplate)",
    )
    .fetch_one(&mut server)
    .await?;
    assert_eq!(made, 0, "nothing is made on the other server");
    apart.move_to(&json!({"postgres": {"port": port(&apart.postgres)?}})).await?;
    apart.cluster.wait_for("Ready", late).await?;

    apart.move_to(&json!({"kafka": {"bootstrapServers": [other_kafka.bootstrap()]}})).await?;
    apart.says("Ready", "False", "BackendIdentityChanged").await?;
    let id = database.strip_prefix("t_").context("a database of ours")?.parse::<domain::WorkspaceId>()?;
    let topics = domain::ids::TopicKind::ALL.map(|kind| id.topic(kind));
    let described = TopicAdmin::connect(&other_kafka.bootstrap(), &Security::default())?.describe(&topics).await?;
    assert!(described.iter().all(|topic| !topic.exists()), "{described:?}");
    apart.move_to(&json!({"kafka": {"bootstrapServers": [apart.kafka.bootstrap()]}})).await?;
    apart.says("Ready", "True", "Ready").await?;
    let ready = |object: &Value| condition(object, "Ready") == ("True", "Ready");
    apart.cluster.until("it is in order again", "workspace/one", ready).await?;
    let mut server = apart.postgres.url().parse::<PgConnectOptions>()?.connect().await?;
    let kept: bool = sqlx::query_scalar("select exists(select from pg_database where datname = $1)")
        .bind(database)
        .fetch_one(&mut server)
        .await?;
    assert!(kept, "nothing is removed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_another_kafka_than_the_class_names_now_is_purged_once_the_class_is_back() -> anyhow::Result<()> {
    let apart = Apart::start().await?;
    apart.cluster.apply(&in_apart("one")).await?;
    apart.cluster.wait_for("Ready", "workspace/one").await?;
    let made = apart.cluster.object("workspace/one").await?;
    let id = made["status"]["workspaceId"].as_str().context("an id")?.parse::<domain::WorkspaceId>()?;
    let retained = format!("retainedworkspace/{id}");
    apart.cluster.kubectl(&["delete", "workspace", "one", "-n", "team-acme"]).await?;
    apart.cluster.until("it is retained", &retained, |_| true).await?;

    let (own, other) = (apart.kafka.bootstrap(), OwnKafka::start().await?);
    apart.accept(&other.bootstrap()).await?;
    apart.cluster.kubectl(&["delete", &retained, "--wait=false"]).await?;
    let refused = |object: &Value| condition(object, "Purged") == ("False", "DataElsewhere");
    let object = apart.cluster.until("it says where its data is", &retained, refused).await?;
    assert_eq!(object["status"]["phase"], "Retained");
    let topics = domain::ids::TopicKind::ALL.map(|kind| id.topic(kind));
    let kafka = TopicAdmin::connect(&own, &Security::default())?;
    assert!(kafka.list(&topics).await?.iter().all(event_log::topics::TopicDescription::exists));

    apart.accept(&own).await?;
    wait::until("it is purged", LIMIT, async || {
        let state = sqlx::query_scalar("select state from control.workspaces where id = $1").bind(id.as_str());
        let state: String = state.fetch_one(&apart.cluster.lab.control.pool).await.ok()?;
        (state == "Purged").then_some(())
    })
    .await?;
    wait::until("its topics are gone", LIMIT, async || {
        kafka.list(&topics).await.ok()?.iter().all(|topic| !topic.exists()).then_some(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_counted_and_the_first_owner_gets_in_by_a_secret() -> anyhow::Result<()> {
    let mut lab = Lab::start().await?;
    lab.settings.push(("THREADLY_USAGE_SECONDS".to_owned(), "2".to_owned()));
    let letters = std::env::temp_dir().join(format!("threadly-letters-{}", Uuid::now_v7()));
    for (name, value) in [
        ("SMTP", format!("file://{}", letters.display())),
        ("MAIL_FROM", "Threadly <threadly@house.example>".to_owned()),
        ("MAIL_LINKS", "https://chat.house.example".to_owned()),
    ] {
        lab.settings.push((format!("THREADLY_{name}"), value));
    }
    let mut cluster = Cluster::start_on(lab).await?;
    let (url, acme) = (cluster.url(), "workspace/acme");
    cluster.apply(&workspace("acme", "")).await?;
    let invited = |object: &Value| object["status"]["owner"]["state"] == "Emailed";
    let made = cluster.until("its owner is written to", acme, invited).await?;
    let written: Vec<String> = std::fs::read_dir(&letters)?
        .map(|entry| Ok(std::fs::read_to_string(entry?.path())?))
        .collect::<anyhow::Result<_>>()?;
    assert_eq!(written.len(), 1, "one letter");
    assert!(
        written[0].contains("ops@acme.example") && written[0].contains("https://chat.house.example/w/acme/#ticket")
    );
    let id = made["status"]["workspaceId"].as_str().context("an id")?.to_owned();
    assert_eq!(made["status"]["owner"]["invitationSecret"], format!("threadly-system/owner-{id}"));
    let secret = format!("secret/owner-{id}");
    let first = cluster.find(&secret).await?.context("a Secret")?;
    assert_eq!(field(&first, "email")?, "ops@acme.example");

    // Who removes it by hand gets another link.
    cluster.kubectl(&["delete", &secret, "-n", "threadly-system"]).await?;
    let again = wait::until("it is made again", LIMIT, async || cluster.find(&secret).await.ok().flatten());
    let again = again.await.with_context(|| cluster.log())?;
    let link = field(&again, "url")?;
    assert_ne!(link, field(&first, "url")?);
    let (page, ticket) = link.split_once("#ticket=").context("a link with a ticket")?;
    assert_eq!(page, format!("{url}/w/acme/"));
    let redeem = format!("{url}/w/acme/v1/auth/redeem");
    let answer = reqwest::Client::new().post(redeem).json(&json!({"ticket": ticket})).send().await?;
    let session: Value = answer.error_for_status()?.json().await?;
    assert_eq!(session["user"]["role"], "owner");
    assert_eq!(session["user"]["email"], "ops@acme.example");
    let accepted = |object: &Value| object["status"]["owner"] == json!({"state": "Accepted"});
    cluster.until("the owner is in", acme, accepted).await?;
    wait::until("the Secret is gone", LIMIT, async || cluster.find(&secret).await.ok()?.is_none().then_some(()))
        .await?;

    let ada = Person::register(&url, "acme", "ada").await?;
    let channel = ada.make_channel(&url, "public").await?;
    for text in ["one", "two", "three"] {
        ada.post(&url, channel, text).await?;
    }
    let counted = |object: &Value| object["status"]["usage"]["messages24h"] == 3;
    let used = cluster.until("messages are counted", acme, counted).await?;
    assert_eq!(used["status"]["usage"]["members"], 2);
    let storage = used["status"]["usage"]["storage"].as_str().and_then(crds::validate::storage_bytes);
    assert!(storage.is_some_and(|bytes| bytes > 1 << 20), "{}", used["status"]["usage"]);

    // Yesterday's are not counted, though nothing else is written from then on.
    let server = cluster.lab.control.server().clone().database(&format!("t_{id}"));
    let mut database = server.connect().await?;
    sqlx::query("update messages set created_at = now() - interval '25 hours' where sequence < 3")
        .execute(&mut database)
        .await?;
    cluster.until("the newest is counted", acme, |object| object["status"]["usage"]["messages24h"] == 1).await?;
    let before = cluster.object(acme).await?;
    cluster.kill().await?;
    cluster.run().await?;

    // A class with as many workspaces as it may have says so, and takes no more.
    let full = json!({"spec": {"capacity": {"workspaces": 1}}}).to_string();
    cluster.kubectl(&["patch", "workspaceclass/standard", "--type=merge", "-p", &full]).await?;
    let is_full = |class: &Value| condition(class, "Ready") == ("False", "ClassFull");
    cluster.until("the class is full", "workspaceclass/standard", is_full).await?;

    // The Secret of an owner who never came goes with the workspace, whose size is told from then on beside its data.
    let no_room = json!({"spec": {"capacity": {"workspaces": 2, "storage": "1Mi"}}}).to_string();
    cluster.kubectl(&["patch", "workspaceclass/standard", "--type=merge", "-p", &no_room]).await?;
    cluster.apply(&workspace("brief", "")).await?;
    let too_large = |object: &Value| condition(object, "Stalled") == ("True", "ClassFull");
    let refused = cluster.until("its database finds no room", "workspace/brief", too_large).await?;
    assert!(refused["status"].to_string().contains("of 1Mi, which leaves no room"), "{}", refused["status"]);
    let room = json!({"spec": {"capacity": {"workspaces": 2, "storage": null}}}).to_string();
    cluster.kubectl(&["patch", "workspaceclass/standard", "--type=merge", "-p", &room]).await?;
    let brief = cluster.until("its owner is invited", "workspace/brief", invited).await?;
    let id = brief["status"]["workspaceId"].as_str().context("an id")?;
    cluster.until("it is counted", "workspace/brief", |object| object["status"]["usage"]["asOf"].is_string()).await?;
    let after = cluster.object(acme).await?;
    let same = |path: &str| before.pointer(path) == after.pointer(path);
    // A vacuum may have changed a size.
    assert!(same("/metadata/resourceVersion") || !same("/status/usage/storage"), "a restart wrote: {after}");
    cluster.kubectl(&["delete", "workspace", "brief", "-n", "team-acme"]).await?;
    let sized = |object: &Value| object["status"]["size"].as_str().is_some_and(|size| size.ends_with("Mi"));
    cluster.until("its size is told", &format!("retainedworkspace/{id}"), sized).await?;
    let secret = format!("secret/owner-{id}");
    wait::until("its Secret is gone", LIMIT, async || cluster.find(&secret).await.ok()?.is_none().then_some(())).await
}

fn field(secret: &Value, name: &str) -> anyhow::Result<String> {
    use base64::{Engine as _, prelude::BASE64_STANDARD};

    let text = secret["data"][name].as_str().with_context(|| format!("no {name}"))?;
    Ok(String::from_utf8(BASE64_STANDARD.decode(text)?)?)
}
