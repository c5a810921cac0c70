//! The Postgres server of this clone.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use crate::interrupt::Interrupt;
use crate::paths::{self, StateDir};
use crate::ports::Ports;
use crate::postgres_home::Home;
use crate::process::{Lifetime, Process, Spec};
use crate::programs::{self, Found};
use crate::servers::Purpose;
use crate::{commands, given, identity};

pub const NAME: &str = "postgres";
pub const PROGRAM: &str = "postgres";
/// SIGINT is Postgres' fast shutdown: sessions are ended, data is written. SIGTERM would wait for its clients.
pub const STOP_SIGNAL: Signal = Signal::SIGINT;
pub const STOP_WITHIN: Duration = Duration::from_secs(30);
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A started server, not necessarily ready yet.
#[derive(Debug)]
pub struct Postgres {
    pub process: Process,
    pub port: u16,
    /// True when it is an earlier run's.
    pub reused: bool,
    password: String,
    binaries: PathBuf,
}

impl Postgres {
    /// Makes the data folder if there is none and starts the server, or finds it running.
    pub fn begin(state: &StateDir, ports: &mut Ports, purpose: Purpose, lifetime: Lifetime) -> Result<Self> {
        let home = Home::find(state)?;
        let data = home.data.clone();
        let binaries = binaries_for(&data)?;
        let password = password(state, &data)?;
        let spec = |port: u16| -> Spec {
            Spec {
                name: NAME,
                program: binaries.path.join(PROGRAM),
                args: arguments(&data, port, purpose),
                env: vec![("LC_ALL".to_owned(), "C".into()), ("PGDATA".to_owned(), data.clone().into())],
                cwd: data.clone(),
                log: state.log(NAME),
                record: state.record(NAME),
                wrapper: home.wrapper.clone(),
                stop_signal: STOP_SIGNAL,
                stop_within: STOP_WITHIN,
            }
        };
        let made = |process, port, reused| Self {
            process,
            port,
            reused,
            password: password.clone(),
            binaries: binaries.path.clone(),
        };
        if let Some(port) = ports.get(NAME)
            && let Some(process) = spec(port).find_running()?
        {
            let mut found = made(process, port, true);
            if found.accepts_connections() {
                return Ok(found);
            }
            found.process.stop()?;
        }
        if !data.exists() {
            initialise(&home, &binaries, &password, purpose)?;
        }
        clear_stale_lock(&data)?;
        let port = ports.claim(NAME, None)?;
        ports.save(&state.ports())?;
        Ok(made(spec(port).start(lifetime)?, port, false))
    }

    pub fn wait_ready(&mut self, interrupt: &Interrupt) -> Result<()> {
        let start = Instant::now();
        while !self.accepts_connections() {
            self.process.check()?;
            if start.elapsed() > READY_WITHIN {
                bail!("postgres takes no connections after {} s: `cargo xtask logs postgres`", READY_WITHIN.as_secs());
            }
            interrupt.pause()?;
        }
        Ok(())
    }

    /// The superuser's connection URL for a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// Runs SQL as superuser; the first error ends it.
    pub fn psql(&self, database: &str, args: &[OsString]) -> Result<String> {
        let mut psql = Command::new(self.binaries.join("psql"));
        psql.args([
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            "127.0.0.1",
            "-U",
            "postgres",
            "-p",
            &self.port.to_string(),
            "-d",
            database,
        ])
        .args(args)
        .env("PGPASSWORD", &self.password);
        commands::output(&mut psql, Duration::from_secs(120))
    }

    fn accepts_connections(&self) -> bool {
        let mut question = Command::new(self.binaries.join("pg_isready"));
        question.args(["-q", "-t", "2", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        commands::output(&mut question, Duration::from_secs(5)).is_ok()
    }
}

fn arguments(data: &Path, port: u16, purpose: Purpose) -> Vec<OsString> {
    let mut settings = vec![
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        // The path of a socket in a deep clone would be longer than the kernel allows.
        "unix_socket_directories=".to_owned(),
        // Every workspace is a database, and the launcher visits each of them once in this time.
        "autovacuum_naptime=5min".to_owned(),
        "log_line_prefix=%m [%p] %d ".to_owned(),
    ];
    if purpose == Purpose::Work {
        settings.push("max_connections=200".to_owned());
    } else {
        // Many tests run side by side, each with pools of its own.
        settings.push("max_connections=400".to_owned());
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
    }
    let mut args: Vec<OsString> = vec!["-D".into(), data.into()];
    for setting in settings {
        args.extend(["-c".into(), setting.into()]);
    }
    args
}

/// The newest Postgres, or the one whose data this is: another major version can't read it.
fn binaries_for(data: &Path) -> Result<Found> {
    let found = programs::postgres();
    match fs::read_to_string(data.join("PG_VERSION")) {
        Ok(version) => {
            let version = version.trim();
            found.into_iter().find(|one| one.major.to_string() == version).with_context(|| {
                format!(
                    "the data in {} belongs to Postgres {version}, which this machine lacks: install postgresql-{version}, \
                     or give the data up with `cargo xtask reset`",
                    paths::shown(data)
                )
            })
        }
        Err(_) => found.into_iter().next().with_context(|| {
            format!(
                "no Postgres of version {} or later was found; one elsewhere will do: set {}",
                programs::OLDEST_POSTGRES,
                given::POSTGRES
            )
        }),
    }
}

fn password(state: &StateDir, data: &Path) -> Result<String> {
    let path = state.postgres_password();
    // An empty file is what a machine that lost its power may leave.
    if let Ok(text) = fs::read_to_string(&path)
        && !text.trim().is_empty()
    {
        return Ok(text.trim().to_owned());
    }
    if data.exists() {
        bail!(
            "{} is missing or empty, and without it the data in {} is closed: bring it back, or give the data up with `cargo xtask reset`",
            paths::shown(&path),
            paths::shown(data)
        );
    }
    let password = paths::random_hex::<24>()?;
    paths::write_private(&path, &password)?;
    Ok(password)
}

/// Made under a temporary name: a folder called `postgres` is always complete.
fn initialise(home: &Home, binaries: &Found, password: &str, purpose: Purpose) -> Result<()> {
    let temporary = home.data.with_extension("new");
    paths::remove_folder(&temporary)?;
    let password_file = home.password_file(password)?;
    let mut initdb = home.command(&binaries.path.join("initdb"));
    initdb
        .args(["--no-locale", "-E", "UTF8", "-A", "scram-sha-256", "-U", "postgres", "-D"])
        .arg(&temporary)
        .arg("--pwfile")
        .arg(&password_file)
        .env("LC_ALL", "C")
        .current_dir(temporary.parent().unwrap_or(&temporary));
    if purpose == Purpose::Tests {
        initdb.arg("--no-sync");
    }
    let made = commands::output(&mut initdb, Duration::from_secs(120)).context("making Postgres' data folder");
    fs::remove_file(&password_file).context("removing a copy of the password")?;
    made?;
    fs::rename(&temporary, &home.data).context("naming Postgres' data folder")
}

/// Stops a server of this folder whose pid file got lost.
pub fn stop_lost(data: &Path) -> Result<bool> {
    identity::stop_working_in(data, PROGRAM, STOP_SIGNAL, STOP_WITHIN)
}

/// After a crash `postmaster.pid` names a process that is gone or, worse, somebody else by now.
fn clear_stale_lock(data: &Path) -> Result<()> {
    stop_lost(data)?;
    match fs::remove_file(data.join("postmaster.pid")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).context("removing a stale postmaster.pid")
        }
        _ => Ok(()),
    }
}
