//! One operator at a time works on a cluster: whoever holds a Lease. Its times are judged by this process's own clock from
//! when it saw them change, so that nobody's clock has to be right. A lease excludes nobody who was stopped and woke up
//! again: that is the epoch's part ([`crate::term`]).

use std::time::Duration;

use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
    jiff::Timestamp,
};
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout, timeout_at},
};

use crate::term::LeasedUntil;

/// The lease's name, in the operator's namespace.
const NAME: &str = "threadly-operator";
/// Whoever does not renew for so long has lost it.
pub const DURATION: Duration = Duration::from_secs(10);
/// The holder gives up before others may take it.
const RENEW_WITHIN: Duration = Duration::from_secs(7);
const RENEW: Duration = Duration::from_secs(2);
/// How often the others look.
const LOOK: Duration = Duration::from_secs(1);
const ANSWER: Duration = Duration::from_secs(3);

/// One who would hold the lease.
pub struct Candidate {
    api: Api<Lease>,
    /// Unique among running processes.
    name: String,
    /// The lease as last seen, and since when it has been like that.
    seen: Option<(Option<LeaseSpec>, Instant)>,
    /// Until when nobody else can have it, as of the last renewal that was confirmed.
    leased: watch::Sender<Instant>,
}

impl Candidate {
    pub fn new(client: Client, namespace: &str, name: String) -> Self {
        let leased = watch::Sender::new(Instant::now());
        Self { api: Api::namespaced(client, namespace), name, seen: None, leased }
    }

    /// Until when it holds the lease for certain.
    pub fn leased(&self) -> LeasedUntil {
        self.leased.subscribe()
    }

    /// Others count from when they see a renewal, which is after it began.
    fn renewed(&self, began: Instant) {
        self.leased.send_replace(began + DURATION);
    }

    /// Waits until it holds the lease.
    pub async fn acquire(&mut self) {
        let mut told = false;
        loop {
            let began = Instant::now();
            match self.try_acquire().await {
                Ok(true) => return self.renewed(began),
                Ok(false) if !told => {
                    tracing::info!("another operator leads; waiting");
                    told = true;
                }
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "the lease can't be read or written; trying again"),
            }
            sleep(LOOK).await;
        }
    }

    async fn try_acquire(&mut self) -> Result<bool, kube::Error> {
        let Some(lease) = answer(self.api.get_opt(NAME)).await? else {
            let metadata = ObjectMeta { name: Some(NAME.to_owned()), ..ObjectMeta::default() };
            let lease = Lease { metadata, spec: Some(self.spec(None)) };
            return won(answer(self.api.create(&PostParams::default(), &lease)).await);
        };
        let since = match &self.seen {
            Some((spec, since)) if *spec == lease.spec => *since,
            _ => Instant::now(),
        };
        self.seen = Some((lease.spec.clone(), since));
        let holder = lease.spec.as_ref().and_then(|spec| spec.holder_identity.as_deref()).unwrap_or_default();
        if !holder.is_empty() && holder != self.name && since.elapsed() < DURATION {
            return Ok(false);
        }
        self.write(lease).await
    }

    /// Renews until that fails for too long, or somebody else has it.
    pub async fn keep(&self) {
        let mut renewed = Instant::now();
        // Whatever it is doing then: the time is over before others may come.
        while let Ok(again) = timeout_at(renewed + RENEW_WITHIN, self.renew_soon()).await {
            match again {
                Ok(Some(began)) => {
                    renewed = began;
                    self.renewed(began);
                }
                Ok(None) => return,
                Err(error) => tracing::warn!(%error, "the lease can't be renewed; trying again"),
            }
        }
    }

    /// When the renewal began, unless somebody else has it.
    async fn renew_soon(&self) -> Result<Option<Instant>, kube::Error> {
        sleep(RENEW).await;
        let began = Instant::now();
        Ok(self.renew().await?.then_some(began))
    }

    async fn renew(&self) -> Result<bool, kube::Error> {
        match answer(self.api.get_opt(NAME)).await? {
            Some(lease) if self.holds(&lease) => self.write(lease).await,
            _ => Ok(false),
        }
    }

    /// Gives it back, so that the next need not wait.
    pub async fn release(&self) {
        let given_back = async {
            let Some(mut lease) = answer(self.api.get_opt(NAME)).await?.filter(|lease| self.holds(lease)) else {
                return Ok(());
            };
            if let Some(spec) = &mut lease.spec {
                spec.holder_identity = Some(String::new());
            }
            answer(self.api.replace(NAME, &PostParams::default(), &lease)).await.map(drop)
        };
        if let Err::<(), kube::Error>(error) = given_back.await {
            tracing::debug!(%error, "the lease was not given back; it ends by itself");
        }
    }

    fn holds(&self, lease: &Lease) -> bool {
        lease.spec.as_ref().is_some_and(|spec| spec.holder_identity.as_ref() == Some(&self.name))
    }

    /// The object's version decides between two that write at once.
    async fn write(&self, lease: Lease) -> Result<bool, kube::Error> {
        let spec = Some(self.spec(lease.spec.as_ref()));
        won(answer(self.api.replace(NAME, &PostParams::default(), &Lease { spec, ..lease })).await)
    }

    fn spec(&self, before: Option<&LeaseSpec>) -> LeaseSpec {
        let now = Some(MicroTime(Timestamp::now()));
        let ours = before.filter(|before| before.holder_identity.as_ref() == Some(&self.name));
        let transitions = before.and_then(|before| before.lease_transitions).unwrap_or_default();
        LeaseSpec {
            holder_identity: Some(self.name.clone()),
            lease_duration_seconds: i32::try_from(DURATION.as_secs()).ok(),
            acquire_time: ours.map_or_else(|| now.clone(), |ours| ours.acquire_time.clone()),
            renew_time: now,
            lease_transitions: Some(if ours.is_some() { transitions } else { transitions.saturating_add(1) }),
            ..LeaseSpec::default()
        }
    }
}

/// Somebody else was faster.
fn won(written: Result<Lease, kube::Error>) -> Result<bool, kube::Error> {
    match written {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
        Err(error) => Err(error),
    }
}

async fn answer<T>(request: impl Future<Output = Result<T, kube::Error>>) -> Result<T, kube::Error> {
    let late = || kube::Error::Service("the API server did not answer in time".into());
    timeout(ANSWER, request).await.unwrap_or_else(|_| Err(late()))
}
