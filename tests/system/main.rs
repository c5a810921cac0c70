//! The house as a whole: real Kafka, real Postgres, Threadly's own programs as processes.

mod avatars;
mod backlog;
mod clock;
mod cluster;
mod cluster_status;
mod contract;
mod dead_letters;
mod delivery;
mod endpoints;
mod epochs;
mod hostile;
mod hostile_sockets;
mod kills;
mod matrix;
mod membership;
mod operators;
mod outages;
mod skewed_clocks;
