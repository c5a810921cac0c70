//! As whom Postgres runs and where its data lies. It refuses to run as root, and root's clone is closed to others.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::unistd::User;

use crate::commands;
use crate::paths::{self, StateDir};

const NAMESPACE: [&str; 5] = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"];
/// Debian's package makes the first, every Unix has the second.
const SERVICE_USERS: [&str; 2] = ["postgres", "nobody"];
/// The service user must be able to walk there.
const ELSEWHERE: &str = "/var/lib/threadly";

/// How Postgres comes to an ordinary user's rights.
#[derive(Clone, Debug)]
pub struct Home {
    /// The data folder; it may not exist yet.
    pub data: PathBuf,
    /// Put in front of every program of Postgres.
    pub wrapper: Vec<OsString>,
    /// For files that Postgres shall own, if that is not this user.
    owner: Option<(u32, u32)>,
}

impl Home {
    /// Of these servers, on this machine.
    pub fn find(state: &StateDir) -> Result<Self> {
        let below = state.postgres();
        if !nix::unistd::geteuid().is_root() {
            return Ok(Self { data: below, wrapper: Vec::new(), owner: None });
        }
        // Data that was made by a service user stays its own.
        if !state.elsewhere().exists() && namespaces_work() {
            return Ok(Self { data: below, wrapper: NAMESPACE.map(OsString::from).to_vec(), owner: None });
        }
        if below.exists() {
            bail!(
                "the data in {} was made with user namespaces, which this machine does not allow: run this where they \
                 are allowed, or give the data up with `cargo xtask reset`",
                paths::shown(&below)
            );
        }
        Self::of_service_user(state)
    }

    fn of_service_user(state: &StateDir) -> Result<Self> {
        let Some(user) = SERVICE_USERS.iter().find_map(|name| User::from_name(name).ok().flatten()) else {
            bail!(
                "Postgres refuses to run as root, and this machine has neither user namespaces nor a service user for \
                 it: run this as an ordinary user"
            );
        };
        let (uid, gid) = (user.uid.as_raw(), user.gid.as_raw());
        let wrapper = [
            "setpriv".into(),
            format!("--reuid={uid}"),
            format!("--regid={gid}"),
            "--clear-groups".into(),
            "--".into(),
        ]
        .map(OsString::from);
        let parent = match recorded(state) {
            Some(parent) => parent,
            None => {
                let parent = Path::new(ELSEWHERE).join(paths::random_hex::<8>()?);
                paths::write_private(&state.elsewhere(), &parent.to_string_lossy())?;
                parent
            }
        };
        fs::DirBuilder::new().recursive(true).mode(0o755).create(ELSEWHERE).context(ELSEWHERE)?;
        paths::private_folder(&parent)?;
        chown(&parent, Some(uid), Some(gid)).with_context(|| format!("handing {} over", parent.display()))?;
        Ok(Self { data: parent.join("postgres"), wrapper: wrapper.to_vec(), owner: Some((uid, gid)) })
    }

    /// A program of Postgres as the right user; it ends with this program.
    pub fn command(&self, program: &Path) -> Command {
        let mut words = self.wrapper.clone();
        words.extend(["setpriv", "--pdeathsig", "KILL"].map(OsString::from));
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).arg(program);
        command
    }

    /// A file with the password which only Postgres' user can read; to be removed after use.
    pub fn password_file(&self, password: &str) -> Result<PathBuf> {
        let folder = self.data.parent().context("the data folder has a parent")?;
        let path = folder.join("password.new");
        paths::write_private(&path, password)?;
        if let Some((uid, gid)) = self.owner {
            chown(&path, Some(uid), Some(gid))?;
        }
        Ok(path)
    }
}

/// Where the data lies if a service user keeps it elsewhere. Anything but a folder of ours is not believed: `reset`
/// removes what this names.
fn recorded(state: &StateDir) -> Option<PathBuf> {
    let path = PathBuf::from(fs::read_to_string(state.elsewhere()).ok()?.trim());
    let ours = path.parent() == Some(Path::new(ELSEWHERE))
        && path.file_name()?.to_str()?.bytes().all(|sign| sign.is_ascii_hexdigit());
    ours.then_some(path)
}

/// Where the data folder is, or would be.
pub fn data(state: &StateDir) -> PathBuf {
    recorded(state).map_or_else(|| state.postgres(), |parent| parent.join("postgres"))
}

/// Removes the data folder, wherever it lies.
pub fn remove(state: &StateDir) -> Result<()> {
    if let Some(parent) = recorded(state) {
        paths::remove_folder(&parent)?;
    }
    match fs::remove_file(state.elsewhere()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error).context("removing a note"),
        _ => {}
    }
    paths::remove_folder(&state.postgres())
}

/// A user namespace in which root is an ordinary user needs no account and no chown.
fn namespaces_work() -> bool {
    commands::output(Command::new(NAMESPACE[0]).args(&NAMESPACE[1..]).arg("true"), Duration::from_secs(10)).is_ok()
}
