//! WorkspaceClass objects as offers: their backends reached with what Secrets in the operator's namespace hold.

use std::{collections::BTreeMap, time::Duration};

use buckets::{S3Config, SecretText};
use crds::{
    WorkspaceClass,
    backends::{KafkaProtocol, KafkaSecurity, PostgresTlsMode, SaslMechanism},
};
use event_log::{
    Security,
    security::{Login, Mechanism, Password, Tls},
};
use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client, ResourceExt as _};
use sqlx::PgPool;
use tokio::time::{Instant, timeout};

use super::objects::{Objects, decode};
use crate::{
    Backends, Control, OperatorError,
    bootstrap::prepare,
    class::Class,
    offers::{Offer, Offers},
};

/// Makes a class the one that is meant where none is named.
const DEFAULT: &str = "threadly.dev/is-default-class";
/// A person's word: so many of its workspaces without a manifest are meant to go.
const ALLOW: &str = "threadly.dev/allow-vanished";
/// After a failure, and to see Secrets that changed.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// Whoever does not answer by then is away.
const ANSWER: Duration = Duration::from_secs(5);
const PREPARE: Duration = Duration::from_secs(15);
/// The API server did not give a Secret; that may pass.
const UNREADABLE: &str = "SecretUnreadable";

/// The classes' connections, kept as long as nothing about them changes.
pub struct Classes {
    client: Client,
    namespace: String,
    registry: PgPool,
    /// What a class does not say: root key, origins, and the object store of those without one.
    own: Backends,
    kept: BTreeMap<String, Kept>,
}

struct Kept {
    /// Of which version of the object it is made.
    version: Option<String>,
    asked: Option<Asked>,
    offer: Offer,
    /// Until then it is as good as a new one.
    fresh_until: Instant,
}

/// All that a connection is made from; it is made anew when this changes.
#[derive(Clone, PartialEq)]
struct Asked {
    admin_url: String,
    kafka: String,
    kafka_security: Security,
    s3: S3Config,
}

