//! The options of a workspace's topics: what its class names is set on each, whatever a hand has changed; everything else is
//! left as it is.

use std::collections::BTreeMap;

use domain::ids::TopicKind;
use event_log::{admin::options::Options, topics::TopicSpec};

use crate::{Control, OperatorError, plan::Registration};

/// The workspace's topics as its class would make them now.
fn specs(control: &Control, row: &Registration) -> Vec<TopicSpec> {
    TopicKind::ALL.into_iter().map(|kind| control.class.topic(&row.id, kind, row.spec.message_partitions)).collect()
}

/// Whether some topic's options are not as the class has them.
///
/// # Errors
/// Kafka is away or refuses.
pub async fn are_due(control: &Control, row: &Registration) -> Result<bool, OperatorError> {
    Ok(!differing(control, &[row]).await?.is_empty())
}

/// Of several workspaces, in one request: the topics whose options are not as the class has them.
///
/// # Errors
/// Kafka is away or refuses.
pub async fn differing(control: &Control, rows: &[&Registration]) -> Result<Vec<String>, OperatorError> {
    let specs: Vec<TopicSpec> = rows.iter().flat_map(|row| specs(control, row)).collect();
    let names: Vec<String> = specs.iter().map(|spec| spec.name.clone()).collect();
    let found = control.topics.describe_options(&names).await?;
    Ok(specs.into_iter().filter(|spec| differs(spec, &found)).map(|spec| spec.name).collect())
}

/// A topic that is not there is not this one's business.
fn differs(spec: &TopicSpec, found: &BTreeMap<String, Options>) -> bool {
    let is_set =
        |options: &Options, name: &str, value: &str| options.get(name).is_some_and(|option| option.value == value);
    found.get(&spec.name).is_some_and(|options| !spec.config.iter().all(|(name, value)| is_set(options, name, value)))
}

/// Sets the options of all topics of a workspace.
///
/// # Errors
/// Kafka is away or refuses.
pub async fn set(control: &Control, row: &Registration) -> Result<(), OperatorError> {
    let options = |spec: TopicSpec| {
        let config = spec.config.into_iter().map(|(name, value)| (name.to_owned(), value));
        (spec.name, config.collect())
    };
    let topics: Vec<_> = specs(control, row).into_iter().map(options).collect();
    Ok(control.topics.set_options(&topics).await?)
}
