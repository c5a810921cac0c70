//! An identity provider of a test's own: OpenID Connect over https on a free port, with keys that can be changed and
//! answers that can be spoilt.

mod answers;
mod keys;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::tls::Identity;
use answers::Code;
pub use keys::IssuerKey;

/// Seconds that its tokens are valid; Clerk's are valid for one minute too.
const LIFETIME_SECONDS: u64 = 60;

/// Where it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The OpenID configuration.
    Discovery,
    /// The keys.
    Keys,
    /// Where codes become tokens.
    Token,
}

impl Place {
    /// Its path.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Discovery => "/.well-known/openid-configuration",
            Self::Keys => "/.well-known/jwks.json",
            Self::Token => "/token",
        }
    }
}

/// How a place is spoilt.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It answers after so long.
    Slow(Duration),
    /// It never answers.
    Hangs,
    /// It answers a byte at a time, for ever.
    Drips,
    /// It answers 10 MB, and says so.
    Large,
    /// It answers 10 MB, in chunks.
    LargeByChunks,
    /// It sends elsewhere; `/loop` sends to itself.
    Redirects(String),
    /// Its answer says this too, or instead; without what is null.
    Says(Value),
    /// It answers this text.
    Text(String),
    /// It answers nothing with this status.
    Status(u16),
    /// It says that its answer is compressed.
    Encoded,
}

/// The issuer. It ends when this is dropped.
pub struct LocalIssuer {
    house: House,
    authority: String,
    _end: DropGuard,
}

#[derive(Clone)]
struct House {
    url: String,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Signs what the issuer signs by itself.
    key: IssuerKey,
    published: Vec<Value>,
    faults: HashMap<Place, Fault>,
    cache_control: Option<String>,
    asked: HashMap<Place, usize>,
    /// Id and secret.
    client: (String, Option<String>),
    /// Claims of whoever signs in.
    person: Value,
    codes: HashMap<String, Code>,
}

impl State {
    fn id_claims(&self, url: &str, client: &str, nonce: Option<&str>) -> Value {
        let now = now();
        let bare = json!({"iss": url, "aud": client, "exp": now + LIFETIME_SECONDS, "iat": now, "nonce": nonce});
        keys::merged(&bare, &self.person)
    }
}

