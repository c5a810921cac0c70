//! What we ask of an object store, on each kind that the run has: the embedded one, and a real server.

use std::time::Duration;

use buckets::{BucketSettings, Buckets, BucketsError, Presigned, S3Config, SecretText, Served, Upload};
use reqwest::{Client, Method, StatusCode};
use sha2::{Digest as _, Sha256};
use testkit::TestStore;

const ORIGIN: &str = "http://app.example:8080";
const MINUTE: Duration = Duration::from_secs(60);
const PICTURE: Served<'_> = Served { content_type: "image/png", disposition: "inline; filename=\"avatar.png\"" };

struct Scene {
    store: TestStore,
    buckets: Buckets,
    bucket: String,
    http: Client,
}

impl Scene {
    async fn new(store: TestStore) -> anyhow::Result<Self> {
        let buckets = Buckets::connect(store.config())?;
        let bucket = format!("threadly-test-{}", uuid::Uuid::new_v4().simple());
        buckets.create(&bucket).await?;
        buckets.configure(&bucket, &settings()).await?;
        Ok(Self { store, buckets, bucket, http: Client::new() })
    }

    async fn link(&self, key: &str, content: &[u8]) -> anyhow::Result<Presigned> {
        let sha256 = Sha256::digest(content).into();
        let upload = Upload { content_type: "image/png", length: u32::try_from(content.len())?, sha256: &sha256 };
        Ok(self.buckets.presign_put(&self.bucket, key, &upload, MINUTE).await?)
    }

    async fn put(&self, link: &Presigned, content: &[u8], change: Option<(&str, &str)>) -> anyhow::Result<StatusCode> {
        let mut headers = link.headers.clone();
        if let Some((name, value)) = change {
            headers.insert(name.to_owned(), value.to_owned());
        }
        let mut request = self.http.put(&link.url).body(content.to_vec());
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(name, value);
        }
        Ok(request.send().await?.status())
    }
}

fn settings() -> BucketSettings {
    BucketSettings { origins: vec![ORIGIN.to_owned()], tls_only: false }
}

