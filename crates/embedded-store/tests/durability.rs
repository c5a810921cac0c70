//! What was acknowledged stays, whatever ends the process; what expires goes.

use std::{
    env,
    ffi::OsString,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use buckets::{BucketSettings, Buckets, S3Config, SecretText, Upload};
use embedded_store::{EmbeddedStore, StoreKey};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

const FOLDER: &str = "THREADLY_EMBEDDED_STORE_FOLDER";
const KEY: (&str, &str) = ("id", "key");
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The test that is killed and the one that kills are the same, in two processes.
const KILLED: &str = "what_was_acknowledged_survives_a_kill_and_what_was_not_is_whole_or_not_there";

async fn serve_until_killed(folder: OsString) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("\nlistening on {}", listener.local_addr()?);
    let key = StoreKey { access_key: KEY.0.to_owned(), secret_key: KEY.1.to_owned() };
    EmbeddedStore::open(folder)?.serve(key, listener, CancellationToken::new()).await;
    Ok(())
}

struct Served {
    process: Child,
    buckets: Buckets,
}

impl Served {
    fn start(folder: &Path) -> anyhow::Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .args(["--exact", KILLED, "--nocapture"])
            .env(FOLDER, folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(process.stdout.take().context("its output")?).lines();
        let address = lines.find_map(|line| line.ok()?.strip_prefix("listening on ").map(str::to_owned));
        let url = format!("http://{}", address.context("it does not listen")?);
        // Whoever prints to a closed pipe ends.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { process, buckets: Buckets::connect(&config(url))? })
    }

    fn kill(mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }
}

fn config(url: String) -> S3Config {
    let (access_key, secret_key) = (KEY.0.to_owned(), SecretText::new(KEY.1));
    S3Config { url, region: "us-east-1".to_owned(), access_key, secret_key, public_url: None }
}

/// Some tens of kilobytes, different for each number.
fn content(number: usize) -> Vec<u8> {
    format!("content {number} ").into_bytes().repeat(5_000)
}

async fn put(buckets: &Buckets, bucket: &str, key: &str, content: Vec<u8>) -> anyhow::Result<()> {
    let sha256 = Sha256::digest(&content).into();
    let upload = Upload { content_type: "image/png", length: u32::try_from(content.len())?, sha256: &sha256 };
    let link = buckets.presign_put(bucket, key, &upload, Duration::from_secs(60)).await?;
    let mut request = reqwest::Client::new().put(&link.url).body(content);
    for (name, value) in &link.headers {
        request = request.header(name, value);
    }
    request.send().await?.error_for_status()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill_and_what_was_not_is_whole_or_not_there() -> anyhow::Result<()> {
    if let Some(folder) = env::var_os(FOLDER) {
        return serve_until_killed(folder).await;
    }
    let folder = tempfile::tempdir()?;
    let mut acknowledged = Vec::new();
    for round in 0..5 {
        let served = Served::start(folder.path())?;
        served.buckets.create("threadly-kept").await?;
        let puts = (0..40).map(|index| {
            let (buckets, number) = (served.buckets.clone(), round * 40 + index);
            tokio::spawn(async move {
                let put = put(&buckets, "threadly-kept", &format!("objects/{number}"), content(number)).await;
                put.is_ok().then_some(number)
            })
        });
        let puts: Vec<_> = puts.collect();
        // Killed while some are done, some under way and some not begun.
        let some = &mut puts.into_iter();
        for put in some.by_ref().take(3 + round * 5) {
            acknowledged.extend(put.await?);
        }
        served.kill()?;
        for put in some {
            acknowledged.extend(put.await?);
        }
    }
    assert!(acknowledged.len() >= 15, "{}", acknowledged.len());

    let served = Served::start(folder.path())?;
    for number in 0..200 {
        let object = served.buckets.read("threadly-kept", &format!("objects/{number}"), 1 << 20).await?;
        assert!(object.is_some() || !acknowledged.contains(&number), "{number} was acknowledged and is gone");
        if let Some(object) = object {
            assert!(object.content == content(number), "{number} is not what was put");
        }
    }
    println!("{} of 200 acknowledged over 5 kills", acknowledged.len());
    served.kill()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_completes_expires_and_everything_else_stays() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let buckets = Buckets::connect(&config(format!("http://{}", listener.local_addr()?)))?;
    let store = EmbeddedStore::open(folder.path())?;
    let key = StoreKey { access_key: KEY.0.to_owned(), secret_key: KEY.1.to_owned() };
    let shutdown = CancellationToken::new();
    let serving = tokio::spawn(store.clone().serve(key, listener, shutdown.clone()));
    for bucket in ["threadly-configured", "threadly-bare"] {
        buckets.create(bucket).await?;
        put(&buckets, bucket, "incoming/u/1", b"new".to_vec()).await?;
        put(&buckets, bucket, "avatars/u/1", b"kept".to_vec()).await?;
    }
    let settings = BucketSettings { origins: Vec::new(), tls_only: false };
    buckets.configure("threadly-configured", &settings).await?;
    let now = SystemTime::now();
    assert_eq!(store.expire(now)?, 0);
    assert_eq!(store.expire(now + DAY / 2)?, 0);
    assert_eq!(store.expire(now + 2 * DAY)?, 1);
    assert!(buckets.head("threadly-configured", "incoming/u/1").await?.is_none());
    for (bucket, key) in
        [("threadly-configured", "avatars/u/1"), ("threadly-bare", "incoming/u/1"), ("threadly-bare", "avatars/u/1")]
    {
        assert!(buckets.head(bucket, key).await?.is_some(), "{bucket} {key}");
    }
    shutdown.cancel();
    serving.await?;
    Ok(())
}
