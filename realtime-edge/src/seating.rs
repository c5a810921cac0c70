//! What sockets and their room say to each other.

use std::sync::Arc;

use domain::{Cursor, SessionId, UserId};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::{frame::Frame, line::Line, past::Refill, router::SocketId};

/// What sockets ask of their room.
pub(crate) enum Command {
    /// Come in.
    Join(Join),
    /// Go on under another session of the same person.
    Renew { socket: SocketId, session: SessionId },
    /// Go.
    Leave(SocketId),
}

/// A socket that wants in.
pub(crate) struct Join {
    pub user: UserId,
    pub session: SessionId,
    /// The way to it.
    pub line: Arc<Line>,
    /// What it has seen; nothing to begin now.
    pub cursor: Option<Cursor>,
    /// The log is known to reach up to the cursor.
    pub trusted: bool,
    /// What was read from the log to reach back to the cursor.
    pub refill: Option<Refill>,
    pub answer: oneshot::Sender<Seating>,
}

/// The answer to a [`Join`].
pub(crate) enum Seating {
    /// In.
    Seated(Seat),
    /// The ring does not reach back to the cursor, only to these offsets.
    Behind { floors: Vec<i64> },
    /// The cursor is ahead of the room, and nobody has looked whether the log is.
    Ahead,
    /// The cursor does not fit this room: the workspace's epoch has just changed.
    Stale,
    /// Too much is held already for clients that have missed much.
    Crowded,
}

/// A socket's place in a room.
pub(crate) struct Seat {
    pub socket: SocketId,
    /// What it has missed, to be sent first; everything from there on comes by the line.
    pub missed: Vec<Frame>,
    /// Counts what is held for this socket alone.
    pub held: Option<OwnedSemaphorePermit>,
    /// Where it then stands.
    pub cursor: Cursor,
}
