//! Administration of a cluster: users, their rights, topics' options, and who the cluster is. Topics themselves are made
//! and looked at in [`topics`](crate::topics).
//!
//! Kafka's client offers most of this in C only. All unsafe code of the house is in this folder: `native` has the
//! pieces that own and free, each other file makes one kind of request and copies its answer before the answer goes.
#![allow(unsafe_code)]

pub mod acls;
mod connection;
mod descriptions;
mod error;
mod native;
pub mod options;
mod topic_ids;
pub mod users;

pub(crate) use connection::REQUEST_LIMIT;
pub use connection::TopicAdmin;
pub(crate) use descriptions::Partitions;
pub use error::AdminError;
pub(crate) use topic_ids::topic_ids;
