//! Batches of Kafka's records, from MSK or a cluster of one's own. Positions are ours, so a batch only says how far each
//! partition goes.

use std::collections::BTreeMap;

use aws_lambda_events::kafka::KafkaEvent;
use event_log::up_to::UpTo;
use lambda_runtime::Error;
use tokio::time::Instant;

/// Projects every partition up to the last record that the event has of it.
///
/// # Errors
/// A partition is not there yet, so Lambda hands the batch over again; those that are change nothing then.
pub(super) async fn project(up_to: &UpTo, event: &str, deadline: Instant) -> Result<(), Error> {
    let mut failed = Vec::new();
    for ((topic, partition), next) in next_offsets(serde_json::from_str(event)?)? {
        if let Err(error) = up_to.project(&topic, partition, next, deadline).await {
            tracing::error!(topic, partition, next, %error, "an event's records are not projected");
            failed.push(format!("{topic}/{partition}: {error}"));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ").into()) }
}

/// By topic and partition, the offset behind the last record.
fn next_offsets(event: KafkaEvent) -> Result<BTreeMap<(String, u32), i64>, Error> {
    let mut found = BTreeMap::new();
    for record in event.records.into_values().flatten() {
        let topic = record.topic.ok_or("a record names no topic")?;
        let partition = u32::try_from(record.partition).map_err(|_| "a record names no partition")?;
        let next = record.offset.checked_add(1).ok_or("a record names no offset")?;
        let furthest = found.entry((topic, partition)).or_insert(next);
        *furthest = next.max(*furthest);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(topic: &str, partition: i64, offset: i64) -> serde_json::Value {
        json!({"topic": topic, "partition": partition, "offset": offset, "timestamp": 1_700_000_000_000_i64,
               "timestampType": "CREATE_TIME", "key": null, "value": "e30=", "headers": [{"k": [104, -61]}]})
    }

    fn read(records: &serde_json::Value) -> Result<BTreeMap<(String, u32), i64>, Error> {
        next_offsets(serde_json::from_value(json!({"eventSource": "aws:kafka", "records": records}))?)
    }

    #[test]
    fn each_partition_goes_as_far_as_its_last_record_whatever_their_order() {
        let records = json!({"a-0": [record("a", 0, 7), record("a", 0, 3)], "a-1": [record("a", 1, 0)]});
        let expected = BTreeMap::from([(("a".to_owned(), 0), 8), (("a".to_owned(), 1), 1)]);
        assert_eq!(read(&records).unwrap(), expected);
        assert!(read(&json!({})).unwrap().is_empty());
    }

    #[test]
    fn a_record_without_a_place_is_refused() {
        assert!(read(&json!({"a-0": [record("a", -1, 0)]})).is_err());
        assert!(read(&json!({"a-0": [record("a", 0, i64::MAX)]})).is_err());
        let mut nameless = record("a", 0, 0);
        nameless["topic"] = json!(null);
        assert!(read(&json!({"a-0": [nameless]})).is_err());
    }
}
