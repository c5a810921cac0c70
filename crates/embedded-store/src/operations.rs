//! What S3 asks for, done on the disk. Whatever is not here is answered `NotImplemented`.

use std::{
    fs, io,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use data_encoding::{BASE64, HEXLOWER};
use futures::StreamExt as _;
use s3s::{
    S3, S3Error, S3Request, S3Response, S3Result,
    dto::{
        Bucket, CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, CreateBucketInput, CreateBucketOutput,
        DeleteBucketCorsInput, DeleteBucketCorsOutput, DeleteBucketInput, DeleteBucketOutput, DeleteObjectInput,
        DeleteObjectOutput, ETag, ETagCondition, GetBucketCorsInput, GetBucketCorsOutput,
        GetBucketLifecycleConfigurationInput, GetBucketLifecycleConfigurationOutput, GetBucketPolicyInput,
        GetBucketPolicyOutput, GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput,
        HeadObjectOutput, ListBucketsInput, ListBucketsOutput, ListObjectsV2Input, ListObjectsV2Output,
        MetadataDirective, PutBucketCorsInput, PutBucketCorsOutput, PutBucketLifecycleConfigurationInput,
        PutBucketLifecycleConfigurationOutput, PutBucketPolicyInput, PutBucketPolicyOutput, PutObjectInput,
        PutObjectOutput, StreamingBlob, Timestamp,
    },
    s3_error,
};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use tokio::{io::AsyncReadExt as _, task::spawn_blocking, time::timeout};
use tokio_util::io::ReaderStream;

use crate::{
    checksums::Checksums,
    layout::{Layout, sync_folder},
    listing,
    object::{self, Attributes, Opened},
    settings::{Cors, Lifecycle, Policy, Setting},
};

/// The longest object.
pub(crate) const MAX_OBJECT_BYTES: u64 = 512 * 1024 * 1024;
/// For the next part of a body to arrive.
const BODY_STALL: Duration = Duration::from_secs(30);

/// The operations over one folder of buckets.
pub(crate) struct Operations(pub Arc<Layout>);

impl Operations {
    fn check_bucket(&self, bucket: &str) -> S3Result<()> {
        if self.0.has(bucket) { Ok(()) } else { Err(s3_error!(NoSuchBucket, "There is no such bucket.")) }
    }

    fn path(&self, bucket: &str, key: &str) -> S3Result<PathBuf> {
        self.check_bucket(bucket)?;
        self.0.object(bucket, key).ok_or_else(|| s3_error!(KeyTooLongError))
    }

    async fn open(&self, bucket: &str, key: &str) -> S3Result<Opened> {
        let path = self.path(bucket, key)?;
        blocking(move || object::open(&path).map_err(|error| missing(&error).unwrap_or_else(|| failed(&error)))).await
    }

    async fn read<T: Setting + Send + 'static>(&self, bucket: String) -> S3Result<Option<T>> {
        self.check_bucket(&bucket)?;
        let layout = self.0.clone();
        blocking(move || layout.read_setting::<T>(&bucket).map_err(|error| failed(&error))).await
    }

    async fn write<T: Setting + Send + 'static>(&self, bucket: String, setting: T) -> S3Result<()> {
        self.check_bucket(&bucket)?;
        let layout = self.0.clone();
        blocking(move || layout.write_setting(&bucket, &setting).map_err(|error| failed(&error))).await
    }
}

