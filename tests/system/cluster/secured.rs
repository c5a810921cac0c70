//! A class on a Kafka that asks who connects.

use anyhow::Context as _;
use event_log::admin::TopicAdmin;
use serde_json::{Value, json};
use testkit::servers::OwnKafka;

use super::bed::{Cluster, condition, workspace};

fn secret(name: &str, fields: &Value) -> String {
    let metadata = json!({"name": name, "namespace": "threadly-system"});
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": fields}).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_on_a_kafka_that_asks_who_connects_opens_with_the_right_secrets() -> anyhow::Result<()> {
    let (cluster, kafka) = (Cluster::start().await?, OwnKafka::start_secured().await?);
    let security = kafka.security();
    let (login, tls) = (security.login.clone().context("a login")?, security.tls.clone().context("an authority")?);
    let standard = cluster.kubectl(&["get", "workspaceclass", "standard", "-o", "json"]).await?;
    let mut class: Value = serde_json::from_str(&standard)?;
    class["metadata"] = json!({"name": "secured"});
    class["spec"]["kafka"] = json!({
        "bootstrapServers": [kafka.bootstrap()],
        "security": {
            "protocol": "SASL_SSL", "mechanism": "SCRAM-SHA-512", "adminSecret": "kafka-admin", "caSecret": "kafka-ca",
        },
        "principals": "PerWorkspace",
    });
    cluster.apply(&class.to_string()).await?;
    cluster.apply(&workspace("guarded", "className: secured")).await?;
    let becomes = async |reason: &str| {
        let is = |object: &Value| condition(object, "Ready").1 == reason;
        cluster.until(reason, "workspace/guarded", is).await
    };
    becomes("SecretMissing").await?;

    let admin = |password: &str| json!({"username": login.user, "password": password});
    cluster.apply(&secret("kafka-ca", &json!({"ca.crt": "no certificate"}))).await?;
    cluster.apply(&secret("kafka-admin", &admin("wrong"))).await?;
    becomes("SecretWrong").await?;
    cluster.apply(&secret("kafka-ca", &json!({"ca.crt": tls.ca}))).await?;
    let refused = becomes("BackendRefused").await?;
    assert!(refused.to_string().contains("check the name and the password"), "{refused}");

    cluster.apply(&secret("kafka-admin", &admin(login.password.expose()))).await?;
    let ready = becomes("Ready").await?;
    let user = ready["status"]["resources"]["topicPrefix"].as_str().context("a prefix")?.to_owned();
    let users = TopicAdmin::connect(&kafka.bootstrap(), &security)?.describe_users(std::slice::from_ref(&user)).await?;
    assert!(users.contains_key(&user), "{user} is a user of Kafka: {users:?}");
    Ok(())
}
