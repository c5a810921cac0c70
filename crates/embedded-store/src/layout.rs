//! Where things lie: `{root}/{bucket}/objects/d-{segment}/…/o-{segment}`, the bucket's settings beside `objects`, and
//! unfinished files in `{root}/.partial`.
//!
//! Keys are cut at `/` and each segment is escaped, folders and objects apart, so that no key reaches outside, hides, or is
//! in another's way (`a` beside `a/b`).

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::StoreError;

/// What a file system takes as one name.
const MAX_SEGMENT: usize = 255;

/// A key, and its file.
pub(crate) type Listed = (String, PathBuf);

/// A folder of buckets, locked for this process.
#[derive(Debug)]
pub(crate) struct Layout {
    root: PathBuf,
    /// Held while folders are made and synced: whoever finds one may rely on it.
    folders: Mutex<()>,
    _lock: File,
}

impl Layout {
    pub(crate) fn open(root: PathBuf) -> Result<Self, StoreError> {
        let failed = |error| StoreError::Folder(root.clone(), error);
        let partial = root.join(".partial");
        fs::create_dir_all(&partial).map_err(failed)?;
        let lock = File::create(root.join(".lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Locked(root)),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        for unfinished in fs::read_dir(&partial).map_err(failed)? {
            let path = unfinished.map_err(failed)?.path();
            // A folder was a bucket.
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.map_err(failed)?;
        }
        Ok(Self { root, folders: Mutex::default(), _lock: lock })
    }

    /// For files on their way; on the same file system, so that a rename ends it.
    pub(crate) fn partial(&self) -> PathBuf {
        self.root.join(".partial")
    }

    pub(crate) fn bucket(&self, bucket: &str) -> PathBuf {
        self.root.join(bucket)
    }

    /// Whether there is such a bucket.
    pub(crate) fn has(&self, bucket: &str) -> bool {
        self.bucket(bucket).is_dir()
    }

    /// Makes a bucket. False if it was there.
    pub(crate) fn create(&self, bucket: &str) -> io::Result<bool> {
        match fs::create_dir(self.bucket(bucket)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            Err(error) => return Err(error),
        }
        sync_folder(&self.root)?;
        Ok(true)
    }

    /// Deletes a bucket without objects; false if it has some.
    pub(crate) fn delete(&self, bucket: &str) -> io::Result<bool> {
        // Nobody makes a folder for an object meanwhile.
        let _making = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut empty = true;
        self.walk(bucket, |_, _| {
            empty = false;
            Ok(())
        })?;
        if !empty {
            return Ok(false);
        }
        let gone = self.partial().join(bucket);
        fs::rename(self.bucket(bucket), &gone)?;
        sync_folder(&self.root)?;
        fs::remove_dir_all(gone)?;
        Ok(true)
    }

    /// The first keys of a bucket in their order, with a prefix and after another key; whether there are more.
    pub(crate) fn list(&self, bucket: &str, prefix: &str, after: &str, most: usize) -> io::Result<(Vec<Listed>, bool)> {
        let mut listed = Vec::new();
        self.walk(bucket, |key, file| {
            if key.starts_with(prefix) && key > after {
                listed.push((key.to_owned(), file.to_owned()));
            }
            Ok(())
        })?;
        listed.sort();
        let more = listed.len() > most;
        listed.truncate(most);
        Ok((listed, more))
    }

    /// All buckets.
    pub(crate) fn buckets(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_dir() && !name.starts_with('.') {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn objects(&self, bucket: &str) -> PathBuf {
        self.bucket(bucket).join("objects")
    }

    /// The file of an object; none for a key that no file can be named after.
    pub(crate) fn object(&self, bucket: &str, key: &str) -> Option<PathBuf> {
        let mut path = self.objects(bucket);
        let (folders, name) = key.rsplit_once('/').map_or((None, key), |(folders, name)| (Some(folders), name));
        for folder in folders.into_iter().flat_map(|folders| folders.split('/')) {
            path.push(escape("d-", folder)?);
        }
        path.push(escape("o-", name)?);
        Some(path)
    }

    /// Makes the folders of an object's file, synced.
    pub(crate) fn make_folders(&self, bucket: &str, object: &Path) -> io::Result<()> {
        let _making = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(folder) = object.parent().filter(|folder| !folder.is_dir()) else { return Ok(()) };
        fs::create_dir_all(folder)?;
        let bucket = self.bucket(bucket);
        folder.ancestors().take_while(|ancestor| ancestor.starts_with(&bucket)).try_for_each(sync_folder)
    }

    /// Every object of a bucket, with its key.
    pub(crate) fn walk(&self, bucket: &str, mut visit: impl FnMut(&str, &Path) -> io::Result<()>) -> io::Result<()> {
        let mut folders = vec![(String::new(), self.objects(bucket))];
        while let Some((prefix, folder)) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            for entry in entries {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if let Some(segment) = name.strip_prefix("d-").and_then(unescape) {
                    folders.push((format!("{prefix}{segment}/"), entry.path()));
                } else if let Some(segment) = name.strip_prefix("o-").and_then(unescape) {
                    visit(&format!("{prefix}{segment}"), &entry.path())?;
                }
            }
        }
        Ok(())
    }
}

/// After this, names in the folder survive a power failure.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn escape(kind: &str, segment: &str) -> Option<String> {
    let mut name = kind.to_owned();
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02x}"));
        }
    }
    (name.len() <= MAX_SEGMENT).then_some(name)
}

fn unescape(name: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), name.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let (digits, after) = after.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_reaches_outside_its_bucket_and_each_has_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::open(folder.path().to_owned()).unwrap();
        let keys = ["a", "a/b", "a/", "/a", "a//b", "../../etc/passwd", ".", "..", "", "%2e", "ü ?#", ".partial", "A"];
        let mut paths = std::collections::HashSet::new();
        for key in keys {
            let path = layout.object("bucket", key).unwrap();
            assert!(path.starts_with(layout.objects("bucket")), "{key}");
            assert!(!path.components().any(|part| matches!(part, std::path::Component::ParentDir)), "{key}");
            assert!(paths.insert(path), "{key}");
        }
        assert_eq!(layout.object("bucket", &"x".repeat(300)), None);
    }

    #[test]
    fn walking_gives_every_key_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::open(folder.path().to_owned()).unwrap();
        let mut keys = vec!["a", "a/b", "incoming/u/1", "../x", "ü ?#%2e", "a//b"];
        for key in &keys {
            let path = layout.object("bucket", key).unwrap();
            layout.make_folders("bucket", &path).unwrap();
            fs::write(path, "").unwrap();
        }
        let mut found = Vec::new();
        layout
            .walk("bucket", |key, _| {
                found.push(key.to_owned());
                Ok(())
            })
            .unwrap();
        found.sort();
        keys.sort_unstable();
        assert_eq!(found, keys);
    }

    #[test]
    fn a_folder_belongs_to_one_store_and_leftovers_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let first = Layout::open(folder.path().to_owned()).unwrap();
        fs::write(first.partial().join("half"), "x").unwrap();
        assert!(matches!(Layout::open(folder.path().to_owned()), Err(StoreError::Locked(_))));
        drop(first);
        let second = Layout::open(folder.path().to_owned()).unwrap();
        assert_eq!(fs::read_dir(second.partial()).unwrap().count(), 0);
    }
}
