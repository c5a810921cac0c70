//! Object stores for tests: the one that the run was given, and embedded ones of a test's own.

use std::{
    env,
    net::{SocketAddr, TcpListener},
    thread::JoinHandle,
};

use anyhow::Context;
use buckets::{S3Config, SecretText};
use embedded_store::{EmbeddedStore, StoreKey};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const ACCESS_KEY: &str = "threadly-test";
const SECRET_KEY: &str = "a key for tests only";

/// An object store, with a key that may do everything.
pub struct TestStore {
    config: S3Config,
    own: Option<Own>,
}

/// An embedded store on a thread of its own, so that it outlives the runtime that a test may drop.
struct Own {
    folder: TempDir,
    address: SocketAddr,
    running: Option<(CancellationToken, JoinHandle<()>)>,
}

impl TestStore {
    /// The run's own store (`THREADLY_TEST_S3`), or else an embedded one.
    ///
    /// # Errors
    /// A variable is missing, or the embedded store can't start.
    pub fn start() -> anyhow::Result<Self> {
        Self::given()?.map_or_else(Self::embedded, Ok)
    }

    /// Every kind of store that this run has: an embedded one, and its own if it was given one.
    ///
    /// # Errors
    /// A variable is missing, or the embedded store can't start.
    pub fn every() -> anyhow::Result<Vec<Self>> {
        Ok([Some(Self::embedded()?), Self::given()?].into_iter().flatten().collect())
    }

    fn given() -> anyhow::Result<Option<Self>> {
        let Ok(url) = env::var("THREADLY_TEST_S3") else { return Ok(None) };
        let variable = |name| env::var(name).with_context(|| format!("{name} is not set beside THREADLY_TEST_S3"));
        let secret = variable("THREADLY_TEST_S3_SECRET_KEY")?;
        let config = config(url, variable("THREADLY_TEST_S3_ACCESS_KEY")?, &secret);
        Ok(Some(Self { config, own: None }))
    }

    /// An embedded store with no buckets.
    ///
    /// # Errors
    /// It can't start.
    pub fn embedded() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let mut own = Own { folder: tempfile::tempdir()?, address, running: None };
        own.run(listener)?;
        Ok(Self { config: config(format!("http://{address}"), ACCESS_KEY.to_owned(), SECRET_KEY), own: Some(own) })
    }

    /// Where it is, and its key.
    #[must_use]
    pub fn config(&self) -> &S3Config {
        &self.config
    }

    /// The environment of a program that uses it.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let S3Config { url, access_key, secret_key, .. } = &self.config;
        [
            ("THREADLY_S3_URL", url.as_str()),
            ("THREADLY_S3_ACCESS_KEY", access_key.as_str()),
            ("THREADLY_S3_SECRET_KEY", secret_key.expose()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// Whether it is an embedded one.
    #[must_use]
    pub const fn is_embedded(&self) -> bool {
        self.own.is_some()
    }

    /// Stops an embedded store; nothing listens then.
    pub fn stop(&mut self) {
        if let Some(own) = &mut self.own {
            own.stop();
        }
    }

    /// Starts a stopped one again: same data, same port.
    ///
    /// # Errors
    /// The port is taken meanwhile, or it is none of the test's own.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        let own = self.own.as_mut().context("only a store of the test's own is restarted")?;
        own.stop();
        own.run(TcpListener::bind(own.address)?)
    }
}

fn config(url: String, access_key: String, secret_key: &str) -> S3Config {
    let region = "us-east-1".to_owned();
    S3Config { url, region, access_key, secret_key: SecretText::new(secret_key), public_url: None }
}

impl Own {
    fn run(&mut self, listener: TcpListener) -> anyhow::Result<()> {
        listener.set_nonblocking(true)?;
        let store = EmbeddedStore::open(self.folder.path())?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let key = StoreKey { access_key: ACCESS_KEY.to_owned(), secret_key: SECRET_KEY.to_owned() };
        let shutdown = CancellationToken::new();
        let ends = shutdown.clone();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                    store.serve(key, listener, ends).await;
                }
            });
        });
        self.running = Some((shutdown, thread));
        Ok(())
    }

    fn stop(&mut self) {
        if let Some((shutdown, thread)) = self.running.take() {
            shutdown.cancel();
            let _ = thread.join();
        }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.stop();
    }
}
