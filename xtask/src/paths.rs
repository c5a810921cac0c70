//! Where things lie in this clone.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// The root of this clone: the folder of the workspace's `Cargo.toml`.
///
/// Cargo names it at run time, so that a clone may be moved without a rebuild.
pub fn clone_root() -> Result<PathBuf> {
    if let Some(manifest) = std::env::var_os("CARGO_MANIFEST_DIR")
        && let Some(root) = Path::new(&manifest).parent()
    {
        return Ok(root.to_path_buf());
    }
    let here = std::env::current_dir().context("the current folder")?;
    for folder in here.ancestors() {
        if folder.join("xtask/Cargo.toml").is_file() {
            return Ok(folder.to_path_buf());
        }
    }
    bail!("{} is not inside a clone of Threadly", here.display())
}

/// The folder into which cargo builds programs in the dev profile.
pub fn built_programs(root: &Path) -> PathBuf {
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) if !folder.is_empty() => std::path::absolute(&folder).unwrap_or_else(|_| folder.into()),
        _ => root.join("target"),
    };
    target.join("debug")
}

/// The folder shared by all clones of this user, for downloads only.
pub fn cache() -> Result<PathBuf> {
    let variable =
        |name: &str| std::env::var_os(name).filter(|value| Path::new(value).is_absolute()).map(PathBuf::from);
    let base = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    Ok(base.context("neither XDG_CACHE_HOME nor HOME names a folder for downloads")?.join("threadly"))
}

/// A folder that holds everything which one set of servers keeps: data, logs, secrets, process ids.
#[derive(Clone, Debug)]
pub struct StateDir {
    root: PathBuf,
}

impl StateDir {
    /// What `up` uses.
    pub fn of_clone(clone: &Path) -> Self {
        Self { root: clone.join(".threadly") }
    }

    /// What `test` and `generate` use, apart from a running `up`.
    pub fn of_tests(clone: &Path) -> Self {
        Self { root: clone.join(".threadly/test") }
    }

    /// What `bench` uses.
    pub fn of_benches(clone: &Path) -> Self {
        Self { root: clone.join(".threadly/bench") }
    }

    /// Makes the folder, readable for its owner only.
    pub fn create(&self) -> Result<()> {
        for folder in [self.root.clone(), self.logs(), self.secrets(), self.run()] {
            private_folder(&folder)?;
        }
        Ok(())
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn postgres(&self) -> PathBuf {
        self.root.join("postgres")
    }

    pub fn kafka(&self) -> PathBuf {
        self.root.join("kafka")
    }

    /// Where `threadly` keeps files unless an S3 server was given.
    pub fn buckets(&self) -> PathBuf {
        self.root.join("buckets")
    }

    /// The tests' S3 server keeps its data there.
    pub fn seaweed(&self) -> PathBuf {
        self.root.join("seaweed")
    }

    /// Names Postgres' data folder if it can't lie here.
    pub fn elsewhere(&self) -> PathBuf {
        self.root.join("postgres.elsewhere")
    }

    /// Names the servers that were given by URL.
    pub fn given(&self) -> PathBuf {
        self.root.join("given.json")
    }

    /// Letters, where no SMTP server was named.
    pub fn mail(&self) -> PathBuf {
        self.root.join("mail")
    }

    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    pub fn log(&self, name: &str) -> PathBuf {
        self.logs().join(format!("{name}.log"))
    }

    pub fn secrets(&self) -> PathBuf {
        self.root.join("secrets")
    }

    pub fn postgres_password(&self) -> PathBuf {
        self.secrets().join("postgres-password")
    }

    pub fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    pub fn record(&self, name: &str) -> PathBuf {
        self.run().join(format!("{name}.pid"))
    }

    pub fn ports(&self) -> PathBuf {
        self.root.join("ports.json")
    }

    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    pub fn status(&self) -> PathBuf {
        self.root.join("status.json")
    }
}

/// Makes a folder and its parents, with access for the owner only.
pub fn private_folder(path: &Path) -> Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).with_context(|| format!("making {}", path.display()))
}

/// Writes a file of mode 0600 under a temporary name and renames it, so that a reader sees the old or the new text.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().context("a file has a folder")?;
    let name = path.file_name().and_then(OsStr::to_str).context("a file has a name")?;
    let temporary = folder.join(format!(".{name}.{}", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        // Else a power cut may leave the new name with nothing in it.
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().with_context(|| format!("writing {}", path.display()))
}

/// Removes a folder with all that is in it; one that isn't there is fine.
pub fn remove_folder(path: &Path) -> Result<()> {
    let mut tries_left = 20;
    loop {
        match fs::remove_dir_all(path) {
            // The last child of a killed program may write a file more.
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty && tries_left > 0 => {
                tries_left -= 1;
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("removing {}", path.display()));
            }
            _ => return Ok(()),
        }
    }
}

/// Random bytes of the kernel, two digits each.
pub fn random_hex<const BYTES: usize>() -> Result<String> {
    let mut bytes = [0_u8; BYTES];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// `path` as a reader in the clone would type it.
pub fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}
