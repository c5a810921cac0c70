//! The edge as a process on the real Kafka and Postgres: events come straight from the log, without other functions.

use std::{sync::Arc, time::Duration};

use access::token::Claims;
use anyhow::{Context, ensure};
use domain::{
    ChannelId, ChannelRole, Event, MessageId, Position, SessionId, UserId,
    events::{MemberAdded, MemberRemoved, MessageCreated, SessionRevoked},
    ids::TopicKind,
};
use event_log::{EventLog, KafkaConfig, Security};
use sqlx::{PgPool, postgres::PgConnectOptions};
use tenancy::{Registry, Workspace};
use testkit::{Closed, Lab, Process, Program, Socket};

const LIMIT: Duration = Duration::from_secs(10);
const QUIET: Duration = Duration::from_millis(400);

struct Stage {
    lab: Lab,
    workspace: Arc<Workspace>,
    pool: PgPool,
    log: EventLog,
    edge: Process,
}

#[derive(Clone, Copy)]
struct Someone {
    user: UserId,
    session: SessionId,
}

impl Stage {
    async fn new(name: &str) -> anyhow::Result<Self> {
        let lab = Lab::start().await?;
        let test = lab.workspace(name).await?;
        let registry = Registry::load(lab.control.pool.clone()).await?;
        let workspace = registry.by_id(&test.id).context("the workspace is ready")?;
        let options: PgConnectOptions = lab.admin_url.parse()?;
        let pool = PgPool::connect_with(options.database(&test.id.database())).await?;
        let log = EventLog::connect(KafkaConfig {
            bootstrap: lab.kafka.clone(),
            security: Security::default(),
            instance: name.to_owned(),
            installation: name.to_owned(),
        })?;
        let edge = lab.spawn(Program::Edge, "edge", "http").await?;
        Ok(Self { lab, workspace, pool, log, edge })
    }

    async fn person(&self) -> anyhow::Result<Someone> {
        let (user, session) = (UserId::random(), SessionId::random());
        sqlx::query("insert into users (id, email, display_name, role) values ($1, $2, 'Somebody', 'member')")
            .bind(user.0)
            .bind(format!("{user}@people.example"))
            .execute(&self.pool)
            .await?;
        sqlx::query("insert into sessions (id, user_id) values ($1, $2)")
            .bind(session.0)
            .bind(user.0)
            .execute(&self.pool)
            .await?;
        Ok(Someone { user, session })
    }

    fn token(&self, someone: Someone) -> anyhow::Result<String> {
        Ok(self.lab.signer.sign(&self.workspace.id, someone.user, someone.session)?)
    }

    fn token_for(&self, someone: Someone, seconds: u64) -> anyhow::Result<String> {
        let now = u64::try_from(chrono::Utc::now().timestamp())?;
        Ok(self.lab.signer.sign_claims(&Claims {
            iss: "threadly".to_owned(),
            aud: self.workspace.id.to_string(),
            sub: someone.user,
            sid: someone.session,
            iat: now,
            exp: now + seconds,
        })?)
    }

    async fn open(&self, someone: Someone, cursor: Option<&str>) -> anyhow::Result<Socket> {
        Socket::open(&self.edge.url(), self.workspace.handle.as_str(), &self.token(someone)?, cursor).await
    }

    /// Opens a socket that begins now.
    async fn fresh(&self, someone: Someone) -> anyhow::Result<Socket> {
        let mut socket = self.open(someone, None).await?;
        ensure!(socket.next(LIMIT).await?.kind == "ready");
        Ok(socket)
    }

    async fn append(&self, channel: ChannelId, event: &Event) -> anyhow::Result<Position> {
        Ok(self.log.append(&self.workspace, TopicKind::Messages, channel.0, event).await?.position)
    }

    async fn say(&self, channel: ChannelId, text: &str) -> anyhow::Result<Position> {
        let (message_id, user_id) = (MessageId::random(), UserId::random());
        let event =
            MessageCreated { message_id, channel_id: channel, parent_message_id: None, user_id, text: text.to_owned() };
        self.append(channel, &Event::MessageCreated(event)).await
    }

