//! What the consumer group's coordinator gives to this process, and takes from it.

use rdkafka::{
    ClientContext, TopicPartitionList,
    consumer::{BaseConsumer, ConsumerContext, Rebalance, StreamConsumer},
};
use tokio::sync::mpsc;

/// Decisions waiting to be taken up.
const WAITING: usize = 4_096;

/// A consumer that says what it has been given.
pub(crate) type ProjectorConsumer = StreamConsumer<Assignments>;

/// Tells the projector which partitions it has been given.
pub(crate) struct Assignments {
    sender: mpsc::Sender<Change>,
}

/// A partition of a topic.
pub(crate) type Key = (String, i32);

/// What the group's coordinator decided.
#[derive(Debug)]
pub(crate) enum Change {
    Given(Vec<Key>),
    Taken(Vec<Key>),
}

impl Assignments {
    /// The context, and where its words arrive.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Change>) {
        let (sender, changes) = mpsc::channel(WAITING);
        (Self { sender }, changes)
    }
}

impl ClientContext for Assignments {}

impl ConsumerContext for Assignments {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(list) = rebalance {
            let _ = self.sender.try_send(Change::Taken(keys(list)));
        }
    }

    fn post_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance {
            let _ = self.sender.try_send(Change::Given(keys(list)));
        }
    }
}

fn keys(list: &TopicPartitionList) -> Vec<Key> {
    list.elements().iter().map(|element| (element.topic().to_owned(), element.partition())).collect()
}
