//! What is asked: one request after another of each endpoint.

pub mod auth;
mod directory;
mod messages;

use super::{
    exchange::{Answer, Request},
    scene::{CALLERS, Caller, Scene},
};
use crate::house::Urls;

/// Which function answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Auth,
    Directory,
    Messages,
}

impl At {
    pub const ALL: [Self; 3] = [Self::Auth, Self::Directory, Self::Messages];

    /// The function, and its process.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Directory => "directory",
            Self::Messages => "messages",
        }
    }

    pub fn url(self, urls: &Urls) -> &str {
        match self {
            Self::Auth => &urls.auth,
            Self::Directory => &urls.directory,
            Self::Messages => &urls.messages,
        }
    }

    pub fn endpoints(self) -> &'static [Endpoint] {
        match self {
            Self::Auth => auth::ALL,
            Self::Directory => directory::ALL,
            Self::Messages => messages::ALL,
        }
    }
}

/// One endpoint, asked in one way.
pub struct Endpoint {
    pub name: &'static str,
    /// The next request; none if there is nothing more to ask for.
    pub make: fn(&Turn<'_>) -> Option<Request>,
}

/// Whose turn it is.
pub struct Turn<'a> {
    pub scene: &'a Scene,
    /// Of the request, from 0.
    pub number: usize,
    /// Of the connection.
    pub worker: usize,
    /// On this connection.
    pub last: &'a Answer,
}

impl<'a> Turn<'a> {
    /// Callers ask in turn.
    fn caller(&self) -> &'a Caller {
        &self.scene.callers[self.number % CALLERS]
    }

    /// How often this caller has asked.
    fn round(&self) -> usize {
        self.number / CALLERS
    }

    /// `?cursor=…` of the page after the last one; nothing after the end of the list.
    fn cursor(&self) -> String {
        self.last.text("nextCursor").map(|cursor| format!("?cursor={cursor}")).unwrap_or_default()
    }

    /// The first three letters of some text.
    fn beginning(text: &str) -> &str {
        text.get(..3).unwrap_or(text)
    }
}
