//! What somebody without a key, or with bad intent, sends to the listener.

use std::time::Duration;

use buckets::{BucketSettings, Buckets, S3Config, SecretText, Upload};
use embedded_store::{EmbeddedStore, StoreKey};
use reqwest::{Client, Method, StatusCode};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;

struct Scene {
    folder: TempDir,
    url: String,
    buckets: Buckets,
    shutdown: CancellationToken,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

async fn scene() -> anyhow::Result<Scene> {
    let folder = tempfile::tempdir()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let key = StoreKey { access_key: "id".to_owned(), secret_key: "key".to_owned() };
    let config = S3Config {
        url: url.clone(),
        region: "us-east-1".to_owned(),
        access_key: "id".to_owned(),
        secret_key: SecretText::new("key"),
        public_url: None,
    };
    let shutdown = CancellationToken::new();
    tokio::spawn(EmbeddedStore::open(folder.path())?.serve(key, listener, shutdown.clone()));
    let buckets = Buckets::connect(&config)?;
    buckets.create("threadly-a").await?;
    buckets
        .configure("threadly-a", &BucketSettings { origins: vec!["http://app".to_owned()], tls_only: false })
        .await?;
    Ok(Scene { folder, url, buckets, shutdown })
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_unsigned_reads_or_changes_anything_whatever_its_path() -> anyhow::Result<()> {
    let scene = scene().await?;
    let client = Client::new();
    let paths = [
        "/",
        "/threadly-a",
        "/threadly-a/x",
        "/threadly-a/../secrets/root.key",
        "/..%2f..%2fetc/passwd",
        "/.partial/x",
        "/.lock",
        "/threadly-a?policy",
        "/threadly-a?cors",
        "/threadly-a?lifecycle",
        "//",
        "/%00",
        "/threadly-a/%ff",
    ];
    for path in paths {
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::POST, Method::DELETE] {
            let answer = client.request(method.clone(), format!("{}{path}", scene.url)).body("x").send().await?;
            assert!(
                answer.status().is_client_error() || answer.status() == StatusCode::NOT_IMPLEMENTED,
                "{method} {path}: {}",
                answer.status()
            );
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{method} {path}");
        }
    }
    let mut left: Vec<String> = std::fs::read_dir(scene.folder.path())?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<_>>()?;
    left.sort();
    assert_eq!(left, [".lock", ".partial", "threadly-a"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_no_way_around_a_signature_and_takes_no_memory() -> anyhow::Result<()> {
    let scene = scene().await?;
    let form = "--b\r\ncontent-disposition: form-data; name=\"key\"\r\n\r\nx\r\n--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\ncontent\r\n--b--\r\n";
    let answer = Client::new()
        .post(format!("{}/threadly-a", scene.url))
        .header("content-type", "multipart/form-data; boundary=b")
        .body(form)
        .send()
        .await?;
    assert!(answer.status().is_client_error(), "{}", answer.status());
    assert!(scene.buckets.head("threadly-a", "x").await?.is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_is_saved_and_runs_nothing() -> anyhow::Result<()> {
    let scene = scene().await?;
    let page = b"<script>alert(1)</script>";
    let sha256 = Sha256::digest(page).into();
    let upload = Upload { content_type: "text/html", length: u32::try_from(page.len())?, sha256: &sha256 };
    let minute = Duration::from_secs(60);
    let link = scene.buckets.presign_put("threadly-a", "page", &upload, minute).await?;
    let mut request = Client::new().put(&link.url).body(page.to_vec());
    for (name, value) in &link.headers {
        request = request.header(name, value);
    }
    request.send().await?.error_for_status()?;
    let served = buckets::Served { content_type: "text/html", disposition: "inline" };
    let link = scene.buckets.presign_get("threadly-a", "page", &served, minute).await?;
    let answer = Client::new().get(&link.url).send().await?.error_for_status()?;
    assert_eq!(answer.headers()["content-disposition"], "attachment");
    assert_eq!(answer.headers()["content-security-policy"], "default-src 'none'; sandbox");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_announced_too_long_or_breaks_off_leaves_nothing() -> anyhow::Result<()> {
    let scene = scene().await?;
    let answer =
        raw(&scene, "PUT /threadly-a/x HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999\r\n\r\n", b"").await?;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");

    let content = vec![7_u8; 100_000];
    let sha256 = Sha256::digest(&content).into();
    let upload = Upload { content_type: "image/png", length: 100_000, sha256: &sha256 };
    let link = scene.buckets.presign_put("threadly-a", "incoming/x", &upload, Duration::from_secs(60)).await?;
    let path = link.url.strip_prefix(&scene.url).unwrap_or_default();
    let host = scene.url.strip_prefix("http://").unwrap_or_default();
    let headers: String = link.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("PUT {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 100000\r\n{headers}\r\n");
    raw(&scene, &head, &content[..50_000]).await?;
    assert!(scene.buckets.head("threadly-a", "incoming/x").await?.is_none());
    let tidy = testkit::wait::until("the half is removed", Duration::from_secs(60), async || {
        (std::fs::read_dir(scene.folder.path().join(".partial")).ok()?.count() == 0).then_some(())
    });
    tidy.await
}

/// Sends bytes, says that there are no more, and reads what comes.
async fn raw(scene: &Scene, head: &str, body: &[u8]) -> anyhow::Result<String> {
    let address = scene.url.strip_prefix("http://").unwrap_or_default();
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    stream.shutdown().await?;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
