//! The identity that Kafka gave a topic when it was made: one made anew under the same name has another.

use std::{
    collections::HashMap,
    ffi::{CString, c_char},
    time::Duration,
};

use rdkafka::{
    ClientContext,
    bindings::{self as sys, rd_kafka_admin_op_t},
    client::Client,
    error::KafkaError,
};
use uuid::Uuid;

use super::native::{Fault, Owned, Patience, answer, ask, fault, members, text};
use crate::LogError;

/// The ids of those topics that are there, by name. Blocks for little longer than `wait`.
pub(crate) fn topic_ids<C: ClientContext>(
    client: &Client<C>,
    names: &[String],
    wait: Duration,
) -> Result<HashMap<String, Uuid>, LogError> {
    let names: Vec<CString> = names.iter().filter_map(|name| CString::new(name.as_str()).ok()).collect();
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let mut pointers: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
    let kafka = client.native_ptr();
    let failed = |fault: Fault| LogError::from(KafkaError::AdminOp(fault.code));
    // SAFETY: `kafka` lives as long as `client`; the names live through the request; topics, names and ids belong to
    // `event`, and are copied before it goes.
    unsafe {
        let topics = sys::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
        let topics =
            Owned::new(topics, sys::rd_kafka_TopicCollection_destroy).ok_or_else(|| failed(Fault::out_of_memory()))?;
        let event = ask(
            kafka,
            rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS,
            &Patience::new(wait),
            |options, queue| {
                sys::rd_kafka_DescribeTopics(kafka, topics.get(), options, queue);
            },
        )
        .map_err(failed)?;
        let result = answer(sys::rd_kafka_event_DescribeTopics_result(event.get())).map_err(failed)?;
        let mut count = 0;
        let described = sys::rd_kafka_DescribeTopics_result_topics(result, &raw mut count);
        let mut ids = HashMap::with_capacity(count);
        for topic in members(described, count, &event) {
            let id = sys::rd_kafka_TopicDescription_topic_id(topic);
            if fault(sys::rd_kafka_TopicDescription_error(topic)).is_some() || id.is_null() {
                continue;
            }
            let name = text(sys::rd_kafka_TopicDescription_name(topic));
            let (high, low) =
                (sys::rd_kafka_Uuid_most_significant_bits(id), sys::rd_kafka_Uuid_least_significant_bits(id));
            ids.insert(name, Uuid::from_u64_pair(high.cast_unsigned(), low.cast_unsigned()));
        }
        Ok(ids)
    }
}
