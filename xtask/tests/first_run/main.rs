//! `cargo xtask up` and its companions as a newcomer meets them: real servers, in clones of their own.
//!
//! Most tests need only one of the two servers for what they prove and take the other from one clone that all share.

mod alone;
mod apt;
mod clone;
mod disk;
mod given;
mod half_dead_kafka;
mod half_dead_postgres;
mod killed;
mod network;
mod pipes;
mod ports;
mod privileges;
mod reset;
mod shared;
mod side_by_side;
mod suites;
