//! Letters as files, where no SMTP server is at hand.

use std::{
    io,
    path::{Path, PathBuf},
};

use tokio::{fs, io::AsyncWriteExt};
use uuid::Uuid;

use crate::MailError;

/// A folder of `.eml` files, which mail programs open. For local runs: everybody who can read it can use its links.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Writes `{id}.{kind}.eml`, whole or not at all; the same letter again is the same file.
    pub(crate) async fn write(&self, id: Uuid, kind: &str, bytes: &[u8]) -> Result<(), MailError> {
        let place = self.path.join(format!("{id}.{kind}.eml"));
        let failed = |error: io::Error| MailError::Later(format!("writing {}: {error}", place.display()));
        self.place(&place, bytes).await.map_err(failed)
    }

    async fn place(&self, place: &Path, bytes: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.path).await?;
        let unfinished = place.with_extension(format!("{}.tmp", Uuid::new_v4()));
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished).await?;
        let written = async {
            file.write_all(bytes).await?;
            file.flush().await?;
            fs::rename(&unfinished, place).await
        };
        let written = written.await;
        if written.is_err() {
            // The first error is the one to tell.
            let _ = fs::remove_file(&unfinished).await;
        }
        written
    }
}
