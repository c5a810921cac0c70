//! Links by which somebody without a key puts or gets one object, for a short time.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use chrono::{DateTime, Utc};
use data_encoding::BASE64;

use crate::{Buckets, BucketsError, Served, error};

/// What a client says that it will put; the link is good for nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload<'a> {
    /// Its media type.
    pub content_type: &'a str,
    /// Its length in bytes.
    pub length: u32,
    /// Its SHA-256.
    pub sha256: &'a [u8; 32],
}

/// A signed request for a client to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presigned {
    /// Where to.
    pub url: String,
    /// Headers that must be sent as they are, without those that every HTTP client sends by itself.
    pub headers: BTreeMap<String, String>,
    /// Worth nothing from then on.
    pub expires_at: DateTime<Utc>,
}

impl Buckets {
    /// A link to put one object where there is none. Length, type, checksum and `If-None-Match` are signed.
    ///
    /// # Errors
    /// The link's lifetime is out of range.
    pub async fn presign_put(
        &self,
        bucket: &str,
        key: &str,
        upload: &Upload<'_>,
        lifetime: Duration,
    ) -> Result<Presigned, BucketsError> {
        let request = self
            .public
            .put_object()
            .bucket(bucket)
            .key(key)
            .content_type(upload.content_type)
            .content_length(i64::from(upload.length))
            .checksum_sha256(BASE64.encode(upload.sha256))
            .if_none_match("*");
        let (config, expires_at) = config(lifetime)?;
        let signed = Box::pin(request.presigned(config)).await;
        let signed = signed.map_err(|error| error::read(&error, &self.url, bucket, "signing a link"))?;
        Ok(presigned(&signed, expires_at))
    }

    /// A link to get one object, served as `served` says whatever it was stored as.
    ///
    /// # Errors
    /// The link's lifetime is out of range.
    pub async fn presign_get(
        &self,
        bucket: &str,
        key: &str,
        served: &Served<'_>,
        lifetime: Duration,
    ) -> Result<Presigned, BucketsError> {
        let request = self
            .public
            .get_object()
            .bucket(bucket)
            .key(key)
            .response_content_type(served.content_type)
            .response_content_disposition(served.disposition);
        let (config, expires_at) = config(lifetime)?;
        let signed = Box::pin(request.presigned(config)).await;
        let signed = signed.map_err(|error| error::read(&error, &self.url, bucket, "signing a link"))?;
        Ok(presigned(&signed, expires_at))
    }
}

fn config(lifetime: Duration) -> Result<(PresigningConfig, DateTime<Utc>), BucketsError> {
    let now = SystemTime::now();
    let config = PresigningConfig::builder().start_time(now).expires_in(lifetime).build();
    let config = config.map_err(|_| BucketsError::Setting("a link lives for a week at most"))?;
    Ok((config, DateTime::from(now + lifetime)))
}

fn presigned(request: &PresignedRequest, expires_at: DateTime<Utc>) -> Presigned {
    // Browsers let no page set these two, and send them rightly by themselves.
    let automatic = |name: &str| name == "host" || name == "content-length";
    let headers = request.headers().filter(|(name, _)| !automatic(name));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Presigned { url: request.uri().to_owned(), headers, expires_at }
}
