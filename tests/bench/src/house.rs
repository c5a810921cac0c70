//! Threadly with one workspace, and people in it: as the single program, or as the separate ones.

use anyhow::Context;
use data_encoding::HEXLOWER;
use std::{fs, time::Duration};
use tenancy::credentials::{LoginRole, Purpose, RootKey};
use testkit::Person;
use uuid::Uuid;

use crate::{
    generator::Stage,
    program::{Bed, Program},
    usage::{Kind, Reading, Spent, Watched},
    wire::Server,
};

/// The workspace's name in URLs.
pub const WORKSPACE: &str = "bench";
/// The first start makes roles, databases and topics.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// For each workspace more.
const EACH_WITHIN: Duration = Duration::from_secs(2);
/// A house that spends no more than this in a look does nothing but wait.
const QUIET: (Duration, f64) = (Duration::from_millis(500), 0.03);
const SETTLE_LIMIT: Duration = Duration::from_secs(60);

/// Running programs, and what is watched beside them.
#[derive(Debug)]
pub struct House {
    programs: Vec<Program>,
    pub urls: Urls,
    pub watched: Vec<Watched>,
}

/// Where each function answers.
#[derive(Clone, Debug)]
pub struct Urls {
    pub auth: String,
    pub directory: String,
    pub messages: String,
    pub edge: String,
}

impl House {
    /// Starts `threadly`, or with `split` what it consists of.
    pub fn start(bed: &Bed, split: bool) -> anyhow::Result<Self> {
        Self::start_with(bed, split, 0)
    }

    /// The same with so many workspaces more; their names are numbered from 1.
    pub fn start_with(bed: &Bed, split: bool, more: u32) -> anyhow::Result<Self> {
        bed.write_manifest(WORKSPACE)?;
        for number in 1..=more {
            bed.write_manifest(&format!("{WORKSPACE}-{number}"))?;
        }
        let mut threadly = Program::threadly(bed)?;
        threadly.wait_status(bed, 1 + more as usize, READY_WITHIN + EACH_WITHIN * more)?;
        if !split {
            let url = || threadly.url.clone();
            let urls = Urls { auth: url(), directory: url(), messages: url(), edge: url() };
            return Ok(Self::of(bed, vec![threadly], urls));
        }
        // It has made the workspace; the functions take over.
        threadly.stop()?;
        let start = |binary, name, role| -> anyhow::Result<Program> {
            let mut program = Program::start(bed, binary, name, &function_environment(bed, binary, name, role)?)?;
            program.wait_readyz()?;
            Ok(program)
        };
        let programs = vec![
            start("auth", "auth", "all")?,
            start("directory", "directory", "all")?,
            start("messages", "messages", "http")?,
            start("messages", "projector", "events")?,
            start("realtime-edge", "edge", "all")?,
        ];
        let url = |place: usize| programs.get(place).map(|program| program.url.clone()).unwrap_or_default();
        let urls = Urls { auth: url(0), directory: url(1), messages: url(2), edge: url(4) };
        Ok(Self::of(bed, programs, urls))
    }

    fn of(bed: &Bed, programs: Vec<Program>, urls: Urls) -> Self {
        let watched = |name: &str, pid, kind| Watched { name: name.to_owned(), pid, kind };
        let mut all: Vec<Watched> =
            programs.iter().map(|program| watched(&program.name, program.pid(), Kind::Threadly)).collect();
        all.push(watched("kafka", bed.kafka_pid, Kind::Server));
        all.push(watched("postgres", bed.postgres_pid, Kind::Server));
        all.push(watched("generator", std::process::id(), Kind::Generator));
        Self { programs, urls, watched: all }
    }