#[async_trait::async_trait]
impl S3 for Operations {
    async fn create_bucket(&self, req: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        let layout = self.0.clone();
        let made = blocking(move || layout.create(&req.input.bucket).map_err(|error| failed(&error))).await?;
        if !made {
            return Err(s3_error!(BucketAlreadyOwnedByYou));
        }
        Ok(S3Response::new(CreateBucketOutput::default()))
    }

    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.check_bucket(&req.input.bucket)?;
        Ok(S3Response::new(HeadBucketOutput::default()))
    }

    async fn delete_bucket(&self, req: S3Request<DeleteBucketInput>) -> S3Result<S3Response<DeleteBucketOutput>> {
        self.check_bucket(&req.input.bucket)?;
        let layout = self.0.clone();
        if !blocking(move || layout.delete(&req.input.bucket).map_err(|error| failed(&error))).await? {
            return Err(s3_error!(BucketNotEmpty));
        }
        Ok(S3Response::new(DeleteBucketOutput::default()))
    }

    async fn list_buckets(&self, _: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        let layout = self.0.clone();
        let mut names = blocking(move || layout.buckets().map_err(|error| failed(&error))).await?;
        names.sort();
        let buckets = names.into_iter().map(|name| Bucket { name: Some(name), ..Bucket::default() }).collect();
        Ok(S3Response::new(ListBucketsOutput { buckets: Some(buckets), ..ListBucketsOutput::default() }))
    }

    async fn list_objects_v2(&self, req: S3Request<ListObjectsV2Input>) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.check_bucket(&req.input.bucket)?;
        listing::page(self.0.clone(), req.input).await.map(S3Response::new)
    }

    async fn put_object(&self, req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let mut input = req.input;
        let path = self.path(&input.bucket, &input.key)?;
        if input.if_match.is_some() {
            return Err(s3_error!(NotImplemented, "If-Match is not offered for PUT"));
        }
        let only_new = match &input.if_none_match {
            None => false,
            Some(ETagCondition::Any) => true,
            Some(ETagCondition::ETag(_)) => return Err(s3_error!(NotImplemented, "If-None-Match takes * only")),
        };
        let body = input.body.take().ok_or_else(|| s3_error!(IncompleteBody))?;
        let mut stated = Checksums::stated(&input)?;
        let received = receive(&self.0, body, &stated).await?;
        stated.add_trailers(req.trailing_headers.and_then(|trailers| trailers.take()));
        if input.content_length.is_some_and(|length| u64::try_from(length).ok() != Some(received.length)) {
            return Err(s3_error!(IncompleteBody));
        }
        stated.judge(&received.checksums)?;
        let attributes = Attributes {
            etag: received.etag(),
            sha256: BASE64.encode(&received.sha256),
            content_type: input.content_type.map(|kind| kind.to_string()),
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            content_language: input.content_language,
            cache_control: input.cache_control,
            metadata: input.metadata.unwrap_or_default().into_iter().collect(),
        };
        let output = PutObjectOutput {
            e_tag: Some(ETag::Strong(attributes.etag.clone())),
            checksum_sha256: input.checksum_sha256.is_some().then(|| attributes.sha256.clone()),
            ..PutObjectOutput::default()
        };
        let (layout, bucket) = (self.0.clone(), input.bucket);
        blocking(move || keep(&layout, &bucket, &path, received.file, &attributes, only_new)).await?;
        Ok(S3Response::new(output))
    }

    async fn get_object(&self, req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = req.input;
        let Opened { file, length, modified, attributes } = self.open(&input.bucket, &input.key).await?;
        let range = input.range.map(|range| range.check(length)).transpose()?;
        let (start, end) = range.as_ref().map_or((0, length), |range| (range.start, range.end));
        let mut file = file;
        file.seek(SeekFrom::Start(start)).map_err(|error| failed(&error))?;
        let content = ReaderStream::new(tokio::fs::File::from_std(file).take(end - start));
        let output = GetObjectOutput {
            body: Some(StreamingBlob::wrap(content)),
            content_length: Some(i64::try_from(end - start).unwrap_or(i64::MAX)),
            content_range: range.map(|range| format!("bytes {}-{}/{length}", range.start, range.end - 1)),
            accept_ranges: Some("bytes".to_owned()),
            last_modified: Some(Timestamp::from(modified)),
            e_tag: Some(ETag::Strong(attributes.etag)),
            checksum_sha256: input.checksum_mode.is_some().then_some(attributes.sha256),
            content_type: attributes.content_type,
            content_disposition: attributes.content_disposition,
            content_encoding: attributes.content_encoding,
            content_language: attributes.content_language,
            cache_control: attributes.cache_control,
            metadata: Some(attributes.metadata.into_iter().collect()),
            ..GetObjectOutput::default()
        };
        Ok(S3Response::new(output))
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let Opened { length, modified, attributes, .. } = self.open(&req.input.bucket, &req.input.key).await?;
        let output = HeadObjectOutput {
            content_length: Some(i64::try_from(length).unwrap_or(i64::MAX)),
            last_modified: Some(Timestamp::from(modified)),
            e_tag: Some(ETag::Strong(attributes.etag)),
            checksum_sha256: req.input.checksum_mode.is_some().then_some(attributes.sha256),
            content_type: attributes.content_type,
            content_disposition: attributes.content_disposition,
            content_encoding: attributes.content_encoding,
            content_language: attributes.content_language,
            cache_control: attributes.cache_control,
            metadata: Some(attributes.metadata.into_iter().collect()),
            ..HeadObjectOutput::default()
        };
        Ok(S3Response::new(output))
    }

    async fn copy_object(&self, req: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        // A link's query is signed, but not a copy source beside it: no link may copy.
        if req.uri.query().is_some_and(|query| query != "x-id=CopyObject") {
            return Err(s3_error!(AccessDenied));
        }
        let input = req.input;
        let CopySource::Bucket { bucket: from_bucket, key: from_key, version_id: None } = &input.copy_source else {
            return Err(s3_error!(NotImplemented, "only objects of buckets are copied"));
        };
        let source = self.open(from_bucket, from_key).await?;
        match &input.copy_source_if_match {
            Some(ETagCondition::ETag(etag)) if etag.value() != source.attributes.etag => {
                return Err(s3_error!(PreconditionFailed));
            }
            _ => {}
        }
        let path = self.path(&input.bucket, &input.key)?;
        let replaces =
            input.metadata_directive.as_ref().is_some_and(|word| word.as_str() == MetadataDirective::REPLACE);
        let attributes = if replaces {
            Attributes {
                etag: source.attributes.etag.clone(),
                sha256: source.attributes.sha256.clone(),
                content_type: input.content_type.map(|kind| kind.to_string()),
                content_disposition: input.content_disposition,
                content_encoding: input.content_encoding,
                content_language: input.content_language,
                cache_control: input.cache_control,
                metadata: input.metadata.unwrap_or_default().into_iter().collect(),
            }
        } else {
            source.attributes.clone()
        };
        let (layout, bucket, etag) = (self.0.clone(), input.bucket, attributes.etag.clone());
        let modified = blocking(move || {
            let mut file = NamedTempFile::new_in(layout.partial()).map_err(|error| failed(&error))?;
            let copied = io::copy(&mut source.file.take(source.length), file.as_file_mut());
            if copied.map_err(|error| failed(&error))? != source.length {
                return Err(s3_error!(InternalError, "the object's file is damaged"));
            }
            keep(&layout, &bucket, &path, file, &attributes, false)?;
            fs::metadata(&path).and_then(|found| found.modified()).map_err(|error| failed(&error))
        });
        let result = CopyObjectResult {
            e_tag: Some(ETag::Strong(etag)),
            last_modified: Some(Timestamp::from(modified.await?)),
            ..CopyObjectResult::default()
        };
        Ok(S3Response::new(CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() }))
    }

    async fn delete_object(&self, req: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        let path = self.path(&req.input.bucket, &req.input.key)?;
        blocking(move || match fs::remove_file(&path) {
            Ok(()) => path.parent().map_or(Ok(()), sync_folder).map_err(|error| failed(&error)),
            Err(error) if missing(&error).is_some() => Ok(()),
            Err(error) => Err(failed(&error)),
        })
        .await?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn put_bucket_policy(
        &self,
        req: S3Request<PutBucketPolicyInput>,
    ) -> S3Result<S3Response<PutBucketPolicyOutput>> {
        if serde_json::from_str::<serde_json::Value>(&req.input.policy).is_err() {
            return Err(s3_error!(MalformedPolicy));
        }
        self.write(req.input.bucket, Policy(req.input.policy)).await?;
        Ok(S3Response::new(PutBucketPolicyOutput::default()))
    }

    async fn get_bucket_policy(
        &self,
        req: S3Request<GetBucketPolicyInput>,
    ) -> S3Result<S3Response<GetBucketPolicyOutput>> {
        let policy = self.read::<Policy>(req.input.bucket).await?.ok_or_else(|| s3_error!(NoSuchBucketPolicy))?;
        Ok(S3Response::new(GetBucketPolicyOutput { policy: Some(policy.0) }))
    }

    async fn put_bucket_cors(&self, req: S3Request<PutBucketCorsInput>) -> S3Result<S3Response<PutBucketCorsOutput>> {
        self.write(req.input.bucket, Cors(req.input.cors_configuration.cors_rules)).await?;
        Ok(S3Response::new(PutBucketCorsOutput::default()))
    }

    async fn get_bucket_cors(&self, req: S3Request<GetBucketCorsInput>) -> S3Result<S3Response<GetBucketCorsOutput>> {
        let cors = self.read::<Cors>(req.input.bucket).await?.ok_or_else(|| s3_error!(NoSuchCORSConfiguration))?;
        Ok(S3Response::new(GetBucketCorsOutput { cors_rules: Some(cors.0) }))
    }

    async fn delete_bucket_cors(
        &self,
        req: S3Request<DeleteBucketCorsInput>,
    ) -> S3Result<S3Response<DeleteBucketCorsOutput>> {
        self.check_bucket(&req.input.bucket)?;
        let layout = self.0.clone();
        blocking(move || layout.remove_setting::<Cors>(&req.input.bucket).map_err(|error| failed(&error))).await?;
        Ok(S3Response::new(DeleteBucketCorsOutput::default()))
    }

    async fn put_bucket_lifecycle_configuration(
        &self,
        req: S3Request<PutBucketLifecycleConfigurationInput>,
    ) -> S3Result<S3Response<PutBucketLifecycleConfigurationOutput>> {
        let rules = req.input.lifecycle_configuration.map(|lifecycle| lifecycle.rules).unwrap_or_default();
        self.write(req.input.bucket, Lifecycle(rules)).await?;
        Ok(S3Response::new(PutBucketLifecycleConfigurationOutput::default()))
    }

    async fn get_bucket_lifecycle_configuration(
        &self,
        req: S3Request<GetBucketLifecycleConfigurationInput>,
    ) -> S3Result<S3Response<GetBucketLifecycleConfigurationOutput>> {
        let lifecycle = self.read::<Lifecycle>(req.input.bucket).await?;
        let rules = lifecycle.ok_or_else(|| s3_error!(NoSuchLifecycleConfiguration))?.0;
        let output = GetBucketLifecycleConfigurationOutput { rules: Some(rules), ..Default::default() };
        Ok(S3Response::new(output))
    }
}

