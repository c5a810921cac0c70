//! One class looked after: its Secrets read, its backends asked who they are, and prepared.

use std::time::Duration;

use crds::{WorkspaceClass, annotations::ACCEPT_BACKEND_IDENTITY};
use kube::{ResourceExt as _, api::DynamicObject};
use tokio::time::{Instant, timeout};

use super::{Asked, Closed, Shop, UNREADABLE, class, close, told};
use crate::{
    Backends, Control, OperatorError,
    backend_watch::{Pins, Sight, look, settle, store},
    bootstrap::{Ways, prepare_on},
    class::Class,
    offers::{CLASS_PREPARING, Known, Offer},
};

/// To see Secrets that changed, and after a failure.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// One that did not answer is asked again so soon; only when it does not answer twice, it is away.
const ASK_AGAIN: Duration = Duration::from_secs(3);
const PREPARE: Duration = Duration::from_secs(15);

/// What is known of a class.
#[derive(Clone)]
pub(super) struct Kept {
    /// Of what it is made.
    pub(super) version: Version,
    pub(super) offer: Offer,
    class: Option<Class>,
    asked: Option<Asked>,
    ways: Option<Ways>,
    /// Prepared backends, which outlast an outage.
    control: Option<Control>,
    pins: Option<Pins>,
    sight: Option<Sight>,
    /// When the backends were asked, and how often they have not answered since they did.
    looked: Option<Instant>,
    misses: u32,
    /// Until then it is as good as a new one.
    pub(super) fresh_until: Instant,
}

/// What of an object has an effect on its offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    uid: Option<String>,
    generation: Option<i64>,
    accepted: Option<String>,
}

impl Version {
    pub(super) fn of(object: &DynamicObject) -> Self {
        let accepted = object.annotations().get(ACCEPT_BACKEND_IDENTITY).cloned();
        Self { uid: object.uid(), generation: object.metadata.generation, accepted }
    }
}

impl Kept {
    fn new(version: Version, before: Option<Self>, look_again: Duration) -> Self {
        let unknown = Self {
            version: version.clone(),
            offer: close((CLASS_PREPARING, String::new())),
            class: None,
            asked: None,
            ways: None,
            control: None,
            pins: None,
            sight: None,
            looked: None,
            misses: 0,
            fresh_until: Instant::now() + look_again,
        };
        let kept = before.unwrap_or(unknown);
        Self { version, fresh_until: Instant::now() + look_again, ..kept }
    }

    /// For the class's status.
    pub(super) fn known(&self) -> Known {
        Known {
            generation: self.version.generation,
            class: self.class.clone(),
            pins: self.pins.clone().unwrap_or_default(),
            sight: self.sight.clone(),
        }
    }

    /// Whether the backends are to be asked again, which is done `every` so often while they answer.
    fn is_due(&self, every: Duration) -> bool {
        let wait = if self.misses > 0 || self.control.is_none() { ASK_AGAIN.min(every) } else { every };
        self.looked.is_none_or(|looked| looked.elapsed() >= wait)
    }

    /// Takes what a look found. A backend that does not answer once may be busy: then what was seen before stands.
    fn saw(&mut self, sight: Sight) {
        self.misses = if sight.fault().is_some() { self.misses.saturating_add(1) } else { 0 };
        self.looked = Some(Instant::now());
        if self.misses != 1 || self.sight.is_none() {
            self.sight = Some(sight);
        }
    }
}

impl Shop {
    /// What is known of a class from now on.
    pub(super) async fn look_after(
        &self,
        name: &str,
        version: Version,
        object: Result<WorkspaceClass, String>,
        before: Option<Kept>,
    ) -> Kept {
        let accepted = version.accepted.clone();
        let mut kept = Kept::new(version, before, LOOK_AGAIN.min(self.ask_every));
        kept.offer = match self.offer(name, object, accepted.as_deref(), &mut kept).await {
            Ok(control) => Offer::Open(Box::new(control)),
            Err(closed) => close(closed),
        };
        if kept.misses == 1 {
            kept.fresh_until = Instant::now() + ASK_AGAIN;
        }
        kept
    }

    async fn offer(
        &self,
        name: &str,
        object: Result<WorkspaceClass, String>,
        accepted: Option<&str>,
        kept: &mut Kept,
    ) -> Result<Control, Closed> {
        let object = object.map_err(|fault| ("ClassUnreadable", fault))?;
        let class = class(&object);
        kept.class = Some(class.clone());
        let asked = match (self.asked(&object).await, &kept.asked) {
            (Ok(asked), _) => asked,
            // What can't be read now was read before.
            (Err((UNREADABLE, _)), Some(asked)) => asked.clone(),
            (Err(closed), _) => {
                (kept.sight, kept.looked) = (None, None);
                return Err(closed);
            }
        };
        let backends = Backends {
            admin_url: asked.admin_url.clone(),
            postgres_ca: asked.postgres_ca.clone(),
            kafka: asked.kafka.clone(),
            kafka_security: asked.kafka_security.clone(),
            s3: asked.s3.clone(),
            root_key: self.own.root_key.clone(),
            origins: self.own.origins.clone(),
        };
        let known = if kept.asked.as_ref() == Some(&asked) { kept.ways.clone() } else { None };
        let ways = match known {
            Some(ways) => ways,
            None => {
                (kept.control, kept.sight, kept.looked, kept.misses) = (None, None, None, 0);
                Ways::to(&backends).map_err(|error| told(&error))?
            }
        };
        (kept.asked, kept.ways) = (Some(asked), Some(ways.clone()));
        if kept.is_due(self.ask_every) {
            kept.saw(look(&ways).await);
        }
        self.identify(name, accepted, kept).await?;
        // Who they are may be known anew while the connections stay.
        let identities = kept.pins.clone().unwrap_or_default();
        if let Some(control) = &kept.control {
            return Ok(control.clone().with_class(class).with_identities(identities));
        }
        let prepared = timeout(PREPARE, prepare_on(ways, &backends, self.registry.clone(), class)).await;
        let control = prepared.unwrap_or(Err(OperatorError::TimedOut(PREPARE.as_secs()))).map_err(|error| {
            tracing::warn!(class = name, %error, "the class's backends can't be prepared; trying again");
            told(&error)
        })?;
        kept.control = Some(control.clone());
        Ok(control.with_identities(identities))
    }

    /// The backends are those that the class's data is on, as far as they say who they are.
    async fn identify(&self, name: &str, accepted: Option<&str>, kept: &mut Kept) -> Result<(), Closed> {
        let Some(sight) = kept.sight.clone() else { return Ok(()) };
        let place = (&*self.source, name);
        let mut pins = match kept.pins.clone() {
            Some(pins) => pins,
            None => store::pinned(&self.registry, place).await.map_err(|error| told(&error))?,
        };
        let changed = settle(&self.registry, place, &mut pins, &sight, accepted).await;
        kept.pins = Some(pins);
        match (changed, sight.without_identity()) {
            (Ok(Some(fault)), _) => {
                tracing::error!(class = name, message = fault.message, "a backend is another one");
                // Whatever is connected is connected to nobody of ours.
                kept.control = None;
                Err((fault.reason, fault.message))
            }
            (Ok(None), Some(fault)) => Err((fault.reason, fault.message.clone())),
            (Ok(None), None) => Ok(()),
            (Err(error), _) => Err(told(&error)),
        }
    }
}
