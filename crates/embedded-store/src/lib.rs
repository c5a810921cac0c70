//! An object store in the process, for one machine: buckets in a folder, S3 over HTTP with signatures checked.
//!
//! The protocol is `s3s`'s; how objects lie on the disk is ours ([`layout`], [`object`]): whole or not there, synced
//! before they are acknowledged, checksums judged before anything is replaced. What a bucket is set to has its effect
//! here too: CORS is answered by its rules, `incoming/` expires by its lifecycle, and unsigned requests are always refused,
//! whatever a policy says. Multipart uploads and versions are not offered.

mod checksums;
mod cors;
mod layout;
mod listener;
mod listing;
mod object;
mod operations;
mod settings;
mod sweep;

use std::{io, path::PathBuf, sync::Arc, time::SystemTime};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use layout::Layout;

/// The only key that the store knows.
#[derive(Clone)]
pub struct StoreKey {
    /// Its id.
    pub access_key: String,
    /// The key.
    pub secret_key: String,
}

/// Why the store can't run.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Its folder can't be used.
    #[error("the folder of buckets {0} can't be used: {1}")]
    Folder(PathBuf, io::Error),
    /// Another process has its folder.
    #[error("the folder of buckets {0} belongs to a store that runs")]
    Locked(PathBuf),
}

/// An opened folder of buckets. Clones are the same store.
#[derive(Clone, Debug)]
pub struct EmbeddedStore {
    layout: Arc<Layout>,
}

impl EmbeddedStore {
    /// Opens a folder, making it where it is missing; what a killed process left half done is removed.
    ///
    /// # Errors
    /// It can't be used, or another process uses it.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, StoreError> {
        Ok(Self { layout: Arc::new(Layout::open(folder.into())?) })
    }

    /// Serves until `shutdown`, to whoever signs with `key`.
    pub async fn serve(self, key: StoreKey, listener: TcpListener, shutdown: CancellationToken) {
        let sweeper = sweep::keep(self.layout.clone(), shutdown.clone());
        tokio::join!(listener::serve(self.layout, key, listener, shutdown), sweeper);
    }

    /// Deletes what has expired by `now`, by each bucket's lifecycle; the number of objects. Runs by itself while the store
    /// serves.
    ///
    /// # Errors
    /// The disk's.
    pub fn expire(&self, now: SystemTime) -> io::Result<usize> {
        sweep::expire(&self.layout, now)
    }
}