/// A body that has arrived, under a temporary name.
struct Received {
    file: NamedTempFile,
    length: u64,
    sha256: [u8; 32],
    checksums: s3s::dto::Checksum,
}

impl Received {
    fn etag(&self) -> String {
        HEXLOWER.encode(&self.sha256[..16])
    }
}

async fn receive(layout: &Layout, mut body: StreamingBlob, stated: &Checksums) -> S3Result<Received> {
    let file = NamedTempFile::new_in(layout.partial()).map_err(|error| failed(&error))?;
    let (mut length, mut digest, mut hasher) = (0_u64, Sha256::new(), stated.hasher());
    let mut writer = file.reopen().map_err(|error| failed(&error))?;
    loop {
        let part = timeout(BODY_STALL, body.next()).await.map_err(|_| s3_error!(RequestTimeout))?;
        let Some(part) = part else { break };
        let part = part.map_err(|_| s3_error!(IncompleteBody))?;
        length += part.len() as u64;
        if length > MAX_OBJECT_BYTES {
            return Err(s3_error!(EntityTooLarge));
        }
        digest.update(&part);
        hasher.update(&part);
        writer = blocking(move || {
            writer.write_all(&part).map_err(|error| failed(&error))?;
            Ok(writer)
        })
        .await?;
    }
    Ok(Received { file, length, sha256: digest.finalize().into(), checksums: hasher.finalize() })
}

