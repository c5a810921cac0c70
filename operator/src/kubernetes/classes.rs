//! WorkspaceClass objects as offers: their backends reached with what Secrets in the operator's namespace hold.
//!
//! Each class is looked after by a task of its own, so that one whose backends hang holds up no other.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use buckets::{S3Config, SecretText};
use crds::{
    WorkspaceClass,
    annotations::{ALLOW_PURGES, ALLOW_VANISHED, DEFAULT_CLASS},
    backends::{KafkaProtocol, KafkaSecurity, PostgresTlsMode, SaslMechanism},
    validate::storage_bytes,
};
use event_log::{
    Security,
    security::{Login, Mechanism, Password, Tls},
};
use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client, ResourceExt as _, api::DynamicObject};
use sqlx::PgPool;
use tokio::{
    sync::Notify,
    task::{Id, JoinSet},
    time::{Instant, timeout, timeout_at},
};

use super::{
    Own,
    objects::{Objects, decode},
};
use crate::{
    OperatorError,
    class::Class,
    offers::{CLASS_PREPARING, Offer, Offers},
};

mod kept;

use kept::{Kept, LOOK_AGAIN, Version};

/// For object stores that have none.
const DEFAULT_REGION: &str = "us-east-1";
/// Backends are asked who they are this often at least.
const ASK: Duration = Duration::from_secs(30);
/// For one that is new or has changed, all wait so long.
const PATIENCE: Duration = Duration::from_secs(2);
/// Whoever does not answer by then is away.
const ANSWER: Duration = Duration::from_secs(5);
/// The API server did not give a Secret; that may pass.
const UNREADABLE: &str = "SecretUnreadable";

/// The classes' connections, kept as long as nothing about them changes.
pub struct Classes {
    shop: Arc<Shop>,
    /// Told when one was looked after.
    looked: Arc<Notify>,
    kept: BTreeMap<String, Kept>,
    working: JoinSet<(String, Kept)>,
    /// Which class each task is for.
    busy: HashMap<Id, String>,
}

/// What all classes have in common.
struct Shop {
    client: Client,
    namespace: String,
    /// The control database, and the source's name there.
    registry: PgPool,
    source: Arc<str>,
    /// What a class does not say: root key, origins, and the object store of those without one.
    own: Own,
    /// How often backends are asked who they are.
    ask_every: Duration,
}

/// All that a connection is made from; it is made anew when this changes.
#[derive(Clone, PartialEq)]
struct Asked {
    admin_url: String,
    postgres_ca: Option<String>,
    kafka: String,
    kafka_security: Security,
    s3: S3Config,
}

