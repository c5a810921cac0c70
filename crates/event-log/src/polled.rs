//! A producer with the thread that hears what became of its records.
//!
//! rdkafka's `FutureProducer` is the same in short slices, and its client spins for the last millisecond of each: a
//! hundredth of a core while nobody writes.

use std::{
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

use rdkafka::{
    ClientConfig, Timestamp,
    error::{KafkaError, KafkaResult},
    message::Message as _,
    producer::{BaseProducer, BaseRecord, DeliveryResult, NoCustomPartitioner, Producer as _, ProducerContext},
};
use tokio::sync::oneshot;

use crate::reach::Reporter;

/// How long the thread waits at a time, and lives on at most.
const SLICE: Duration = Duration::from_secs(1);

/// Where a record is.
pub(crate) struct Delivered {
    pub offset: i64,
    pub time: Timestamp,
}

/// Whom to tell.
pub(crate) type Teller = Box<oneshot::Sender<KafkaResult<Delivered>>>;

/// A record that is told about.
pub(crate) type Record<'a> = BaseRecord<'a, str, [u8], Teller>;

/// Clones share one client.
#[derive(Clone)]
pub(crate) struct PolledProducer(Arc<BaseProducer<Reporter>>);

impl ProducerContext<NoCustomPartitioner> for Reporter {
    type DeliveryOpaque = Teller;

    fn delivery(&self, result: &DeliveryResult<'_>, teller: Teller) {
        let told = match result {
            Ok(message) => Ok(Delivered { offset: message.offset(), time: message.timestamp() }),
            Err((error, _)) => Err(error.clone()),
        };
        // Whoever asked may have stopped waiting.
        let _ = teller.send(told);
    }
}

impl PolledProducer {
    pub(crate) fn create(config: &ClientConfig, reporter: Reporter) -> KafkaResult<Self> {
        let producer: Arc<BaseProducer<Reporter>> = Arc::new(config.create_with_context(reporter)?);
        let weak = Arc::downgrade(&producer);
        thread::Builder::new()
            .name("producer".to_owned())
            .spawn(move || poll(&weak))
            .map_err(|error| KafkaError::ClientCreation(format!("its thread can't be started: {error}")))?;
        Ok(Self(producer))
    }

    /// Hands over a record made by `record`, and waits until it is acknowledged or given up. None if the producer ended
    /// meanwhile.
    pub(crate) async fn send<'a>(&self, record: impl FnOnce(Teller) -> Record<'a>) -> Option<KafkaResult<Delivered>> {
        let (teller, told) = oneshot::channel();
        if let Err((error, _)) = self.0.send(record(Box::new(teller))) {
            return Some(Err(error));
        }
        told.await.ok()
    }

    pub(crate) fn client(&self) -> &rdkafka::client::Client<Reporter> {
        self.0.client()
    }

    pub(crate) fn flush(&self, limit: Duration) -> KafkaResult<()> {
        self.0.flush(limit)
    }
}

fn poll(producer: &Weak<BaseProducer<Reporter>>) {
    while let Some(producer) = producer.upgrade() {
        producer.poll(SLICE);
    }
}
