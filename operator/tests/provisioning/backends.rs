//! What a provisioned workspace has, and who may touch it.

use domain::{WorkspaceId, ids::TopicKind};
use event_log::topics::TopicAdmin;
use operator::{Backends, OperatorError, bootstrap, plan::Stall, provision_now};
use sqlx::{Connection as _, PgConnection};
use tenancy::credentials::{LoginRole, RootKey};

use crate::lab::{Lab, ROOT, manifest, unique};

fn code(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).map_or_else(|| error.to_string(), Into::into)
}

async fn topics(lab: &Lab, id: &WorkspaceId) -> anyhow::Result<Vec<(String, usize, bool)>> {
    let names: Vec<String> = TopicKind::ALL.into_iter().map(|kind| id.topic(kind)).collect();
    let found = TopicAdmin::connect(&lab.backends.kafka, &lab.backends.kafka_security)?.describe(&names).await?;
    Ok(found.into_iter().map(|topic| (topic.name.clone(), topic.partitions.len(), topic.is_ready())).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_becomes_a_row_five_topics_and_a_database() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let name = unique("acme");
    let id = provision_now(&lab.control, &manifest(&name, "  displayName: Acme\n")?).await?;

    let expected: Vec<_> = [("messages", 2), ("directory", 1), ("notifications", 1), ("audit", 1), ("dead-letters", 1)]
        .map(|(kind, partitions)| (format!("t.{id}.{kind}"), partitions, true))
        .into();
    assert_eq!(topics(&lab, &id).await?, expected);

    let row: (String, String, bool, i32, i32) = sqlx::query_as(
        "select handle, display_name, ready_at is not null, schema_version, message_partitions
         from control.workspaces where id = $1",
    )
    .bind(id.as_str())
    .fetch_one(lab.pool())
    .await?;
    assert_eq!(row, (name.clone(), "Acme".into(), true, schema::workspace::VERSION, 2));

    let owner: String = sqlx::query_scalar("select pg_get_userbyid(datdba)::text from pg_database where datname = $1")
        .bind(id.database())
        .fetch_one(lab.pool())
        .await?;
    assert_eq!(owner, "threadly_owner");
    // Asked for again, nothing changes.
    assert_eq!(provision_now(&lab.control, &manifest(&name, "  displayName: Acme\n")?).await?, id);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_login_reads_what_it_must_and_nobody_else_gets_in() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let id = provision_now(&lab.control, &manifest(&unique("acme"), "")?).await?;

    let mut functions = lab.connect_as(LoginRole::Functions, &id.database()).await?;
    sqlx::query("select * from users").execute(&mut functions).await?;
    for secret in ["passwords", "sign_in_tickets", "refresh_tokens"] {
        let statement = sqlx::AssertSqlSafe(format!("select * from {secret}"));
        let refused = sqlx::query(statement).execute(&mut functions).await.unwrap_err();
        assert_eq!(code(&refused), "42501", "{secret}");
    }
    let refused = sqlx::query("create table mine (id int)").execute(&mut functions).await.unwrap_err();
    assert_eq!(code(&refused), "42501");

    let mut auth = lab.connect_as(LoginRole::Auth, &id.database()).await?;
    sqlx::query("select * from passwords").execute(&mut auth).await?;
    let refused = sqlx::query("select * from messages").execute(&mut auth).await.unwrap_err();
    assert_eq!(code(&refused), "42501");

    let mut registry = lab.connect_as(LoginRole::Functions, &lab.control_database).await?;
    sqlx::query("select * from control.workspaces").execute(&mut registry).await?;
    let refused = sqlx::query("update control.workspaces set epoch = 2").execute(&mut registry).await.unwrap_err();
    assert_eq!(code(&refused), "42501");

    let stranger = unique("stranger").replace('-', "_");
    let create = sqlx::AssertSqlSafe(format!("create role {stranger} login password 'stranger'"));
    sqlx::query(create).execute(lab.pool()).await?;
    for database in
        [id.database(), lab.control_database.clone(), format!("threadly_template_v{}", schema::workspace::VERSION)]
    {
        let options = lab.control.server().clone().username(&stranger).password("stranger").database(&database);
        let refused = PgConnection::connect_with(&options).await.err().map(|error| code(&error));
        assert!(matches!(refused.as_deref(), Some("42501" | "55000")), "{database}: {refused:?}");
    }
    sqlx::query(sqlx::AssertSqlSafe(format!("drop role {stranger}"))).execute(lab.pool()).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_may_start_and_provision_the_same_at_once() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let (one, two) = tokio::try_join!(lab.again(), lab.again())?;
    let wanted = manifest(&unique("acme"), "")?;
    let (first, second) = tokio::try_join!(provision_now(&one, &wanted), provision_now(&two, &wanted))?;
    assert_eq!(first, second);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registry_itself_refuses_a_taken_handle() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let handle = unique("chat");
    let more = format!("  handle: {handle}\n");
    let (older, younger) = (manifest(&unique("older"), &more)?, manifest(&unique("younger"), &more)?);
    provision_now(&lab.control, &older).await?;
    let refused = provision_now(&lab.control, &younger).await.unwrap_err();
    assert!(matches!(&refused, OperatorError::Stalled(Stall::HandleTaken { .. })), "{refused}");
    assert_eq!(lab.state(&younger.place()).await?, []);

    // Two at the same moment: one gets it, the other is told so.
    let more = format!("  handle: {}\n", unique("chat"));
    let (left, right) = (manifest(&unique("left"), &more)?, manifest(&unique("right"), &more)?);
    let (left, right) = tokio::join!(provision_now(&lab.control, &left), provision_now(&lab.control, &right));
    let (won, lost) = if left.is_ok() { (left, right) } else { (right, left) };
    won?;
    assert_eq!(lost.unwrap_err().reason(), "HandleTaken");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_is_away_is_named() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    // A port that was free a moment ago and that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let away = format!("127.0.0.1:{port}");

    let backends = Backends { kafka: away.clone(), ..lab.backends.clone() };
    let control = bootstrap(&backends, &lab.control_database).await?;
    let wanted = manifest(&unique("acme"), "")?;
    let error = provision_now(&control, &wanted).await.unwrap_err();
    assert_eq!(error.reason(), "BackendUnreachable");
    assert!(error.to_string().contains(&away), "{error}");
    // Kafka is back: the row is taken up where it was left.
    let registered = lab.state(&wanted.place()).await?;
    let id = provision_now(&lab.control, &wanted).await?;
    assert_eq!(registered, [(id.to_string(), "Active".to_owned())]);

    let admin_url = format!("postgres://postgres:wrong@{away}/postgres");
    let backends = Backends { admin_url, kafka: away, root_key: RootKey::from_bytes(ROOT), ..lab.backends.clone() };
    let error = bootstrap(&backends, "threadly_control").await.err().unwrap();
    assert_eq!(error.reason(), "BackendUnreachable");
    assert!(!error.to_string().contains("wrong"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_without_superuser_is_enough() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let admin = unique("admin").replace('-', "_");
    let create = format!("create role {admin} login createdb createrole password 'admin'");
    sqlx::query(sqlx::AssertSqlSafe(create)).execute(lab.pool()).await?;
    let server = lab.control.server();
    let (host, port) = (server.get_host(), server.get_port());
    let backends =
        Backends { admin_url: format!("postgres://{admin}:admin@{host}:{port}/postgres"), ..lab.backends.clone() };
    let control = bootstrap(&backends, &format!("control_{admin}")).await?;
    let id = provision_now(&control, &manifest(&unique("acme"), "")?).await?;
    lab.connect_as(LoginRole::Functions, &id.database()).await?;
    Ok(())
}
