//! While Postgres is away: who was there before posts and receives on, everything else is refused with a code.

use std::time::Duration;

use anyhow::ensure;
use testkit::{Answer, Person, Process, Program, wait};
use tokio::time::Instant;

use super::{
    LIMIT, Seen,
    fault::{Fault, Outage, Servers},
    scene::Scene,
};

/// From then on nobody's rights are fresh any more: what lets them post is that Postgres is away.
const STALE: Duration = Duration::from_secs(8);

/// Watches until everything has shown itself; answers what was seen, and the programs that were started meanwhile.
pub(super) async fn watch(
    scene: &mut Scene<'_>,
    servers: &mut Servers,
    outage: Outage,
) -> anyhow::Result<(Seen, Vec<Process>)> {
    let (house, host, channel) = (scene.house, scene.host(), scene.channels[1]);
    let (auth, reads) = (house.auth.url(), house.messages[1].url());
    let mut seen = Seen::new();
    if outage.fault == Fault::DiskFull {
        // First rows that need a page are refused, later Postgres ends itself.
        let directory = house.directory.url();
        seen.insert("a channel refused", refused(async || new_channel(host, &directory).await.ok()).await?);
        let started = Instant::now();
        servers.postgres_gives_up().await?;
        seen.insert("until it gave up", started.elapsed());
    }
    let mut programs = Vec::new();
    if outage.fault == Fault::Killed {
        programs.push(house.lab.begin(Program::Messages, "late-messages", "http").await?);
    }
    let sign_in = refused(async || host.sign_in(&auth).await.ok());
    let path = format!("/channels/{channel}/messages");
    let read = refused(async || host.request(reqwest::Method::GET, &reads, &path, None).await.ok());
    let posting = async {
        let (away, mut slowest) = (Instant::now(), Duration::ZERO);
        while away.elapsed() < STALE {
            let asked = Instant::now();
            let id = scene.probe(&house.messages[0].url()).await?;
            slowest = slowest.max(asked.elapsed());
            scene.received_by_all(id).await?;
        }
        anyhow::Ok(slowest)
    };
    let (sign_in, read, posting) = tokio::try_join!(sign_in, read, posting)?;
    seen.extend([("sign-in refused", sign_in), ("reading refused", read), ("slowest post", posting)]);
    for program in &mut programs {
        ensure!(program.ended()?.is_none(), "{} ended while Postgres was away", program.name);
    }
    Ok((seen, programs))
}

/// Writes several rows, unless the disk has no place for them.
async fn new_channel(host: &Person, directory: &str) -> anyhow::Result<Answer> {
    let id = domain::ChannelId::random();
    let body = serde_json::json!({"name": format!("full-{}", id.0.simple()), "visibility": "private"});
    host.request(reqwest::Method::PUT, directory, &format!("/channels/{id}"), Some(body)).await
}

/// Asks until the answer is 503 with a code; answers how long that one took.
async fn refused(mut ask: impl AsyncFnMut() -> Option<Answer>) -> anyhow::Result<Duration> {
    wait::until("a refusal with a code", LIMIT, async || {
        let asked = Instant::now();
        let answer = ask().await?;
        let clear = matches!(answer.code(), "database-unavailable" | "outcome-unknown");
        (answer.status.as_u16() == 503 && clear).then(|| asked.elapsed())
    })
    .await
}
