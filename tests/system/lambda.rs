//! What holds on AWS Lambda alone: batches of Kafka's records as calls, and a process that is frozen between two of them.

use std::time::Duration;

use anyhow::Context as _;
use domain::{ChannelId, Position, WorkspaceId, ids::TopicKind};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{PgPool, query, query_scalar};
use testkit::{Host, Lab, Person, Process, Program, TestWorkspace, wait};
use threadly_tests::{event_source::event, house::House, log::Stranger};

const LIMIT: Duration = Duration::from_secs(60);
/// Takes requests and batches.
const FUNCTION: &str = "messages";

/// A workspace whose `messages` function nobody calls but the test.
struct Scene {
    lab: Lab,
    workspace: TestWorkspace,
    stranger: Stranger,
    messages: Process,
    ada: Person,
    channel: ChannelId,
}

impl Scene {
    async fn start(name: &str) -> anyhow::Result<Self> {
        let lab = Lab::start().await?.on(Host::Lambda).await?;
        let workspace = lab.workspace(name).await?;
        let auth = lab.spawn(Program::Auth, "auth", "all").await?;
        let directory = lab.spawn(Program::Directory, "directory", "all").await?;
        let messages = lab.spawn(Program::Messages, FUNCTION, "all").await?;
        let ada = Person::register(&auth.url(), &workspace.handle, "ada").await?;
        let channel = ada.make_channel(&directory.url(), "public").await?;
        Ok(Self { stranger: Stranger::in_workspace(&lab, &workspace).await?, lab, workspace, messages, ada, channel })
    }

    async fn post(&self, text: &str) -> anyhow::Result<Position> {
        Ok(self.ada.post(&self.messages.url(), self.channel, text).await?.1)
    }

    /// Calls the function with records at these places; nothing, or what it says went wrong.
    async fn call(&self, positions: &[Position]) -> anyhow::Result<Option<String>> {
        let topic = self.workspace.id.topic(TopicKind::Messages);
        self.call_with(positions.iter().map(|position| record(&topic, position.partition, position.offset))).await
    }

    async fn call_with(&self, records: impl Iterator<Item = Value>) -> anyhow::Result<Option<String>> {
        let lambda = self.lab.lambda.as_ref().context("no Lambda")?;
        let (status, answer) = lambda.invoke(FUNCTION, &event(records.collect())).await?;
        if status.is_success() {
            return Ok(None);
        }
        Ok(Some(answer["errorMessage"].as_str().context("no errorMessage")?.to_owned()))
    }

    /// The texts that are projected, by their numbers, which must be dense.
    async fn projected(&self) -> anyhow::Result<Vec<String>> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("select sequence, text from messages order by sequence").fetch_all(self.pool()).await?;
        let numbers: Vec<i64> = rows.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (1..).take(rows.len()).collect::<Vec<i64>>());
        Ok(rows.into_iter().map(|(_, text)| text).collect())
    }

    async fn letters(&self) -> anyhow::Result<Vec<String>> {
        Ok(query_scalar("select reason from dead_letters order by id").fetch_all(self.pool()).await?)
    }

    fn pool(&self) -> &PgPool {
        &self.stranger.pool
    }
}

