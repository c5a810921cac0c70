//! What every bucket is set to: who may not read it, which pages may, and what expires.

use std::collections::BTreeSet;

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, CorsConfiguration, CorsRule, ExpirationStatus,
    LifecycleExpiration, LifecycleRule, LifecycleRuleFilter,
};
use serde_json::{Value, json};

use crate::{Buckets, BucketsError, INCOMING, error};

/// S3 counts whole days from the next midnight: one to two days.
const EXPIRY_DAYS: i32 = 1;
/// How long a browser need not ask again whether it may.
const PREFLIGHT_SECONDS: i32 = 600;
const METHODS: [&str; 3] = ["GET", "HEAD", "PUT"];
/// What our links have signed, and browsers therefore send.
const HEADERS: [&str; 4] = ["content-type", "content-disposition", "if-none-match", "x-amz-checksum-sha256"];

/// The settings of every bucket of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketSettings {
    /// Origins of the pages that may read and write by presigned links; none if empty.
    pub origins: Vec<String>,
    /// Refuse requests that come without TLS.
    pub tls_only: bool,
}

impl BucketSettings {
    /// Denies what no key of ours has signed, whatever else somebody may allow later.
    fn policy(&self, bucket: &str) -> Value {
        let deny = |sid: &str, condition: &Value| {
            json!({
                "Sid": sid, "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
                "Condition": condition,
            })
        };
        let mut statements = vec![deny("Unsigned", &json!({"StringEquals": {"aws:PrincipalType": "Anonymous"}}))];
        if self.tls_only {
            statements.push(deny("WithoutTls", &json!({"Bool": {"aws:SecureTransport": "false"}})));
        }
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    fn cors_rule(&self) -> Result<CorsRule, BucketsError> {
        CorsRule::builder()
            .set_allowed_origins(Some(self.origins.clone()))
            .set_allowed_methods(Some(METHODS.map(str::to_owned).into()))
            .set_allowed_headers(Some(HEADERS.map(str::to_owned).into()))
            .expose_headers("etag")
            .max_age_seconds(PREFLIGHT_SECONDS)
            .build()
            .map_err(|_| BucketsError::Setting("a CORS rule has origins and methods"))
    }
}

fn lifecycle() -> Result<BucketLifecycleConfiguration, BucketsError> {
    const FORM: BucketsError = BucketsError::Setting("a lifecycle rule has a status");
    let incoming = LifecycleRule::builder()
        .id("incoming-expires")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix(INCOMING).build())
        .expiration(LifecycleExpiration::builder().days(EXPIRY_DAYS).build())
        .build()
        .map_err(|_| FORM)?;
    let unfinished = LifecycleRule::builder()
        .id("unfinished-uploads-end")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .abort_incomplete_multipart_upload(
            AbortIncompleteMultipartUpload::builder().days_after_initiation(EXPIRY_DAYS).build(),
        )
        .build()
        .map_err(|_| FORM)?;
    BucketLifecycleConfiguration::builder().rules(incoming).rules(unfinished).build().map_err(|_| FORM)
}

impl Buckets {
    /// Writes the settings over whatever there is; objects stay as they are.
    ///
    /// # Errors
    /// The bucket is gone, or the store is away or refuses.
    pub async fn configure(&self, bucket: &str, settings: &BucketSettings) -> Result<(), BucketsError> {
        let policy = settings.policy(bucket).to_string();
        Box::pin(self.client.put_bucket_policy().bucket(bucket).policy(policy).send())
            .await
            .map_err(|error| error::read(&error, &self.url, bucket, "setting the bucket's policy"))?;
        if settings.origins.is_empty() {
            Box::pin(self.client.delete_bucket_cors().bucket(bucket).send())
                .await
                .map_err(|error| error::read(&error, &self.url, bucket, "removing the bucket's CORS rules"))?;
        } else {
            let cors = CorsConfiguration::builder()
                .cors_rules(settings.cors_rule()?)
                .build()
                .map_err(|_| BucketsError::Setting("a CORS configuration has rules"))?;
            Box::pin(self.client.put_bucket_cors().bucket(bucket).cors_configuration(cors).send())
                .await
                .map_err(|error| error::read(&error, &self.url, bucket, "setting the bucket's CORS rules"))?;
        }
        let request = self.client.put_bucket_lifecycle_configuration().bucket(bucket);
        Box::pin(request.lifecycle_configuration(lifecycle()?).send())
            .await
            .map_err(|error| error::read(&error, &self.url, bucket, "setting the bucket's lifecycle"))?;
        Ok(())
    }

    /// Whether the bucket has these settings. Stores give some of it back in other words, so only what has an effect is
    /// compared.
    ///
    /// # Errors
    /// The bucket is gone, or the store is away or refuses.
    pub async fn is_configured(&self, bucket: &str, settings: &BucketSettings) -> Result<bool, BucketsError> {
        Ok(self.has_policy(bucket, settings).await?
            && self.has_cors(bucket, settings).await?
            && self.has_lifecycle(bucket).await?)
    }