/// Why a class can't be used: a reason for its status, and a sentence.
type Closed = (&'static str, String);

impl Classes {
    pub fn new(
        (client, namespace): (Client, String),
        (registry, source): (PgPool, Arc<str>),
        (own, look_every): (Own, Duration),
        looked: Arc<Notify>,
    ) -> Self {
        let shop = Arc::new(Shop { client, namespace, registry, source, own, ask_every: ASK.min(look_every / 2) });
        Self { shop, looked, kept: BTreeMap::new(), working: JoinSet::new(), busy: HashMap::new() }
    }

    /// The offers of all classes, and when to look again.
    pub async fn offers(&mut self, objects: &Objects) -> (Offers, Instant) {
        let mut objects = objects.state();
        objects.sort_by_key(|object| (object.creation_timestamp(), object.name_any()));
        for object in &objects {
            self.refresh(object);
        }
        let patience = Instant::now() + PATIENCE;
        while objects.iter().any(|object| self.is_news(object)) {
            match timeout_at(patience, self.working.join_next_with_id()).await {
                Ok(Some(joined)) => self.finished(joined),
                Ok(None) | Err(_) => break,
            }
        }
        while let Some(joined) = self.working.try_join_next_with_id() {
            self.finished(joined);
        }
        let mut offers = Offers::default();
        for object in &objects {
            let (name, annotations) = (object.name_any(), object.annotations());
            // Of several the oldest, so that a new one by mistake moves nobody.
            if offers.default.is_none() && annotations.get(DEFAULT_CLASS).is_some_and(|value| value == "true") {
                offers.default = Some(name.clone());
            }
            for (annotation, allowed) in [(ALLOW_VANISHED, &mut offers.allowed), (ALLOW_PURGES, &mut offers.purges)] {
                if let Some(count) = annotations.get(annotation).and_then(|count| count.parse().ok()) {
                    allowed.insert(name.clone(), count);
                }
            }
            let preparing = || close((CLASS_PREPARING, "its backends are being prepared".to_owned()));
            let kept = self.kept.get(&name);
            offers.known.extend(kept.map(|kept| (name.clone(), kept.known())));
            offers.classes.insert(name, kept.map_or_else(preparing, |kept| kept.offer.clone()));
        }
        self.kept.retain(|name, _| offers.classes.contains_key(name));
        let again = self.kept.values().map(|kept| kept.fresh_until).filter(|until| *until > Instant::now()).min();
        (offers, again.unwrap_or_else(|| Instant::now() + LOOK_AGAIN))
    }

    /// Has a class looked after, if that is due and nobody does.
    fn refresh(&mut self, object: &DynamicObject) {
        let name = object.name_any();
        let (version, kept) = (Version::of(object), self.kept.get(&name));
        let fresh = |kept: &Kept| kept.version == version && Instant::now() < kept.fresh_until;
        if kept.is_some_and(fresh) || self.busy.values().any(|busy| *busy == name) {
            return;
        }
        let (shop, looked, before) = (self.shop.clone(), self.looked.clone(), kept.cloned());
        let (object, class) = (decode(object), name.clone());
        let task = self.working.spawn(async move {
            let kept = Box::pin(shop.look_after(&class, version, object, before)).await;
            looked.notify_one();
            (class, kept)
        });
        self.busy.insert(task.id(), name);
    }

    /// What is known of it is not of this object.
    fn is_news(&self, object: &DynamicObject) -> bool {
        let name = object.name_any();
        let known = self.kept.get(&name).is_some_and(|kept| kept.version == Version::of(object));
        !known && self.busy.values().any(|busy| *busy == name)
    }

    fn finished(&mut self, joined: Result<(Id, (String, Kept)), tokio::task::JoinError>) {
        match joined {
            Ok((id, (name, kept))) => {
                self.busy.remove(&id);
                self.kept.insert(name, kept);
            }
            Err(error) => {
                let class = self.busy.remove(&error.id());
                tracing::error!(class, %error, "looking after a class ended");
            }
        }
    }
}

impl Shop {
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
        let postgres_ca = match &postgres.tls.ca_secret {
            Some(name) => Some(self.secret(name).await?.certificate("ca.crt")?.to_owned()),
            None => None,
        };
        let admin_url = format!(
            "postgres://{}:{}@{}:{}/postgres?sslmode={tls}",
            escaped(admin.field("username")?),
            escaped(admin.field("password")?),
            postgres.host,
            postgres.port
        );
        let s3 = match &spec.object_store {
            None => self.own.s3.clone().ok_or_else(|| {
                ("NoObjectStore", "spec.objectStore: it names none, and the operator has none of its own".to_owned())
            })?,
            Some(store) => {
                let key = self.secret(&store.admin_secret).await?;
                S3Config {
                    url: store.endpoint.clone(),
                    region: store.region.clone().unwrap_or_else(|| DEFAULT_REGION.to_owned()),
                    access_key: key.field("accessKey")?.to_owned(),
                    secret_key: SecretText::new(key.field("secretKey")?),
                    public_url: None,
                }
            }
        };
        Ok(Asked { admin_url, postgres_ca, kafka: spec.kafka.bootstrap_servers.join(","), kafka_security, s3 })
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

fn told(error: &OperatorError) -> Closed {
    (error.reason(), error.to_string())
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
        limits: spec.defaults.limits.clone(),
        maximums: spec.maximums.clone().unwrap_or_default(),
        capacity: spec.capacity.as_ref().map(|capacity| capacity.workspaces),
        storage: spec.capacity.as_ref().and_then(|capacity| storage_bytes(capacity.storage.as_deref()?)),
        purge_after_days: spec.retained.as_ref().and_then(|retained| retained.purge_after_days),
    }
}

/// As it may stand in a URL, whatever is in it.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
