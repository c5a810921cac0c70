//! How often somebody may ask. Each process counts for itself: n processes let n times as much through.

use std::{
    collections::HashMap,
    num::NonZero,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use domain::{UserId, WorkspaceId};
use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};
use tenancy::Workspace;
use tokio_util::sync::CancellationToken;

use crate::Problem;

/// Requests at once, as a multiple of those a second.
const BURST: u32 = 4;
/// Between two looks for who has not asked lately.
const FORGET: Duration = Duration::from_secs(60);

/// The names of the IETF's draft on rate limits (draft-ietf-httpapi-ratelimit-headers).
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// Who is counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asker {
    /// A person, on all their devices.
    Person(WorkspaceId, UserId),
    /// Whoever comes from a network without a token.
    Network(String),
}

type Keyed = RateLimiter<Asker, DashMapStateStore<Asker>, DefaultClock, StateInformationMiddleware>;

/// Each workspace's limit and what counts against it.
type Posts = Arc<Mutex<HashMap<WorkspaceId, (u32, Arc<DefaultDirectRateLimiter>)>>>;

/// The counts of a process. Clones share them; by default nothing is limited.
#[derive(Clone, Default)]
pub struct Rates {
    askers: Option<Arc<Askers>>,
    posts: Posts,
}

struct Askers {
    per_second: NonZero<u32>,
    limiter: Keyed,
}

impl std::fmt::Debug for Rates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rates(…)")
    }
}

/// What is left of somebody's allowance; the host tells it in the answer's headers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    burst: u32,
    per_second: u32,
    remaining: u32,
}

/// Where a handler's extractors leave the allowance for the answer.
pub(crate) type Told = Arc<Mutex<Option<Allowance>>>;

impl Allowance {
    /// Writes what is left into an answer.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        let window = self.burst.div_ceil(self.per_second);
        let wait = (self.burst - self.remaining).div_ceil(self.per_second);
        let policy = format!("\"default\";q={};w={window}", self.burst);
        let state = format!("\"default\";r={};t={wait}", self.remaining);
        for (name, text) in [(POLICY, policy), (STATE, state)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        }
    }
}

impl Rates {
    /// With this many requests a second each; 0 is no limit.
    #[must_use]
    pub fn new(per_second: u32) -> Self {
        let askers = NonZero::new(per_second).map(|per_second| {
            let quota = Quota::per_second(per_second).allow_burst(per_second.saturating_mul(BURST_AT_ONCE));
            Arc::new(Askers { per_second, limiter: RateLimiter::keyed(quota).with_middleware() })
        });
        Self { askers, posts: Arc::default() }
    }

    /// Forgets who has not asked lately, until `shutdown`.
    pub async fn forget(self, shutdown: CancellationToken) {
        let Some(askers) = self.askers else { return };
        while shutdown.run_until_cancelled(tokio::time::sleep(FORGET)).await.is_some() {
            askers.limiter.retain_recent();
        }
    }

    /// Counts one request; `told` takes what is left.
    pub(crate) fn ask(&self, asker: &Asker, told: Option<&Told>) -> Result<(), Problem> {
        let Some(askers) = &self.askers else { return Ok(()) };
        let (burst, per_second) = (askers.per_second.get().saturating_mul(BURST), askers.per_second.get());
        let checked = askers.limiter.check_key(asker);
        let remaining = checked.as_ref().map_or(0, governor::middleware::StateSnapshot::remaining_burst_capacity);
        if let Some(told) = told {
            let allowance = Allowance { burst, per_second, remaining };
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(allowance);
        }
        let Err(until) = checked else { return Ok(()) };
        let wait = until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
        let wait = u32::try_from(wait).unwrap_or(u32::MAX);
        Err(Problem::too_many("rate-limited", "too many requests at once; slow down", wait))
    }

    /// Counts one message of a workspace against what its manifest allows.
    ///
    /// # Errors
    /// 429 `workspace-rate-limited`.
    pub fn post(&self, workspace: &Workspace) -> Result<(), Problem> {
        let Some(most) = workspace.settings.limits.messages_per_second.and_then(NonZero::new) else { return Ok(()) };
        let limiter = {
            let mut posts = self.posts.lock().unwrap_or_else(PoisonError::into_inner);
            let (known, limiter) = posts.entry(workspace.id.clone()).or_insert_with(|| (most.get(), direct(most)));
            if *known != most.get() {
                (*known, *limiter) = (most.get(), direct(most));
            }
            limiter.clone()
        };
        limiter.check().map_err(|_| {
            Problem::too_many("workspace-rate-limited", "this workspace posts as fast as it may; try again", 1)
        })
    }
}

const BURST_AT_ONCE: NonZero<u32> = match NonZero::new(BURST) {
    Some(burst) => burst,
    None => NonZero::<u32>::MIN,
};

fn direct(most: NonZero<u32>) -> Arc<DefaultDirectRateLimiter> {
    Arc::new(RateLimiter::direct(Quota::per_second(most)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(name: &str) -> Asker {
        Asker::Network(name.to_owned())
    }

    #[test]
    fn an_asker_has_four_times_the_rate_at_once_and_others_are_not_touched() {
        let rates = Rates::new(1);
        let told = Told::default();
        for left in [3, 2, 1, 0] {
            rates.ask(&network("a"), Some(&told)).unwrap();
            assert_eq!(told.lock().unwrap().unwrap().remaining, left);
        }
        assert_eq!(rates.ask(&network("a"), Some(&told)).unwrap_err().code(), "rate-limited");
        rates.ask(&network("b"), None).unwrap();
        let mut headers = HeaderMap::new();
        told.lock().unwrap().unwrap().tell(&mut headers);
        assert_eq!(headers[POLICY], "\"default\";q=4;w=4");
        assert_eq!(headers[STATE], "\"default\";r=0;t=4");
    }

    #[test]
    fn without_a_rate_nothing_is_limited() {
        for _ in 0..10_000 {
            Rates::new(0).ask(&network("a"), None).unwrap();
        }
    }
}