    async fn admit(&self, channel: ChannelId, someone: Someone, version: i64) -> anyhow::Result<Position> {
        let event = MemberAdded { channel_id: channel, user_id: someone.user, role: ChannelRole::Member, version };
        self.append(channel, &Event::MemberAdded(event)).await
    }

    async fn dismiss(&self, channel: ChannelId, someone: Someone, version: i64) -> anyhow::Result<Position> {
        let event = MemberRemoved { channel_id: channel, user_id: someone.user, version };
        self.append(channel, &Event::MemberRemoved(event)).await
    }

    async fn metric(&self, line: &str) -> anyhow::Result<u64> {
        let text = reqwest::get(format!("{}/metrics", self.edge.url())).await?.text().await?;
        let mut values = text.lines().filter(|candidate| !candidate.starts_with('#'));
        let found = values.find(|candidate| line.split('|').all(|part| candidate.contains(part)));
        Ok(found.and_then(|line| line.rsplit(' ').next()).and_then(|n| n.parse().ok()).unwrap_or(0))
    }
}

/// The next event's position.
async fn event(socket: &mut Socket) -> anyhow::Result<Position> {
    let frame = socket.next_of("event", LIMIT).await?;
    Ok(frame.json["position"].as_str().context("a position")?.parse()?)
}

async fn silent(socket: &mut Socket) -> bool {
    socket.next_of("event", QUIET).await.is_err_and(|error| error.downcast_ref::<Closed>().is_none())
}