/// Why a class can't be used: a reason for its status, and a sentence.
type Closed = (&'static str, String);

impl Classes {
    pub fn new(client: Client, namespace: String, registry: PgPool, own: Backends) -> Self {
        Self { client, namespace, registry, own, kept: BTreeMap::new() }
    }

    /// The offers of all classes, and when to look again.
    pub async fn offers(&mut self, objects: &Objects) -> (Offers, Instant) {
        let mut objects = objects.state();
        objects.sort_by_key(|object| (object.creation_timestamp(), object.name_any()));
        let mut offers = Offers::default();
        for object in &objects {
            let (name, annotations) = (object.name_any(), object.annotations());
            // Of several the oldest, so that a new one by mistake moves nobody.
            if offers.default.is_none() && annotations.get(DEFAULT).is_some_and(|value| value == "true") {
                offers.default = Some(name.clone());
            }
            if let Some(allowed) = annotations.get(ALLOW).and_then(|allowed| allowed.parse().ok()) {
                offers.allowed.insert(name.clone(), allowed);
            }
            let offer = self.offer(&name, object.resource_version(), decode(object)).await;
            offers.classes.insert(name, offer);
        }
        self.kept.retain(|name, _| offers.classes.contains_key(name));
        (offers, Instant::now() + LOOK_AGAIN)
    }

    async fn offer(&mut self, name: &str, version: Option<String>, object: Result<WorkspaceClass, String>) -> Offer {
        let fresh = |kept: &&Kept| kept.version == version && Instant::now() < kept.fresh_until;
        if let Some(kept) = self.kept.get(name).filter(fresh) {
            return kept.offer.clone();
        }
        let object = match object {
            Ok(object) => object,
            Err(fault) => return close(("ClassUnreadable", fault)),
        };
        let (asked, offer) = match (self.asked(&object).await, self.kept.get(name)) {
            (Ok(asked), _) => {
                let offer = self.connected(name, class(&object), &asked).await;
                (Some(asked), offer)
            }
            // What can't be read now was read before.
            (Err((UNREADABLE, _)), Some(kept)) => (kept.asked.clone(), kept.offer.clone()),
            (Err(closed), _) => (None, close(closed)),
        };
        let fresh_until = Instant::now() + LOOK_AGAIN;
        self.kept.insert(name.to_owned(), Kept { version, asked, offer: offer.clone(), fresh_until });
        offer
    }

    /// The class over connections that are kept, or made now.
    async fn connected(&self, name: &str, class: Class, asked: &Asked) -> Offer {
        let same = |kept: &&Kept| kept.asked.as_ref() == Some(asked);
        if let Some(Kept { offer: Offer::Open(control), .. }) = self.kept.get(name).filter(same) {
            return Offer::Open(Box::new(Control::clone(control).with_class(class)));
        }
        let backends = Backends {
            admin_url: asked.admin_url.clone(),
            kafka: asked.kafka.clone(),
            kafka_security: asked.kafka_security.clone(),
            s3: asked.s3.clone(),
            ..self.own.clone()
        };
        let prepared = timeout(PREPARE, prepare(&backends, self.registry.clone(), class)).await;
        match prepared.unwrap_or(Err(OperatorError::TimedOut(PREPARE.as_secs()))) {
            Ok(control) => Offer::Open(Box::new(control)),
            Err(error) => {
                tracing::warn!(class = name, %error, "the class's backends can't be prepared; trying again");
                close((error.reason(), error.to_string()))
            }
        }
    }

    async fn asked(&self, object: &WorkspaceClass) -> Result<Asked, Closed> {
        let spec = &object.spec;
        let kafka_security = self.security(&spec.kafka.security).await?;
        let postgres = &spec.postgres;
        let admin = self.secret(&postgres.admin_secret).await?;
        let tls = match postgres.tls.mode {
            PostgresTlsMode::Disable => "disable",
            PostgresTlsMode::Require => "require",
            PostgresTlsMode::VerifyFull => "verify-full",
        };
        let admin_url = format!(
            "postgres://{}:{}@{}:{}/postgres?sslmode={tls}",
            escaped(admin.field("username")?),
            escaped(admin.field("password")?),
            postgres.host,
            postgres.port
        );
        let s3 = match &spec.object_store {
            None => self.own.s3.clone(),
            Some(store) => {
                let key = self.secret(&store.admin_secret).await?;
                S3Config {
                    url: store.endpoint.clone(),
                    region: store.region.clone().unwrap_or_else(|| self.own.s3.region.clone()),
                    access_key: key.field("accessKey")?.to_owned(),
                    secret_key: SecretText::new(key.field("secretKey")?),
                    public_url: None,
                }
            }
        };
        Ok(Asked { admin_url, kafka: spec.kafka.bootstrap_servers.join(","), kafka_security, s3 })
    }

    /// How Kafka is reached, with what the Secrets hold.
    async fn security(&self, asked: &KafkaSecurity) -> Result<Security, Closed> {
        let protocol = asked.protocol;
        let tls = match (protocol, &asked.ca_secret) {
            (KafkaProtocol::Plaintext | KafkaProtocol::SaslPlaintext, _) => None,
            (KafkaProtocol::Ssl | KafkaProtocol::SaslSsl, None) => Some(Tls { ca: None }),
            (KafkaProtocol::Ssl | KafkaProtocol::SaslSsl, Some(name)) => {
                Some(Tls { ca: Some(self.secret(name).await?.certificate("ca.crt")?.to_owned()) })
            }
        };
        let login = match (protocol, asked.mechanism, &asked.admin_secret) {
            (KafkaProtocol::Plaintext | KafkaProtocol::Ssl, ..) => None,
            (_, Some(mechanism), Some(name)) => {
                let admin = self.secret(name).await?;
                let mechanism = match mechanism {
                    SaslMechanism::ScramSha256 => Mechanism::ScramSha256,
                    SaslMechanism::ScramSha512 => Mechanism::ScramSha512,
                };
                let (user, password) = (admin.field("username")?.to_owned(), Password::new(admin.field("password")?));
                Some(Login { mechanism, user, password })
            }
            // The API server refuses such a class.
            _ => {
                return Err((
                    "ClassUnreadable",
                    "spec.kafka.security: SASL needs mechanism and adminSecret".to_owned(),
                ));
            }
        };
        Ok(Security { tls, login })
    }

    async fn secret(&self, name: &str) -> Result<Fields, Closed> {
        let place = format!("{}/{name}", self.namespace);
        let api = Api::<Secret>::namespaced(self.client.clone(), &self.namespace);
        let unreadable = |why: String| (UNREADABLE, format!("the Secret {place} can't be read: {why}"));
        let found = timeout(ANSWER, api.get_opt(name)).await.map_err(|_| unreadable("no answer".to_owned()))?;
        let found = found.map_err(|error| unreadable(error.to_string()))?;
        let secret = found.ok_or_else(|| ("SecretMissing", format!("there is no Secret {place}")))?;
        let fields = secret.data.unwrap_or_default().into_iter();
        let fields = fields.filter_map(|(key, value)| Some((key, String::from_utf8(value.0).ok()?))).collect();
        Ok(Fields { place, fields })
    }
}

/// What a Secret holds, as text.
struct Fields {
    place: String,
    fields: BTreeMap<String, String>,
}

impl Fields {
    fn field(&self, name: &str) -> Result<&str, Closed> {
        let field = self.fields.get(name).filter(|value| !value.is_empty());
        field.map(String::as_str).ok_or_else(|| ("SecretWrong", format!("the Secret {} has no {name}", self.place)))
    }

    fn certificate(&self, name: &str) -> Result<&str, Closed> {
        let wrong = || ("SecretWrong", format!("the Secret {}: {name} is no certificate in PEM", self.place));
        let field = self.field(name)?;
        if field.contains("-----BEGIN CERTIFICATE-----") { Ok(field) } else { Err(wrong()) }
    }
}

fn close((reason, message): Closed) -> Offer {
    Offer::Closed { reason, message }
}

fn class(object: &WorkspaceClass) -> Class {
    let spec = &object.spec;
    Class {
        name: object.name_any(),
        topics: spec.kafka.topics.clone(),
        principals: spec.kafka.principals,
        allowed: spec.allowed.clone(),
        maximums: spec.maximums.clone().unwrap_or_default(),
        capacity: spec.capacity.as_ref().map(|capacity| capacity.workspaces),
    }
}

/// As it may stand in a URL, whatever is in it.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
