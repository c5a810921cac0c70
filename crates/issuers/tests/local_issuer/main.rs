//! Tokens and sign-ins of an issuer that really is asked: over https, on a port of the test's own.

mod fetching;
mod keeping;
mod sign_in;
mod tokens;
mod trouble;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use issuers::{Fetcher, Identity, Issuer, Issuers, Refused};
use serde_json::{Value, json};
use testkit::servers::{LocalIssuer, issuer::now};

const AUDIENCE: &str = "threadly";
const PARTY: &str = "https://talk.acme.example";

/// An issuer, and who trusts it.
struct Stage {
    issuer: LocalIssuer,
    issuers: Issuers,
    clock: HandClock,
    /// What is usually said of it.
    usual: [Issuer; 1],
    /// When it began: what tokens are judged by.
    now: u64,
}

/// A clock that is set by hand: what is kept ages by it.
#[derive(Clone, Default)]
struct HandClock(Arc<AtomicU64>);

impl HandClock {
    fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_secs(), Ordering::SeqCst);
    }

    fn reader(&self) -> impl Fn() -> Instant + Send + Sync + 'static + use<> {
        let (start, passed) = (Instant::now(), Arc::clone(&self.0));
        move || start + Duration::from_secs(passed.load(Ordering::SeqCst))
    }
}

impl Stage {
    async fn new() -> anyhow::Result<Self> {
        let issuer = LocalIssuer::start().await?;
        let clock = HandClock::default();
        let issuers = Issuers::with_clock(fetcher(&[&issuer])?, clock.reader());
        let usual = [trusting(&issuer, &json!({}))?];
        Ok(Self { issuer, issuers, clock, usual, now: now() })
    }

    fn trusting(&self, more: &Value) -> anyhow::Result<Issuer> {
        trusting(&self.issuer, more)
    }

    /// By the usual settings, as of the beginning.
    async fn verify(&self, token: &str) -> Result<Identity, Refused> {
        self.issuers.verify(&self.usual, token, self.now).await
    }

    fn token(&self) -> anyhow::Result<String> {
        self.issuer.token(self.now, "user_ana", AUDIENCE, &json!({}))
    }
}

/// May ask these.
fn fetcher(of: &[&LocalIssuer]) -> anyhow::Result<Fetcher> {
    let authorities: String = of.iter().map(|issuer| issuer.authority()).collect();
    let places: Vec<&str> = of.iter().map(|issuer| issuer.address()).collect();
    Ok(Fetcher::new(Some(&authorities), &places)?)
}

/// The issuer's settings, with members in place of the usual ones.
fn trusting(issuer: &LocalIssuer, more: &Value) -> anyhow::Result<Issuer> {
    let usual = json!({"issuer": issuer.url(), "audiences": [AUDIENCE], "authorizedParties": [PARTY]});
    Ok(serde_json::from_value(with(usual, more))?)
}

/// With these members in place of its own.
fn with(mut object: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().into_iter().flatten() {
        object[name] = value.clone();
    }
    object
}