    /// `people` people, each a member of `channels` channels.
    pub async fn stage(&self, people: usize, channels: usize) -> anyhow::Result<Stage> {
        let mut members = Vec::new();
        for number in 0..people {
            members.push(Person::register(&self.urls.auth, WORKSPACE, &format!("person-{number}")).await?);
        }
        let host = members.first().context("somebody must be there")?;
        let mut ids: Vec<Uuid> = Vec::new();
        for _ in 0..channels {
            let channel = host.make_channel(&self.urls.directory, "public").await?;
            for member in &members[1..] {
                host.add_member(&self.urls.directory, channel, member.id).await?;
            }
            ids.push(channel.0);
        }
        Ok(Stage {
            messages: Server::of(&self.urls.messages)?,
            edge: Server::of(&self.urls.edge)?,
            handle: WORKSPACE.to_owned(),
            tokens: members.iter().map(|member| member.token.clone()).collect(),
            channels: ids,
        })
    }

    /// Messages in all channels once there are `expected`, or a minute is over.
    pub async fn settled_history(&self, stage: &Stage, expected: u64) -> anyhow::Result<u64> {
        let begun = std::time::Instant::now();
        loop {
            let kept = self.history(stage).await?;
            if kept >= expected || begun.elapsed() > SETTLE_LIMIT {
                return Ok(kept);
            }
            tokio::time::sleep(QUIET.0).await;
        }
    }

    /// Messages in all channels, as the API numbers them.
    async fn history(&self, stage: &Stage) -> anyhow::Result<u64> {
        let client = reqwest::Client::new();
        let mut sum = 0;
        for channel in &stage.channels {
            let url = format!("{}/w/{WORKSPACE}/v1/channels/{channel}/messages?limit=1", self.urls.messages);
            let token = stage.tokens.first().context("somebody must be there")?;
            let page = client.get(url).bearer_auth(token).send().await?.error_for_status()?.bytes().await?;
            let page: serde_json::Value = serde_json::from_slice(&page)?;
            sum += page["items"][0]["sequence"].as_u64().unwrap_or_default();
        }
        Ok(sum)
    }

    /// Waits until Threadly has nothing left to do, so that nobody else's time gets its work.
    pub fn settle(&self) -> Duration {
        let begun = std::time::Instant::now();
        let mut before = Reading::take(&self.watched);
        loop {
            std::thread::sleep(QUIET.0);
            let spent: Spent = Reading::take(&self.watched).since(&before, &self.watched);
            if spent.threadly <= QUIET.1 || begun.elapsed() > SETTLE_LIMIT {
                return begun.elapsed();
            }
            before = Reading::take(&self.watched);
        }
    }

    /// Waits until `threadly` serves so many workspaces.
    pub fn wait_workspaces(&mut self, bed: &Bed, count: usize, limit: Duration) -> anyhow::Result<()> {
        self.programs.first_mut().context("`threadly` runs")?.wait_status(bed, count, limit)
    }

    pub fn stop(self) -> anyhow::Result<()> {
        self.programs.into_iter().rev().try_for_each(Program::stop)
    }
}

/// What a function is told, with keys derived from those that `threadly` has made.
pub fn function_environment(
    bed: &Bed,
    binary: &str,
    instance: &str,
    role: &str,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let key = |name: &str| -> anyhow::Result<RootKey> {
        let bytes = fs::read(bed.data().join("secrets").join(name))?;
        Ok(RootKey::from_bytes(bytes.try_into().ok().context("a root key has 32 bytes")?))
    };
    let login = if binary == "auth" { LoginRole::Auth } else { LoginRole::Functions };
    let server: reqwest::Url = bed.postgres.parse()?;
    let (host, port) = (server.host_str().context("a host")?, server.port().unwrap_or(5432));
    Ok(vec![
        ("THREADLY_KAFKA", bed.kafka.clone()),
        ("THREADLY_POSTGRES", format!("postgres://{host}:{port}")),
        ("THREADLY_DATABASE_KEY", HEXLOWER.encode(key("root.key")?.purpose(login.purpose()).expose())),
        ("THREADLY_SIGNING_KEY", HEXLOWER.encode(key("signing-root.key")?.token_signing_seed(1).expose())),
        ("THREADLY_TICK_KEY", HEXLOWER.encode(key("root.key")?.purpose(Purpose::Tick).expose())),
        ("THREADLY_INSTANCE", instance.to_owned()),
        ("THREADLY_ROLE", role.to_owned()),
    ])
}
