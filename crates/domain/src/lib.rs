//! What Threadly means, free of IO: identities, places in the log, events, the fold that turns
//! events into messages and memberships, and the policy that says who may do what.

pub mod email;
pub mod events;
pub mod fold;
pub mod ids;
pub mod membership;
pub mod names;
pub mod policy;
pub mod position;
pub mod roles;
pub mod scopes;
pub mod text;

pub use email::{Email, InvalidEmail};
pub use events::{DecodeError, Event};
pub use ids::{ChannelId, Handle, InvitationId, MessageId, SessionId, TeamId, TokenId, UserId, WorkspaceId};
pub use names::Name;
pub use position::{Cursor, Position};
pub use roles::{AccountKind, ChannelKind, ChannelRole, Posting, Role, TeamRole, Visibility};
pub use scopes::{Scope, Scopes};
