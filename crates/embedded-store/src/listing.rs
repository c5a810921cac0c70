//! A page of a bucket's objects, in the order of their keys.

use std::sync::Arc;

use s3s::{
    S3Result,
    dto::{ETag, ListObjectsV2Input, ListObjectsV2Output, Object},
    s3_error,
};

use crate::{
    layout::Layout,
    object,
    operations::{blocking, failed},
};

/// Keys of a page; who asks for more gets no more.
const MOST: i32 = 1000;

pub(crate) async fn page(layout: Arc<Layout>, asked: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
    if asked.delimiter.is_some() {
        return Err(s3_error!(NotImplemented, "a delimiter is not offered"));
    }
    let most = asked.max_keys.unwrap_or(MOST).clamp(0, MOST);
    let after = asked.continuation_token.clone().or(asked.start_after.clone()).unwrap_or_default();
    let (bucket, prefix) = (asked.bucket.clone(), asked.prefix.clone().unwrap_or_default());
    let (contents, more) = blocking(move || {
        let most = usize::try_from(most).unwrap_or_default();
        let (listed, more) = layout.list(&bucket, &prefix, &after, most).map_err(|error| failed(&error))?;
        let objects = listed.into_iter().map(|(key, file)| {
            // One that was deleted since then, or is damaged, is named alone.
            let found = object::open(&file).ok();
            Object {
                key: Some(key),
                size: found.as_ref().and_then(|found| i64::try_from(found.length).ok()),
                e_tag: found.as_ref().map(|found| ETag::Strong(found.attributes.etag.clone())),
                last_modified: found.map(|found| found.modified.into()),
                ..Object::default()
            }
        });
        let contents: Vec<Object> = objects.collect();
        Ok((contents, more))
    })
    .await?;
    Ok(ListObjectsV2Output {
        is_truncated: Some(more),
        next_continuation_token: contents.last().filter(|_| more).and_then(|last| last.key.clone()),
        key_count: i32::try_from(contents.len()).ok(),
        max_keys: Some(most),
        name: Some(asked.bucket),
        prefix: asked.prefix,
        contents: Some(contents),
        ..ListObjectsV2Output::default()
    })
}
