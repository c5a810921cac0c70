//! While Kafka is away: posts are refused, reading and signing in go on, sockets stay, and what the directory decides is
//! told to the log later.

use std::time::Duration;

use anyhow::ensure;
use testkit::{Process, Program, wait};
use tokio::time::Instant;

use super::{
    LIMIT, Seen,
    fault::{Fault, Outage, Servers},
    scene::Scene,
};

/// A refusal that takes less did not wait for the log, which would be 4 s.
const AT_ONCE: Duration = Duration::from_secs(2);
/// Pings, a second apart: long enough for Kafka's clients to notice, and to say so many times.
const SIGNS: usize = 8;

/// Watches until everything has shown itself; answers what was seen, and the programs that were started meanwhile.
pub(super) async fn watch(
    scene: &mut Scene<'_>,
    servers: &mut Servers,
    outage: Outage,
) -> anyhow::Result<(Seen, Vec<Process>)> {
    let (house, host, people, channels) = (scene.house, scene.host(), scene.people, scene.channels.clone());
    let (auth, reads, directory) = (house.auth.url(), house.messages[1].url(), house.directory.url());
    let mut seen = Seen::new();
    if outage.fault == Fault::DiskFull {
        let started = Instant::now();
        servers.kafka_gives_up().await?;
        seen.insert("until it gave up", started.elapsed());
    }
    let mut programs = Vec::new();
    if outage.fault == Fault::Killed {
        programs.push(house.lab.begin(Program::Messages, "late-messages", "http").await?);
        programs.push(house.lab.begin(Program::Edge, "edge-late", "http").await?);
    }

    let refused = async {
        let started = Instant::now();
        wait::until("posts are refused at once", LIMIT, async || {
            let asked = Instant::now();
            let answer = scene.try_probe(&house.messages[0].url()).await.ok()?;
            let clear = matches!(answer.code(), "log-unavailable" | "outcome-unknown");
            (answer.status.as_u16() == 503 && clear && asked.elapsed() < AT_ONCE).then_some(())
        })
        .await?;
        anyhow::Ok(started.elapsed())
    };
    let reading = took(async { host.history(&reads, channels[1], None).await.map(drop) });
    let sign_in = took(async { host.sign_in(&auth).await?.ok().map(drop) });
    let guest = took(async { host.add_member(&directory, channels[1], people.guest.id).await });
    let (refused, reading, sign_in, guest) = tokio::try_join!(refused, reading, sign_in, guest)?;
    seen.extend([("posts refused at once after", refused), ("reading", reading), ("sign-in", sign_in)]);
    seen.insert("a member let in", guest);
    scene.sockets_live(SIGNS).await?;
    for program in &mut programs {
        ensure!(program.ended()?.is_none(), "{} ended while Kafka was away", program.name);
    }
    Ok((seen, programs))
}

/// Once is enough: it must not fail.
async fn took(asked: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<Duration> {
    let started = Instant::now();
    asked.await?;
    Ok(started.elapsed())
}
