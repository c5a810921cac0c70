//! What Threadly means, free of IO: identities, places in the log, events, the fold that turns
//! events into messages and memberships, and the policy that says who may do what.

pub mod events;
pub mod fold;
pub mod ids;
pub mod membership;
pub mod policy;
pub mod position;
pub mod roles;
pub mod text;

pub use events::{DecodeError, Event};
pub use ids::{ChannelId, Handle, MessageId, SessionId, UserId, WorkspaceId};
pub use position::{Cursor, Position};
pub use roles::{ChannelRole, Role, Visibility};
