//! Kafka by itself, to compare with: records like Threadly's, produced and consumed with the same client settings and at
//! the same pace, with nothing between. Spoken here and not in `event-log`, whose own cost must not be in it.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use nix::sys::timerfd::TimerFlags;
use rdkafka::{
    ClientConfig, ClientContext, Message, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
    message::{DeliveryResult, Header, OwnedHeaders},
    producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer},
};
use uuid::Uuid;

use crate::{
    generator::Load,
    latency::Latency,
    pace::{Pace, micros},
};

/// As Threadly's `messages` topics have by default.
const PARTITIONS: i32 = 2;
/// What the record of a post in this bench has.
const VALUE_BYTES: usize = 330;
const LIMIT: Duration = Duration::from_secs(10);

/// What came of a run.
#[derive(Debug)]
pub struct Probed {
    pub ack: Latency,
    pub delivery: Latency,
}

/// A topic of the probe's own.
#[derive(Debug)]
pub struct Probe {
    bootstrap: String,
    topic: String,
}

impl Probe {
    /// Makes the topic.
    ///
    /// # Errors
    /// Kafka refuses, or is away.
    pub async fn make(bootstrap: &str) -> anyhow::Result<Self> {
        let probe = Self { bootstrap: bootstrap.to_owned(), topic: format!("probe.{}", Uuid::new_v4().simple()) };
        let admin: AdminClient<DefaultClientContext> = probe.client().create()?;
        let topic = NewTopic::new(&probe.topic, PARTITIONS, TopicReplication::Fixed(1));
        for made in admin.create_topics(&[topic], &AdminOptions::new()).await? {
            made.map_err(|(topic, code)| anyhow::anyhow!("{topic}: {code}"))?;
        }
        Ok(probe)
    }

    /// The settings of `event_log::KafkaConfig`.
    fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.bootstrap)
            .set("client.id", "probe")
            .set("reconnect.backoff.ms", "50")
            .set("reconnect.backoff.max.ms", "1000")
            .set("topic.metadata.refresh.interval.ms", "60000")
            .set("allow.auto.create.topics", "false")
            .set("socket.nagle.disable", "true");
        config
    }

    /// Produces at the load's rate, and consumes all of it.
    ///
    /// # Errors
    /// Records are lost or doubled, or Kafka is away.
    pub fn run(&self, load: Load) -> anyhow::Result<Probed> {
        let warm = (load.warm_up.as_secs_f64() * f64::from(load.rate)) as u32;
        let total = warm + (load.seconds.as_secs_f64() * f64::from(load.rate)) as u32;
        let acks = Acks { latency: Arc::new(Mutex::new(Latency::new()?)), refused: Arc::default() };
        let producer = self.producer(acks.clone())?;
        let consumer = self.consumer(&producer)?;
        let pace = Pace::start(load.rate, TimerFlags::empty())?;
        let (pace, over) = (&pace, &AtomicBool::new(false));
        let delivery = std::thread::scope(|scope| -> anyhow::Result<Latency> {
            let consuming = scope.spawn(move || consume(&consumer, pace, warm, total, over));
            let produced = self.produce(&producer, pace, warm, total);
            if produced.is_err() {
                over.store(true, Ordering::Relaxed);
            }
            let consumed = consuming.join().map_err(|_| anyhow::anyhow!("the probe's reader panicked"))?;
            produced.and(consumed)
        })?;
        producer.flush(LIMIT)?;
        if acks.refused.load(Ordering::Relaxed) > 0 {
            bail!("Kafka refused records of the probe");
        }
        let ack = acks.latency.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Probed { ack, delivery })
    }

    fn producer(&self, acks: Acks) -> anyhow::Result<ThreadedProducer<Acks>> {
        let producer: ThreadedProducer<Acks> = self
            .client()
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("linger.ms", "0")
            .set("message.timeout.ms", "4000")
            .set("queue.buffering.max.messages", "20000")
            .create_with_context(acks)?;
        producer.client().fetch_metadata(Some(&self.topic), LIMIT)?;
        Ok(producer)
    }

    /// One that begins at the end of each partition.
    fn consumer(&self, producer: &ThreadedProducer<Acks>) -> anyhow::Result<BaseConsumer> {
        let consumer: BaseConsumer = self
            .client()
            .set("group.id", "probe")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "error")
            .set("fetch.wait.max.ms", "50")
            .set("fetch.error.backoff.ms", "100")
            .set("queued.max.messages.kbytes", "16384")
            .set("enable.partition.eof", "false")
            .create()?;
        let mut places = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            let (_, end) = producer.client().fetch_watermarks(&self.topic, partition, LIMIT)?;
            places.add_partition_offset(&self.topic, partition, Offset::Offset(end))?;
        }
        consumer.assign(&places)?;
        Ok(consumer)
    }

    fn produce(&self, producer: &ThreadedProducer<Acks>, pace: &Pace, warm: u32, total: u32) -> anyhow::Result<()> {
        let keys: Vec<String> = (0..50).map(|_| Uuid::now_v7().to_string()).collect();
        let mut next = 0;
        while next < total {
            pace.wait()?;
            let now = Instant::now();
            while next < total && pace.due(next) <= now {
                let mut value = [b'x'; VALUE_BYTES];
                value[..4].copy_from_slice(&next.to_be_bytes());
                let due = (next >= warm).then(|| pace.due(next));
                let partition = i32::try_from(next)? % PARTITIONS;
                let record = BaseRecord::with_opaque_to(&self.topic, Box::new(due))
                    .key(&keys[next as usize % keys.len()])
                    .payload(&value)
                    .partition(partition)
                    .headers(headers());
                producer.send(record).map_err(|(error, _)| error)?;
                next += 1;
            }
        }
        Ok(())
    }
}

