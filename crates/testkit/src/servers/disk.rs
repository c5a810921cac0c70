//! A small disk of a server's own: a file system in memory, in a mount namespace that a waiting process holds open. The
//! machine sees nothing of it, and it is gone with that process.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, bail};
use nix::unistd::geteuid;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    task::spawn_blocking,
};

use super::words;

const BALLAST: &str = "ballast";
/// What the holder does: it says so once the disk is there. Shared memory is its own, so that a kill leaves none behind.
const HOLD: &str = r#"mount -t tmpfs tmpfs /dev/shm &&
    mount -t tmpfs -o "size=$2m,mode=0700" tmpfs "$1" && echo mounted && exec sleep infinity"#;

/// Where a server keeps its data.
pub(crate) struct Disk {
    /// Its path, as its server sees it.
    pub folder: PathBuf,
    holder: Result<Holder, String>,
}

struct Holder {
    /// Ends the namespace when it is dropped.
    _process: Child,
    pid: u32,
}

impl Disk {
    /// Makes the folder and mounts a disk on it. Where the machine allows no namespaces it is an ordinary folder, which
    /// can't be filled.
    pub(crate) async fn mount(folder: PathBuf, megabytes: u32) -> anyhow::Result<Self> {
        fs::create_dir(&folder)?;
        let holder = hold(&folder, megabytes).await.map_err(|error| format!("{error:#}"));
        if let Err(reason) = &holder {
            eprintln!("no disk can be mounted for {}: {reason}", folder.display());
        }
        Ok(Self { folder, holder })
    }

    /// What stands before a command that works on this disk; the command dies with the test.
    pub(crate) fn wrapper(&self) -> Vec<OsString> {
        let mut wrapper = Vec::new();
        if let Ok(Holder { pid, .. }) = &self.holder {
            wrapper.extend(words(&format!("nsenter --target {pid} --user --mount --preserve-credentials --")));
        }
        wrapper.extend(words("setpriv --pdeathsig KILL"));
        wrapper
    }

    /// Whether a command of the wrapper's finds itself root.
    pub(crate) fn is_roots(&self) -> bool {
        self.holder.is_ok() || geteuid().is_root()
    }

    /// A path on this disk, as this process sees it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let path = self.folder.join(name);
        match &self.holder {
            Ok(Holder { pid, .. }) => Path::new("/proc").join(pid.to_string()).join("root").join(strip_root(&path)),
            Err(_) => path,
        }
    }

    /// Leaves not a byte; again, if some were given back since.
    pub(crate) async fn fill(&self) -> anyhow::Result<()> {
        if let Err(reason) = &self.holder {
            bail!("this disk can't be filled: {reason}");
        }
        let path = self.path(BALLAST);
        spawn_blocking(move || fill(&path)).await?
    }

    /// Gives the space back.
    pub(crate) fn free(&self) -> anyhow::Result<()> {
        fs::remove_file(self.path(BALLAST)).context("removing the ballast")
    }

    /// Why it can't be filled, if so.
    pub(crate) fn no_limit(&self) -> Option<&str> {
        self.holder.as_ref().err().map(String::as_str)
    }
}

fn strip_root(path: &Path) -> &Path {
    path.strip_prefix("/").unwrap_or(path)
}

async fn hold(folder: &Path, megabytes: u32) -> anyhow::Result<Holder> {
    let command: Vec<OsString> =
        words("unshare --user --map-root-user --mount -- setpriv --pdeathsig KILL sh -c").collect();
    let mut process = Command::new(&command[0])
        .args(&command[1..])
        .args([HOLD, "sh"])
        .arg(folder)
        .arg(megabytes.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let (Some(output), Some(mut errors)) = (process.stdout.take(), process.stderr.take()) else {
        bail!("the holder has no output");
    };
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).await?;
    if line.trim() == "mounted" {
        let pid = process.id().context("the holder has ended")?;
        return Ok(Holder { _process: process, pid });
    }
    let mut reason = String::new();
    errors.read_to_string(&mut reason).await?;
    bail!("{}", reason.trim())
}

/// Large pieces first; then what is left, byte by byte at last.
fn fill(path: &Path) -> anyhow::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let zeros = vec![0; 1 << 20];
    let mut piece = zeros.len();
    while piece > 0 {
        match file.write(&zeros[..piece]) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => piece /= 2,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
