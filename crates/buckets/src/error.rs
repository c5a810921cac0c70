//! What can go wrong at the object store.

use aws_sdk_s3::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};

/// Why the object store did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum BucketsError {
    /// It is away, slow or overloaded: the same may succeed later.
    #[error("the object store {url} does not answer: {doing}: {cause}")]
    Unavailable {
        /// Where it should be.
        url: String,
        /// What was tried.
        doing: &'static str,
        /// What happened.
        cause: String,
    },
    /// The bucket is gone, or was never made.
    #[error("the bucket {0} is not there")]
    BucketMissing(String),
    /// The bucket's name belongs to somebody else.
    #[error("the bucket {0} belongs to somebody else")]
    BucketTaken(String),
    /// The object is not there, or no more the one that was looked at.
    #[error("the object has changed or is gone")]
    ObjectChanged,
    /// The key is wrong or may not do this.
    #[error("the object store {url} refused: {doing}: {cause}")]
    Refused {
        /// Where it is.
        url: String,
        /// What was tried.
        doing: &'static str,
        /// Its own code and words.
        cause: String,
    },
    /// A setting that can't be used.
    #[error("{0}")]
    Setting(&'static str),
}

impl BucketsError {
    /// Stable, for problems and statuses.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "buckets-unavailable",
            Self::BucketMissing(_) => "bucket-missing",
            Self::BucketTaken(_) => "bucket-taken",
            Self::ObjectChanged => "object-changed",
            Self::Refused { .. } => "bucket-refused",
            Self::Setting(_) => "bucket-setting",
        }
    }
}

/// An answer in our terms; `bucket` is the one that was asked about.
pub(crate) fn read<E>(error: &SdkError<E, HttpResponse>, url: &str, bucket: &str, doing: &'static str) -> BucketsError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let url = url.to_owned();
    let SdkError::ServiceError(answer) = error else {
        return BucketsError::Unavailable { url, doing, cause: causes(error) };
    };
    let (status, code) = (answer.raw().status().as_u16(), answer.err().code().unwrap_or_default());
    let cause = || format!("{status} {code} {}", answer.err().message().unwrap_or_default()).trim_end().to_owned();
    match (status, code) {
        (_, "NoSuchBucket") => BucketsError::BucketMissing(bucket.to_owned()),
        (404, _) | (_, "NoSuchKey") | (412, _) => BucketsError::ObjectChanged,
        (501, _) => BucketsError::Refused { url, doing, cause: cause() },
        (500.. | 408 | 429, _) | (_, "SlowDown" | "RequestTimeout") => {
            BucketsError::Unavailable { url, doing, cause: cause() }
        }
        _ => BucketsError::Refused { url, doing, cause: cause() },
    }
}

/// The whole chain in one line: the outermost says only that something failed.
fn causes(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
