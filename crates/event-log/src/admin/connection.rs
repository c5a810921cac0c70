//! A connection for administration, and what its client has to say about brokers that don't let it in.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rdkafka::{
    ClientConfig, admin::AdminClient, client::DefaultClientContext, config::RDKafkaLogLevel, error::KafkaError,
    types::RDKafkaErrorCode,
};
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    AdminError,
    native::{self, Fault, Kafka, Patience},
};
use crate::Security;

/// How long one request may take before it counts as unanswered.
pub(crate) const REQUEST_LIMIT: Duration = Duration::from_secs(10);
/// How long a refusal by one broker is held back: another one may still let us in.
const GRACE: Duration = Duration::from_secs(1);
const LISTEN_EVERY: Duration = Duration::from_millis(50);

/// A connection for administration. Cheap to clone.
#[derive(Clone)]
pub struct TopicAdmin(Arc<Connection>);

struct Connection {
    bootstrap: String,
    user: String,
    client: AdminClient<DefaultClientContext>,
    heard: Mutex<Heard>,
}

/// The troubles with brokers that the client told of.
#[derive(Default)]
struct Heard {
    /// How many refusals there were.
    refusals: u64,
    /// Until the next success. A refusal stays, since the client repeats itself seldom.
    last: Option<Fault>,
}

impl TopicAdmin {
    /// Makes a client; connections open at the first call, so an absent broker is told of there.
    ///
    /// # Errors
    /// [`AdminError::Client`] if `bootstrap` is not a list of `host:port`, or the authority's certificates are none.
    pub fn connect(bootstrap: &str, security: &Security) -> Result<Self, AdminError> {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", bootstrap)
            .set("client.id", "threadly-topics")
            // A broker that is back should be found at once: the default waits up to 10 s.
            .set("reconnect.backoff.max.ms", "1000")
            // A connection that hangs is given up soon after the request that it did not answer: the default waits a minute, in
            // which every other request on it fails, too.
            .set("socket.timeout.ms", (REQUEST_LIMIT + GRACE).as_millis().to_string())
            // So that it says why a connection ended.
            .set_log_level(RDKafkaLogLevel::Info);
        security.configure(&mut config);
        let client =
            config.create().map_err(|source| AdminError::Client { bootstrap: bootstrap.to_owned(), source })?;
        let user = security.login.as_ref().map(|login| login.user.clone()).unwrap_or_default();
        Ok(Self(Arc::new(Connection { bootstrap: bootstrap.to_owned(), user, client, heard: Mutex::default() })))
    }

    /// Whether both are clones of one connection.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What the cluster calls itself: the same as long as it lives, another one for a cluster that was made anew.
    ///
    /// # Errors
    /// [`AdminError::Unreachable`], or why no broker lets us in.
    pub async fn cluster_id(&self) -> Result<String, AdminError> {
        let admin = self.clone();
        self.blocking(move |patience| {
            // SAFETY: the client lives as long as `admin`.
            unsafe { native::cluster_id(admin.kafka(), patience) }.map_err(|fault| admin.failed("the cluster", fault))
        })
        .await
    }

    pub(crate) fn client(&self) -> &AdminClient<DefaultClientContext> {
        &self.0.client
    }

    pub(super) fn kafka(&self) -> Kafka {
        self.0.client.inner().native_ptr()
    }

    /// Runs what blocks where it may. It is told when nobody waits for it any more.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Patience) -> Result<T, AdminError> + Send + 'static,
    ) -> Result<T, AdminError> {
        let (patience, _guard) = Patience::ended_by_guard(REQUEST_LIMIT);
        let work = tokio::task::spawn_blocking(move || work(&patience));
        self.listening(async { work.await.map_err(|_| AdminError::Cancelled)? }).await
    }

    /// Runs a request, and listens meanwhile: who is not let in is told so at once and in the broker's words, instead of
    /// after a time-out.
    pub(crate) async fn listening<T>(
        &self,
        work: impl Future<Output = Result<T, AdminError>>,
    ) -> Result<T, AdminError> {
        let before = self.listen();
        let mut work = pin!(work);
        let refused = async {
            while self.listen() == before {
                sleep(LISTEN_EVERY).await;
            }
        };
        let ended = tokio::select! {
            biased;
            ended = &mut work => Some(ended),
            () = refused => timeout_at(Instant::now() + GRACE, work).await.ok(),
        };
        match ended {
            Some(Ok(done)) => {
                self.heard(|heard| heard.last = None);
                Ok(done)
            }
            Some(Err(AdminError::Unreachable { reason, .. })) => Err(self.silent(&reason)),
            Some(Err(error)) => Err(error),
            None => Err(self.silent("no answer")),
        }
    }

    /// Takes in what the client has to say, and answers how often it was refused.
    fn listen(&self) -> u64 {
        self.heard(|heard| {
            // SAFETY: the client lives as long as this connection, and rdkafka's admin client leaves its main queue alone.
            for fault in unsafe { native::troubles(self.kafka()) } {
                tracing::debug!(code = ?fault.code, reason = fault.reason, "the admin's client");
                let refused = is_refusal(&fault);
                heard.refusals += u64::from(refused);
                // That no broker is left follows from what was said before, and so does the end of a connection.
                let follows =
                    fault.code == RDKafkaErrorCode::AllBrokersDown || heard.last.as_ref().is_some_and(is_refusal);
                if refused || !follows {
                    heard.last = Some(fault);
                }
            }
            heard.refusals
        })
    }

    fn heard<T>(&self, take: impl FnOnce(&mut Heard) -> T) -> T {
        take(&mut self.0.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Nobody answered: with the last word of the client, if it had one.
    fn silent(&self, otherwise: &str) -> AdminError {
        self.listen();
        let bootstrap = self.0.bootstrap.clone();
        match self.heard(|heard| heard.last.clone()) {
            Some(Fault { code: RDKafkaErrorCode::Authentication, reason }) => {
                AdminError::LoginRefused { bootstrap, user: self.0.user.clone(), reason }
            }
            Some(Fault { code: RDKafkaErrorCode::SSL, reason }) => AdminError::Untrusted { bootstrap, reason },
            Some(Fault { reason, .. }) => AdminError::Unreachable { bootstrap, reason },
            None => AdminError::Unreachable { bootstrap, reason: otherwise.to_owned() },
        }
    }

    /// An error of rdkafka's own calls.
    pub(crate) fn unreachable(&self, source: &KafkaError) -> AdminError {
        AdminError::Unreachable { bootstrap: self.0.bootstrap.clone(), reason: source.to_string() }
    }

    /// An error of a request over the C library, or of one of its items.
    pub(super) fn failed(&self, what: &str, fault: Fault) -> AdminError {
        let Fault { code, reason } = fault;
        match code {
            RDKafkaErrorCode::BrokerTransportFailure
            | RDKafkaErrorCode::AllBrokersDown
            | RDKafkaErrorCode::OperationTimedOut
            | RDKafkaErrorCode::RequestTimedOut
            | RDKafkaErrorCode::MessageTimedOut => {
                let reason = if reason.is_empty() { code.to_string() } else { reason };
                AdminError::Unreachable { bootstrap: self.0.bootstrap.clone(), reason }
            }
            RDKafkaErrorCode::InvalidArgument => AdminError::Unsendable { what: what.to_owned(), reason },
            code => AdminError::Refused { what: what.to_owned(), code, reason },
        }
    }
}

const fn is_refusal(fault: &Fault) -> bool {
    matches!(fault.code, RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SSL)
}
