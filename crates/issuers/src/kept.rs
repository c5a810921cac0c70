//! Something of an issuer's that is kept: loaded by one while others wait or go on with what there was, and not asked
//! for again and again while the issuer is away.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{FetchError, Unavailable};

/// How long something is kept: at least, at most, and where the issuer doesn't say.
const AGES: (Duration, Duration, Duration) = (minutes(5), hours(24), hours(1));
/// How long what is past its time is used while the issuer is away.
const STALE: Duration = hours(24);
/// How long past its time nobody waits for news. Whoever comes later does, lest a removed key verify after a quiet night.
const GRACE: Duration = minutes(1);
/// News that a token asks for, by a key that is not known: once in this time.
const ASKED_PAUSE: Duration = minutes(1);
/// After a failure, doubled with each further one.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(5), minutes(5));
/// Loads that somebody waits for: one that was under way, and his own.
const MAX_WAITS: usize = 2;
/// Loading takes no longer.
const LOAD: Duration = Duration::from_secs(5);

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

const fn hours(hours: u64) -> Duration {
    minutes(hours * 60)
}

/// Tells the time that things are kept by.
pub(crate) type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// What was loaded, and how long the issuer says that it may be kept.
pub(crate) struct Loaded<T> {
    pub value: T,
    pub max_age: Option<Duration>,
}

/// See the module.
pub(crate) struct Kept<T> {
    clock: Clock,
    /// Ends what is being loaded.
    ending: CancellationToken,
    state: Mutex<State<T>>,
}

struct State<T> {
    value: Option<Value<T>>,
    failure: Option<Failure>,
    /// When a token has asked for news.
    asked: Option<Instant>,
    /// Closes once what is being loaded has come, or not.
    flight: Option<watch::Receiver<()>>,
}

struct Value<T> {
    value: Arc<T>,
    fresh_until: Instant,
}

#[derive(Clone)]
struct Failure {
    count: u32,
    why: Unavailable,
    next_try: Instant,
}

type Decision<T> = (Plan<T>, Option<watch::Receiver<()>>, Option<Landing<T>>);

enum Plan<T> {
    Use(Arc<T>),
    /// And begin to load.
    UseAndLoad(Arc<T>),
    /// And wait for it.
    Load,
    /// The same because a token asks for it.
    LoadNews,
    Wait,
    Refuse(Unavailable),
    /// It was asked for a moment ago.
    TooSoon,
}

impl<T> State<T> {
    fn plan(&self, now: Instant) -> Plan<T> {
        let pausing = self.failure.as_ref().filter(|failure| now < failure.next_try);
        match self.value.as_ref().filter(|value| now < value.fresh_until + STALE) {
            Some(value) => {
                let fresh = now < value.fresh_until;
                let go_on = fresh || self.failure.is_some() || now < value.fresh_until + GRACE;
                let value = Arc::clone(&value.value);
                match (go_on, self.flight.is_some()) {
                    (true, flying) if fresh || flying || pausing.is_some() => Plan::Use(value),
                    (true, _) => Plan::UseAndLoad(value),
                    (false, true) => Plan::Wait,
                    (false, false) => Plan::Load,
                }
            }
            None if self.flight.is_some() => Plan::Wait,
            None => pausing.map_or(Plan::Load, |failure| Plan::Refuse(failure.why.clone())),
        }
    }

    /// For somebody whom what he has seen doesn't help.
    fn plan_news(&self, seen: &Arc<T>, now: Instant) -> Plan<T> {
        if let Some(value) = self.value.as_ref().filter(|value| !Arc::ptr_eq(&value.value, seen)) {
            return Plan::Use(Arc::clone(&value.value));
        }
        if self.flight.is_some() {
            return Plan::Wait;
        }
        let soon = self.asked.is_some_and(|asked| now < asked + ASKED_PAUSE);
        match &self.failure {
            Some(failure) if soon || now < failure.next_try => Plan::Refuse(failure.why.clone()),
            None if soon => Plan::TooSoon,
            _ => Plan::LoadNews,
        }
    }

    /// Why there is nothing.
    fn why(&self) -> Unavailable {
        self.failure.as_ref().map_or(Unavailable::Abandoned, |failure| failure.why.clone())
    }

    fn land(&mut self, outcome: Result<Loaded<T>, Unavailable>, now: Instant) {
        self.flight = None;
        match outcome {
            Ok(Loaded { value, max_age }) => {
                let (least, most, usual) = AGES;
                let fresh_until = now + max_age.unwrap_or(usual).clamp(least, most);
                self.value = Some(Value { value: Arc::new(value), fresh_until });
                self.failure = None;
            }
            Err(why) => {
                let count = self.failure.as_ref().map_or(1, |failure| failure.count.saturating_add(1));
                let (first, most) = BACK_OFF;
                let pause = first.saturating_mul(1 << (count - 1).min(16)).min(most);
                self.failure = Some(Failure { count, why, next_try: now + pause });
            }
        }
    }
}

