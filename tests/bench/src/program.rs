//! Threadly's programs as processes of this bench.

use std::{
    fs::{self, File, OpenOptions},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use clap::Args;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// From start to ready; a thousand workspaces are made elsewhere.
const READY_WITHIN: Duration = Duration::from_secs(60);
const STOP_WITHIN: Duration = Duration::from_secs(30);
/// Between two looks at something that is awaited, where its time is measured.
pub const GLANCE: Duration = Duration::from_millis(1);

/// What `cargo xtask bench` prepares.
#[derive(Clone, Debug, Args)]
pub struct Bed {
    /// The superuser's URL of Postgres.
    #[arg(long, env = "THREADLY_TEST_POSTGRES", hide_env_values = true)]
    pub postgres: String,
    /// Kafka's bootstrap address.
    #[arg(long, env = "THREADLY_TEST_KAFKA")]
    pub kafka: String,
    /// The folder with the built programs.
    #[arg(long, env = "THREADLY_TEST_BIN")]
    pub programs: PathBuf,
    /// The folder for data and logs; the servers' data is in `postgres` and `kafka` there.
    #[arg(long, env = "THREADLY_BENCH_FOLDER")]
    pub folder: PathBuf,
    /// The process of Postgres.
    #[arg(long, env = "THREADLY_BENCH_POSTGRES_PID")]
    pub postgres_pid: u32,
    /// The process of Kafka.
    #[arg(long, env = "THREADLY_BENCH_KAFKA_PID")]
    pub kafka_pid: u32,
}

impl Bed {
    /// The program's own folder, of its keys and its `status.json`.
    pub fn data(&self) -> PathBuf {
        self.folder.join("threadly")
    }

    /// The manifests.
    pub fn manifests(&self) -> PathBuf {
        self.folder.join("workspaces")
    }

    /// Writes the manifest of a workspace in which anybody may register.
    pub fn write_manifest(&self, name: &str) -> anyhow::Result<()> {
        fs::create_dir_all(self.manifests())?;
        let text = format!(
            "apiVersion: threadly.dev/v1alpha1\nkind: Workspace\nmetadata: {{name: {name}}}\nspec:\n  displayName: {name}\n  \
             owner: {{email: owner@{name}.example}}\n  signUp: {{mode: Open}}\n"
        );
        Ok(fs::write(self.manifests().join(format!("{name}.yaml")), text)?)
    }

    /// What a program prints.
    pub fn log_path(&self, name: &str) -> PathBuf {
        self.folder.join("logs").join(format!("{name}.log"))
    }

    fn log(&self, name: &str) -> anyhow::Result<File> {
        let path = self.log_path(name);
        fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
        Ok(OpenOptions::new().append(true).create(true).open(path)?)
    }
}

/// A running program; it ends when this is dropped.
#[derive(Debug)]
pub struct Program {
    pub name: String,
    pub url: String,
    pub spawned: Instant,
    child: Child,
}

impl Program {
    /// Starts one on a free port.
    pub fn start(bed: &Bed, binary: &str, name: &str, environment: &[(&str, String)]) -> anyhow::Result<Self> {
        Self::start_at(bed, binary, name, &free_address()?, environment)
    }

    /// Starts one at an address.
    pub fn start_at(
        bed: &Bed,
        binary: &str,
        name: &str,
        listen: &str,
        environment: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let path = bed.programs.join(binary);
        let log = bed.log(name)?;
        // Ends with this program, even by `kill -9`; replaces itself, so that the process is the program's own.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).arg(&path).envs(environment.iter().map(|(name, value)| (name, value)));
        // What a program can do is measured, not what it lets one person do.
        command.env("THREADLY_REQUESTS_PER_SECOND", "0");
        command.env("THREADLY_LISTEN", listen).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let spawned = Instant::now();
        let child = command.spawn().with_context(|| format!("can't start {}", path.display()))?;
        Ok(Self { name: name.to_owned(), url: format!("http://{listen}"), spawned, child })
    }

    /// `threadly` itself, over the bed's manifests.
    pub fn threadly(bed: &Bed) -> anyhow::Result<Self> {
        fs::create_dir_all(bed.manifests())?;
        let text = |path: &Path| path.display().to_string();
        let environment = [
            ("THREADLY_KAFKA", bed.kafka.clone()),
            ("THREADLY_POSTGRES_URL", bed.postgres.clone()),
            ("THREADLY_DATA_DIR", text(&bed.data())),
            ("THREADLY_MANIFESTS", text(&bed.manifests())),
            ("THREADLY_BUCKETS_LISTEN", free_address()?),
        ];
        Self::start(bed, "threadly", "threadly", &environment)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until `threadly` says in `status.json` that so many workspaces are served.
    pub fn wait_status(&mut self, bed: &Bed, workspaces: usize, limit: Duration) -> anyhow::Result<()> {
        let path = bed.data().join("status.json");
        // Reading a long file all the time would be work beside that which is waited for.
        let glance = if workspaces > 1 { Duration::from_millis(500) } else { GLANCE };
        self.wait("ready", limit, glance, |pid| {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let status: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            let served = status["workspaces"].as_array().into_iter().flatten();
            status["pid"] == pid && served.filter(|one| one["ready"] == true).count() == workspaces
        })
    }

    /// Waits until a function says so at `/readyz`.
    pub fn wait_readyz(&mut self) -> anyhow::Result<()> {
        let url = self.url.clone();
        self.wait("ready", READY_WITHIN, GLANCE, |_| {
            crate::http::get(&url, "/readyz", None).is_ok_and(|status| status == 200)
        })
    }

    fn wait(
        &mut self,
        what: &str,
        limit: Duration,
        glance: Duration,
        mut is_so: impl FnMut(u32) -> bool,
    ) -> anyhow::Result<()> {
        let begun = Instant::now();
        while !is_so(self.pid()) {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status}", self.name);
            }
            if begun.elapsed() > limit {
                bail!("{} is not {what} within {limit:?}", self.name);
            }
            sleep(glance);
        }
        Ok(())
    }

    /// Asks until it answers with a success: for what is measured from the very start.
    pub fn wait_success(&mut self, ask: impl Fn(&str) -> anyhow::Result<u16>) -> anyhow::Result<()> {
        let url = self.url.clone();
        self.wait("answering", READY_WITHIN, GLANCE / 2, |_| ask(&url).is_ok_and(|status| (200..300).contains(&status)))
    }

    /// SIGTERM, and waits for the end.
    pub fn stop(mut self) -> anyhow::Result<()> {
        kill(Pid::from_raw(i32::try_from(self.pid())?), Signal::SIGTERM)?;
        let begun = Instant::now();
        while self.child.try_wait()?.is_none() {
            if begun.elapsed() > STOP_WITHIN {
                bail!("{} does not end", self.name);
            }
            sleep(GLANCE);
        }
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Host and port, free now.
pub fn free_address() -> anyhow::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}
