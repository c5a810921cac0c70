//! One clone whose servers all tests may be given by URL.

use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::sync_channel;

use anyhow::{Context, Result, anyhow};

use crate::clone::{Clone, PATIENCE, until};

/// Where its servers are.
#[derive(Clone, Debug)]
pub struct Shared {
    pub postgres_url: String,
    pub kafka: String,
}

static SHARED: OnceLock<Result<Shared, String>> = OnceLock::new();

/// The shared servers, started at the first call; they end with this program.
pub fn shared() -> Result<Shared> {
    SHARED.get_or_init(|| start().map_err(|error| format!("{error:#}"))).clone().map_err(|error| anyhow!(error))
}

/// A clone whose Kafka is the shared one: only Postgres is its own, and up in a second.
pub fn with_own_postgres() -> Result<Clone> {
    Ok(Clone::new()?.with("THREADLY_KAFKA", shared()?.kafka))
}

/// A clone whose Postgres is the shared one.
pub fn with_own_kafka() -> Result<Clone> {
    Ok(Clone::new()?.with("THREADLY_POSTGRES_URL", shared()?.postgres_url))
}

fn start() -> Result<Shared> {
    let (sender, receiver) = sync_channel(1);
    // The kernel tells a child about the end of the thread that started it, hence one that never ends. A last shell
    // removes the folder, for which this program has no time any more.
    std::thread::spawn(move || {
        let clone = match Clone::named("shared") {
            Ok(clone) => clone,
            Err(error) => return drop(sender.send(Err(error))),
        };
        let script = r#"trap : TERM; "$@" & up=$!; wait $up || kill $up 2>/dev/null; wait $up; cd /; rm -rf "$FOLDER""#;
        let up = clone.xtask(&["up", "--servers-only"]);
        let spawned = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "sh", "-c", script, "sh"])
            .arg(up.get_program())
            .args(up.get_args())
            .envs(up.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .env_remove("THREADLY_KAFKA")
            .env_remove("THREADLY_POSTGRES_URL")
            .env("FOLDER", clone.beside())
            .current_dir(clone.root())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let _ = sender.send(match spawned {
            Ok(_child) => places(&clone),
            Err(error) => Err(error).context("starting the shared servers"),
        });
        std::mem::forget(clone);
        loop {
            std::thread::park();
        }
    });
    receiver.recv_timeout(PATIENCE * 2).context("the shared servers")?
}

fn places(clone: &Clone) -> Result<Shared> {
    let log = clone.state("logs/kafka.log");
    until("the shared Kafka has started", || {
        std::fs::read_to_string(&log).is_ok_and(|text| text.contains("Kafka Server started"))
    })?;
    let password = std::fs::read_to_string(clone.state("secrets/postgres-password"))?;
    Ok(Shared {
        postgres_url: format!("postgres://postgres:{}@127.0.0.1:{}/postgres", password.trim(), clone.port("postgres")?),
        kafka: format!("127.0.0.1:{}", clone.port("kafka")?),
    })
}
