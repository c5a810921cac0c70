//! What is kept of each issuer.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use moka::{policy::EvictionPolicy, sync::Cache};
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    Endpoint, FetchError, Fetcher, Issuer, Refused, Unavailable,
    discovery::Discovery,
    kept::{Clock, Kept, Loaded},
    keys::{Found, KeySet},
    token::Token,
};

/// Issuers of which something is kept; beyond, those go that were asked for the longest time ago.
const MAX_ISSUERS: u64 = 1_000;
/// Sets that are looked at for one token: what was kept, what an other's asking has brought, what its own has.
const MAX_SETS: usize = 3;
/// Nobody waits longer for an issuer's keys, however many loads that takes; these go on, for the next one who asks.
const WAIT: Duration = Duration::from_secs(8);

/// All outside issuers, as far as they have been met. Clones share what is kept.
#[derive(Clone)]
pub struct Issuers {
    shared: Arc<Shared>,
}

struct Shared {
    fetcher: Fetcher,
    clock: Clock,
    /// By the issuer and where its keys are: what one workspace says of an issuer is nothing to another's.
    sources: Cache<(String, Option<Endpoint>), Arc<Source>>,
    ending: CancellationToken,
    /// Ends what is being loaded with the last clone.
    _ends: DropGuard,
}

struct Source {
    keys: Arc<Kept<KeySet>>,
    discovery: Arc<Kept<Discovery>>,
}

impl fmt::Debug for Issuers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuers").field("fetcher", &self.shared.fetcher).finish_non_exhaustive()
    }
}

impl Issuers {
    /// Asks by this fetcher.
    #[must_use]
    pub fn new(fetcher: Fetcher) -> Self {
        Self::with_clock(fetcher, Instant::now)
    }

    /// The same where another clock says how old is what is kept.
    #[must_use]
    pub fn with_clock(fetcher: Fetcher, clock: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        let sources = Cache::builder().max_capacity(MAX_ISSUERS).eviction_policy(EvictionPolicy::lru()).build();
        let ending = CancellationToken::new();
        let _ends = ending.clone().drop_guard();
        Self { shared: Arc::new(Shared { fetcher, clock: Arc::new(clock), sources, ending, _ends }) }
    }

    pub(crate) fn fetcher(&self) -> &Fetcher {
        &self.shared.fetcher
    }

    /// Whether the token is signed by a key that the issuer has now.
    ///
    /// # Errors
    /// It is not, or that can't be told in time.
    pub(crate) async fn check_signature(&self, issuer: &Issuer, token: &Token<'_>) -> Result<(), Refused> {
        let late = Refused::IssuerUnavailable(Unavailable::Asked(FetchError::TimedOut));
        timeout(WAIT, self.check_by_keys(issuer, token)).await.unwrap_or(Err(late))
    }

    async fn check_by_keys(&self, issuer: &Issuer, token: &Token<'_>) -> Result<(), Refused> {
        let allowed = token.algorithm.filter(|algorithm| issuer.allows(*algorithm));
        let algorithm = allowed.ok_or(Refused::AlgorithmNotAllowed)?;
        let source = self.source(issuer);
        let load = || load_keys(self.shared.fetcher.clone(), issuer.clone(), Arc::clone(&source.discovery));
        let mut set = source.keys.get(load).await.map_err(Refused::IssuerUnavailable)?;
        for _ in 0..MAX_SETS {
            match set.find(&token.key_id, algorithm) {
                Found::Key(key) => {
                    let verified =
                        jsonwebtoken::crypto::verify(token.signature, token.message.as_bytes(), key, algorithm.jwa());
                    return if verified.unwrap_or(false) { Ok(()) } else { Err(Refused::BadSignature) };
                }
                Found::OtherUse => return Err(Refused::AlgorithmNotAllowed),
                Found::Nothing => {
                    let news = source.keys.news(&set, load).await.map_err(Refused::IssuerUnavailable)?;
                    set = news.ok_or(Refused::UnknownKey)?;
                }
            }
        }
        Err(Refused::UnknownKey)
    }

    /// What the issuer says of itself.
    ///
    /// # Errors
    /// It is away, or says what can't be used.
    pub(crate) async fn discovery(&self, issuer: &Issuer) -> Result<Arc<Discovery>, Unavailable> {
        let load = || load_discovery(self.shared.fetcher.clone(), issuer.clone());
        self.source(issuer).discovery.get(load).await
    }

    fn source(&self, issuer: &Issuer) -> Arc<Source> {
        let make = || {
            let Shared { clock, ending, .. } = &*self.shared;
            let keys = Kept::new(Arc::clone(clock), ending.clone());
            Arc::new(Source { keys, discovery: Kept::new(Arc::clone(clock), ending.clone()) })
        };
        self.shared.sources.get_with((issuer.url().to_owned(), issuer.jwks_uri().cloned()), make)
    }
}

async fn load_keys(
    fetcher: Fetcher,
    issuer: Issuer,
    discovery: Arc<Kept<Discovery>>,
) -> Result<Loaded<KeySet>, Unavailable> {
    let written = issuer.jwks_uri().cloned();
    let place = match &written {
        Some(place) => place.clone(),
        None => discovery.get(|| load_discovery(fetcher.clone(), issuer.clone())).await?.jwks.clone(),
    };
    let read = match fetcher.get(&place).await {
        Ok(answer) => KeySet::parse(&answer.body).map(|value| Loaded { value, max_age: answer.max_age }),
        Err(why) => Err(why.into()),
    };
    if read.is_err() {
        // It may have moved.
        discovery.doubt();
    }
    read
}

async fn load_discovery(fetcher: Fetcher, issuer: Issuer) -> Result<Loaded<Discovery>, Unavailable> {
    let answer = fetcher.get(&Discovery::place(issuer.url())?).await?;
    Ok(Loaded { value: Discovery::parse(issuer.url(), &answer.body)?, max_age: answer.max_age })
}
