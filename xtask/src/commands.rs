//! Short commands: run to their end, with their output on the screen, in a log or in hand, and ended when somebody
//! presses Ctrl-C.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, IsTerminal};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;

use crate::interrupt::{GLANCE, Interrupt};
use crate::screen::{part, say};
use crate::{paths, process};

/// How long a command may take to end after Ctrl-C.
const PATIENCE: Duration = Duration::from_secs(15);

/// A command of which this program sees the end, and which ends with this program.
pub fn command(program: impl Into<OsString>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM"]).arg(program.into()).stdin(Stdio::null());
    // Its own group, so that a signal reaches cargo's children too.
    command.process_group(0);
    command
}

/// Cargo, in the clone.
pub fn cargo(root: &Path, args: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut cargo = command(program);
    cargo.args(args).current_dir(root);
    // `cargo run` tells its program about the package; nested builds must not see that.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "CARGO_PRIMARY_PACKAGE" {
            cargo.env_remove(&*name);
        }
    }
    if in_ci() {
        // Of use to the next build only, and half of the folder's size.
        cargo.env("CARGO_INCREMENTAL", "0");
    }
    cargo
}

/// Whether nobody watches and nothing may be skipped.
pub fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// Runs with output straight to the screen.
pub fn run(mut command: Command, interrupt: &Interrupt) -> Result<ExitStatus> {
    let mut child = spawn(&mut command)?;
    wait(&mut child, interrupt)
}

/// Runs with standard output on the screen and, line by line, in `seen`.
pub fn run_seen(mut command: Command, interrupt: &Interrupt, mut seen: impl FnMut(&str) + Send) -> Result<ExitStatus> {
    let mut child = spawn(command.stdout(Stdio::piped()))?;
    let output = child.stdout.take().context("a piped output")?;
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line);
                say!("{line}");
                seen(&line);
            }
        });
        wait(&mut child, interrupt)
    })
}

/// Runs with output to a log; a terminal shows the seconds and the latest line. `interrupt: None` holds Ctrl-C back.
pub fn run_logged(mut command: Command, log: &Path, what: &str, interrupt: Option<&Interrupt>) -> Result<()> {
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(log)?;
    let output = file.try_clone()?;
    let mut child = spawn(command.stdout(output).stderr(file))?;
    let start = Instant::now();
    let terminal = std::io::stdout().is_terminal();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if let Some(interrupt) = interrupt
            && interrupt.raised()
        {
            end(&mut child)?;
            bail!("interrupted");
        }
        if terminal {
            let latest = process::log_tail(log, 1);
            let latest: String = latest.trim().chars().take(60).collect();
            part(format_args!("\r\x1b[2K  {what} … {} s  {latest}", start.elapsed().as_secs()));
        }
        std::thread::sleep(if terminal { Duration::from_millis(250) } else { GLANCE });
    };
    if terminal {
        part(format_args!("\r\x1b[2K"));
    }
    if !status.success() {
        bail!("{what} failed ({status}). The last lines of {}:\n{}", paths::shown(log), process::log_tail(log, 15));
    }
    Ok(())
}

/// Standard output of a command that must succeed within the limit.
pub fn output(command: &mut Command, limit: Duration) -> Result<String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", command.get_program().to_string_lossy()))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let out = std::thread::spawn(move || out.map(std::io::read_to_string).and_then(Result::ok).unwrap_or_default());
    let err = std::thread::spawn(move || err.map(std::io::read_to_string).and_then(Result::ok).unwrap_or_default());
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("{} gave no answer within {} s", command.get_program().to_string_lossy(), limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let (out, err) = (out.join().unwrap_or_default(), err.join().unwrap_or_default());
    if !status.success() {
        bail!("{} failed ({status}): {}", command.get_program().to_string_lossy(), err.trim());
    }
    // `java -version` speaks on standard error.
    Ok(if out.is_empty() { err } else { out })
}

fn spawn(command: &mut Command) -> Result<Child> {
    command.spawn().with_context(|| {
        let words: Vec<_> = command.get_args().skip(2).map(|word| word.to_string_lossy().into_owned()).collect();
        format!("starting `{}`", words.join(" "))
    })
}

fn wait(child: &mut Child, interrupt: &Interrupt) -> Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            interrupt.check()?;
            return Ok(status);
        }
        if interrupt.raised() {
            end(child)?;
            bail!("interrupted");
        }
        std::thread::sleep(GLANCE);
    }
}

/// Ends a command and what it started.
fn end(child: &mut Child) -> Result<()> {
    let group = Pid::from_raw(i32::try_from(child.id())?);
    // The group lasts at least as long as its unreaped leader, so the number can't be a stranger's.
    let _ = signal::killpg(group, Signal::SIGINT);
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > PATIENCE {
            let _ = signal::killpg(group, Signal::SIGKILL);
            child.wait()?;
            break;
        }
        std::thread::sleep(GLANCE);
    }
    Ok(())
}
