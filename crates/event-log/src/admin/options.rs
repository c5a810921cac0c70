//! Topics' options: read, and changed one by one, so that those that nobody names here stay as somebody set them.

use std::collections::BTreeMap;

use rdkafka::{
    bindings::{
        self as sys, rd_kafka_AlterConfigOpType_t, rd_kafka_ConfigSource_t, rd_kafka_ResourceType_t,
        rd_kafka_admin_op_t, rd_kafka_resp_err_t,
    },
    types::RDKafkaErrorCode,
};

use super::{
    AdminError, TopicAdmin,
    native::{Batch, Fault, Kafka, Owned, Patience, answer, ask, c_text, fault, members, text},
};

/// Options by Kafka's names.
pub type Options = BTreeMap<String, TopicOption>;

/// An option as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicOption {
    /// Its value; empty for none.
    pub value: String,
    /// It is set for this topic; otherwise it is the broker's word, which may change.
    pub of_topic: bool,
}

/// A topic, and options for it by Kafka's names.
pub type TopicOptions = (String, Vec<(String, String)>);

impl TopicAdmin {
    /// The options of topics, by topic; one that does not exist is not in the answer.
    ///
    /// # Errors
    /// See [`AdminError`].
    pub async fn describe_options(&self, topics: &[String]) -> Result<BTreeMap<String, Options>, AdminError> {
        if topics.is_empty() {
            return Ok(BTreeMap::new());
        }
        let (admin, topics) = (self.clone(), topics.to_vec());
        self.blocking(move |patience| {
            // SAFETY: the client lives as long as `admin`.
            unsafe { describe(admin.kafka(), &topics, patience) }
                .map_err(|(topic, fault)| admin.failed(&what(&topic), fault))
        })
        .await
    }

    /// Sets options of topics. What is not named stays as it is.
    ///
    /// # Errors
    /// See [`AdminError`]; other topics of the same call may have been changed.
    pub async fn set_options(&self, topics: &[TopicOptions]) -> Result<(), AdminError> {
        if topics.is_empty() {
            return Ok(());
        }
        let (admin, topics) = (self.clone(), topics.to_vec());
        self.blocking(move |patience| {
            // SAFETY: the client lives as long as `admin`.
            unsafe { set(admin.kafka(), &topics, patience) }
                .map_err(|(topic, fault)| admin.failed(&what(&topic), fault))
        })
        .await
    }
}

/// What went wrong, and with which topic; no name if with all.
type TopicFault = (String, Fault);

fn what(topic: &str) -> String {
    if topic.is_empty() { "topics".to_owned() } else { format!("topic {topic}") }
}

const fn of_all(fault: Fault) -> TopicFault {
    (String::new(), fault)
}

/// # Safety
/// `kafka` is a live client.
unsafe fn describe(
    kafka: Kafka,
    topics: &[String],
    patience: &Patience,
) -> Result<BTreeMap<String, Options>, TopicFault> {
    let resources = topics.iter().map(|topic| resource(topic).map_err(|fault| (topic.clone(), fault)));
    let mut resources: Batch<_> = resources.collect::<Result<Vec<_>, _>>()?.into_iter().collect();
    let operation = rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS;
    // SAFETY: the resources live through the request, which copies them; the answer's parts are copied before it goes.
    unsafe {
        let event = ask(kafka, operation, patience, |options, queue| {
            sys::rd_kafka_DescribeConfigs(kafka, resources.pointers(), resources.len(), options, queue);
        })
        .map_err(of_all)?;
        let result = answer(sys::rd_kafka_event_DescribeConfigs_result(event.get())).map_err(of_all)?;
        let mut count = 0;
        let described = sys::rd_kafka_DescribeConfigs_result_resources(result, &raw mut count);
        let mut found = BTreeMap::new();
        for resource in members(described, count, &event) {
            let topic = text(sys::rd_kafka_ConfigResource_name(resource));
            match failed(resource) {
                None => {}
                Some(Fault { code: RDKafkaErrorCode::UnknownTopicOrPartition, .. }) => continue,
                Some(fault) => return Err((topic, fault)),
            }
            let mut count = 0;
            let entries = sys::rd_kafka_ConfigResource_configs(resource, &raw mut count);
            let options = members(entries, count, &event).map(|entry| {
                let value = text(sys::rd_kafka_ConfigEntry_value(entry));
                let of_topic = sys::rd_kafka_ConfigEntry_source(entry)
                    == rd_kafka_ConfigSource_t::RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG;
                (text(sys::rd_kafka_ConfigEntry_name(entry)), TopicOption { value, of_topic })
            });
            found.insert(topic, options.collect());
        }
        Ok(found)
    }
}

/// # Safety
/// `kafka` is a live client.
unsafe fn set(kafka: Kafka, topics: &[TopicOptions], patience: &Patience) -> Result<(), TopicFault> {
    let resources = topics.iter().map(|(topic, options)| with(topic, options).map_err(|fault| (topic.clone(), fault)));
    let mut resources: Batch<_> = resources.collect::<Result<Vec<_>, _>>()?.into_iter().collect();
    let operation = rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS;
    // SAFETY: the resources live through the request, which copies them; the answer is looked at before it goes.
    unsafe {
        let event = ask(kafka, operation, patience, |options, queue| {
            sys::rd_kafka_IncrementalAlterConfigs(kafka, resources.pointers(), resources.len(), options, queue);
        })
        .map_err(of_all)?;
        let result = answer(sys::rd_kafka_event_IncrementalAlterConfigs_result(event.get())).map_err(of_all)?;
        let mut count = 0;
        let changed = sys::rd_kafka_IncrementalAlterConfigs_result_resources(result, &raw mut count);
        let fault_of = |resource| Some((text(sys::rd_kafka_ConfigResource_name(resource)), failed(resource)?));
        members(changed, count, &event).find_map(fault_of).map_or(Ok(()), Err)
    }
}

fn resource(topic: &str) -> Result<Owned<sys::rd_kafka_ConfigResource_t>, Fault> {
    let topic = c_text(topic)?;
    // SAFETY: the library copies the name.
    unsafe {
        let kind = rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_TOPIC;
        let resource = sys::rd_kafka_ConfigResource_new(kind, topic.as_ptr());
        Owned::new(resource, sys::rd_kafka_ConfigResource_destroy).ok_or_else(Fault::out_of_memory)
    }
}

fn with(topic: &str, options: &[(String, String)]) -> Result<Owned<sys::rd_kafka_ConfigResource_t>, Fault> {
    let resource = resource(topic)?;
    for (name, value) in options {
        let (name, value) = (c_text(name)?, c_text(value)?);
        let set = rd_kafka_AlterConfigOpType_t::RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET;
        // SAFETY: the resource is live; the library copies the texts; its error is ours to free.
        unsafe {
            let error =
                sys::rd_kafka_ConfigResource_add_incremental_config(resource.get(), name.as_ptr(), set, value.as_ptr());
            if let Some(error) = Owned::new(error, sys::rd_kafka_error_destroy) {
                return Err(fault(error.get()).unwrap_or_else(|| Fault::invalid("an option")));
            }
        }
    }
    Ok(resource)
}

/// # Safety
/// `resource` is live.
unsafe fn failed(resource: *const sys::rd_kafka_ConfigResource_t) -> Option<Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        let code = sys::rd_kafka_ConfigResource_error(resource);
        let reason = || text(sys::rd_kafka_ConfigResource_error_string(resource));
        (code != rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR).then(|| Fault { code: code.into(), reason: reason() })
    }
}
