//! Accounts administered on the real Kafka and Postgres: each rule, each race, each request that is sent again.

#[macro_use(on_both_hosts)]
extern crate testkit;

mod bots;
mod deactivation;
mod erasure;
mod external;
mod invitations;
mod inviters;
mod joining;
mod lock_order;
mod meta;
mod roles;
mod stage;
mod tokens;
