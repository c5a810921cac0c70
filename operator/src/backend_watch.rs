//! Whether a class's backends answer, and whether they are still the ones that its workspaces' data is on.
//!
//! Who a backend is, is pinned at the first contact and kept in the control database. A server with another identity at the
//! same address holds nobody's data: whatever is missing there is not lost, and nothing may be made or removed on it.

use std::time::Duration;

use buckets::{Buckets, BucketsError};
use event_log::admin::{AdminError, TopicAdmin};
use sqlx::{Connection as _, PgConnection, PgPool, postgres::PgConnectOptions};
use tokio::time::timeout;

use crate::{OperatorError, bootstrap::Ways};

pub(crate) mod store;

/// Whoever does not answer by then is away.
const ANSWER: Duration = Duration::from_secs(5);
/// A bucket that need not be there: whether the object store answers is all that is asked.
const NO_BUCKET: &str = "threadly-nothing";
/// The backend does not answer.
pub const UNREACHABLE: &str = "BackendUnreachable";
/// The backend answers, and refuses.
pub const REFUSED: &str = "BackendRefused";
/// Another server answers at the backend's address.
pub const IDENTITY_CHANGED: &str = "BackendIdentityChanged";

/// A backend that has an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Backend {
    /// By its cluster id.
    Kafka,
    /// By its system identifier.
    Postgres,
}

impl Backend {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Kafka, Self::Postgres];

    /// As it stands in the control database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kafka => "Kafka",
            Self::Postgres => "Postgres",
        }
    }
}

/// Why a backend can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable, for statuses.
    pub reason: &'static str,
    /// A plain sentence with the cause.
    pub message: String,
}

/// What a look at a class's backends found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Kafka's cluster id.
    pub kafka: Result<String, Fault>,
    /// Postgres's system identifier.
    pub postgres: Result<String, Fault>,
    /// The object store has no identity.
    pub store: Result<(), Fault>,
}

impl Sight {
    /// What was found of a backend.
    pub const fn of(&self, backend: Backend) -> &Result<String, Fault> {
        match backend {
            Backend::Kafka => &self.kafka,
            Backend::Postgres => &self.postgres,
        }
    }

    /// The first backend that can't be used.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.without_identity().or(self.store.as_ref().err())
    }

    /// The first that did not say who it is; nothing may be done before both have.
    #[must_use]
    pub fn without_identity(&self) -> Option<&Fault> {
        self.kafka.as_ref().err().or(self.postgres.as_ref().err())
    }
}

/// Who a class's backends are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins {
    /// Kafka's cluster id.
    pub kafka: Option<String>,
    /// Postgres's system identifier.
    pub postgres: Option<String>,
}

/// What follows from a backend's answer. Pure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody knows who it is: it did not answer.
    Unknown,
    /// It is the one that was pinned.
    Same,
    /// This identity is to be pinned: at the first contact, or by a person's word.
    Pin(String),
    /// It is another one.
    Changed {
        /// Who it was.
        pinned: String,
        /// Who it is.
        found: String,
    },
}

impl Pins {
    /// The pin of a backend.
    #[must_use]
    pub fn of(&self, backend: Backend) -> Option<&str> {
        match backend {
            Backend::Kafka => self.kafka.as_deref(),
            Backend::Postgres => self.postgres.as_deref(),
        }
    }

    /// Whether these are not, or not known to be, the servers that are there `now`.
    #[must_use]
    pub fn lack(&self, now: &Self) -> bool {
        Backend::ALL.into_iter().any(|backend| now.of(backend).is_some() && now.of(backend) != self.of(backend))
    }

    /// The first backend that is another server `now`, with both identities, but for those that a person has said are
    /// meant (`accepted`, comma separated).
    #[must_use]
    pub fn moved<'a>(&'a self, now: &'a Self, accepted: &str) -> Option<(Backend, &'a str, &'a str)> {
        let both = |backend| Some((backend, self.of(backend)?, now.of(backend)?));
        let is_meant = |identity: &str| accepted.split(',').any(|accepted| accepted.trim() == identity);
        Backend::ALL.into_iter().filter_map(both).find(|(_, then, now)| then != now && !is_meant(now))
    }

    fn set(&mut self, backend: Backend, identity: String) {
        match backend {
            Backend::Kafka => self.kafka = Some(identity),
            Backend::Postgres => self.postgres = Some(identity),
        }
    }

    /// Judges what was seen of a backend; `accepted` is the new identity that a person has said is meant.
    #[must_use]
    pub fn judge(&self, backend: Backend, sight: &Sight, accepted: Option<&str>) -> Verdict {
        match (self.of(backend), sight.of(backend)) {
            (_, Err(_)) => Verdict::Unknown,
            (None, Ok(found)) => Verdict::Pin(found.clone()),
            (Some(pinned), Ok(found)) if pinned == found => Verdict::Same,
            (Some(_), Ok(found)) if accepted == Some(found) => Verdict::Pin(found.clone()),
            (Some(pinned), Ok(found)) => Verdict::Changed { pinned: pinned.to_owned(), found: found.clone() },
        }
    }
}

/// Asks all backends of a class at once; takes 5 s at most.
pub(crate) async fn look(ways: &Ways) -> Sight {
    let (kafka, postgres, store) =
        tokio::join!(kafka(&ways.topics), postgres(&ways.server), object_store(&ways.buckets));
    Sight { kafka, postgres, store }
}