/// As many and as long as Threadly's.
fn headers() -> OwnedHeaders {
    OwnedHeaders::new_with_capacity(5)
        .insert(Header { key: "ce_specversion", value: Some("1.0") })
        .insert(Header { key: "ce_id", value: Some("01890a5d-ac96-774b-bcce-b302099a8057") })
        .insert(Header { key: "ce_source", value: Some("/workspaces/abcdefghijkl") })
        .insert(Header { key: "ce_type", value: Some("THREAD_MESSAGE_CREATED") })
        .insert(Header { key: "content-type", value: Some("application/json") })
}

fn consume(consumer: &BaseConsumer, pace: &Pace, warm: u32, total: u32, over: &AtomicBool) -> anyhow::Result<Latency> {
    let mut latency = Latency::new()?;
    let mut seen = vec![false; total as usize];
    let (mut left, deadline) = (total, pace.due(total) + LIMIT);
    while left > 0 && !over.load(Ordering::Relaxed) {
        if Instant::now() > deadline {
            bail!("{left} records of the probe did not come");
        }
        let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
        let (message, now) = (message?, Instant::now());
        let number = message.payload().and_then(<[u8]>::first_chunk).context("a record that is not the probe's")?;
        let number = u32::from_be_bytes(*number);
        let seen = seen.get_mut(number as usize).context("a record that is not the probe's")?;
        if std::mem::replace(seen, true) {
            bail!("a record of the probe came twice");
        }
        left -= 1;
        if number >= warm {
            latency.record(micros(pace.due(number), now));
        }
    }
    Ok(latency)
}

/// Notes acknowledgements, on the client's own thread.
#[derive(Clone)]
struct Acks {
    latency: Arc<Mutex<Latency>>,
    refused: Arc<AtomicU64>,
}

impl ClientContext for Acks {}

impl ProducerContext for Acks {
    /// When the record was due, if it is timed.
    type DeliveryOpaque = Box<Option<Instant>>;

    fn delivery(&self, result: &DeliveryResult<'_>, due: Self::DeliveryOpaque) {
        match (result, *due) {
            (Err(_), _) => _ = self.refused.fetch_add(1, Ordering::Relaxed),
            (Ok(_), Some(due)) => {
                let mut latency = self.latency.lock().unwrap_or_else(PoisonError::into_inner);
                latency.record(micros(due, Instant::now()));
            }
            (Ok(_), None) => {}
        }
    }
}
