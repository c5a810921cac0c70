//! The `threadly` program: built, started, waited for, and what it says about itself in `status.json`.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::Deserialize;

use crate::interrupt::Interrupt;
use crate::paths::{self, StateDir};
use crate::ports::Ports;
use crate::process::{Lifetime, Process, Spec};
use crate::servers::Servers;
use crate::{commands, given, identity};

pub const NAME: &str = "threadly";
/// The store for files inside the program, in `ports.json`.
pub const BUCKETS: &str = "buckets";
pub const STOP_SIGNAL: Signal = Signal::SIGTERM;
pub const STOP_WITHIN: Duration = Duration::from_secs(30);
/// The first run provisions every manifest.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// Beyond this, the links shown are those that it has.
const RENEWED_WITHIN: Duration = Duration::from_secs(5);
const WISHED_PORT: u16 = 8080;
const WISHED_BUCKETS_PORT: u16 = 8081;
/// Where letters go.
const SMTP: &str = "THREADLY_SMTP";
/// What this program decides itself.
const OURS: [&str; 5] =
    ["THREADLY_LISTEN", "THREADLY_KAFKA", "THREADLY_POSTGRES_URL", "THREADLY_DATA_DIR", "THREADLY_MANIFESTS"];

/// `status.json`, which the program renews at every change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Status {
    pub pid: u32,
    pub url: String,
    pub ready: bool,
    /// How often it has made new sign-in links since it started.
    #[serde(default)]
    pub renewals: u32,
    #[serde(default)]
    pub workspaces: Vec<Workspace>,
}

/// One manifest and what became of it. A manifest that could not be read has no name, let alone a URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Workspace {
    pub file: String,
    pub name: Option<String>,
    pub ready: bool,
    pub reason: Option<String>,
    pub message: Option<String>,
    pub url: Option<String>,
    pub sign_in_link: Option<String>,
}

impl Workspace {
    /// The manifest's name, or its file's if it has none.
    pub fn label(&self) -> &str {
        self.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&self.file)
    }

    /// Why it isn't ready.
    pub fn complaint(&self) -> String {
        let reason = self.reason.as_deref().unwrap_or("NotReady");
        match self.message.as_deref() {
            Some(message) if !message.is_empty() => format!("{reason}: {message}"),
            _ => reason.to_owned(),
        }
    }
}

/// What the program last said; `None` if it has not spoken yet, or the text is cut.
pub fn status(state: &StateDir) -> Option<Status> {
    serde_json::from_str(&std::fs::read_to_string(state.status()).ok()?).ok()
}

/// Builds the program; with the others, so that `test` builds nothing twice.
pub fn build(root: &Path, interrupt: &Interrupt) -> Result<()> {
    let status = commands::run(commands::cargo(root, &["build", "--workspace", "--bins"]), interrupt)?;
    if !status.success() {
        bail!("`cargo build --workspace --bins` failed ({status})");
    }
    Ok(())
}

/// Starts the program, or finds one running that was built and configured the same.
pub fn begin(root: &Path, state: &StateDir, servers: &Servers, lifetime: Lifetime) -> Result<(Process, bool)> {
    let mut ports = Ports::load(&state.ports());
    let spec = |port: u16, buckets: Option<u16>| Spec {
        name: NAME,
        program: paths::built_programs(root).join(NAME),
        args: Vec::new(),
        env: environment(root, state, servers, port, buckets),
        cwd: root.to_path_buf(),
        log: state.log(NAME),
        record: state.record(NAME),
        wrapper: Vec::new(),
        stop_signal: STOP_SIGNAL,
        stop_within: STOP_WITHIN,
    };
    let own_buckets = std::env::var_os(given::S3).is_none_or(|url| url.is_empty());
    if let Some(port) = ports.get(NAME)
        && let Some(process) = spec(port, ports.get(BUCKETS).filter(|_| own_buckets)).find_running()?
    {
        return Ok((process, true));
    }
    stop_lost(root)?;
    let port = ports.claim(NAME, Some(WISHED_PORT))?;
    let buckets = if own_buckets { Some(ports.claim(BUCKETS, Some(WISHED_BUCKETS_PORT))?) } else { None };
    ports.save(&state.ports())?;
    Ok((spec(port, buckets).start(lifetime)?, false))
}

/// Stops one of this clone whose pid file got lost: two would serve the same workspaces.
pub fn stop_lost(root: &Path) -> Result<bool> {
    identity::stop_working_in(root, NAME, STOP_SIGNAL, STOP_WITHIN)
}