/// Judges what was seen, and pins what is seen for the first time.
///
/// # Errors
/// The control database is away.
pub(crate) async fn settle(
    registry: &PgPool,
    (source, class): (&str, &str),
    pins: &mut Pins,
    sight: &Sight,
    accepted: Option<&str>,
) -> Result<Option<Fault>, OperatorError> {
    let mut changed = None;
    for backend in Backend::ALL {
        match pins.judge(backend, sight, accepted) {
            Verdict::Unknown | Verdict::Same => {}
            Verdict::Pin(found) => {
                let former = pins.of(backend).map(str::to_owned);
                let pinned = store::pin(registry, (source, class), backend, &found, former.as_deref()).await?;
                tracing::info!(class, backend = backend.as_str(), identity = pinned, "pinned");
                pins.set(backend, pinned.clone());
                // Somebody else was first.
                if pinned != found {
                    changed = changed.or(Some(replaced(backend, &pinned, &found)));
                }
            }
            Verdict::Changed { pinned, found } => changed = changed.or(Some(replaced(backend, &pinned, &found))),
        }
    }
    Ok(changed)
}

fn replaced(backend: Backend, pinned: &str, found: &str) -> Fault {
    let message = format!(
        "{} is another one than the workspaces' data is on: {found} answers in place of {pinned}. Nothing is done there. \
         If it is meant, annotate the class with threadly.dev/accept-backend-identity={found}",
        backend.as_str()
    );
    Fault { reason: IDENTITY_CHANGED, message }
}

async fn kafka(topics: &TopicAdmin) -> Result<String, Fault> {
    topics.cluster_id().await.map_err(|error| {
        let away = matches!(error, AdminError::Unreachable { .. } | AdminError::Cancelled);
        Fault { reason: if away { UNREACHABLE } else { REFUSED }, message: error.to_string() }
    })
}

/// Over a connection of its own: those that are kept would say nothing of whether there is a way in.
async fn postgres(server: &PgConnectOptions) -> Result<String, Fault> {
    let place = format!("Postgres at {}:{}", server.get_host(), server.get_port());
    let asked = async {
        let mut connection = PgConnection::connect_with(server).await?;
        let identity = store::system_identifier(&mut connection).await?;
        connection.close().await?;
        Ok(identity)
    };
    match timeout(ANSWER, asked).await {
        Ok(Ok(identity)) => Ok(identity),
        Ok(Err(sqlx::Error::Database(error))) if !is_passing(error.code().as_deref()) => {
            Err(Fault { reason: REFUSED, message: format!("{place} refuses: {error}") })
        }
        Ok(Err(error)) => Err(Fault { reason: UNREACHABLE, message: format!("{place} did not answer: {error}") }),
        Err(_) => {
            let seconds = ANSWER.as_secs();
            Err(Fault { reason: UNREACHABLE, message: format!("{place} did not answer within {seconds} s") })
        }
    }
}

/// A server that starts or stops, or has no connection to spare.
pub(crate) fn is_passing(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.starts_with("57P") || code == "53300")
}

async fn object_store(buckets: &Buckets) -> Result<(), Fault> {
    match timeout(ANSWER, Box::pin(buckets.exists(NO_BUCKET))).await {
        Ok(Err(error @ BucketsError::Unavailable { .. })) => {
            Err(Fault { reason: UNREACHABLE, message: error.to_string() })
        }
        // What it says of a bucket that nobody made is of no interest.
        Ok(_) => Ok(()),
        Err(_) => {
            let message = format!("the object store did not answer within {} s", ANSWER.as_secs());
            Err(Fault { reason: UNREACHABLE, message })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(kafka: Result<&str, &str>) -> Sight {
        let fault = |message: &str| Fault { reason: UNREACHABLE, message: message.to_owned() };
        Sight { kafka: kafka.map(str::to_owned).map_err(fault), postgres: Ok("7".to_owned()), store: Ok(()) }
    }

    #[test]
    fn the_first_identity_is_pinned_and_another_one_is_not_taken_for_it() {
        let nobody = Pins::default();
        assert_eq!(nobody.judge(Backend::Kafka, &sight(Ok("a")), None), Verdict::Pin("a".to_owned()));
        let pins = Pins { kafka: Some("a".to_owned()), postgres: None };
        assert_eq!(pins.judge(Backend::Kafka, &sight(Ok("a")), None), Verdict::Same);
        let changed = Verdict::Changed { pinned: "a".to_owned(), found: "b".to_owned() };
        assert_eq!(pins.judge(Backend::Kafka, &sight(Ok("b")), None), changed);
        assert_eq!(pins.judge(Backend::Postgres, &sight(Ok("b")), None), Verdict::Pin("7".to_owned()));
    }

    #[test]
    fn a_backend_that_does_not_answer_is_nobody_else() {
        let pins = Pins { kafka: Some("a".to_owned()), postgres: None };
        assert_eq!(pins.judge(Backend::Kafka, &sight(Err("away")), None), Verdict::Unknown);
        assert_eq!(Pins::default().judge(Backend::Kafka, &sight(Err("away")), Some("a")), Verdict::Unknown);
        assert_eq!(sight(Err("away")).fault().map(|fault| fault.reason), Some(UNREACHABLE));
        assert_eq!(sight(Ok("a")).fault(), None);
    }

    #[test]
    fn a_person_accepts_exactly_the_identity_that_is_there() {
        let pins = Pins { kafka: Some("a".to_owned()), postgres: None };
        assert_eq!(pins.judge(Backend::Kafka, &sight(Ok("b")), Some("b")), Verdict::Pin("b".to_owned()));
        for accepted in ["a", "c", "7", "true", ""] {
            let verdict = pins.judge(Backend::Kafka, &sight(Ok("b")), Some(accepted));
            assert!(matches!(verdict, Verdict::Changed { .. }), "{accepted}");
        }
        // What was accepted once says nothing of the next.
        let pins = Pins { kafka: Some("b".to_owned()), postgres: None };
        assert!(matches!(pins.judge(Backend::Kafka, &sight(Ok("c")), Some("b")), Verdict::Changed { .. }));
    }
}
