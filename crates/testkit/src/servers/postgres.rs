//! A Postgres of a test's own.

use std::{ffi::OsString, fs, path::Path, time::Duration};

use nix::sys::signal::Signal;
use sqlx::{ConnectOptions, Connection, postgres::PgConnectOptions};
use tempfile::TempDir;
use tokio::time::timeout;

use super::{START_LIMIT, STOP_LIMIT, TOOL_LIMIT, disk::Disk, free_port, program, server, server::Server, words};

const PASSWORD: &str = "threadly";
/// For two control and workspace databases, their logs, and not much more.
const MEGABYTES: u32 = 320;
/// One question to the server.
const ASK: Duration = Duration::from_secs(5);

/// A Postgres server with fresh data; it ends when this is dropped.
pub struct OwnPostgres {
    server: Server,
    port: u16,
    disk: Disk,
    _folder: TempDir,
}

impl OwnPostgres {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// It does not start; shows its last words.
    pub async fn start() -> anyhow::Result<Self> {
        let binaries = program("THREADLY_TEST_POSTGRES_BIN")?;
        let binaries = Path::new(&binaries);
        let folder = TempDir::with_prefix("threadly-postgres-")?;
        let disk = Disk::mount(folder.path().join("disk"), MEGABYTES).await?;
        let (log, password) = (folder.path().join("log"), folder.path().join("password"));
        fs::write(&password, PASSWORD)?;

        // It refuses to run as root. In a namespace of processes of its own nothing of it is left behind.
        let mut wrapper = disk.wrapper();
        let forks = disk.is_roots();
        if forks {
            wrapper.extend(words("unshare --user --map-user=1000 --map-group=1000 --pid --ipc --fork --kill-child --"));
        }
        let data: OsString = disk.folder.join("data").into();
        let mut initdb = wrapper.clone();
        initdb.push(binaries.join("initdb").into());
        initdb.extend(words("--no-locale -E UTF8 -A scram-sha-256 -U postgres --no-sync --wal-segsize=1 -D"));
        initdb.extend([data.clone(), "--pwfile".into(), password.into()]);
        server::run(&initdb, &log, TOOL_LIMIT).await?;

        let port = free_port().await?;
        let mut command = wrapper;
        command.extend([binaries.join("postgres").into(), "-D".into(), data]);
        for setting in settings(port) {
            command.extend(["-c".into(), setting.into()]);
        }
        // SIGINT ends its sessions; SIGTERM would wait for its clients.
        let server = Server::new("Postgres", command, log, forks, Signal::SIGINT);
        let mut postgres = Self { server, port, disk, _folder: folder };
        postgres.restart().await?;
        Ok(postgres)
    }

    /// The superuser's URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres:{PASSWORD}@127.0.0.1:{}/postgres", self.port)
    }

    /// Kills all of its processes.
    ///
    /// # Errors
    /// It does not run.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.server.kill().await
    }

    /// Starts it again with the data and the port it had.
    ///
    /// # Errors
    /// It runs, or does not start.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.server.start()?;
        let options: PgConnectOptions = self.url().parse()?;
        self.server.answers(START_LIMIT, async || matches!(timeout(ASK, options.connect()).await, Ok(Ok(_)))).await
    }

    /// Stops all of its processes where they are; connections stay open.
    ///
    /// # Errors
    /// It does not run.
    pub fn freeze(&mut self) -> anyhow::Result<()> {
        self.server.freeze().map(drop)
    }

    /// Lets them go on.
    ///
    /// # Errors
    /// It does not run.
    pub fn thaw(&mut self) -> anyhow::Result<()> {
        self.server.thaw()
    }

    /// Leaves no space on its disk: rows that need a new page are refused, and a new segment of its own log ends it.
    ///
    /// # Errors
    /// It has no disk of its own here.
    pub async fn fill_disk(&mut self) -> anyhow::Result<()> {
        self.disk.fill().await
    }

    /// Has it begin a new segment of its log, as it does by itself after some thousand rows.
    pub async fn switch_log(&self) {
        let asked = async {
            let mut connection = self.url().parse::<PgConnectOptions>()?.connect().await?;
            // A switch right after a switch does nothing: there has to be something in between.
            sqlx::query("select pg_logical_emit_message(false, 'threadly', 'next'), pg_switch_wal()")
                .execute(&mut connection)
                .await?;
            connection.close().await
        };
        // With a full disk this is what may end it.
        let _: Result<sqlx::Result<()>, _> = timeout(ASK, asked).await;
    }

    /// Gives the space back.
    ///
    /// # Errors
    /// Nothing was taken.
    pub fn free_disk(&mut self) -> anyhow::Result<()> {
        self.disk.free()
    }

    /// Why its disk can't be filled on this machine, if so.
    #[must_use]
    pub fn no_disk(&self) -> Option<&str> {
        self.disk.no_limit()
    }

    /// Whether it runs, frozen or not.
    ///
    /// # Errors
    /// The kernel's.
    pub fn is_running(&mut self) -> anyhow::Result<bool> {
        self.server.is_running()
    }

    /// The end of its log.
    #[must_use]
    pub fn last_words(&self) -> String {
        self.server.last_words()
    }

    /// Ends it cleanly.
    ///
    /// # Errors
    /// It does not end.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.server.stop(STOP_LIMIT).await
    }
}

/// With every care for the data: what is acknowledged here must outlast a kill.
fn settings(port: u16) -> Vec<String> {
    let mut settings = vec![format!("port={port}")];
    settings.extend(
        [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            "shared_buffers=32MB",
            // No segment is kept in store: with a full disk the next one can't be had.
            "wal_recycle=off",
            "min_wal_size=2MB",
            "max_wal_size=32MB",
            "log_line_prefix=%m [%p] %d ",
        ]
        .map(str::to_owned),
    );
    settings
}