impl<T: Send + Sync + 'static> Kept<T> {
    pub(crate) fn new(clock: Clock, ending: CancellationToken) -> Arc<Self> {
        let state = State { value: None, failure: None, asked: None, flight: None };
        Arc::new(Self { clock, ending, state: Mutex::new(state) })
    }

    /// What there is. Waits at most for two loads.
    ///
    /// # Errors
    /// There is nothing, and the issuer is away.
    pub(crate) async fn get<F>(self: &Arc<Self>, load: impl Fn() -> F) -> Result<Arc<T>, Unavailable>
    where
        F: Future<Output = Result<Loaded<T>, Unavailable>> + Send + 'static,
    {
        for _ in 0..MAX_WAITS {
            let (plan, flight, landing) = self.decide(State::plan);
            if let Some(landing) = landing {
                landing.load(load());
            }
            match plan {
                Plan::Use(value) | Plan::UseAndLoad(value) => return Ok(value),
                Plan::Refuse(why) => return Err(why),
                Plan::Load | Plan::LoadNews | Plan::Wait | Plan::TooSoon => landed(flight).await,
            }
        }
        let state = self.lock();
        state.value.as_ref().map(|value| Arc::clone(&value.value)).ok_or_else(|| state.why())
    }

    /// What there is instead of what was seen; none if it was asked for within the last minute. Waits at most for two loads.
    ///
    /// # Errors
    /// The issuer is away.
    pub(crate) async fn news<F>(
        self: &Arc<Self>,
        seen: &Arc<T>,
        load: impl Fn() -> F,
    ) -> Result<Option<Arc<T>>, Unavailable>
    where
        F: Future<Output = Result<Loaded<T>, Unavailable>> + Send + 'static,
    {
        for _ in 0..MAX_WAITS {
            let (plan, flight, landing) = self.decide(|state, now| state.plan_news(seen, now));
            if let Some(landing) = landing {
                landing.load(load());
            }
            match plan {
                Plan::Use(value) | Plan::UseAndLoad(value) => return Ok(Some(value)),
                Plan::Refuse(why) => return Err(why),
                Plan::TooSoon => return Ok(None),
                Plan::Load | Plan::LoadNews | Plan::Wait => landed(flight).await,
            }
        }
        Err(self.lock().why())
    }

    /// Makes the next one who asks load it.
    pub(crate) fn doubt(&self) {
        let now = (self.clock)();
        if let Some(value) = &mut self.lock().value {
            value.fresh_until = value.fresh_until.min(now);
        }
    }

    /// The plan, the load to wait for, and that load if it is this caller who begins it: once the state is let go of,
    /// since a task that can't run ends at once, and lands.
    fn decide(self: &Arc<Self>, plan: impl Fn(&State<T>, Instant) -> Plan<T>) -> Decision<T> {
        let mut state = self.lock();
        let now = (self.clock)();
        let plan = plan(&state, now);
        if let Plan::LoadNews = plan {
            state.asked = Some(now);
        }
        let begins = matches!(plan, Plan::UseAndLoad(_) | Plan::Load | Plan::LoadNews);
        let landing = begins.then(|| {
            let (landing, flight) = watch::channel(());
            state.flight = Some(flight);
            Landing { kept: Arc::clone(self), outcome: Err(Unavailable::Abandoned), _landing: landing }
        });
        (plan, state.flight.clone(), landing)
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

async fn landed(flight: Option<watch::Receiver<()>>) {
    if let Some(mut flight) = flight {
        // Nothing is ever sent: it closes.
        while flight.changed().await.is_ok() {}
    }
}

/// Writes down what has come, whatever ends the task, and then lets those go on who wait.
struct Landing<T: Send + Sync + 'static> {
    kept: Arc<Kept<T>>,
    outcome: Result<Loaded<T>, Unavailable>,
    _landing: watch::Sender<()>,
}

impl<T: Send + Sync + 'static> Landing<T> {
    /// In a task, so that it goes on when whoever began it goes away. It ends in time, or with the cache.
    fn load(mut self, load: impl Future<Output = Result<Loaded<T>, Unavailable>> + Send + 'static) {
        let ending = self.kept.ending.clone();
        tokio::spawn(async move {
            let late = Err(Unavailable::Asked(FetchError::TimedOut));
            let whole = async { self.outcome = timeout(LOAD, load).await.unwrap_or(late) };
            ending.run_until_cancelled_owned(whole).await;
        });
    }
}

impl<T: Send + Sync + 'static> Drop for Landing<T> {
    fn drop(&mut self) {
        let outcome = std::mem::replace(&mut self.outcome, Err(Unavailable::Abandoned));
        let now = (self.kept.clock)();
        self.kept.lock().land(outcome, now);
    }
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