    async fn has_policy(&self, bucket: &str, settings: &BucketSettings) -> Result<bool, BucketsError> {
        let answer = Box::pin(self.client.get_bucket_policy().bucket(bucket).send()).await;
        let answer = answer
            .map(Some)
            .or_else(|error| absent(error::read(&error, &self.url, bucket, "reading the bucket's policy"), None))?;
        let found = answer.and_then(|answer| answer.policy);
        let found: Option<Value> = found.and_then(|text| serde_json::from_str(&text).ok());
        Ok(found.is_some_and(|found| same_statements(&found, &settings.policy(bucket))))
    }

    async fn has_cors(&self, bucket: &str, settings: &BucketSettings) -> Result<bool, BucketsError> {
        let answer = Box::pin(self.client.get_bucket_cors().bucket(bucket).send()).await;
        let answer = answer
            .map(Some)
            .or_else(|error| absent(error::read(&error, &self.url, bucket, "reading the bucket's CORS rules"), None))?;
        let rules = answer.and_then(|answer| answer.cors_rules).unwrap_or_default();
        if settings.origins.is_empty() {
            return Ok(rules.is_empty());
        }
        let [rule] = rules.as_slice() else { return Ok(false) };
        let wanted = settings.cors_rule()?;
        Ok(same(rule.allowed_origins(), wanted.allowed_origins())
            && same(rule.allowed_methods(), wanted.allowed_methods())
            && same(rule.allowed_headers(), wanted.allowed_headers()))
    }

    async fn has_lifecycle(&self, bucket: &str) -> Result<bool, BucketsError> {
        let answer = Box::pin(self.client.get_bucket_lifecycle_configuration().bucket(bucket).send()).await;
        let answer = answer
            .map(Some)
            .or_else(|error| absent(error::read(&error, &self.url, bucket, "reading the bucket's lifecycle"), None))?;
        let rules = answer.and_then(|answer| answer.rules).unwrap_or_default();
        let enabled = || rules.iter().filter(|rule| rule.status == ExpirationStatus::Enabled);
        let expires = enabled().any(|rule| {
            let prefix = rule.filter.as_ref().and_then(|filter| filter.prefix.as_deref());
            let days = rule.expiration.as_ref().and_then(|expiration| expiration.days);
            prefix == Some(INCOMING) && days == Some(EXPIRY_DAYS)
        });
        let aborts = enabled().any(|rule| {
            let abort = rule.abort_incomplete_multipart_upload.as_ref();
            abort.and_then(|abort| abort.days_after_initiation) == Some(EXPIRY_DAYS)
        });
        Ok(expires && aborts)
    }
}

/// A setting that was never made is answered 404, each with a code of its own.
fn absent<T>(error: BucketsError, nothing: T) -> Result<T, BucketsError> {
    match error {
        BucketsError::ObjectChanged => Ok(nothing),
        error => Err(error),
    }
}

fn same(left: &[String], right: &[String]) -> bool {
    let lower = |list: &[String]| list.iter().map(|word| word.to_ascii_lowercase()).collect::<BTreeSet<_>>();
    lower(left) == lower(right)
}

/// The same effects under the same conditions.
fn same_statements(left: &Value, right: &Value) -> bool {
    let read = |policy: &Value| {
        let statements = policy["Statement"].as_array().cloned().unwrap_or_default();
        let mut read: Vec<String> = statements
            .iter()
            .map(|one| format!("{} {} {}", one["Sid"], one["Effect"], condition(&one["Condition"])))
            .collect();
        read.sort();
        read
    };
    read(left) == read(right)
}

/// Some give a condition's one value back as a list.
fn condition(value: &Value) -> Value {
    match value {
        Value::Array(one) if one.len() == 1 => condition(&one[0]),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), condition(value))).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_demanded_only_where_the_store_has_it() {
        let sids = |tls_only| {
            let policy = BucketSettings { origins: Vec::new(), tls_only }.policy("b");
            let statements = policy["Statement"].as_array().cloned().unwrap();
            statements.iter().map(|one| one["Sid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(sids(false), ["Unsigned"]);
        assert_eq!(sids(true), ["Unsigned", "WithoutTls"]);
    }

    #[test]
    fn a_policy_in_other_words_is_the_same_and_one_with_another_effect_is_not() {
        let ours = BucketSettings { origins: Vec::new(), tls_only: false }.policy("b");
        let mut theirs = ours.clone();
        theirs["Statement"][0]["Condition"]["StringEquals"]["aws:PrincipalType"] = json!(["Anonymous"]);
        theirs["Statement"][0]["Principal"] = json!({"AWS": "*"});
        assert!(same_statements(&theirs, &ours));
        theirs["Statement"][0]["Effect"] = json!("Allow");
        assert!(!same_statements(&theirs, &ours));
        assert!(!same_statements(&json!({}), &ours));
    }
}