/// Ends the file, synced, and gives it its name.
fn keep(
    layout: &Layout,
    bucket: &str,
    path: &Path,
    mut file: NamedTempFile,
    attributes: &Attributes,
    only_new: bool,
) -> S3Result<()> {
    file.as_file_mut().seek(SeekFrom::End(0)).map_err(|error| failed(&error))?;
    object::finish(file.as_file_mut(), attributes).map_err(|error| failed(&error))?;
    layout.make_folders(bucket, path).map_err(|error| failed(&error))?;
    let named = if only_new { file.persist_noclobber(path) } else { file.persist(path) };
    named.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => s3_error!(PreconditionFailed, "There is an object of this key."),
        _ => failed(&error.error),
    })?;
    path.parent().map_or(Ok(()), sync_folder).map_err(|error| failed(&error))
}

pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> S3Result<T> + Send + 'static) -> S3Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|error| Err(s3_error!(error, InternalError)))
}

/// The disk's trouble: full, or broken.
pub(crate) fn failed(error: &io::Error) -> S3Error {
    tracing::error!(%error, "the disk of the buckets refuses");
    s3_error!(InternalError, "The store's disk refuses.")
}

fn missing(error: &io::Error) -> Option<S3Error> {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory).then(|| s3_error!(NoSuchKey))
}
