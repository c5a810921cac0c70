//! A clone of a test's own: a folder that xtask takes for one, with as little in it as `--servers-only` needs.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

/// Far more than anything here takes, for machines that are busy.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Dropped, it stops its servers and goes.
#[derive(Debug)]
pub struct Clone {
    folder: TempDir,
    name: String,
    variables: Vec<(String, String)>,
    /// Put in front of xtask.
    wrapper: Vec<String>,
    program: PathBuf,
}

/// How a command ended and what it said on both outputs.
#[derive(Debug)]
pub struct Said {
    pub status: ExitStatus,
    pub text: String,
}

impl Clone {
    pub fn new() -> Result<Self> {
        Self::named("clone")
    }

    /// `name` becomes a part of every path.
    pub fn named(name: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("threadly-first-run-").tempdir_in(quick_folder())?;
        let clone = Self {
            folder,
            name: name.to_owned(),
            variables: Vec::new(),
            wrapper: Vec::new(),
            program: env!("CARGO_BIN_EXE_xtask").into(),
        };
        fs::create_dir_all(clone.root().join("xtask"))?;
        fs::write(clone.root().join("xtask/Cargo.toml"), "")?;
        Ok(clone)
    }

    /// Sets a variable for every later command.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Lets every later command run by this one.
    pub fn within(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Another copy of xtask.
    pub fn of_program(mut self, program: &Path) -> Self {
        self.program = program.to_path_buf();
        self
    }

    /// Where the test may put what is not part of the clone.
    pub fn beside(&self) -> &Path {
        self.folder.path()
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    pub fn state(&self, name: &str) -> PathBuf {
        self.root().join(".threadly").join(name)
    }

    /// As `mv` does it.
    pub fn move_to(&mut self, name: &str) -> Result<()> {
        fs::rename(self.root(), self.folder.path().join(name))?;
        name.clone_into(&mut self.name);
        Ok(())
    }

    /// `cargo xtask …` without cargo.
    pub fn xtask(&self, arguments: &[&str]) -> Command {
        let mut words = self.wrapper.clone();
        words.push(self.program.to_string_lossy().into_owned());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args(arguments).current_dir(self.root()).stdin(Stdio::null());
        // What this machine's developer has set is not what a newcomer has.
        for (name, _) in std::env::vars() {
            if name.starts_with("THREADLY_") || ["CI", "SSH_CONNECTION"].contains(&name.as_str()) {
                command.env_remove(name);
            }
        }
        command.env("CARGO_MANIFEST_DIR", self.root().join("xtask"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs to the end.
    pub fn run(&self, arguments: &[&str]) -> Result<Said> {
        finish(self.xtask(arguments), &arguments.join(" "))
    }

    /// `up --detach --servers-only`, which must succeed.
    pub fn up(&self) -> Result<String> {
        self.run(&["up", "--detach", "--servers-only"])?.success()
    }

    pub fn down(&self) -> Result<String> {
        self.run(&["down"])?.success()
    }

    /// `up --servers-only` in the foreground.
    pub fn up_in_foreground(&self) -> Result<Foreground> {
        let path = self.beside().join("foreground.txt");
        let output = File::create(&path)?;
        let mut command = self.xtask(&["up", "--servers-only"]);
        let child = command.stdout(output.try_clone()?).stderr(output).spawn().context("starting `up`")?;
        Ok(Foreground { child, output: path })
    }

    pub fn port(&self, name: &str) -> Result<u16> {
        let text = fs::read_to_string(self.state("ports.json")).context("ports.json")?;
        let ports: serde_json::Value = serde_json::from_str(&text)?;
        let port = ports.get(name).and_then(serde_json::Value::as_u64).with_context(|| format!("no port of {name}"))?;
        Ok(u16::try_from(port)?)
    }

    pub fn pid(&self, name: &str) -> Result<i32> {
        let text = fs::read_to_string(self.state("run").join(format!("{name}.pid"))).context("a pid file")?;
        let record: serde_json::Value = serde_json::from_str(&text)?;
        let pid = record.get("pid").and_then(serde_json::Value::as_i64).context("a pid file holds a pid")?;
        Ok(i32::try_from(pid)?)
    }

    /// Answer to SQL, of this clone's own Postgres.
    pub fn sql(&self, statement: &str) -> Result<String> {
        let port = self.port("postgres")?.to_string();
        let password = fs::read_to_string(self.state("secrets/postgres-password"))?;
        let mut psql = Command::new("psql");
        psql.args(["-X", "-At", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres", "-p", &port]);
        psql.args(["-d", "postgres", "-c", statement]).env("PGPASSWORD", password.trim());
        finish(psql, statement)?.success()
    }

    /// Pids of this program which work in one of the clone's data folders.
    pub fn servers(&self, program: &str, folder: &str) -> Result<Vec<i32>> {
        let folder = self.state(folder);
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc")?.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let works_there = fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == folder);
            let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let first = String::from_utf8_lossy(words.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned();
            if works_there && Path::new(&first).file_name().is_some_and(|name| name == program) {
                found.push(pid);
            }
        }
        Ok(found)
    }
}

impl Drop for Clone {
    fn drop(&mut self) {
        // A test that failed in the middle must not leave servers behind.
        let _ = self.run(&["down"]);
        if std::thread::panicking() {
            for log in fs::read_dir(self.state("logs")).into_iter().flatten().flatten() {
                println!("{}:\n{}", log.path().display(), fs::read_to_string(log.path()).unwrap_or_default());
            }
        }
    }
}

impl Said {
    /// The text, if the command succeeded.
    pub fn success(self) -> Result<String> {
        ensure!(self.status.success(), "{}:\n{}", self.status, self.text);
        Ok(self.text)
    }

    /// The text, if the command failed.
    pub fn failure(self) -> Result<String> {
        ensure!(!self.status.success(), "it succeeded:\n{}", self.text);
        Ok(self.text)
    }
}

/// Memory, if there is plenty and programs may lie there: what Postgres waits for is mostly the disk.
fn quick_folder() -> PathBuf {
    use nix::sys::statvfs::{FsFlags, statvfs};
    let memory = Path::new("/dev/shm");
    let plenty = statvfs(memory).is_ok_and(|disk| {
        disk.blocks_available() * disk.fragment_size() > 8 << 30 && !disk.flags().contains(FsFlags::ST_NOEXEC)
    });
    if plenty { memory.to_path_buf() } else { std::env::temp_dir() }
}

/// Runs a command to its end with both outputs in one file: a pipe would be held open by whatever it left running.
pub fn finish(mut command: Command, what: &str) -> Result<Said> {
    let output = tempfile::NamedTempFile::new()?;
    let file = output.reopen()?;
    let mut child = command.stdout(file.try_clone()?).stderr(file).spawn().with_context(|| what.to_owned())?;
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            bail!("`{what}` did not end:\n{}", fs::read_to_string(output.path())?);
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    Ok(Said { status, text: fs::read_to_string(output.path())? })
}

/// An `up` that runs.
#[derive(Debug)]
pub struct Foreground {
    child: Child,
    output: PathBuf,
}

impl Foreground {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn text(&self) -> String {
        fs::read_to_string(&self.output).unwrap_or_default()
    }

    /// Waits until it has said this.
    pub fn wait_for(&mut self, words: &str) -> Result<()> {
        let begun = Instant::now();
        while !self.text().contains(words) {
            ensure!(self.child.try_wait()?.is_none(), "it ended before it said {words:?}:\n{}", self.text());
            ensure!(begun.elapsed() < PATIENCE, "it never said {words:?}:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    pub fn wait_ready(&mut self) -> Result<()> {
        self.wait_for("Ctrl-C stops all of it")
    }

    pub fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill(Pid::from_raw(i32::try_from(self.child.id())?), signal)?)
    }

    /// How it ended.
    pub fn end(mut self) -> Result<Said> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Said { status, text: self.text() });
            }
            ensure!(begun.elapsed() < PATIENCE, "it does not end:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a process has this id and is not dead already.
pub fn is_alive(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X'])))
}

/// Waits until the condition holds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) -> Result<()> {
    let begun = Instant::now();
    while !holds() {
        ensure!(begun.elapsed() < PATIENCE, "{what}: not within {} s", PATIENCE.as_secs());
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
