//! A class on a Kafka that asks who connects.

use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

use anyhow::Context as _;
use event_log::admin::TopicAdmin;
use serde_json::{Value, json};
use sqlx::Connection as _;
use testkit::servers::{
    OwnKafka, OwnPostgres,
    tls::{Identity, authority},
};

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

#[tokio::test(flavor = "multi_thread")]
async fn a_class_on_a_postgres_with_tls_trusts_the_authority_that_it_names_and_no_other() -> anyhow::Result<()> {
    let (cluster, postgres) = (Cluster::start().await?, OwnPostgres::start().await?);
    let (identity, folder) = (Identity::make()?, tempfile::tempdir()?);
    let (key, certificate) = (folder.path().join("key.pem"), folder.path().join("certificate.pem"));
    let private = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&key)?;
    std::io::Write::write_all(&mut &private, identity.key.as_bytes())?;
    std::fs::write(&certificate, &identity.certificate)?;
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
    let mut admin = sqlx::PgConnection::connect(&postgres.url()).await?;
    for (setting, value) in [("ssl_key_file", &key), ("ssl_cert_file", &certificate)] {
        let statement = format!("alter system set {setting} = '{}'", value.display());
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut admin).await?;
    }
    sqlx::raw_sql("alter system set ssl = on").execute(&mut admin).await?;
    sqlx::raw_sql("select pg_reload_conf()").execute(&mut admin).await?;

    let url: sqlx::postgres::PgConnectOptions = postgres.url().parse()?;
    let standard = cluster.kubectl(&["get", "workspaceclass", "standard", "-o", "json"]).await?;
    let mut class: Value = serde_json::from_str(&standard)?;
    class["metadata"] = json!({"name": "guarded"});
    class["spec"]["postgres"] = json!({
        "host": "127.0.0.1", "port": url.get_port(), "adminSecret": "guarded-admin",
        "tls": {"mode": "VerifyFull", "caSecret": "guarded-ca"},
    });
    let login = json!({"username": "postgres", "password": "threadly"});
    cluster.apply(&secret("guarded-admin", &login)).await?;
    cluster.apply(&secret("guarded-ca", &json!({"ca.crt": authority()?}))).await?;
    cluster.apply(&class.to_string()).await?;
    cluster.apply(&workspace("inside", "className: guarded")).await?;
    let refused = cluster
        .until("another authority", "workspaceclass/guarded", |class| {
            condition(class, "BackendsReachable").0 == "False"
        })
        .await?;
    assert!(refused.to_string().contains("certificate"), "{refused}");

    cluster.apply(&secret("guarded-ca", &json!({"ca.crt": identity.authority}))).await?;
    cluster.wait_for("Ready", "workspace/inside").await?;
    let encrypted: bool = sqlx::query_scalar(
        "select bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid)
                                              where client_addr is not null and pid <> pg_backend_pid()",
    )
    .fetch_one(&mut admin)
    .await?;
    assert!(encrypted, "everybody but this test speaks TLS");
    Ok(())
}
