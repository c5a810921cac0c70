//! Which workspaces there are, and the way to each one's database.

pub mod budget;
pub mod clock;
pub mod credentials;
pub mod databases;
pub mod due;
pub mod registry;
pub mod settings;
mod store;
pub mod workspace;

pub use clock::Clock;
pub use databases::{DatabaseError, Databases, DatabasesConfig, Lease};
pub use due::Due;
pub use registry::{Registry, RegistryError};
pub use settings::{Limits, Settings, TrustedIssuer};
pub use workspace::{SignUp, Workspace};
