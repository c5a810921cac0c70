//! The servers of this test, and what is done to them.

use std::{fmt, time::Duration};

use testkit::{
    servers::{OwnKafka, OwnPostgres},
    wait,
};
use tokio::time::Instant;

use super::LIMIT;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Server {
    Postgres,
    Kafka,
}

/// What happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// `kill -9` of all its processes.
    Killed,
    /// Connections stay open, and nothing answers.
    Frozen,
    /// Not a byte is left for it.
    DiskFull,
}

/// A fault of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outage {
    pub server: Server,
    pub fault: Fault,
}

impl Outage {
    pub(super) const ALL: [Self; 6] = {
        use {Fault::*, Server::*};
        [
            Self { server: Postgres, fault: Killed },
            Self { server: Postgres, fault: Frozen },
            Self { server: Postgres, fault: DiskFull },
            Self { server: Kafka, fault: Killed },
            Self { server: Kafka, fault: Frozen },
            Self { server: Kafka, fault: DiskFull },
        ]
    };
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = match self.fault {
            Fault::Killed => "killed",
            Fault::Frozen => "frozen",
            Fault::DiskFull => "disk full",
        };
        write!(f, "{:?} {fault}", self.server)
    }
}

/// Both servers.
pub(super) struct Servers {
    pub postgres: OwnPostgres,
    pub kafka: OwnKafka,
    since: Instant,
}

impl Servers {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let (postgres, kafka) = tokio::try_join!(OwnPostgres::start(), OwnKafka::start())?;
        Ok(Self { postgres, kafka, since: Instant::now() })
    }

    /// Why this machine can't do this to a server, if so.
    pub(super) fn cannot(&self, outage: Outage) -> Option<&str> {
        match outage {
            Outage { fault: Fault::Killed | Fault::Frozen, .. } => None,
            Outage { server: Server::Postgres, .. } => self.postgres.no_disk(),
            Outage { server: Server::Kafka, .. } => self.kafka.no_disk(),
        }
    }

    pub(super) async fn inflict(&mut self, Outage { server, fault }: Outage) -> anyhow::Result<()> {
        self.since = Instant::now();
        match (server, fault) {
            (Server::Postgres, Fault::Killed) => self.postgres.kill().await,
            (Server::Postgres, Fault::Frozen) => self.postgres.freeze(),
            (Server::Postgres, Fault::DiskFull) => self.postgres.fill_disk().await,
            (Server::Kafka, Fault::Killed) => self.kafka.kill().await,
            (Server::Kafka, Fault::Frozen) => self.kafka.freeze(),
            (Server::Kafka, Fault::DiskFull) => self.kafka.fill_disk().await,
        }
    }

    /// What an operator would do; nothing is done to Threadly.
    pub(super) async fn mend(&mut self, Outage { server, fault }: Outage) -> anyhow::Result<()> {
        match (server, fault) {
            (Server::Postgres, Fault::Killed) => self.postgres.restart().await,
            (Server::Postgres, Fault::Frozen) => self.postgres.thaw(),
            (Server::Postgres, Fault::DiskFull) => {
                self.postgres.free_disk()?;
                if self.postgres.is_running()? { Ok(()) } else { self.postgres.restart().await }
            }
            (Server::Kafka, Fault::Killed) => self.kafka.restart().await,
            (Server::Kafka, Fault::Frozen) => self.kafka.thaw(),
            (Server::Kafka, Fault::DiskFull) => {
                self.kafka.free_disk()?;
                if self.kafka.is_running()? { Ok(()) } else { self.kafka.restart().await }
            }
        }
    }

    /// Postgres panics when its own log needs a new segment and there is no space. What its recovery gives back is taken
    /// again, until it can't recover.
    pub(super) async fn postgres_gives_up(&mut self) -> anyhow::Result<()> {
        wait::until("Postgres without space has ended", LIMIT, async || {
            self.postgres.fill_disk().await.ok()?;
            self.postgres.switch_log().await;
            (!self.postgres.is_running().ok()?).then_some(())
        })
        .await
    }

    /// With its only folder full, Kafka ends itself.
    pub(super) async fn kafka_gives_up(&mut self) -> anyhow::Result<()> {
        wait::until("Kafka without space has ended", LIMIT, async || (!self.kafka.is_running().ok()?).then_some(()))
            .await
    }

    /// Since the last outage began.
    pub(super) fn down_for(&self) -> Duration {
        self.since.elapsed()
    }

    /// The end of a server's log.
    pub(super) fn last_words(&self, outage: Outage) -> String {
        match outage.server {
            Server::Postgres => self.postgres.last_words(),
            Server::Kafka => self.kafka.last_words(),
        }
    }
}
