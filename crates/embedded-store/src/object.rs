//! One file per object: its content, then what is known of it as JSON, then that JSON's length (u32, big endian). So one
//! rename brings both, and neither is ever seen without the other.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write},
    path::Path,
    time::SystemTime,
};

use serde::{Deserialize, Serialize};

/// More is no trailer of ours.
const MAX_TRAILER: u32 = 64 * 1024;

/// What is known of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attributes {
    /// The first half of the content's SHA-256, in hexadecimal.
    pub etag: String,
    /// The content's SHA-256, in base64.
    pub sha256: String,
    pub content_type: Option<String>,
    pub content_disposition: Option<String>,
    pub content_encoding: Option<String>,
    pub content_language: Option<String>,
    pub cache_control: Option<String>,
    pub metadata: HashMap<String, String>,
}

/// An object's opened file, at the beginning of the content.
#[derive(Debug)]
pub(crate) struct Opened {
    pub file: File,
    pub length: u64,
    pub modified: SystemTime,
    pub attributes: Attributes,
}

/// Ends the file of an object whose content has been written, and syncs it.
pub(crate) fn finish(file: &mut File, attributes: &Attributes) -> io::Result<()> {
    let trailer = serde_json::to_vec(attributes)?;
    let length = u32::try_from(trailer.len()).ok().filter(|length| *length <= MAX_TRAILER);
    let length =
        length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the object's headers are too long"))?;
    file.write_all(&trailer)?;
    file.write_all(&length.to_be_bytes())?;
    file.sync_all()
}

/// Opens an object's file.
pub(crate) fn open(path: &Path) -> io::Result<Opened> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the object's file is damaged");
    let mut file = File::open(path)?;
    let found = file.metadata()?;
    let mut length = [0; 4];
    let before_length = found.len().checked_sub(4).ok_or_else(damaged)?;
    file.seek(SeekFrom::Start(before_length))?;
    file.read_exact(&mut length)?;
    let trailer_length = u32::from_be_bytes(length);
    let content = before_length.checked_sub(trailer_length.into()).filter(|_| trailer_length <= MAX_TRAILER);
    let content = content.ok_or_else(damaged)?;
    file.seek(SeekFrom::Start(content))?;
    let mut trailer = vec![0; usize::try_from(trailer_length).map_err(|_| damaged())?];
    file.read_exact(&mut trailer)?;
    let attributes = serde_json::from_slice(&trailer).map_err(|_| damaged())?;
    file.seek(SeekFrom::Start(0))?;
    Ok(Opened { file, length: content, modified: found.modified()?, attributes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_read_as_it_was_written_and_a_cut_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("object");
        let attributes =
            Attributes { etag: "e".into(), content_type: Some("image/png".into()), ..Attributes::default() };
        let mut file = File::create(&path).unwrap();
        file.write_all(b"content").unwrap();
        finish(&mut file, &attributes).unwrap();
        let mut opened = open(&path).unwrap();
        assert_eq!((opened.length, opened.attributes), (7, attributes));
        let mut content = vec![0; 7];
        opened.file.read_exact(&mut content).unwrap();
        assert_eq!(content, b"content");

        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(open(&path).is_err(), "cut to {length}");
        }
    }
}