async fn end(socket: &mut Socket, limit: Duration) -> anyhow::Result<Option<u16>> {
    loop {
        match socket.next(limit).await {
            Ok(_) => {}
            Err(error) => return Ok(error.downcast::<Closed>()?.code),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_receive_from_their_join_marker_on_and_nothing_after_their_removal() -> anyhow::Result<()> {
    let stage = Stage::new("edge-live").await?;
    let (ada, ben, channel) = (stage.person().await?, stage.person().await?, ChannelId::random());
    let (mut adas, mut bens) = (stage.fresh(ada).await?, stage.fresh(ben).await?);
    let marker = stage.admit(channel, ada, 1).await?;
    assert_eq!(event(&mut adas).await?, marker);
    let hello = stage.say(channel, "hello").await?;
    assert_eq!(event(&mut adas).await?, hello);

    let marker = stage.admit(channel, ben, 1).await?;
    let welcome = stage.say(channel, "welcome \"ben\"\n\u{1F44B}").await?;
    for socket in [&mut adas, &mut bens] {
        assert_eq!(event(socket).await?, marker);
        assert_eq!(event(socket).await?, welcome);
    }
    stage.admit(channel, ben, 1).await?;
    let leaving = stage.dismiss(channel, ben, 2).await?;
    assert_eq!(event(&mut bens).await?, leaving);
    let after = stage.say(channel, "he is gone").await?;
    assert_eq!(event(&mut adas).await?, leaving);
    assert_eq!(event(&mut adas).await?, after);
    assert!(silent(&mut bens).await);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_gets_what_was_missed_from_memory_or_from_the_log_or_a_reset() -> anyhow::Result<()> {
    let mut stage = Stage::new("edge-resume").await?;
    let (ada, channel) = (stage.person().await?, ChannelId::random());
    let mut socket = stage.fresh(ada).await?;
    let joined = stage.admit(channel, ada, 1).await?;
    assert_eq!(event(&mut socket).await?, joined);
    let cursor = socket.cursor.clone().context("a cursor")?.to_string();
    socket.close().await;

    let mut missed = Vec::new();
    for n in 0..20 {
        missed.push(stage.say(channel, &format!("missed {n}")).await?);
    }
    // The room sees them too before she comes back; otherwise they would come after `ready`.
    tokio::time::sleep(QUIET).await;
    let mut socket = stage.open(ada, Some(&cursor)).await?;
    for position in &missed {
        assert_eq!(event(&mut socket).await?, *position);
    }
    assert_eq!(socket.next(LIMIT).await?.kind, "ready");
    assert_eq!(stage.metric("threadly_edge_resumes_total|\"ring\"").await?, 1);
    socket.close().await;

    // A new process that starts behind nothing: the projection is at the end, so its memory is empty.
    stage.edge.kill().await?;
    let next = missed.last().context("some")?.offset + 1;
    sqlx::query("insert into projection_positions values ('messages', 'messages', $1, 1, $2)")
        .bind(i32::try_from(joined.partition)?)
        .bind(next)
        .execute(&stage.pool)
        .await?;
    sqlx::query("insert into delivery_members values ($1, $2, 1, true, 1, $3, $4)")
        .bind(channel.0)
        .bind(ada.user.0)
        .bind(i32::try_from(joined.partition)?)
        .bind(joined.offset)
        .execute(&stage.pool)
        .await?;
    stage.edge.restart().await?;
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(stage.open(ada, Some(&cursor)).await?);
    }
    let live = stage.say(channel, "live").await?;
    for socket in &mut sockets {
        for position in &missed {
            assert_eq!(event(socket).await?, *position);
        }
        assert_eq!(event(socket).await?, live);
    }
    assert_eq!(stage.metric("threadly_edge_resumes_total|\"log\"").await?, 1);
    assert_eq!(stage.metric("threadly_edge_resumes_total|\"ring\"").await?, 9);

    for (cursor, reason) in [("c9.0", "epoch-changed"), ("c1.1000.1000", "ahead-of-log")] {
        let mut socket = stage.open(ada, Some(cursor)).await?;
        let frame = socket.next(LIMIT).await?;
        assert_eq!((frame.kind.as_str(), frame.json["reason"].as_str()), ("reset", Some(reason)));
        assert_eq!(socket.next(LIMIT).await?.kind, "ready");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_no_projector_has_seen_counts_before_anybody_is_let_in() -> anyhow::Result<()> {
    let stage = Stage::new("edge-behind").await?;
    let (ada, channel) = (stage.person().await?, ChannelId::random());
    stage.admit(channel, ada, 1).await?;
    stage.say(channel, "while she was in").await?;
    let removed = stage.dismiss(channel, ada, 2).await?;
    // The projection stands at the start of the log, and so does the edge when it opens the room.
    let mut fresh = stage.fresh(ada).await?;
    assert!(silent(&mut fresh).await);
    let mut resumed = stage.open(ada, Some("c1.0.0")).await?;
    let mut events = Vec::new();
    loop {
        let frame = resumed.next(LIMIT).await?;
        if frame.kind == "ready" {
            break;
        }
        events.push(frame.json["event"].as_str().unwrap_or_default().to_owned());
    }
    assert_eq!(events, ["CHANNEL_MEMBER_ADDED", "CHANNEL_MEMBER_REMOVED"]);
    assert!(resumed.cursor.is_some_and(|cursor| cursor.has_seen(&removed)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_come_before_the_upgrade() -> anyhow::Result<()> {
    let stage = Stage::new("edge-refuse").await?;
    let ada = stage.person().await?;
    let (url, handle, token) = (stage.edge.url(), stage.workspace.handle.as_str(), stage.token(ada)?);
    let refused = async |token: &str, cursor: Option<&str>| -> anyhow::Result<u16> {
        Ok(Socket::try_open(&url, handle, token, cursor).await?.err().map_or(101, |answer| answer.status().as_u16()))
    };
    assert_eq!(refused("", None).await?, 401);
    assert_eq!(refused("a.b.c", None).await?, 401);
    let stranger = Someone { user: UserId::random(), session: SessionId::random() };
    assert_eq!(refused(&stage.token(stranger)?, None).await?, 401);
    for cursor in ["", "x", "c1", "c1.1", "c1.1.2.3", "p1.0.1", "c1.-1.0"] {
        assert_eq!(refused(&token, Some(cursor)).await?, 400, "{cursor}");
    }
    let plain = reqwest::Client::new().get(format!("{url}/w/{handle}/v1/socket")).bearer_auth(&token).send().await?;
    assert_eq!(plain.status().as_u16(), 426);
    let mut open = Vec::new();
    for _ in 0..32 {
        open.push(stage.fresh(ada).await?);
    }
    assert_eq!(refused(&token, None).await?, 429);
    open.pop().context("one")?.close().await;
    tokio::time::sleep(QUIET).await;
    assert_eq!(refused(&token, None).await?, 101);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_end_has_its_code() -> anyhow::Result<()> {
    let mut stage = Stage::new("edge-end").await?;
    let (ada, ben) = (stage.person().await?, stage.person().await?);
    for garbage in ["", "x", "{}", "[1]", r#"{"type":"post"}"#, "\u{0}"] {
        let mut socket = stage.fresh(ada).await?;
        socket.send(garbage).await?;
        assert_eq!(end(&mut socket, LIMIT).await?, Some(1008), "{garbage:?}");
    }
    let mut socket = stage.fresh(ada).await?;
    socket.send_bytes(vec![0; 100]).await?;
    assert_eq!(end(&mut socket, LIMIT).await?, Some(1008));
    for size in [9_000, 60_000] {
        let mut socket = stage.fresh(ada).await?;
        socket.send(&"x".repeat(size)).await?;
        assert_eq!(end(&mut socket, LIMIT).await?, Some(1009));
    }
    let mut socket = stage.fresh(ada).await?;
    // The edge may have ended before all of it is sent.
    let _ = socket.send(&"x".repeat(1_000_000)).await;
    assert!(matches!(end(&mut socket, LIMIT).await?, Some(1009) | None));

    let (url, handle) = (stage.edge.url(), stage.workspace.handle.to_string());
    let mut expiring = Socket::open(&url, &handle, &stage.token_for(ada, 2)?, None).await?;
    let mut renewed = Socket::open(&url, &handle, &stage.token_for(ada, 2)?, None).await?;
    let frame = |token: String| format!(r#"{{"type":"token","accessToken":"{token}"}}"#);
    renewed.send(&frame(stage.token(ada)?)).await?;
    assert_eq!(end(&mut expiring, LIMIT).await?, Some(4401));
    assert!(silent(&mut renewed).await, "it goes on with the new token");
    renewed.send(&frame(stage.token(ben)?)).await?;
    assert_eq!(end(&mut renewed, LIMIT).await?, Some(4403));

    let mut revoked = stage.fresh(ben).await?;
    let event = Event::SessionRevoked(SessionRevoked { session_id: ben.session, user_id: ben.user });
    stage.log.append(&stage.workspace, TopicKind::Directory, ben.user.0, &event).await?;
    assert_eq!(end(&mut revoked, Duration::from_secs(2)).await?, Some(4403));

    let mut last = stage.fresh(ada).await?;
    let stopped = async { stage.edge.stop().await };
    let (stopped, code) = tokio::join!(stopped, end(&mut last, LIMIT));
    stopped?;
    assert_eq!(code?, Some(1012));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_is_closed_and_others_do_not_wait_for_it() -> anyhow::Result<()> {
    let stage = Stage::new("edge-slow").await?;
    let (ada, ben, channel) = (stage.person().await?, stage.person().await?, ChannelId::random());
    let (mut slow, mut quick) = (stage.fresh(ada).await?, stage.fresh(ben).await?);
    stage.admit(channel, ada, 1).await?;
    let marker = stage.admit(channel, ben, 1).await?;
    let text = "x".repeat(20_000);
    assert_eq!(event(&mut quick).await?, marker);
    // Kernels buffer megabytes for the slow one before its queue fills; the quick one keeps up.
    while stage.metric("threadly_edge_slow_readers_total").await? == 0 {
        let mut said = Vec::new();
        for _ in 0..20 {
            said.push(stage.say(channel, &text).await?);
        }
        for position in said {
            assert_eq!(event(&mut quick).await?, position);
        }
    }
    assert_eq!(stage.metric("threadly_edge_slow_readers_total").await?, 1);
    assert_eq!(end(&mut slow, LIMIT).await?, Some(4408));
    Ok(())
}