impl LocalIssuer {
    /// One with a key for ES256, a client `threadly` without a secret, and a person `user_ana`.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start() -> anyhow::Result<Self> {
        let identity = Identity::of(&["127.0.0.1", "localhost"])?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("https://{}", listener.local_addr()?);
        let key = IssuerKey::make("ES256")?;
        let state = State {
            published: vec![key.jwk().clone()],
            key,
            faults: HashMap::new(),
            cache_control: None,
            asked: HashMap::new(),
            client: ("threadly".to_owned(), None),
            person: json!({"sub": "user_ana", "email": "ana@acme.example", "email_verified": true, "name": "Ana"}),
            codes: HashMap::new(),
        };
        let house = House { url, state: Arc::new(Mutex::new(state)) };
        let end = CancellationToken::new();
        let serving = serve(listener, acceptor(&identity)?, answers::router(house.clone()));
        tokio::spawn(end.clone().run_until_cancelled_owned(serving));
        Ok(Self { house, authority: identity.authority, _end: end.drop_guard() })
    }

    /// The `iss` of its tokens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.house.url
    }

    /// Its `host:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url().trim_start_matches("https://")
    }

    /// The certificate of the authority that it is trusted by, as PEM text.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The key that it signs with by itself.
    #[must_use]
    pub fn key(&self) -> IssuerKey {
        self.state().key.clone()
    }

    /// Publishes the key beside the others, and signs with it from now on.
    pub fn rotate(&self, to: &IssuerKey) {
        self.publish(to);
        self.state().key = to.clone();
    }

    /// Publishes the key beside the others.
    pub fn publish(&self, key: &IssuerKey) {
        self.state().published.push(key.jwk().clone());
    }

    /// Publishes it no longer.
    pub fn remove(&self, key: &IssuerKey) {
        self.state().published.retain(|jwk| jwk["kid"] != key.id());
    }

    /// Spoils a place from now on.
    pub fn spoil(&self, place: Place, fault: Fault) {
        self.state().faults.insert(place, fault);
    }

    /// Answers honestly again, everywhere.
    pub fn mend(&self) {
        self.state().faults.clear();
    }

    /// Says from now on how long its answers may be kept.
    pub fn cache_control(&self, said: &str) {
        self.state().cache_control = Some(said.to_owned());
    }

    /// How often a place was asked.
    #[must_use]
    pub fn asked(&self, place: Place) -> usize {
        self.state().asked.get(&place).copied().unwrap_or_default()
    }

    /// Gives the client a secret.
    pub fn client_secret(&self, secret: &str) {
        self.state().client.1 = Some(secret.to_owned());
    }

    /// Who signs in from now on: claims of the token, also wrong ones; `sub` has no default here.
    pub fn person(&self, claims: Value) {
        self.state().person = claims;
    }

    /// A session token in the shape of Clerk's: no audience, but the party that has asked for it.
    ///
    /// # Errors
    /// It can't be signed.
    pub fn clerk_token(&self, now: u64, subject: &str, session: &str, party: &str) -> anyhow::Result<String> {
        self.key().sign(&self.clerk_claims(now, subject, session, party))
    }

    /// What such a token says.
    #[must_use]
    pub fn clerk_claims(&self, now: u64, subject: &str, session: &str, party: &str) -> Value {
        json!({
            "azp": party, "exp": now + LIFETIME_SECONDS, "fva": [0, -1], "iat": now, "iss": self.url(), "nbf": now - 10,
            "sid": session, "sts": "active", "sub": subject, "v": 2,
        })
    }

    /// An access token for an audience, with further claims.
    ///
    /// # Errors
    /// It can't be signed.
    pub fn token(&self, now: u64, subject: &str, audience: &str, more: &Value) -> anyhow::Result<String> {
        self.key().sign(&self.claims(now, subject, audience, more))
    }

    /// What such a token says.
    #[must_use]
    pub fn claims(&self, now: u64, subject: &str, audience: &str, more: &Value) -> Value {
        let exp = now + LIFETIME_SECONDS;
        let bare = json!({"iss": self.url(), "sub": subject, "aud": audience, "iat": now, "exp": exp});
        keys::merged(&bare, more)
    }

    /// The token that a sign-in of the person ends with.
    ///
    /// # Errors
    /// It can't be signed.
    pub fn id_token(&self, client: &str, nonce: Option<&str>) -> anyhow::Result<String> {
        let state = self.state();
        state.key.sign(&state.id_claims(self.url(), client, nonce))
    }

    /// What a browser does that is sent to this URL: the person signs in, and is sent on to the URL that is answered.
    ///
    /// # Errors
    /// The issuer refuses what is asked for.
    pub fn sign_in(&self, url: &str) -> anyhow::Result<url::Url> {
        let url = url::Url::parse(url)?;
        anyhow::ensure!(url.as_str().starts_with(&format!("{}/authorize?", self.url())), "{url} is elsewhere");
        let back = answers::sign_in(&self.house, &url.query_pairs().into_owned().collect());
        Ok(url::Url::parse(&back.map_err(anyhow::Error::msg)?)?)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.house.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Seconds since 1970, by this machine's clock.
#[must_use]
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn acceptor(identity: &Identity) -> anyhow::Result<TlsAcceptor> {
    let chain = vec![CertificateDer::from_pem_slice(identity.certificate.as_bytes()).context("a certificate")?];
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).context("a key")?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, router: axum::Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let (tls, service) = (tls.clone(), TowerToHyperService::new(router.clone()));
                connections.spawn(async move {
                    // Whoever doesn't trust it, or goes away in the middle, has had his answer.
                    if let Ok(stream) = tls.accept(stream).await {
                        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
