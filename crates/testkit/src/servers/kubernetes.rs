//! A Kubernetes API server of a test's own, with its database and, where they are at hand, its controllers.

mod part;
mod settings;

use std::{
    ffi::OsString,
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::bail;

use self::{part::Part, settings::User};
use super::{START_LIMIT, program, words};

/// One command of kubectl.
const KUBECTL_LIMIT: Duration = Duration::from_secs(180);
/// The program of the controllers; a given folder may lack it.
const CONTROLLERS: &str = "kube-controller-manager";

/// An API server with fresh data; it, its etcd and its controllers end when this is dropped.
///
/// Users are those of the token file: `admin` (group `system:masters`), `platform` (`platform-team`), `tenant-a` and
/// `tenant-b` (`tenants`) and `operator`. Authorisation is by RBAC, and only admin may do anything at first. Service
/// accounts and their tokens work. The calls block: from async code that goes on meanwhile, use `spawn_blocking`.
pub struct OwnKubernetes {
    // In the order in which they end.
    controllers: Option<Part>,
    server: Part,
    etcd: Part,
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    users: Vec<User>,
    admin: PathBuf,
    audit: PathBuf,
}

impl OwnKubernetes {
    /// Starts one on free ports; everything that it writes is below `folder`, each program's log as `NAME.log`: 125 MB
    /// at first.
    ///
    /// # Errors
    /// It does not start; shows the last words of what failed.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        Self::start_with(folder, false)
    }

    /// The same with a database that answers only what is on the disk, as a cluster's does: for measurements.
    ///
    /// # Errors
    /// It does not start; shows the last words of what failed.
    pub fn start_durable(folder: &Path) -> anyhow::Result<Self> {
        Self::start_with(folder, true)
    }

    fn start_with(folder: &Path, durable: bool) -> anyhow::Result<Self> {
        let programs = PathBuf::from(program("THREADLY_TEST_KUBERNETES")?);
        let folder = std::path::absolute(folder)?;
        let [client, peer, port] = free_ports()?;
        let users = settings::users();
        settings::write(&folder, &users)?;
        let controllers_exist = programs.join(CONTROLLERS).is_file();

        let start = |name: &'static str, flags: &str, files: Vec<OsString>| {
            let mut command = vec![programs.join(name).into_os_string()];
            command.extend(words(flags).chain(files));
            Part::start(name, command, folder.join(format!("{name}.log")))
        };
        let mut etcd = start("etcd", &settings::etcd(client, peer, durable), settings::etcd_files(&folder))?;
        // The server would wait for a second before it tried again.
        etcd.listens(client, START_LIMIT)?;
        let server = settings::api_server(client, port, controllers_exist);
        let server = start("kube-apiserver", &server, settings::api_server_files(&folder))?;
        let admin = settings::kubeconfig(&folder, port, &users, settings::ADMIN, &[])?;
        let mut kubernetes = Self {
            controllers: None,
            server,
            etcd,
            programs: programs.clone(),
            folder: folder.clone(),
            port,
            users,
            admin,
            audit: folder.join(settings::AUDIT_LOG),
        };
        kubernetes.wait_for(&["get", "--raw", "/readyz"])?;
        if controllers_exist {
            let own = kubernetes.kubeconfig_for(settings::CONTROLLERS, &[])?;
            let files = settings::controllers_files(&folder, &own);
            kubernetes.controllers = Some(start(CONTROLLERS, settings::CONTROLLERS_FLAGS, files)?);
            // Made by one of the controllers.
            kubernetes.wait_for(&["get", "serviceaccount", "default", "--namespace", "default"])?;
        }
        Ok(kubernetes)
    }

    /// `https://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        settings::url(self.port)
    }

    /// Admin's, for kubectl and for clients.
    #[must_use]
    pub fn kubeconfig(&self) -> &Path {
        &self.admin
    }

    /// A kubeconfig of this user. One of the token file with no groups, or with the file's own, comes with his token.
    /// Any other name or groups come as admin's token that acts for them: the server judges it like theirs, and the
    /// audit log names them as `impersonatedUser`.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn kubeconfig_for(&self, user: &str, groups: &[&str]) -> anyhow::Result<PathBuf> {
        settings::kubeconfig(&self.folder, self.port, &self.users, user, groups)
    }

    /// Runs kubectl to its end, whatever that is.
    ///
    /// # Errors
    /// It can't be run, or does not end within three minutes.
    pub fn kubectl(&self, kubeconfig: &Path, args: &[&str], stdin: Option<&str>) -> anyhow::Result<Output> {
        let own = self.programs.join("kubectl");
        let kubectl = if own.is_file() { own.into_os_string() } else { "kubectl".into() };
        let limit = KUBECTL_LIMIT.as_secs().to_string();
        let mut child = Command::new("timeout")
            .args(["--signal=KILL", &limit])
            .arg(kubectl)
            .arg("--kubeconfig")
            .arg(kubeconfig)
            .args(args)
            // It keeps what it found out about servers there.
            .env("HOME", &self.folder)
            .stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take();
        let output = thread::scope(|scope| {
            if let (Some(mut input), Some(text)) = (input, stdin) {
                // What it does not read, it does not want.
                scope.spawn(move || input.write_all(text.as_bytes()));
            }
            child.wait_with_output()
        })?;
        match output.status.code() {
            Some(_) => Ok(output),
            None => bail!("kubectl {} does not end within {KUBECTL_LIMIT:?}", args.join(" ")),
        }
    }

    /// One JSON object per line for each request that was answered, with user, verb and object.
    #[must_use]
    pub fn audit_log(&self) -> &Path {
        &self.audit
    }

    /// Whether namespaces end, owned objects are collected and quotas are counted: not with a given folder of programs
    /// that has no `kube-controller-manager`.
    #[must_use]
    pub fn has_controllers(&self) -> bool {
        self.controllers.is_some()
    }

    /// Name and process of each program.
    #[must_use]
    pub fn processes(&self) -> Vec<(&'static str, u32)> {
        let parts = [Some(&self.etcd), Some(&self.server), self.controllers.as_ref()];
        parts.into_iter().flatten().map(Part::process).collect()
    }

    /// Waits until admin's kubectl succeeds; no part may end meanwhile.
    fn wait_for(&mut self, args: &[&str]) -> anyhow::Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            let said = self.kubectl(&self.admin, &[args, &["--request-timeout=5s"]].concat(), None)?;
            if said.status.success() {
                return Ok(());
            }
            let parts = [Some(&mut self.etcd), Some(&mut self.server), self.controllers.as_mut()];
            parts.into_iter().flatten().try_for_each(Part::check)?;
            if Instant::now() >= deadline {
                bail!(
                    "kubectl {}: not within {START_LIMIT:?}: {}\n{}",
                    args.join(" "),
                    String::from_utf8_lossy(&said.stderr),
                    self.controllers.as_ref().unwrap_or(&self.server).last_words()
                );
            }
            thread::sleep(part::LOOK);
        }
    }
}

/// Ports that are free now, all different.
fn free_ports<const N: usize>() -> anyhow::Result<[u16; N]> {
    let mut listeners = Vec::new();
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        *port = listener.local_addr()?.port();
        // Kept until all are known.
        listeners.push(listener);
    }
    Ok(ports)
}
