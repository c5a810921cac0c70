//! Each workspace's bucket, on every kind of store that the run has.

use std::time::Duration;

use buckets::{BucketSettings, Buckets, S3Config, SecretText, Upload};
use operator::provision_now;
use testkit::{ORIGIN, TestStore};

use crate::lab::{Lab, Running, manifest, unique, until_row, yaml};

const BUCKET_MADE: &str = "select bucket_made_at is not null from control.workspaces where id = $1";

fn settings() -> BucketSettings {
    BucketSettings { origins: vec![ORIGIN.to_owned()], tls_only: false }
}

pub async fn put(buckets: &Buckets, bucket: &str, key: &str) -> anyhow::Result<()> {
    // The SHA-256 of nothing.
    let sha256 = *b"\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24\x27\xae\x41\xe4\x64\x9b\x93\x4c\xa4\x95\x99\x1b\x78\x52\xb8\x55";
    let upload = Upload { content_type: "image/png", length: 0, sha256: &sha256 };
    let link = buckets.presign_put(bucket, key, &upload, Duration::from_secs(60)).await?;
    let mut request = reqwest::Client::new().put(&link.url).header("content-length", "0");
    for (name, value) in &link.headers {
        request = request.header(name, value);
    }
    request.send().await?.error_for_status()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_has_a_configured_bucket_which_outlives_it() -> anyhow::Result<()> {
    for store in TestStore::every()? {
        let lab = Lab::start_with(store).await?;
        let buckets = Buckets::connect(lab.store.config())?;
        let name = unique("acme");
        let mut running = Running::start(&lab)?;
        running.write("acme.yaml", &yaml(&name, ""));
        let id = running.reason("acme.yaml", "Ready").await.id.unwrap();
        assert!(buckets.is_configured(&id.bucket(), &settings()).await?);
        until_row(lab.pool(), "the bucket is recorded", BUCKET_MADE, id.as_str()).await;
        put(&buckets, &id.bucket(), "avatars/u/1").await?;

        running.remove("acme.yaml");
        running.until("it is retained", <[_]>::is_empty).await;
        assert!(buckets.head(&id.bucket(), "avatars/u/1").await?.is_some());
        running.write("acme.yaml", &yaml(&name, ""));
        assert_eq!(running.reason("acme.yaml", "Ready").await.id.as_ref(), Some(&id));
        assert!(buckets.head(&id.bucket(), "avatars/u/1").await?.is_some());
        running.stop().await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_vanished_is_told_and_not_made_anew() -> anyhow::Result<()> {
    let lab = Lab::start_with(TestStore::embedded()?).await?;
    let name = unique("acme");
    let id = provision_now(&lab.control, &manifest(&name, "")?).await?;
    let other = TestStore::embedded()?;
    // As if somebody had put an empty store in its place.
    let backends = operator::Backends { s3: other.config().clone(), ..lab.backends.clone() };
    let control = operator::bootstrap(&backends, &lab.control_database).await?;
    let mut running = Running::over(control, tempfile::tempdir()?);
    running.write("acme.yaml", &yaml(&name, ""));
    let status = running.reason("acme.yaml", "DataMissing").await;
    assert!(status.message.contains(&id.bucket()), "{}", status.message);
    assert!(!Buckets::connect(other.config())?.exists(&id.bucket()).await?);
    running.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_from_before_there_were_buckets_gets_one() -> anyhow::Result<()> {
    for store in TestStore::every()? {
        let lab = Lab::start_with(TestStore::embedded()?).await?;
        let name = unique("acme");
        let id = provision_now(&lab.control, &manifest(&name, "")?).await?;
        sqlx::query("update control.workspaces set bucket_made_at = null where id = $1")
            .bind(id.as_str())
            .execute(lab.pool())
            .await?;
        let backends = operator::Backends { s3: store.config().clone(), ..lab.backends.clone() };
        let control = operator::bootstrap(&backends, &lab.control_database).await?;
        assert_eq!(provision_now(&control, &manifest(&name, "")?).await?, id);
        assert!(Buckets::connect(store.config())?.is_configured(&id.bucket(), &settings()).await?);
        until_row(lab.pool(), "the bucket is recorded", BUCKET_MADE, id.as_str()).await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_drifted_or_changed_are_set_again() -> anyhow::Result<()> {
    for store in TestStore::every()? {
        let lab = Lab::start_with(store).await?;
        let buckets = Buckets::connect(lab.store.config())?;
        let wanted = manifest(&unique("acme"), "")?;
        let id = provision_now(&lab.control, &wanted).await?;
        let open = BucketSettings { origins: vec!["http://evil.example".to_owned()], tls_only: false };
        buckets.configure(&id.bucket(), &open).await?;
        provision_now(&lab.control, &wanted).await?;
        assert!(buckets.is_configured(&id.bucket(), &settings()).await?);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_store_that_is_away_is_named_and_holds_up_nothing_else() -> anyhow::Result<()> {
    let mut lab = Lab::start_with(TestStore::embedded()?).await?;
    let served = unique("served");
    let id = provision_now(&lab.control, &manifest(&served, "")?).await?;
    lab.store.stop();
    let url = lab.store.config().url.clone();

    let (new, mut running) = (unique("new"), Running::start(&lab)?);
    running.write("served.yaml", &yaml(&served, "  displayName: Renamed\n"));
    running.write("new.yaml", &yaml(&new, ""));
    let old = running.reason("served.yaml", "BackendUnreachable").await;
    assert!(old.ready && old.message.contains(&url), "{old:?}");
    let renamed = "select display_name = 'Renamed' from control.workspaces where id = $1";
    until_row(lab.pool(), "the rest is done", renamed, id.as_str()).await;
    let waiting = running.reason("new.yaml", "BackendUnreachable").await;
    assert!(!waiting.ready && waiting.message.contains(&url), "{waiting:?}");

    lab.store.restart()?;
    running.reason("served.yaml", "Ready").await;
    running.reason("new.yaml", "Ready").await;
    running.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_object_store_refuses_is_named_with_the_store() -> anyhow::Result<()> {
    for store in TestStore::every()? {
        let lab = Lab::start_with(store).await?;
        let url = lab.store.config().url.clone();
        let s3 = S3Config { secret_key: SecretText::new("another"), ..lab.store.config().clone() };
        let backends = operator::Backends { s3, ..lab.backends.clone() };
        let control = operator::bootstrap(&backends, &lab.control_database).await?;
        let error = provision_now(&control, &manifest(&unique("acme"), "")?).await.unwrap_err();
        assert_eq!(error.reason(), "BackendRefused", "{error}");
        assert!(error.to_string().contains(&url) && !error.to_string().contains("another"), "{error}");
    }
    Ok(())
}
