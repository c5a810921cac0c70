//! Which workspaces there are, and the way to each one's database.

pub mod clock;
pub mod credentials;
pub mod databases;
pub mod due;
pub mod registry;
mod store;
pub mod workspace;

pub use clock::Clock;
pub use databases::{DatabaseError, Databases, DatabasesConfig};
pub use due::Due;
pub use registry::{Registry, RegistryError};
pub use workspace::{SignUp, Workspace};
