//! A directory of `*.yaml` and `*.yml`, watched.
//!
//! The kernel tells of changes where it can; every two seconds the directory is read again whatever happens, since network
//! file systems tell nothing. A directory that can't be read changes nothing: only a readable one without a manifest says
//! that a workspace is not wanted. `WorkspaceClass` documents are checked and have no effect: a directory has the one
//! built-in class.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Read as _},
    os::unix::fs::{FileTypeExt as _, MetadataExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use crds::{ErrorCode, ManifestError, manifest::MAX_FILE_BYTES};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::{
    sync::{Notify, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    Note, Snapshot,
    memory::{Memory, Reading},
};

/// Between two looks when nothing is told.
const RESCAN: Duration = Duration::from_secs(2);
/// An editor's several events are one change.
const QUIET: Duration = Duration::from_millis(100);
/// But a file that is written to all the time isn't waited for any longer.
const MOST_QUIET: Duration = Duration::from_millis(500);
/// A file that was changed so lately is read again.
const SETTLED: Duration = Duration::from_secs(2);

/// Reads `directory` until `shutdown` and hands over a snapshot whenever something has changed, the first at once.
pub async fn watch(directory: PathBuf, snapshots: watch::Sender<Option<Snapshot>>, shutdown: CancellationToken) {
    let changed = Arc::new(Notify::new());
    let mut watcher: Option<(Identity, RecommendedWatcher)> = None;
    let mut memory = Memory::default();
    let mut known = Known::default();
    while !shutdown.is_cancelled() {
        // Watch first, then read: what changes in between is told.
        let identity = identity(&directory);
        if watcher.as_ref().map(|(watched, _)| *watched) != identity {
            watcher = identity.and_then(|identity| Some((identity, start_watcher(&directory, changed.clone())?)));
        }
        let (path, before) = (directory.clone(), std::mem::take(&mut known));
        let scanned = tokio::task::spawn_blocking(move || scan(&path, before)).await.map_err(io::Error::other);
        match scanned.and_then(|scanned| scanned) {
            Ok((files, seen)) => {
                known = seen;
                publish(&snapshots, memory.take(files));
            }
            Err(error) => tell_unreadable(&snapshots, &directory, &error),
        }
        shutdown.run_until_cancelled(wait_for_change(&changed)).await;
    }
}

/// Which directory it is, by what the path says; a new one in its place must be watched anew, and may get the old number.
type Identity = (u64, u64, Option<SystemTime>);

fn identity(directory: &Path) -> Option<Identity> {
    let metadata = fs::metadata(directory).ok()?;
    Some((metadata.dev(), metadata.ino(), metadata.created().ok()))
}

fn start_watcher(directory: &Path, changed: Arc<Notify>) -> Option<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Our own reading is an access.
        if !event.is_ok_and(|event| event.kind.is_access()) {
            changed.notify_one();
        }
    })
    .inspect_err(|error| tracing::warn!(%error, "the directory is polled, since it can't be watched"))
    .ok()?;
    watcher
        .watch(directory, RecursiveMode::NonRecursive)
        .inspect_err(|error| tracing::warn!(%error, "the directory is polled, since it can't be watched"))
        .ok()?;
    Some(watcher)
}

async fn wait_for_change(changed: &Notify) {
    if timeout(RESCAN, changed.notified()).await.is_err() {
        return;
    }
    let settle = async { while timeout(QUIET, changed.notified()).await.is_ok() {} };
    let _ = timeout(MOST_QUIET, settle).await;
}

fn publish(snapshots: &watch::Sender<Option<Snapshot>>, snapshot: Snapshot) {
    snapshots.send_if_modified(|current| {
        if current.as_ref() == Some(&snapshot) {
            return false;
        }
        *current = Some(snapshot);
        true
    });
}

/// Everything stays as it was; the reason is told beside it.
fn tell_unreadable(snapshots: &watch::Sender<Option<Snapshot>>, directory: &Path, error: &io::Error) {
    let note = Note {
        file: String::new(),
        name: None,
        reason: "DirectoryUnreadable",
        message: format!("{} can't be read ({error}); workspaces go on as they were", directory.display()),
    };
    snapshots.send_if_modified(|current| {
        // Before the first reading nothing is known to be absent either.
        let snapshot = current.get_or_insert_with(|| {
            let mut nothing = Snapshot::default();
            nothing.absence.blind = true;
            nothing
        });
        if snapshot.notes.contains(&note) {
            return false;
        }
        snapshot.notes.push(note);
        true
    });
}

/// What was read of files before, by name. A thousand unchanged ones are not read again at every look.
type Known = HashMap<String, (Stamp, Reading)>;

/// Changes whenever a file does, if it is older than the clock's ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    length: u64,
    changed: (i64, i64),
}

impl Stamp {
    fn of(file: &fs::Metadata) -> Self {
        Self { inode: file.ino(), length: file.len(), changed: (file.ctime(), file.ctime_nsec()) }
    }

    /// Two changes within a tick of the file system's clock look like one.
    fn is_settled(&self) -> bool {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let changed = Duration::from_secs(u64::try_from(self.changed.0).unwrap_or_default());
        now.checked_sub(changed).is_some_and(|age| age > SETTLED)
    }
}

/// All manifest files, the oldest by modification first, so that after a restart the older of two wins again; and what is
/// known of them now.
fn scan(directory: &Path, mut before: Known) -> io::Result<(Vec<(String, Reading)>, Known)> {
    let mut files: Vec<(SystemTime, String, PathBuf)> = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
        let extension = path.extension().and_then(|extension| extension.to_str());
        // Editors keep their drafts in hidden files.
        if name.starts_with('.') || !matches!(extension, Some("yaml" | "yml")) {
            continue;
        }
        let modified = fs::metadata(&path).and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        files.push((modified, name, path));
    }
    files.sort();
    let mut known = Known::with_capacity(files.len());
    let mut readings = Vec::with_capacity(files.len());
    for (_, name, path) in files {
        let stamp = fs::metadata(&path).ok().map(|file| Stamp::of(&file));
        let unchanged = before.remove(&name).filter(|(former, _)| Some(*former) == stamp);
        let reading = unchanged.map_or_else(|| read(&name, &path), |(_, reading)| reading);
        if let Some(stamp) = stamp.filter(|stamp| stamp.is_settled() && reading.is_ok()) {
            known.insert(name.clone(), (stamp, reading.clone()));
        }
        readings.push((name, reading));
    }
    Ok((readings, known))
}

fn read(name: &str, path: &Path) -> Reading {
    let fault = |code, message: String| ManifestError {
        file: name.to_owned(),
        document: None,
        line: None,
        place: None,
        field: String::new(),
        code,
        message,
    };
    let unreadable = |error: &io::Error| fault(ErrorCode::Unreadable, format!("The file can't be read: {error}."));
    let kind = fs::metadata(path).map_err(|error| unreadable(&error))?.file_type();
    // Opening a pipe would wait for a writer.
    if kind.is_dir() || kind.is_fifo() || kind.is_socket() || kind.is_char_device() || kind.is_block_device() {
        return Err(fault(ErrorCode::Unreadable, "This is not a regular file.".to_owned()));
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX);
    File::open(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(&error))?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(fault(ErrorCode::TooLarge, "The file is larger than 256 KiB.".to_owned()));
    }
    String::from_utf8(bytes).map_err(|_| fault(ErrorCode::Unreadable, "The file is not text in UTF-8.".to_owned()))
}
