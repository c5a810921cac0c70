//! Which workspaces there are, and the way to each one's database.

pub mod credentials;
pub mod databases;
pub mod registry;
mod store;
pub mod workspace;

pub use databases::{DatabaseError, Databases, DatabasesConfig};
pub use registry::{Registry, RegistryError};
pub use workspace::{SignUp, Workspace};
