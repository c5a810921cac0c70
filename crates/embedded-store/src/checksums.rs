//! The checksums that a client states for a body, before it or after it.

use axum::http::HeaderMap;
use s3s::{
    S3Result,
    checksum::ChecksumHasher,
    dto::{Checksum, PutObjectInput},
    s3_error,
};

/// The checksums that a client states, by algorithm.
#[derive(Default)]
pub(crate) struct Checksums {
    algorithm: Option<String>,
    stated: [Option<String>; 5],
}

/// In the order of [`Checksums::stated`].
const ALGORITHMS: [&str; 5] = ["CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"];

impl Checksums {
    pub(crate) fn stated(input: &PutObjectInput) -> S3Result<Self> {
        let algorithm = input.checksum_algorithm.as_ref().map(|name| name.as_str().to_ascii_uppercase());
        if algorithm.as_ref().is_some_and(|name| !ALGORITHMS.contains(&name.as_str())) {
            return Err(s3_error!(NotImplemented, "Unsupported checksum algorithm"));
        }
        if input.content_md5.is_some() {
            return Err(s3_error!(NotImplemented, "Content-MD5 is not offered; send x-amz-checksum-sha256"));
        }
        let stated = [
            input.checksum_crc32.clone(),
            input.checksum_crc32c.clone(),
            input.checksum_sha1.clone(),
            input.checksum_sha256.clone(),
            input.checksum_crc64nvme.clone(),
        ];
        Ok(Self { algorithm, stated })
    }

    pub(crate) fn hasher(&self) -> ChecksumHasher {
        let wanted = |index: usize| {
            self.stated[index].is_some() || self.algorithm.as_deref().is_some_and(|name| name == ALGORITHMS[index])
        };
        ChecksumHasher {
            crc32: wanted(0).then(Default::default),
            crc32c: wanted(1).then(Default::default),
            sha1: wanted(2).then(Default::default),
            sha256: wanted(3).then(Default::default),
            crc64nvme: wanted(4).then(Default::default),
        }
    }

    /// What came after the body counts as well.
    pub(crate) fn add_trailers(&mut self, trailers: Option<HeaderMap>) {
        let Some(trailers) = trailers else { return };
        for (stated, name) in self.stated.iter_mut().zip(ALGORITHMS) {
            let value = trailers.get(format!("x-amz-checksum-{}", name.to_ascii_lowercase()));
            if let Some(value) = value.and_then(|value| value.to_str().ok()) {
                *stated = Some(value.to_owned());
            }
        }
    }

    /// Whether what was computed is what was stated.
    pub(crate) fn judge(&self, found: &Checksum) -> S3Result<()> {
        let found = [
            &found.checksum_crc32,
            &found.checksum_crc32c,
            &found.checksum_sha1,
            &found.checksum_sha256,
            &found.checksum_crc64nvme,
        ];
        for ((stated, found), name) in self.stated.iter().zip(found).zip(ALGORITHMS) {
            // One that was announced as a trailer of another name is not judged, since it was not computed.
            if stated.is_some() && stated != found {
                return Err(s3_error!(BadDigest, "The content has another {name}."));
            }
        }
        Ok(())
    }
}
