//! What may be an avatar. Pure.

use std::str::FromStr;

use function_host::Problem;

/// The longest picture, in bytes.
pub(crate) const MAX_BYTES: u32 = 1024 * 1024;

/// A kind of picture that browsers show and that can hold no script; SVG can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PictureType {
    Png,
    Jpeg,
    Gif,
    Webp,
}

/// The SHA-256 of a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest(pub [u8; 32]);

/// What a picture is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub kind: PictureType,
    pub length: u32,
    pub digest: Digest,
}

/// Why something is no picture, or not the one that was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidPicture {
    #[error("an avatar is image/png, image/jpeg, image/gif or image/webp")]
    TypeUnsupported,
    #[error("an avatar has at least one byte")]
    Empty,
    #[error("an avatar has at most {MAX_BYTES} bytes")]
    TooLarge,
    #[error("a checksum is a SHA-256 as 64 hexadecimal digits")]
    ChecksumMalformed,
    #[error("what was uploaded has another length than was announced")]
    LengthDiffers,
    #[error("what was uploaded has another checksum than was announced")]
    ChecksumDiffers,
    #[error("what was uploaded is not of the type that was announced")]
    TypeDiffers,
}

impl PictureType {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }

    /// How browsers are told to take it: shown, and saved under a name that says what it is.
    pub(crate) const fn disposition(self) -> &'static str {
        match self {
            Self::Png => "inline; filename=\"avatar.png\"",
            Self::Jpeg => "inline; filename=\"avatar.jpg\"",
            Self::Gif => "inline; filename=\"avatar.gif\"",
            Self::Webp => "inline; filename=\"avatar.webp\"",
        }
    }

    /// What the content's first bytes say that it is.
    fn sniff(content: &[u8]) -> Option<Self> {
        match content {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }
}

impl FromStr for PictureType {
    type Err = InvalidPicture;

    fn from_str(text: &str) -> Result<Self, InvalidPicture> {
        let all = [Self::Png, Self::Jpeg, Self::Gif, Self::Webp];
        all.into_iter().find(|kind| kind.as_str() == text).ok_or(InvalidPicture::TypeUnsupported)
    }
}

impl FromStr for Digest {
    type Err = InvalidPicture;

    fn from_str(text: &str) -> Result<Self, InvalidPicture> {
        let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok();
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(InvalidPicture::ChecksumMalformed)
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl Picture {
    /// What a client announces.
    pub(crate) fn announced(content_type: &str, length: u64, sha256: &str) -> Result<Self, InvalidPicture> {
        let kind = content_type.parse()?;
        let length =
            u32::try_from(length).ok().filter(|length| *length <= MAX_BYTES).ok_or(InvalidPicture::TooLarge)?;
        if length == 0 {
            return Err(InvalidPicture::Empty);
        }
        Ok(Self { kind, length, digest: sha256.parse()? })
    }

    /// Whether a content is what was announced. `length` is the stored one, of which `content` may be less.
    pub(crate) fn judge(&self, length: u64, content: &[u8]) -> Result<(), InvalidPicture> {
        use sha2::{Digest as _, Sha256};
        if length != u64::from(self.length) || content.len() as u64 != length {
            return Err(InvalidPicture::LengthDiffers);
        }
        if <[u8; 32]>::from(Sha256::digest(content)) != self.digest.0 {
            return Err(InvalidPicture::ChecksumDiffers);
        }
        if PictureType::sniff(content) == Some(self.kind) { Ok(()) } else { Err(InvalidPicture::TypeDiffers) }
    }
}

impl From<InvalidPicture> for Problem {
    fn from(error: InvalidPicture) -> Self {
        let (code, field) = match error {
            InvalidPicture::TypeUnsupported => ("avatar-type-unsupported", Some("contentType")),
            InvalidPicture::Empty => ("avatar-empty", Some("length")),
            InvalidPicture::TooLarge => ("avatar-too-large", Some("length")),
            InvalidPicture::ChecksumMalformed => ("checksum-malformed", Some("sha256")),
            InvalidPicture::LengthDiffers => ("avatar-length-differs", None),
            InvalidPicture::ChecksumDiffers => ("avatar-checksum-differs", None),
            InvalidPicture::TypeDiffers => ("avatar-type-differs", None),
        };
        let problem = Self::unprocessable(code, error.to_string());
        match field {
            Some(field) => problem.at(field),
            None => problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

    fn announced(kind: &str, content: &[u8]) -> Picture {
        let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(content));
        Picture::announced(kind, content.len() as u64, &sha256).unwrap()
    }

    #[test]
    fn each_kind_is_known_by_its_first_bytes_and_nothing_else_is() {
        let kinds: [(&[u8], _); 5] = [
            (PNG, PictureType::Png),
            (b"\xff\xd8\xff\xe0rest", PictureType::Jpeg),
            (b"GIF87arest", PictureType::Gif),
            (b"GIF89arest", PictureType::Gif),
            (b"RIFF\0\0\0\0WEBPrest", PictureType::Webp),
        ];
        for (content, kind) in kinds {
            assert_eq!(PictureType::sniff(content), Some(kind));
            assert_eq!(announced(kind.as_str(), content).judge(content.len() as u64, content), Ok(()));
        }
        for other in ["", "GIF", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "<!doctype html>", "RIFF0000WAVE"] {
            assert_eq!(PictureType::sniff(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn what_is_announced_is_within_limits() {
        let digest = "0".repeat(64);
        let announce = |kind, length, sha256: &str| Picture::announced(kind, length, sha256).unwrap_err();
        assert_eq!(announce("image/svg+xml", 10, &digest), InvalidPicture::TypeUnsupported);
        assert_eq!(announce("image/PNG", 10, &digest), InvalidPicture::TypeUnsupported);
        assert_eq!(announce("image/png", 0, &digest), InvalidPicture::Empty);
        assert_eq!(announce("image/png", u64::from(MAX_BYTES) + 1, &digest), InvalidPicture::TooLarge);
        assert_eq!(announce("image/png", u64::MAX, &digest), InvalidPicture::TooLarge);
        for malformed in ["", "0", &"g".repeat(64), &"0".repeat(65), &"A".repeat(64)] {
            assert_eq!(announce("image/png", 10, malformed), InvalidPicture::ChecksumMalformed, "{malformed}");
        }
        assert!(Picture::announced("image/png", u64::from(MAX_BYTES), &digest).is_ok());
    }

    #[test]
    fn a_content_that_differs_is_refused_by_what_differs() {
        let picture = announced("image/png", PNG);
        let length = PNG.len() as u64;
        assert_eq!(picture.judge(length, PNG), Ok(()));
        assert_eq!(picture.judge(length + 1, b""), Err(InvalidPicture::LengthDiffers));
        assert_eq!(picture.judge(length, &PNG[1..]), Err(InvalidPicture::LengthDiffers));
        let mut other = PNG.to_vec();
        other[11] ^= 1;
        assert_eq!(picture.judge(length, &other), Err(InvalidPicture::ChecksumDiffers));
        assert_eq!(announced("image/gif", PNG).judge(length, PNG), Err(InvalidPicture::TypeDiffers));
    }
}
