//! Objects, as functions work with them.

use aws_sdk_s3::types::MetadataDirective;

use crate::{Buckets, BucketsError, error};

/// How an object is served to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served<'a> {
    /// Its media type.
    pub content_type: &'a str,
    /// `inline` or `attachment`, with a file name.
    pub disposition: &'a str,
}

/// What is known of an object without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its length in bytes.
    pub length: u64,
    /// Its media type.
    pub content_type: String,
    /// Changes with the content.
    pub etag: String,
}

/// A small object, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What is known of it.
    pub head: Head,
    /// Its content; empty if it is longer than was asked for.
    pub content: Vec<u8>,
}

impl Buckets {
    /// What is known of an object, if it is there.
    ///
    /// # Errors
    /// The store is away or refuses. A bucket that is gone can't be told from an object that is.
    pub async fn head(&self, bucket: &str, key: &str) -> Result<Option<Head>, BucketsError> {
        match Box::pin(self.client.head_object().bucket(bucket).key(key).send()).await {
            Ok(found) => Ok(Some(head(found.content_length, found.content_type, found.e_tag))),
            Err(error) => gone(error::read(&error, &self.url, bucket, "looking for an object")),
        }
    }

    /// An object of at most `most` bytes; of a longer one only its head is read.
    ///
    /// # Errors
    /// The bucket is gone, or the store is away or refuses.
    pub async fn read(&self, bucket: &str, key: &str, most: u64) -> Result<Option<Object>, BucketsError> {
        const DOING: &str = "reading an object";
        let found = match Box::pin(self.client.get_object().bucket(bucket).key(key).send()).await {
            Ok(found) => found,
            Err(error) => return gone(error::read(&error, &self.url, bucket, DOING)),
        };
        let head = head(found.content_length, found.content_type, found.e_tag);
        if head.length > most {
            return Ok(Some(Object { head, content: Vec::new() }));
        }
        let away = |cause: String| BucketsError::Unavailable { url: self.url.clone(), doing: DOING, cause };
        // The limits of a call end with its head.
        let content = tokio::time::timeout(crate::client::OPERATION, found.body.collect()).await;
        let content = content.map_err(|_| away("its content comes too slowly".to_owned()))?;
        let content = content.map_err(|error| away(error.to_string()))?.to_vec();
        Ok(Some(Object { head, content }))
    }

    /// Copies an object within its bucket, if its etag is still this one, over whatever stands there.
    ///
    /// # Errors
    /// [`BucketsError::ObjectChanged`] if it is another or gone; or the store is away or refuses.
    pub async fn copy(
        &self,
        bucket: &str,
        from: &str,
        etag: &str,
        to: &str,
        served: &Served<'_>,
    ) -> Result<(), BucketsError> {
        // Keys of ours are plain: letters, digits, `/`, `-`, `_` and `.`.
        let request = self
            .client
            .copy_object()
            .copy_source(format!("{bucket}/{from}"))
            .copy_source_if_match(etag)
            .bucket(bucket)
            .key(to)
            .metadata_directive(MetadataDirective::Replace)
            .content_type(served.content_type)
            .content_disposition(served.disposition)
            .cache_control("private, max-age=31536000, immutable");
        Box::pin(request.send())
            .await
            .map_err(|error| error::read(&error, &self.url, bucket, "copying an object"))
            .map(drop)
    }

    /// Deletes an object; one that is gone already is as good.
    ///
    /// # Errors
    /// The store is away or refuses.
    pub async fn delete(&self, bucket: &str, key: &str) -> Result<(), BucketsError> {
        match Box::pin(self.client.delete_object().bucket(bucket).key(key).send()).await {
            Ok(_) => Ok(()),
            Err(error) => match error::read(&error, &self.url, bucket, "deleting an object") {
                BucketsError::ObjectChanged => Ok(()),
                other => Err(other),
            },
        }
    }
}

fn head(length: Option<i64>, content_type: Option<String>, etag: Option<String>) -> Head {
    Head {
        length: length.and_then(|length| u64::try_from(length).ok()).unwrap_or(u64::MAX),
        content_type: content_type.unwrap_or_default(),
        etag: etag.unwrap_or_default(),
    }
}

fn gone<T>(error: BucketsError) -> Result<Option<T>, BucketsError> {
    match error {
        BucketsError::ObjectChanged => Ok(None),
        other => Err(other),
    }
}
