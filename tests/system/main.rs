//! The house as a whole: real Kafka, real Postgres, Threadly's own programs as processes.

mod backlog;
mod delivery;
mod endpoints;
mod epochs;
mod hostile;
mod kills;
mod matrix;
mod membership;
