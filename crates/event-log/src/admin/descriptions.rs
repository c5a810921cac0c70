//! Topics' partitions, and which of their leaders answer: one request for all topics each. The client keeps no topic of
//! its own for either, as it would for a question about one topic's metadata: with thousands it would look through them
//! every second.

use std::{
    collections::{HashMap, HashSet},
    ffi::{CString, c_char, c_int},
};

use rdkafka::{
    bindings::{self as sys, rd_kafka_admin_op_t, rd_kafka_resp_err_t},
    types::RDKafkaErrorCode,
};

use super::{
    AdminError, TopicAdmin,
    native::{Fault, Kafka, Owned, Patience, answer, ask, c_text, fault, members, text},
};

/// What went wrong, and with which topic; no name if with all.
type TopicFault = (String, Fault);

/// Partitions by number, and whether each has a leader.
pub(crate) type Partitions = Vec<(i32, bool)>;

/// Asks the leader for the end of its log.
const LATEST: i64 = -1;

impl TopicAdmin {
    /// The partitions of topics, by topic; one that does not exist is not in the answer.
    pub(crate) fn partitions(
        &self,
        names: &[String],
        patience: &Patience,
    ) -> Result<HashMap<String, Partitions>, AdminError> {
        if names.is_empty() {
            return Ok(HashMap::new());
        }
        // SAFETY: the client lives as long as `self`.
        let found = unsafe { partitions(self.kafka(), names, patience) };
        found.map_err(|(topic, fault)| {
            let what = if topic.is_empty() { "topics".to_owned() } else { format!("topic {topic}") };
            self.failed(&what, fault)
        })
    }

    /// Those partitions whose leader answers ListOffsets; none, if nobody tells in time.
    pub(crate) fn answering(&self, partitions: &[(String, i32)], patience: &Patience) -> HashSet<(String, i32)> {
        if partitions.is_empty() {
            return HashSet::new();
        }
        // SAFETY: the client lives as long as `self`.
        unsafe { answering(self.kafka(), partitions, patience) }.unwrap_or_default()
    }
}

fn of_all(fault: Fault) -> TopicFault {
    (String::new(), fault)
}

/// # Safety
/// `kafka` is a live client.
unsafe fn partitions(
    kafka: Kafka,
    names: &[String],
    patience: &Patience,
) -> Result<HashMap<String, Partitions>, TopicFault> {
    let names = names.iter().map(|name| c_text(name).map_err(|fault| (name.clone(), fault)));
    let names: Vec<CString> = names.collect::<Result<_, _>>()?;
    let mut pointers: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
    let operation = rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS;
    // SAFETY: `kafka` is live; the names live through the request; the answer's parts are copied before it goes.
    unsafe {
        let topics = sys::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
        let topics = Owned::new(topics, sys::rd_kafka_TopicCollection_destroy)
            .ok_or_else(Fault::out_of_memory)
            .map_err(of_all)?;
        let event = ask(kafka, operation, patience, |options, queue| {
            sys::rd_kafka_DescribeTopics(kafka, topics.get(), options, queue);
        })
        .map_err(of_all)?;
        let result = answer(sys::rd_kafka_event_DescribeTopics_result(event.get())).map_err(of_all)?;
        let mut count = 0;
        let described = sys::rd_kafka_DescribeTopics_result_topics(result, &raw mut count);
        let mut found = HashMap::with_capacity(count);
        for topic in members(described, count, &event) {
            if topic.is_null() {
                return Err(of_all(Fault::invalid("an answer is missing")));
            }
            let name = text(sys::rd_kafka_TopicDescription_name(topic));
            match fault(sys::rd_kafka_TopicDescription_error(topic)) {
                None => {}
                // Only "unknown" means absent; any other error says nothing of whether the topic is there.
                Some(Fault { code: RDKafkaErrorCode::UnknownTopicOrPartition, .. }) => continue,
                Some(fault) => return Err((name, fault)),
            }
            let mut count = 0;
            let partitions = sys::rd_kafka_TopicDescription_partitions(topic, &raw mut count);
            let partitions = members(partitions, count, &event).map(|partition| {
                let leader = sys::rd_kafka_TopicPartitionInfo_leader(partition);
                (sys::rd_kafka_TopicPartitionInfo_partition(partition), !leader.is_null())
            });
            found.insert(name, partitions.collect());
        }
        Ok(found)
    }
}

/// # Safety
/// `kafka` is a live client.
unsafe fn answering(
    kafka: Kafka,
    partitions: &[(String, i32)],
    patience: &Patience,
) -> Result<HashSet<(String, i32)>, Fault> {
    let size = c_int::try_from(partitions.len()).map_err(|_| Fault::invalid("too many partitions"))?;
    let operation = rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTOFFSETS;
    // SAFETY: `kafka` is live; the list lives through the request, which copies it, as it does each name that is added;
    // an added entry lives until the next is added; the answer's parts are copied before it goes.
    unsafe {
        let list = Owned::new(sys::rd_kafka_topic_partition_list_new(size), sys::rd_kafka_topic_partition_list_destroy)
            .ok_or_else(Fault::out_of_memory)?;
        for (topic, partition) in partitions {
            let topic = c_text(topic)?;
            let entry = sys::rd_kafka_topic_partition_list_add(list.get(), topic.as_ptr(), *partition);
            (*entry).offset = LATEST;
        }
        let event = ask(kafka, operation, patience, |options, queue| {
            sys::rd_kafka_ListOffsets(kafka, list.get(), options, queue);
        })?;
        let result = answer(sys::rd_kafka_event_ListOffsets_result(event.get()))?;
        let mut count = 0;
        let infos = sys::rd_kafka_ListOffsets_result_infos(result, &raw mut count);
        let mut answering = HashSet::with_capacity(count);
        for info in members(infos, count, &event) {
            let partition = &*sys::rd_kafka_ListOffsetsResultInfo_topic_partition(info);
            if partition.err == rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
                answering.insert((text(partition.topic), partition.partition));
            }
        }
        Ok(answering)
    }
}
