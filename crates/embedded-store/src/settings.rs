//! A bucket's settings, each a file beside its objects.

use std::{fs, io, path::PathBuf};

use s3s::dto::{CORSRule, LifecycleRule};
use serde::{Serialize, de::DeserializeOwned};

use crate::layout::{Layout, sync_folder};

/// A setting of a bucket.
pub(crate) trait Setting: Serialize + DeserializeOwned {
    const FILE: &'static str;
}

/// Given back as it came; unsigned requests are refused whatever it says.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Policy(pub String);

/// Which pages may read answers.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Cors(pub Vec<CORSRule>);

/// What expires.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Lifecycle(pub Vec<LifecycleRule>);

impl Setting for Policy {
    const FILE: &'static str = "policy.json";
}

impl Setting for Cors {
    const FILE: &'static str = "cors.json";
}

impl Setting for Lifecycle {
    const FILE: &'static str = "lifecycle.json";
}

impl Layout {
    fn setting<S: Setting>(&self, bucket: &str) -> PathBuf {
        self.bucket(bucket).join(S::FILE)
    }

    /// A bucket's setting, if it was made.
    pub(crate) fn read_setting<S: Setting>(&self, bucket: &str) -> io::Result<Option<S>> {
        match fs::read(self.setting::<S>(bucket)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a bucket's setting whole, synced.
    pub(crate) fn write_setting<S: Setting>(&self, bucket: &str, setting: &S) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(self.partial())?;
        serde_json::to_writer(file.as_file_mut(), setting)?;
        file.as_file().sync_all()?;
        file.persist(self.setting::<S>(bucket))?;
        sync_folder(&self.bucket(bucket))
    }

    /// Removes a bucket's setting.
    pub(crate) fn remove_setting<S: Setting>(&self, bucket: &str) -> io::Result<()> {
        match fs::remove_file(self.setting::<S>(bucket)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => sync_folder(&self.bucket(bucket)),
        }
    }
}
