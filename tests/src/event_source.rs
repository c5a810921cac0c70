//! What Lambda's event source mapping does: reads a topic, and calls a function with what it reads, batch after batch.

use std::{collections::HashMap, time::Duration};

use data_encoding::BASE64;
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{Consumer, StreamConsumer},
    message::{BorrowedMessage, Headers},
};
use serde_json::{Value, json};
use testkit::Invoker;
use tokio::{task::JoinHandle, time::timeout};

/// Records of one call.
const BATCH: usize = 100;
/// How long a call waits for more records.
const GATHER: Duration = Duration::from_millis(20);
/// Before a batch is handed over again.
const AGAIN: Duration = Duration::from_millis(200);

/// Calls a function with a topic's records until it is dropped.
pub struct EventSource(JoinHandle<()>);

impl Drop for EventSource {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl EventSource {
    /// Begins at the beginning of each partition.
    ///
    /// # Errors
    /// The client can't be made.
    pub fn start(bootstrap: &str, topic: &str, partitions: u32, invoker: Invoker) -> anyhow::Result<Self> {
        let consumer: StreamConsumer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("group.id", "event-source")
            .set("enable.auto.commit", "false")
            .set("fetch.wait.max.ms", "50")
            .create()?;
        let mut assignment = TopicPartitionList::new();
        for partition in 0..i32::try_from(partitions)? {
            assignment.add_partition_offset(topic, partition, Offset::Beginning)?;
        }
        consumer.assign(&assignment)?;
        Ok(Self(tokio::spawn(async move {
            loop {
                let event = event(next_batch(&consumer).await);
                while !invoker.invoke(&event).await.is_ok_and(|(status, _)| status.is_success()) {
                    tokio::time::sleep(AGAIN).await;
                }
            }
        })))
    }
}

async fn next_batch(consumer: &StreamConsumer) -> Vec<Value> {
    let mut batch = Vec::new();
    while batch.len() < BATCH {
        let wait = if batch.is_empty() { Duration::MAX } else { GATHER };
        match timeout(wait, consumer.recv()).await {
            Ok(Ok(message)) => batch.push(record(&message)),
            // The client mends its connections by itself.
            Ok(Err(_)) => tokio::time::sleep(AGAIN).await,
            Err(_) => break,
        }
    }
    batch
}

fn record(message: &BorrowedMessage<'_>) -> Value {
    let headers = message.headers().into_iter().flat_map(Headers::iter);
    let headers: Vec<Value> = headers
        .map(|header| {
            // Lambda shows bytes as Java does.
            let bytes: Vec<i8> = header.value.unwrap_or_default().iter().map(|byte| byte.cast_signed()).collect();
            json!({header.key: bytes})
        })
        .collect();
    json!({
        "topic": message.topic(), "partition": message.partition(), "offset": message.offset(),
        "timestamp": message.timestamp().to_millis(), "timestampType": "LOG_APPEND_TIME",
        "key": message.key().map(|key| BASE64.encode(key)),
        "value": message.payload().map(|value| BASE64.encode(value)), "headers": headers,
    })
}

/// An event as Lambda makes it of records.
#[must_use]
pub fn event(records: Vec<Value>) -> Value {
    let mut by_partition: HashMap<String, Vec<Value>> = HashMap::new();
    for record in records {
        let name = format!("{}-{}", record["topic"].as_str().unwrap_or_default(), record["partition"]);
        by_partition.entry(name).or_default().push(record);
    }
    json!({"eventSource": "aws:kafka", "bootstrapServers": "kafka.example:9092", "records": by_partition,
           "eventSourceArn": "arn:aws:kafka:eu-central-1:123456789012:cluster/threadly/00000000"})
}
