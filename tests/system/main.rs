//! The house as a whole: real Kafka, real Postgres, Threadly's own programs as processes.

#[macro_use(on_both_hosts)]
extern crate testkit;

mod avatars;
mod backlog;
mod clock;
mod cluster;
mod cluster_status;
mod contract;
mod day;
mod dead_letters;
mod delivery;
mod epochs;
mod hostile;
mod hostile_sockets;
mod kills;
mod lambda;
mod matrix;
mod membership;
mod oidc;
mod operators;
mod outages;
mod skewed_clocks;
