//! The connection to the store, and buckets as a whole.

use std::{collections::HashSet, fmt, time::Duration};

use aws_sdk_s3::{
    Client,
    config::{
        BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
        retry::RetryConfig, timeout::TimeoutConfig,
    },
    error::ProvideErrorMetadata,
    types::{BucketLocationConstraint, CreateBucketConfiguration},
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::{BucketsError, S3Config, error};

/// For the connection to be made.
const CONNECT: Duration = Duration::from_secs(1);
/// For one try.
const ATTEMPT: Duration = Duration::from_secs(2);
/// For all tries of one call; below what a request may take.
pub(crate) const OPERATION: Duration = Duration::from_secs(4);
const ATTEMPTS: u32 = 2;
/// Objects that are deleted before anybody is asked again whether to go on.
const PAGE: i32 = 200;
const DELETIONS: usize = 8;
/// The region whose buckets are made without being told so.
const DEFAULT_REGION: &str = "us-east-1";

/// An object store with a key. Clones share their connections.
#[derive(Clone)]
pub struct Buckets {
    pub(crate) client: Client,
    /// Signs links for clients, by the name under which they reach the store.
    pub(crate) public: Client,
    pub(crate) url: String,
    origin: String,
    region: String,
    tls_only: bool,
}

impl fmt::Debug for Buckets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buckets").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Buckets {
    /// Nothing is asked for yet.
    ///
    /// # Errors
    /// A URL that can't be used.
    pub fn connect(config: &S3Config) -> Result<Self, BucketsError> {
        let origin = config.public_origin()?.to_owned();
        // Without TLS nobody needs the machine's root certificates, which a small one may not have.
        let http = if config.url.starts_with("https://") {
            Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
        } else {
            Builder::new().build_http()
        };
        let credentials =
            Credentials::new(&config.access_key, config.secret_key.expose(), None, None, "threadly settings");
        let limits = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(OPERATION)
            .build();
        let settings = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http)
            .region(Region::new(config.region.clone()))
            .credentials_provider(credentials)
            .timeout_config(limits)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            // What needs a checksum states its own: others' S3 know the newer ones by name only.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .force_path_style(true);
        let client = |url: &str| Client::from_conf(settings.clone().endpoint_url(url).build());
        let url = config.url.trim_end_matches('/').to_owned();
        Ok(Self {
            client: client(&url),
            public: client(&origin),
            url,
            origin,
            region: config.region.clone(),
            tls_only: config.tls_only(),
        })
    }

    /// The origin of all links that clients get.
    #[must_use]
    pub fn public_origin(&self) -> &str {
        &self.origin
    }

    /// Whether requests without TLS can be refused.
    #[must_use]
    pub const fn tls_only(&self) -> bool {
        self.tls_only
    }

    /// Whether there is a bucket of ours of this name.
    ///
    /// # Errors
    /// The store is away, refuses the key, or the name is somebody else's.
    pub async fn exists(&self, bucket: &str) -> Result<bool, BucketsError> {
        const DOING: &str = "looking for the bucket";
        match Box::pin(self.client.head_bucket().bucket(bucket).send()).await {
            Ok(_) => Ok(true),
            Err(error) => match error::read(&error, &self.url, bucket, DOING) {
                BucketsError::BucketMissing(_) | BucketsError::ObjectChanged => Ok(false),
                other => Err(other),
            },
        }
    }

    /// All buckets that the key may list.
    ///
    /// # Errors
    /// The store is away or refuses.
    pub async fn all(&self) -> Result<HashSet<String>, BucketsError> {
        let (mut names, mut next) = (HashSet::new(), None);
        loop {
            let page = Box::pin(self.client.list_buckets().set_continuation_token(next).send()).await;
            let page = page.map_err(|error| error::read(&error, &self.url, "", "listing buckets"))?;
            names.extend(page.buckets().iter().filter_map(|bucket| bucket.name.clone()));
            next = page.continuation_token;
            if next.is_none() {
                return Ok(names);
            }
        }
    }

    /// Makes a bucket; one that is ours already is left as it is.
    ///
    /// # Errors
    /// The store is away or refuses, or the name is somebody else's.
    pub async fn create(&self, bucket: &str) -> Result<(), BucketsError> {
        let place = (self.region != DEFAULT_REGION).then(|| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(self.region.as_str()))
                .build()
        });
        let request = self.client.create_bucket().bucket(bucket).set_create_bucket_configuration(place);
        match Box::pin(request.send()).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("BucketAlreadyOwnedByYou") => Ok(()),
            // Some answer this also to the owner: whoever may look at it is the owner.
            Err(error) if error.code() == Some("BucketAlreadyExists") => match self.exists(bucket).await {
                Ok(true) => Ok(()),
                Ok(false) | Err(BucketsError::Refused { .. }) => Err(BucketsError::BucketTaken(bucket.to_owned())),
                Err(error) => Err(error),
            },
            Err(error) => Err(error::read(&error, &self.url, bucket, "making the bucket")),
        }
    }

    /// Deletes a page of a bucket's objects, or the bucket once it has none; whether it is gone.
    ///
    /// # Errors
    /// The store is away or refuses.
    pub async fn delete_some(&self, bucket: &str) -> Result<bool, BucketsError> {
        let page = Box::pin(self.client.list_objects_v2().bucket(bucket).max_keys(PAGE).send()).await;
        let page = match page {
            Ok(page) => page,
            Err(error) => match error::read(&error, &self.url, bucket, "listing a bucket") {
                BucketsError::BucketMissing(_) | BucketsError::ObjectChanged => return Ok(true),
                other => return Err(other),
            },
        };
        let keys: Vec<&str> = page.contents().iter().filter_map(|object| object.key()).collect();
        if keys.is_empty() {
            return match Box::pin(self.client.delete_bucket().bucket(bucket).send()).await {
                Ok(_) => Ok(true),
                Err(error) => match error::read(&error, &self.url, bucket, "deleting a bucket") {
                    BucketsError::BucketMissing(_) | BucketsError::ObjectChanged => Ok(true),
                    other => Err(other),
                },
            };
        }
        let deletions: Vec<_> = keys.into_iter().map(|key| self.delete(bucket, key)).collect();
        stream::iter(deletions).buffer_unordered(DELETIONS).try_collect::<()>().await?;
        Ok(false)
    }
}
