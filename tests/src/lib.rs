//! What tests across components share: the house as processes, a load on it, and the checker of what came out.

pub mod checker;
pub mod event_source;
pub mod house;
pub mod load;
pub mod log;
pub mod raw;
