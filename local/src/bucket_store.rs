//! The object store: the one that the settings name, or else one of the program's own.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::Context;
use buckets::{S3Args, S3Config, SecretText};
use embedded_store::{EmbeddedStore, StoreKey};
use tenancy::credentials::{Purpose, RootKey};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Config;

const ACCESS_KEY: &str = "threadly";
/// Rotation is a matter of the next releases.
const GENERATION: u32 = 1;

/// A store to work with, and what has to be served for it.
pub struct BucketStore {
    pub config: S3Config,
    own: Option<Own>,
}

struct Own {
    store: EmbeddedStore,
    key: StoreKey,
    listener: TcpListener,
}

impl BucketStore {
    /// Opens the program's own store and listens, unless the settings name another.
    pub async fn open(config: &Config, root: &RootKey) -> anyhow::Result<Self> {
        if let Some(config) = config.s3.config()? {
            return Ok(Self { config, own: None });
        }
        let listener = TcpListener::bind(config.buckets_listen).await.with_context(|| {
            format!("can't listen on {}; THREADLY_BUCKETS_LISTEN names another address", config.buckets_listen)
        })?;
        let store = EmbeddedStore::open(config.data_dir.join("buckets"))?;
        let secret_key = root.purpose(Purpose::Buckets).derive(ACCESS_KEY, GENERATION).to_text();
        let address = listener.local_addr()?;
        let s3 = S3Config {
            url: format!("http://{}", reachable(address)),
            region: config.s3.s3_region.clone(),
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SecretText::new(secret_key.clone()),
            public_url: config.s3.s3_public_url.clone(),
        };
        let key = StoreKey { access_key: ACCESS_KEY.to_owned(), secret_key };
        Ok(Self { config: s3, own: Some(Own { store, key, listener }) })
    }

    /// As the settings of a function.
    pub fn settings(&self) -> S3Args {
        self.config.clone().into()
    }

    /// Serves the program's own store until `shutdown`.
    pub async fn serve(self, shutdown: CancellationToken) {
        if let Some(Own { store, key, listener }) = self.own {
            store.serve(key, listener, shutdown).await;
        }
    }
}

/// Whoever listens everywhere is reached here.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    address
}

/// The origins that pages of this program have, by what it was told or else by where it listens.
pub fn origins(config: &Config, listen: SocketAddr) -> Vec<String> {
    if !config.origins.is_empty() {
        return config.origins.iter().map(|origin| origin.trim_end_matches('/').to_owned()).collect();
    }
    let here = reachable(listen);
    let mut origins = vec![format!("http://{here}")];
    if here.ip().is_loopback() {
        origins.push(format!("http://localhost:{}", here.port()));
    }
    origins
}
