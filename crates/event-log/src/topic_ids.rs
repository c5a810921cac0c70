//! The identity that Kafka gave a topic when it was made: one made anew under the same name has another.
//!
//! Kafka's client answers this in C only, so here is the one unsafe piece of the house.
#![allow(unsafe_code)]

use std::{
    collections::HashMap,
    ffi::{CStr, CString, c_char, c_int},
    ptr::NonNull,
    time::Duration,
};

use rdkafka::{
    ClientContext,
    bindings::{self as sys, rd_kafka_admin_op_t, rd_kafka_resp_err_t},
    client::Client,
    error::KafkaError,
    types::RDKafkaErrorCode,
};
use uuid::Uuid;

use crate::LogError;

/// The ids of those topics that are there, by name. Blocks for up to `wait`.
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
    let milliseconds = c_int::try_from(wait.as_millis()).unwrap_or(c_int::MAX);
    let kafka = client.native_ptr();
    let lost = || LogError::TimedOut(wait);
    // SAFETY: `kafka` lives as long as `client`. Each object is owned by a guard that frees it once, after whatever
    // borrows from it: the answer's topics, names and ids belong to `event`, and are copied before it goes.
    unsafe {
        let topics = sys::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
        let topics = Owned::new(topics, |it| sys::rd_kafka_TopicCollection_destroy(it)).ok_or_else(lost)?;
        let operation = rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS;
        let options = sys::rd_kafka_AdminOptions_new(kafka, operation);
        let options = Owned::new(options, |it| sys::rd_kafka_AdminOptions_destroy(it)).ok_or_else(lost)?;
        let mut text: [c_char; 1] = [0];
        sys::rd_kafka_AdminOptions_set_request_timeout(options.get(), milliseconds, text.as_mut_ptr(), text.len());
        let queue =
            Owned::new(sys::rd_kafka_queue_new(kafka), |it| sys::rd_kafka_queue_destroy(it)).ok_or_else(lost)?;
        sys::rd_kafka_DescribeTopics(kafka, topics.get(), options.get(), queue.get());
        let event = sys::rd_kafka_queue_poll(queue.get(), milliseconds);
        let event = Owned::new(event, |it| sys::rd_kafka_event_destroy(it)).ok_or_else(lost)?;
        let failed = sys::rd_kafka_event_error(event.get());
        if failed != rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            return Err(KafkaError::AdminOp(RDKafkaErrorCode::from(failed)).into());
        }
        let result =
            NonNull::new(sys::rd_kafka_event_DescribeTopics_result(event.get()).cast_mut()).ok_or_else(lost)?;
        let mut count = 0;
        let described = sys::rd_kafka_DescribeTopics_result_topics(result.as_ptr(), &raw mut count);
        let mut ids = HashMap::with_capacity(count);
        for index in 0..count {
            let topic = *described.add(index);
            let error = sys::rd_kafka_error_code(sys::rd_kafka_TopicDescription_error(topic));
            let id = sys::rd_kafka_TopicDescription_topic_id(topic);
            if error != rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR || id.is_null() {
                continue;
            }
            let name = CStr::from_ptr(sys::rd_kafka_TopicDescription_name(topic)).to_string_lossy().into_owned();
            let (high, low) =
                (sys::rd_kafka_Uuid_most_significant_bits(id), sys::rd_kafka_Uuid_least_significant_bits(id));
            ids.insert(name, Uuid::from_u64_pair(high.cast_unsigned(), low.cast_unsigned()));
        }
        Ok(ids)
    }
}

/// An object of the C library, freed when it is dropped.
struct Owned<T> {
    object: NonNull<T>,
    free: fn(*mut T),
}

impl<T> Owned<T> {
    fn new(object: *mut T, free: fn(*mut T)) -> Option<Self> {
        Some(Self { object: NonNull::new(object)?, free })
    }

    fn get(&self) -> *mut T {
        self.object.as_ptr()
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        (self.free)(self.object.as_ptr());
    }
}
