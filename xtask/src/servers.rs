//! Postgres and Kafka together: start, watch, stop. Those that were given by URL are only asked whether they answer.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::signal::Signal;

use crate::given::Given;
use crate::interrupt::Interrupt;
use crate::kafka::{self, Kafka};
use crate::paths::StateDir;
use crate::ports::Ports;
use crate::postgres::{self, Postgres};
use crate::process::{Lifetime, stop_recorded};
use crate::screen::say;

/// What the servers are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Data that somebody wants to find again.
    Work,
    /// Data that is thrown away: writes need not reach the disk.
    Tests,
}

/// How each is stopped, in the order to stop them in.
pub const STOPS: [(&str, Signal, Duration); 2] = [
    (kafka::NAME, kafka::STOP_SIGNAL, kafka::STOP_WITHIN),
    (postgres::NAME, postgres::STOP_SIGNAL, postgres::STOP_WITHIN),
];

/// Both servers; `None` where one was given. Fields are dropped in this order, which is the order to stop them in.
#[derive(Debug)]
pub struct Servers {
    kafka: Option<Kafka>,
    postgres: Option<Postgres>,
    given: Given,
}

impl Servers {
    /// Starts both side by side and waits until both answer.
    pub fn start(
        state: &StateDir,
        given: Given,
        purpose: Purpose,
        lifetime: Lifetime,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let begun = Instant::now();
        let mut ports = Ports::load(&state.ports());
        let mut servers = Self { kafka: None, postgres: None, given };
        for (name, signal, limit) in STOPS {
            // Our own from before one was given would go on for nobody.
            if servers.is_given(name) && stop_recorded(&state.record(name), signal, limit)? {
                say!("  {name:<9} of this clone stopped, its data stays");
            }
        }
        if !servers.is_given(postgres::NAME) {
            servers.postgres = Some(Postgres::begin(state, &mut ports, purpose, lifetime)?);
        }
        if !servers.is_given(kafka::NAME) {
            servers.kafka = Some(Kafka::begin(state, &mut ports, lifetime)?);
        }
        if let Some(postgres) = &mut servers.postgres {
            postgres.wait_ready(interrupt)?;
            told(postgres::NAME, postgres.port, postgres.reused, begun);
        }
        if let Some(kafka) = &mut servers.kafka {
            kafka.wait_ready(interrupt)?;
            told(kafka::NAME, kafka.port, kafka.reused, begun);
        }
        servers.given.wait_ready(interrupt)?;
        Ok(servers)
    }

    fn is_given(&self, name: &str) -> bool {
        match name {
            postgres::NAME => self.given.postgres.is_some(),
            _ => self.given.kafka.is_some(),
        }
    }

    /// The superuser's connection URL for a database; a given URL stays as it is.
    pub fn postgres_url(&self, database: &str) -> String {
        match (&self.postgres, &self.given.postgres) {
            (Some(own), _) => own.url(database),
            (None, given) => given.clone().unwrap_or_default(),
        }
    }

    /// `host:port`, comma separated.
    pub fn bootstrap(&self) -> String {
        match (&self.kafka, &self.given.kafka) {
            (Some(own), _) => own.bootstrap(),
            (None, given) => given.clone().unwrap_or_default(),
        }
    }

    /// This clone's own Postgres.
    pub fn postgres(&self) -> Result<&Postgres> {
        self.postgres.as_ref().context("Postgres was given by URL")
    }

    pub fn check(&mut self) -> Result<()> {
        let postgres = self.postgres.as_mut().map_or(Ok(()), |postgres| postgres.process.check());
        postgres.and_then(|()| self.kafka.as_mut().map_or(Ok(()), |kafka| kafka.process.check()))
    }

    pub fn keep(&mut self) {
        if let Some(postgres) = &mut self.postgres {
            postgres.process.keep();
        }
        if let Some(kafka) = &mut self.kafka {
            kafka.process.keep();
        }
    }

    pub fn stop(&mut self) -> Result<()> {
        let kafka = self.kafka.as_mut().map_or(Ok(()), |kafka| kafka.process.stop());
        self.postgres.as_mut().map_or(Ok(()), |postgres| postgres.process.stop())?;
        kafka
    }
}

fn told(name: &str, port: u16, reused: bool, begun: Instant) {
    let how = if reused { "was running" } else { "ready" };
    say!("  {name:<9} {how} on 127.0.0.1:{port}  ({:.1} s)", begun.elapsed().as_secs_f32());
}
