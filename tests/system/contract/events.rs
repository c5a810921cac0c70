//! What the AsyncAPI document says, and what is really sent.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, ensure};
use domain::ids::TopicKind;
use jsonschema::Validator;
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    message::Headers,
};
use serde_json::{Map, Value, json};

use super::schema;

/// For what is to come to come.
pub(super) const LIMIT: Duration = Duration::from_secs(20);
/// The frames that the edge sends.
const FRAMES: [&str; 4] = ["event", "ready", "ping", "reset"];

/// The document's schemas.
pub(super) struct Described {
    document: Value,
    payloads: BTreeMap<String, Validator>,
    headers: Validator,
}

impl Described {
    pub(super) fn of(document: &Value) -> anyhow::Result<Self> {
        let components = &document["components"];
        let messages = components["messages"].as_object().context("no messages")?;
        let payloads =
            messages.iter().map(|(name, message)| Ok((name.clone(), schema(document, &message["payload"])?)));
        Ok(Self {
            payloads: payloads.collect::<anyhow::Result<_>>()?,
            headers: schema(document, &components["messageTraits"]["cloudEvent"]["headers"])?,
            document: document.clone(),
        })
    }

    /// Whether it is one of the frames that the socket's channel names, and as that one is described.
    pub(super) fn check_frame(&self, frame: &Value) -> anyhow::Result<()> {
        let name = frame["type"].as_str().unwrap_or_default();
        ensure!(FRAMES.contains(&name) && self.document["channels"]["socket"]["messages"][name].is_object(), "{frame}");
        self.check(name, frame)
    }

    /// Whether it is one of the events that the topic's channel names, and as that one is described.
    pub(super) fn check_record(&self, topic: TopicKind, record: &Carried) -> anyhow::Result<()> {
        let kind = record.value["event"].as_str().unwrap_or_default();
        let channel = &self.document["channels"][topic.as_str()];
        ensure!(channel["messages"][kind].is_object(), "{kind} is not said to be in {}", topic.as_str());
        let headers = Value::Object(record.headers.clone());
        ensure!(self.headers.is_valid(&headers), "{headers}");
        ensure!(record.header("ce_type") == Some(kind), "{headers}");
        uuid::Uuid::parse_str(&record.key).with_context(|| format!("the key {:?}", record.key))?;
        self.check(kind, &record.value)
    }

    fn check(&self, name: &str, value: &Value) -> anyhow::Result<()> {
        let schema = self.payloads.get(name).with_context(|| format!("{name} is not described"))?;
        let faults: Vec<String> = schema.iter_errors(value).map(|error| error.to_string()).collect();
        ensure!(faults.is_empty(), "{name}: {faults:?} in {value}");
        Ok(())
    }

    /// The frame by which a client renews its token.
    pub(super) fn token(&self, token: &str) -> anyhow::Result<Value> {
        let mut frame = self.document["components"]["messages"]["token"]["examples"][0]["payload"].clone();
        frame["accessToken"] = json!(token);
        self.check("token", &frame)?;
        Ok(frame)
    }
}

/// A record as a stranger's client reads it.
pub(super) struct Carried {
    key: String,
    headers: Map<String, Value>,
    value: Value,
}

impl Carried {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.as_str()
    }
}

/// Everything in a topic.
pub(super) async fn records(bootstrap: &str, topic: &str) -> anyhow::Result<Vec<Carried>> {
    let (bootstrap, topic) = (bootstrap.to_owned(), topic.to_owned());
    tokio::task::spawn_blocking(move || read(&bootstrap, &topic)).await?
}

fn read(bootstrap: &str, topic: &str) -> anyhow::Result<Vec<Carried>> {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", bootstrap).set("group.id", "contract").set("enable.auto.commit", "false");
    let consumer: BaseConsumer = client.create()?;
    let metadata = consumer.fetch_metadata(Some(topic), LIMIT)?;
    let partitions = metadata.topics().first().context("no such topic")?.partitions();
    let mut records = Vec::new();
    for partition in partitions.iter().map(rdkafka::metadata::MetadataPartition::id) {
        let (start, end) = consumer.fetch_watermarks(topic, partition, LIMIT)?;
        let mut place = TopicPartitionList::new();
        place.add_partition_offset(topic, partition, Offset::Beginning)?;
        consumer.assign(&place)?;
        let mut next = start;
        while next < end {
            let message = consumer.poll(LIMIT).context("a record does not come")??;
            next = message.offset() + 1;
            let headers = message.headers().into_iter().flat_map(|headers| headers.iter());
            let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
            records.push(Carried {
                key: text(message.key()),
                headers: headers.map(|header| (header.key.to_owned(), json!(text(header.value)))).collect(),
                value: serde_json::from_slice(message.payload().unwrap_or_default())?,
            });
        }
    }
    Ok(records)
}
