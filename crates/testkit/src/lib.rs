//! What tests stand on: the real Kafka and Postgres that `cargo xtask test` starts, workspaces provisioned on them,
//! Threadly's own programs as processes, and people who use them over HTTP and WebSocket.

mod lab;
mod lambda;
mod person;
mod process;
pub mod servers;
mod socket;
mod store;
pub mod wait;

pub use lab::{Lab, ORIGIN, TestWorkspace, program};
pub use lambda::{Emulator, Host, Invoker};
pub use person::{Answer, Person};
pub use process::{Process, Program};
pub use socket::{Closed, Frame, Socket};
pub use store::TestStore;