/// A record whose content is nobody's: only its place counts.
fn record(topic: &str, partition: u32, offset: i64) -> Value {
    json!({"topic": topic, "partition": partition, "offset": offset, "timestamp": 0,
           "timestampType": "CREATE_TIME", "key": null, "value": "e30=", "headers": []})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_projects_up_to_its_records_once_and_with_what_is_missing_before_them() -> anyhow::Result<()> {
    let scene = Scene::start("batches").await?;
    let texts: Vec<String> = (1..=6).map(|number| format!("message {number}")).collect();
    let mut places = Vec::new();
    for text in &texts {
        places.push(scene.post(text).await?);
    }
    assert_eq!(scene.projected().await?, [""; 0], "nobody projects by themselves");

    assert_eq!(scene.call(&places[..2]).await?, None);
    assert_eq!(scene.projected().await?, texts[..2]);
    assert_eq!(scene.call(&places[..2]).await?, None);
    assert_eq!(scene.projected().await?, texts[..2], "a batch that comes twice");
    assert_eq!(scene.call(&places[5..]).await?, None);
    assert_eq!(scene.projected().await?, texts, "a batch behind a gap");
    assert_eq!(scene.call(&[places[4], places[1]]).await?, None);
    assert_eq!(scene.projected().await?, texts, "a batch that comes late");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_project_goes_to_the_dead_letters_before_the_answer_and_what_a_newer_version_might_waits()
-> anyhow::Result<()> {
    let scene = Scene::start("letters").await?;
    scene.post("before").await?;
    scene.stranger.append(scene.channel, b"no event").await?;
    let after = scene.post("after").await?;
    assert_eq!(scene.call(&[after]).await?, None);
    assert_eq!(scene.projected().await?, ["before", "after"]);
    assert_eq!(scene.letters().await?, ["Undecodable"]);
    let told = scene.stranger.records(TopicKind::DeadLetters).await?;
    assert!(told.len() == 1 && told[0].contains("DEAD_LETTER"), "{told:?}");

    scene.stranger.append(scene.channel, br#"{"event":"REACTION_ADDED","data":{}}"#).await?;
    let behind = scene.post("behind").await?;
    for _ in 0..2 {
        let error = scene.call(&[behind]).await?.context("Lambda must hand it over again")?;
        assert!(error.contains("unreadable"), "{error}");
    }
    assert_eq!(scene.projected().await?, ["before", "after"]);
    assert_eq!(scene.letters().await?.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_a_log_that_was_made_anew_halts_its_partition() -> anyhow::Result<()> {
    let scene = Scene::start("anew").await?;
    let place = scene.post("kept").await?;
    assert_eq!(scene.call(&[place]).await?, None);
    scene.stranger.make_anew().await?;
    let again = wait::until("the new topic takes posts", LIMIT, async || scene.post("elsewhere").await.ok()).await?;
    for words in ["LogLost", "halted"] {
        let error = scene.call(&[again]).await?.context("it is projected")?;
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(scene.projected().await?, ["kept"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_records_are_refused_and_hold_up_no_others() -> anyhow::Result<()> {
    let scene = Scene::start("foreign").await?;
    let place = scene.post("mine").await?;
    let nobody: WorkspaceId = "aaaaaaaaaaaa".parse()?;
    let mine = scene.workspace.id.topic(TopicKind::Messages);
    let foreign = [
        (record("orders", 0, 0), "no workspace's"),
        (record(&nobody.topic(TopicKind::Messages), 0, 0), "no such workspace or partition"),
        (record(&mine, 9, 0), "no such workspace or partition"),
        (record(&scene.workspace.id.topic(TopicKind::Directory), 0, 0), "projects no such topic"),
    ];
    for (record, words) in &foreign {
        let error = scene.call_with([record.clone()].into_iter()).await?.context("it is taken")?;
        assert!(error.contains(words), "{error}");
    }
    let good = record(&mine, place.partition, place.offset);
    let all = foreign.iter().map(|(record, _)| record.clone()).chain([good]);
    assert!(scene.call_with(all).await?.is_some());
    assert_eq!(scene.projected().await?, ["mine"]);
    // Neither a batch nor a request: refused, and the process lives on.
    let lambda = scene.lab.lambda.as_ref().context("no Lambda")?;
    assert!(!lambda.invoke(FUNCTION, &json!({"Records": []})).await?.0.is_success());
    scene.post("still here").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_request_decides_is_told_before_its_answer() -> anyhow::Result<()> {
    let mut house = House::hosted(Host::Lambda, "frozen", 1).await?;
    let ada = house.person("ada").await?;
    let stranger = Stranger::of(&house).await?;
    // The last that a relay does takes long enough for an answer that does not wait to be there first.
    for statement in [
        "create function control.slowly() returns trigger language plpgsql as
         $$ begin perform pg_sleep(0.5); return old; end $$",
        "create trigger slowly before delete on control.due for each row execute function control.slowly()",
    ] {
        query(statement).execute(&house.lab.control.pool).await?;
    }
    for _ in 0..2 {
        ada.make_channel(&house.directory.url(), "public").await?;
        // As Lambda does as soon as it has the answer.
        house.directory.freeze()?;
        let waiting: i64 = query_scalar("select count(*) from outbox").fetch_one(&stranger.pool).await?;
        let due = query_scalar("select count(*) from control.due where workspace = $1 and function = 'directory'");
        let due: i64 = due.bind(house.workspace.id.as_str()).fetch_one(&house.lab.control.pool).await?;
        assert_eq!((waiting, due), (0, 0));
        house.directory.thaw()?;
    }
    let me = ada.request(Method::GET, &house.directory.url(), "/me", None).await?.ok()?;
    assert_eq!(me["userId"], json!(ada.id));
    house.directory.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_without_its_control_database_ends_instead_of_waiting() -> anyhow::Result<()> {
    let mut lab = Lab::start().await?.on(Host::Lambda).await?;
    // Nobody listens there.
    lab.settings.push(("THREADLY_POSTGRES".to_owned(), "postgres://127.0.0.1:1".to_owned()));
    let mut messages = lab.begin(Program::Messages, FUNCTION, "all").await?;
    let status = wait::until("it ends", LIMIT, async || messages.ended().ok().flatten()).await?;
    assert_eq!(status.code(), Some(1));
    Ok(())
}
