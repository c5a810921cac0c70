//! The house as a whole: real Kafka, real Postgres, Threadly's own programs as processes.

mod delivery;
mod endpoints;
mod hostile;
mod kills;
mod matrix;
mod membership;
