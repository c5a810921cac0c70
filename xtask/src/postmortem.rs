//! Why a server may have ended, as far as the machine tells.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;

use nix::sys::signal::Signal;

/// Less is as good as nothing: Postgres writes its log in pieces of 16 MiB.
const FULL_MIB: u64 = 20;
/// What Postgres and Kafka write when it gets serious.
const SIGNS: [&str; 5] =
    ["PANIC:", "was terminated by signal", "No space left on device", "OutOfMemoryError", "Cannot allocate memory"];
const MOST_LINES: usize = 5;

/// A sentence about what it most likely died of, or nothing.
pub fn cause(status: Option<ExitStatus>, log: &Path) -> String {
    let folder = log.parent().unwrap_or(log);
    if free_mib(folder).is_some_and(|free| free < FULL_MIB) {
        return format!("\nThe disk of {} is full: make room first (`df -h {}`).", folder.display(), folder.display());
    }
    if status.and_then(|status| status.signal()) == Some(Signal::SIGKILL as i32) {
        return "\nSomething killed it; the kernel does when memory runs out (`dmesg | tail` would tell).".to_owned();
    }
    String::new()
}

/// Lines in which a server's log tells of a crash that the server itself outlived, or of a machine that has no more to give.
pub fn crashes(log: &Path) -> Vec<String> {
    let Ok(text) = fs::read(log) else { return Vec::new() };
    let text = String::from_utf8_lossy(&text);
    let told = text.lines().filter(|line| SIGNS.iter().any(|sign| line.contains(sign)));
    told.take(MOST_LINES).map(str::to_owned).collect()
}

/// Room for this user on the file system of a folder, or of its next parent that exists.
pub fn free_mib(folder: &Path) -> Option<u64> {
    let existing = folder.ancestors().find(|path| path.exists())?;
    let disk = nix::sys::statvfs::statvfs(existing).ok()?;
    Some(disk.blocks_available() * disk.fragment_size() / (1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kill_is_told_apart_from_an_ordinary_end() {
        let log = std::env::temp_dir().join("x.log");
        assert!(cause(Some(ExitStatus::from_raw(9)), &log).contains("memory"));
        assert_eq!(cause(Some(ExitStatus::from_raw(256)), &log), "");
        assert_eq!(cause(None, &log), "");
    }

    #[test]
    fn a_crash_that_a_server_outlived_is_found_in_its_log() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let crash = "LOG:  server process (PID 7) was terminated by signal 9: Killed";
        fs::write(
            &log,
            format!("LOG:  checkpoint starting: time\n{crash}\nFATAL:  the database system is in recovery mode\n"),
        )
        .unwrap();
        assert_eq!(crashes(log.path()), [crash]);
        assert!(crashes(Path::new("/nonexistent")).is_empty());
    }

    #[test]
    fn a_folder_that_is_not_made_yet_has_its_parents_room() {
        let folder = std::env::temp_dir().join("not/made/yet");
        assert!(free_mib(&folder).is_some_and(|free| free > 0));
    }
}