/// The program's settings: ours, and those which the user gave (`THREADLY_S3_…`, `THREADLY_LOG`, …).
fn environment(
    root: &Path,
    state: &StateDir,
    servers: &Servers,
    port: u16,
    buckets: Option<u16>,
) -> Vec<(String, OsString)> {
    let mut settings: Vec<(String, OsString)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with("THREADLY_") && !name.starts_with("THREADLY_TEST_"))
        .filter(|(name, _)| !OURS.contains(&name.as_str()))
        .collect();
    settings.sort();
    let values: [OsString; OURS.len()] = [
        format!("127.0.0.1:{port}").into(),
        servers.bootstrap().into(),
        servers.postgres_url("postgres").into(),
        state.root().into(),
        root.join("workspaces").into(),
    ];
    settings.extend(OURS.map(str::to_owned).into_iter().zip(values));
    for (name, value) in mail(&state.mail(), port) {
        if !settings.iter().any(|(given, _)| given == name) {
            settings.push((name.to_owned(), value.into()));
        }
    }
    settings.extend(buckets.map(|port| ("THREADLY_BUCKETS_LISTEN".to_owned(), format!("127.0.0.1:{port}").into())));
    settings
}

/// Letters become files, unless the user names an SMTP server.
fn mail(folder: &Path, port: u16) -> [(&'static str, String); 3] {
    let escaped = [('%', "%25"), (' ', "%20"), ('?', "%3F"), ('#', "%23")]
        .into_iter()
        .fold(folder.display().to_string(), |path, (sign, code)| path.replace(sign, code));
    [
        (SMTP, format!("file://{escaped}")),
        ("THREADLY_MAIL_FROM", "Threadly <threadly@localhost.localdomain>".to_owned()),
        ("THREADLY_MAIL_LINKS", format!("http://127.0.0.1:{port}")),
    ]
}

/// Where the letters of this clone are, if they are files.
pub fn letters(state: &StateDir) -> Option<std::path::PathBuf> {
    std::env::var_os(SMTP).is_none().then(|| state.mail())
}

/// Asks a running program for new sign-in links, and waits for them: the last ones may have been used.
pub fn renew_links(state: &StateDir, process: &mut Process, interrupt: &Interrupt) -> Result<()> {
    let renewals = || status(state).map_or(0, |status| status.renewals);
    let before = renewals();
    let pid = i32::try_from(process.identity.pid).context("a process id is a positive number")?;
    kill(Pid::from_raw(pid), Signal::SIGHUP).context("asking threadly for new sign-in links")?;
    let begun = Instant::now();
    while renewals() <= before && begun.elapsed() < RENEWED_WITHIN {
        process.check()?;
        interrupt.pause()?;
    }
    Ok(())
}

/// Waits until the process says in `status.json` that it is ready.
pub fn wait_ready(
    state: &StateDir,
    process: &mut Process,
    servers: &mut Servers,
    interrupt: &Interrupt,
) -> Result<Status> {
    let begun = Instant::now();
    loop {
        let said = status(state).filter(|status| status.pid == process.identity.pid);
        if let Some(status) = said.clone().filter(|status| status.ready) {
            return Ok(status);
        }
        process.check()?;
        servers.check()?;
        if begun.elapsed() > READY_WITHIN {
            let workspaces: Vec<String> = said
                .into_iter()
                .flat_map(|status| status.workspaces)
                .map(|one| format!("\n  {}: {}", one.label(), one.complaint()))
                .collect();
            return Err(anyhow::anyhow!("`cargo xtask logs threadly` shows what it does{}", workspaces.concat()))
                .with_context(|| format!("threadly is not ready after {} s", READY_WITHIN.as_secs()));
        }
        interrupt.pause()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_files_in_whatever_folder_the_clone_is() {
        let [(_, url), .., (_, links)] = mail(Path::new("/home/ada/my 100% clone/#1"), 8080);
        assert_eq!(url, "file:///home/ada/my%20100%25%20clone/%231");
        assert_eq!(links, "http://127.0.0.1:8080");
    }

    #[test]
    fn a_broken_manifest_beside_a_good_one_is_understood() {
        let text = r#"{"pid":7,"url":"http://127.0.0.1:8080","ready":true,"workspaces":[
            {"file":"acme.yaml","name":"acme","handle":"acme","id":"k3v9q2hdm7xa","ready":true,"reason":"Ready","message":"","url":"http://127.0.0.1:8080/w/acme/","signInLink":"http://127.0.0.1:8080/w/acme/#ticket=x"},
            {"file":"bad.yaml","name":null,"ready":false,"reason":"Invalid","message":"spec.colour: unknown field"}]}"#;
        let status: Status = serde_json::from_str(text).unwrap();
        assert_eq!(status.workspaces[0].sign_in_link.as_deref(), Some("http://127.0.0.1:8080/w/acme/#ticket=x"));
        assert_eq!(status.workspaces[1].label(), "bad.yaml");
        assert_eq!(status.workspaces[1].complaint(), "Invalid: spec.colour: unknown field");
    }
}