/// Runs a test once for each kind of store.
async fn on_every_store(test: impl AsyncFn(Scene) -> anyhow::Result<()>) -> anyhow::Result<()> {
    for store in TestStore::every()? {
        let kind = if store.is_embedded() { "embedded" } else { "given" };
        let scene = Scene::new(store).await?;
        test(scene).await.map_err(|error| error.context(format!("on the {kind} store")))?;
        println!("passed on the {kind} store");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_made_once_and_keeps_its_settings() -> anyhow::Result<()> {
    on_every_store(async |Scene { buckets, bucket, .. }| {
        assert!(buckets.exists(&bucket).await?);
        assert!(!buckets.exists(&format!("{bucket}-not")).await?);
        buckets.create(&bucket).await?;
        assert!(buckets.is_configured(&bucket, &settings()).await?);
        buckets.configure(&bucket, &settings()).await?;
        assert!(buckets.is_configured(&bucket, &settings()).await?);
        let other = BucketSettings { origins: vec!["http://other.example".to_owned()], ..settings() };
        assert!(!buckets.is_configured(&bucket, &other).await?);
        buckets.configure(&bucket, &other).await?;
        assert!(buckets.is_configured(&bucket, &other).await?);

        let bare = format!("{bucket}-bare");
        buckets.create(&bare).await?;
        assert!(!buckets.is_configured(&bare, &settings()).await?);
        let missing = format!("{bucket}-missing");
        let error = buckets.is_configured(&missing, &settings()).await.unwrap_err();
        assert!(matches!(error, BucketsError::BucketMissing(_)), "{error}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_puts_the_object_that_was_signed_and_no_other_and_only_once() -> anyhow::Result<()> {
    on_every_store(async |scene| {
        let (content, key) = (b"the picture".as_slice(), "incoming/u/1");
        let link = scene.link(key, content).await?;
        let refused = |status: StatusCode| !status.is_success();
        let other = scene.put(&link, b"another one", None).await?;
        assert!(refused(other), "another content of the same length: {other}");
        let longer = scene.put(&link, b"the picture and more", None).await?;
        assert!(refused(longer), "a longer content: {longer}");
        for (name, value) in [("content-type", "text/html"), ("x-amz-checksum-sha256", ""), ("if-none-match", "")] {
            let status = scene.put(&link, content, Some((name, value))).await?;
            assert!(refused(status), "{name} {value:?}: {status}");
        }
        assert_eq!(scene.buckets.head(&scene.bucket, key).await?, None, "nothing is left of what was refused");

        assert_eq!(scene.put(&link, content, None).await?, StatusCode::OK);
        let again = scene.put(&link, content, None).await?;
        assert_eq!(again, StatusCode::PRECONDITION_FAILED, "the second time");
        // What is not signed does not make another request of it.
        let (link, elsewhere) = (scene.link("incoming/u/2", content).await?, format!("/{}/{key}", scene.bucket));
        let copied = scene.put(&link, content, Some(("x-amz-copy-source", &elsewhere))).await?;
        assert!(refused(copied), "a copy by a link: {copied}");
        let object = scene.buckets.read(&scene.bucket, key, 1024).await?.unwrap();
        assert_eq!((object.content.as_slice(), object.head.content_type.as_str()), (content, "image/png"));
        let short = scene.buckets.read(&scene.bucket, key, 3).await?.unwrap();
        assert_eq!((short.content.len(), short.head.length), (0, 11));
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_of_what_was_looked_at_and_is_served_as_the_link_says() -> anyhow::Result<()> {
    on_every_store(async |scene| {
        let Scene { buckets, bucket, http, .. } = &scene;
        let link = scene.link("incoming/u/1", b"first").await?;
        assert_eq!(scene.put(&link, b"first", None).await?, StatusCode::OK);
        let first = buckets.head(bucket, "incoming/u/1").await?.unwrap();
        buckets.delete(bucket, "incoming/u/1").await?;
        let link = scene.link("incoming/u/1", b"second").await?;
        assert_eq!(scene.put(&link, b"second", None).await?, StatusCode::OK);
        let changed = buckets.copy(bucket, "incoming/u/1", &first.etag, "avatars/u/1", &PICTURE).await;
        assert!(matches!(changed, Err(BucketsError::ObjectChanged)), "{changed:?}");
        let second = buckets.head(bucket, "incoming/u/1").await?.unwrap();
        for _ in 0..2 {
            buckets.copy(bucket, "incoming/u/1", &second.etag, "avatars/u/1", &PICTURE).await?;
        }
        let gone = buckets.copy(bucket, "incoming/u/none", &second.etag, "avatars/u/2", &PICTURE).await;
        assert!(matches!(gone, Err(BucketsError::ObjectChanged)), "{gone:?}");

        let link = buckets.presign_get(bucket, "avatars/u/1", &PICTURE, MINUTE).await?;
        assert!(link.headers.is_empty(), "{:?}", link.headers);
        let answer = http.get(&link.url).header("origin", ORIGIN).send().await?;
        assert_eq!(answer.status(), StatusCode::OK);
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert_eq!(header("content-type"), "image/png");
        assert_eq!(header("content-disposition"), "inline; filename=\"avatar.png\"");
        assert_eq!(header("access-control-allow-origin"), ORIGIN);
        assert_eq!(answer.bytes().await?.as_ref(), b"second");

        let tampered = link.url.replace("image%2Fpng", "text%2Fhtml");
        assert_ne!(tampered, link.url);
        assert_eq!(http.get(tampered).send().await?.status(), StatusCode::FORBIDDEN);
        buckets.delete(bucket, "avatars/u/1").await?;
        buckets.delete(bucket, "avatars/u/1").await?;
        assert_eq!(http.get(&link.url).send().await?.status(), StatusCode::NOT_FOUND);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_without_a_key_gets_in_and_a_link_ends() -> anyhow::Result<()> {
    on_every_store(async |scene| {
        let Scene { buckets, bucket, http, store } = &scene;
        let link = scene.link("avatars/u/1", b"picture").await?;
        assert_eq!(scene.put(&link, b"picture", None).await?, StatusCode::OK);
        let url = format!("{}/{bucket}/avatars/u/1", store.config().url);
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
            let status = http.request(method.clone(), &url).body("x").send().await?.status();
            assert_eq!(status, StatusCode::FORBIDDEN, "{method} unsigned");
        }
        assert_eq!(http.get(format!("{}/{bucket}", store.config().url)).send().await?.status(), StatusCode::FORBIDDEN);
        assert!(buckets.head(bucket, "avatars/u/1").await?.is_some());

        let stranger = S3Config { secret_key: SecretText::new("another key"), ..store.config().clone() };
        let stranger = Buckets::connect(&stranger)?;
        let refused = stranger.delete(bucket, "avatars/u/1").await.unwrap_err();
        assert_eq!(refused.code(), "bucket-refused", "{refused}");

        let short = buckets.presign_get(bucket, "avatars/u/1", &PICTURE, Duration::from_secs(1)).await?;
        let ended = testkit::wait::until("the link ends", Duration::from_secs(30), async || {
            let status = http.get(&short.url).send().await.ok()?.status();
            (status != StatusCode::OK).then_some(status)
        });
        assert_eq!(ended.await?, StatusCode::FORBIDDEN);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_app_may_and_others_may_not() -> anyhow::Result<()> {
    on_every_store(async |scene| {
        let link = scene.link("incoming/u/1", b"picture").await?;
        let wanted = link.headers.keys().cloned().collect::<Vec<_>>().join(",");
        // What a browser makes of the answer.
        let preflight = async |origin: &str, method: &str, headers: &str| {
            let request = scene.http.request(Method::OPTIONS, &link.url).header("origin", origin);
            let request = request.header("access-control-request-method", method);
            let answer = request.header("access-control-request-headers", headers).send().await?;
            let named =
                |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let lists = |list: &str, word: &str| list.split(',').any(|one| one.trim().eq_ignore_ascii_case(word));
            let (methods, allowed) = (named("access-control-allow-methods"), named("access-control-allow-headers"));
            anyhow::Ok(
                answer.status().is_success()
                    && named("access-control-allow-origin") == origin
                    && lists(methods, method)
                    && headers.split(',').all(|header| header.is_empty() || lists(allowed, header)),
            )
        };
        assert!(preflight(ORIGIN, "PUT", &wanted).await?);
        assert!(!preflight("http://evil.example", "PUT", &wanted).await?);
        assert!(!preflight(ORIGIN, "DELETE", "").await?);
        assert!(!preflight(ORIGIN, "PUT", "x-something-else").await?);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_is_told_as_such_and_in_time() -> anyhow::Result<()> {
    let mut store = TestStore::embedded()?;
    let buckets = Buckets::connect(store.config())?;
    buckets.create("threadly-away").await?;
    store.stop();
    for error in [
        buckets.exists("threadly-away").await.unwrap_err(),
        buckets.head("threadly-away", "a").await.unwrap_err(),
        buckets.delete("threadly-away", "a").await.unwrap_err(),
    ] {
        assert_eq!(error.code(), "buckets-unavailable", "{error}");
        assert!(error.to_string().contains(&store.config().url), "{error}");
    }
    store.restart()?;
    assert!(buckets.exists("threadly-away").await?);

    // Somebody listens and never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", silent.local_addr()?);
    let buckets = Buckets::connect(&S3Config { url, ..store.config().clone() })?;
    let error = tokio::time::timeout(Duration::from_secs(60), buckets.exists("threadly-away")).await?.unwrap_err();
    assert_eq!(error.code(), "buckets-unavailable", "{error}");
    Ok(())
}
