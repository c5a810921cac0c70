//! The two roots of all credentials, made at the first start. Whoever loses them makes new ones by starting anew:
//! logins are set again, and everybody signs in again.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use anyhow::Context;

/// Two independent roots: of credentials, and of token signatures.
pub struct Roots {
    pub credentials: [u8; 32],
    pub signing: [u8; 32],
}

/// Reads both, making what is missing; files are readable by their owner only.
pub fn roots(data_dir: &Path) -> anyhow::Result<Roots> {
    let folder = data_dir.join("secrets");
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    Ok(Roots { credentials: root(&folder, "root.key")?, signing: root(&folder, "signing-root.key")? })
}

fn root(folder: &Path, name: &str) -> anyhow::Result<[u8; 32]> {
    let path = folder.join(name);
    match fs::read(&path) {
        Ok(bytes) => bytes.try_into().ok().with_context(|| format!("{} is damaged: not 32 bytes", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => make(folder, name),
        Err(error) => Err(error).with_context(|| format!("can't read {}", path.display())),
    }
}

/// Written under another name, synced and renamed: a kill leaves the whole key or none.
fn make(folder: &Path, name: &str) -> anyhow::Result<[u8; 32]> {
    let key: [u8; 32] = rand::random();
    let temporary = folder.join(format!("{name}.new"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(&key)?;
    file.sync_all()?;
    fs::rename(&temporary, folder.join(name))?;
    File::open(folder)?.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn keys_are_made_once_kept_and_private() {
        let folder = std::env::temp_dir().join(format!("threadly-secrets-{}", std::process::id()));
        let first = roots(&folder).unwrap();
        let second = roots(&folder).unwrap();
        assert_eq!(first.credentials, second.credentials);
        assert_eq!(first.signing, second.signing);
        assert_ne!(first.credentials, first.signing);
        let mode = fs::metadata(folder.join("secrets/root.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
        fs::write(folder.join("secrets/root.key"), "short").unwrap();
        assert!(roots(&folder).is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
