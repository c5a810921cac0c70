//! Passwords: their rule, and hashing with argon2id (RFC 9106) at OWASP's parameters, beside the runtime's threads.

mod hash;
mod memory;

use std::{
    collections::HashMap,
    num::NonZero,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::available_parallelism,
    time::Duration,
};

use argon2::{Params, password_hash::Error as HashError};
use domain::WorkspaceId;
use function_host::Problem;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use crate::error::AuthError;

use memory::{Blocks, Memory};

/// Characters of a password. The upper bound keeps a sentence possible and a megabyte not.
const MIN_CHARS: usize = 10;
const MAX_CHARS: usize = 128;

/// Memory in KiB, passes and lanes of one hash; a stored hash is verified with the ones it was made with.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Requests that may wait for a core, of all workspaces and of one, and for how long. No workspace fills the queue alone.
const MAX_WAITING: usize = 64;
const MAX_WAITING_OF_ONE: usize = 16;
const MAX_WAIT: Duration = Duration::from_secs(5);

/// A password that may be set.
pub(crate) struct Password(String);

/// Why a text may not be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidPassword {
    #[error("a password has at least {MIN_CHARS} characters")]
    TooShort,
    #[error("a password has at most {MAX_CHARS} characters")]
    TooLong,
}

impl Password {
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl FromStr for Password {
    type Err = InvalidPassword;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.chars().nth(MAX_CHARS).is_some() {
            return Err(InvalidPassword::TooLong);
        }
        if text.chars().nth(MIN_CHARS - 1).is_none() {
            return Err(InvalidPassword::TooShort);
        }
        Ok(Self(text.to_owned()))
    }
}

impl From<InvalidPassword> for Problem {
    fn from(error: InvalidPassword) -> Self {
        let code = match error {
            InvalidPassword::TooShort => "password-too-short",
            InvalidPassword::TooLong => "password-too-long",
        };
        Self::unprocessable(code, error.to_string()).at("password")
    }
}

/// Hashes and compares, as many at once as there are cores. Clones share the bound.
#[derive(Clone)]
pub(crate) struct Hasher {
    params: Params,
    cores: Arc<Semaphore>,
    queue: Queue,
    memory: Memory,
}

/// Who waits for a core. Clones share the places.
#[derive(Clone, Default)]
struct Queue(Arc<Mutex<HashMap<WorkspaceId, usize>>>);

/// One place in the queue, given back when it is dropped.
struct Place<'a> {
    queue: &'a Queue,
    workspace: &'a WorkspaceId,
}

impl Queue {
    fn enter<'a>(&'a self, workspace: &'a WorkspaceId) -> Result<Place<'a>, AuthError> {
        let mut waiting = self.waiting();
        let of_one = waiting.get(workspace).copied().unwrap_or(0);
        if of_one >= MAX_WAITING_OF_ONE || waiting.values().sum::<usize>() >= MAX_WAITING {
            return Err(AuthError::Busy);
        }
        waiting.insert(workspace.clone(), of_one + 1);
        Ok(Place { queue: self, workspace })
    }

    fn is_empty(&self) -> bool {
        self.waiting().is_empty()
    }

    /// Nobody panics while holding this; if somebody did, the counts would still be whole.
    fn waiting(&self) -> MutexGuard<'_, HashMap<WorkspaceId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self.queue.waiting();
        if let Some(count) = waiting.get_mut(self.workspace) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(self.workspace);
            }
        }
    }
}

impl Hasher {
    pub(crate) fn new() -> Result<Self, argon2::Error> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
        let cores = available_parallelism().map_or(1, NonZero::get);
        Ok(Self { params, cores: Arc::new(Semaphore::new(cores)), queue: Queue::default(), memory: Memory::default() })
    }

    /// A password's hash with a salt of its own, in the PHC string format.
    pub(crate) async fn hash(&self, workspace: &WorkspaceId, password: String) -> Result<String, AuthError> {
        let params = self.params.clone();
        self.on_a_core(workspace, move |blocks| hash::hash(&params, &password, blocks)).await
    }

    /// Whether the password is the stored one. Without a stored one it takes as long, so that time tells nothing.
    pub(crate) async fn verify(
        &self,
        workspace: &WorkspaceId,
        password: String,
        stored: Option<String>,
    ) -> Result<bool, AuthError> {
        let params = self.params.clone();
        self.on_a_core(workspace, move |blocks| match stored {
            Some(stored) => hash::verify(&stored, &password, blocks),
            None => hash::hash(&params, &password, blocks).map(|_| false),
        })
        .await
    }

    async fn on_a_core<T: Send + 'static>(
        &self,
        workspace: &WorkspaceId,
        work: impl FnOnce(&mut Blocks) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, AuthError> {
        let place = self.queue.enter(workspace)?;
        let Ok(Ok(core)) = timeout(MAX_WAIT, self.cores.clone().acquire_owned()).await else {
            return Err(AuthError::Busy);
        };
        drop(place);
        let (memory, queue) = (self.memory.clone(), self.queue.clone());
        // The core is held by the work, not by the request: a client that hangs up frees nothing.
        let task = spawn_blocking(move || {
            let mut blocks = memory.take();
            let done = work(&mut blocks);
            memory.give_back(blocks, !queue.is_empty());
            drop(core);
            done
        });
        let done = task.await.map_err(|error| AuthError::Hashing(error.to_string()))?;
        done.map_err(|error| AuthError::Hashing(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(letter: char) -> WorkspaceId {
        letter.to_string().repeat(12).parse().unwrap()
    }

    #[test]
    fn a_password_has_10_to_128_characters_of_any_kind() {
        let check = |text: String| text.parse::<Password>().map(|_| ());
        assert_eq!(check("ü".repeat(10)), Ok(()));
        assert_eq!(check(" ".repeat(128)), Ok(()));
        assert_eq!(check("ü".repeat(9)), Err(InvalidPassword::TooShort));
        assert_eq!(check("a".repeat(129)), Err(InvalidPassword::TooLong));
    }

    #[tokio::test]
    async fn the_right_password_alone_is_accepted_and_the_parameters_are_owasps() {
        let (hasher, acme) = (Hasher::new().unwrap(), workspace('a'));
        let stored = hasher.hash(&acme, "correct horse".to_owned()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_eq!(hasher.verify(&acme, "correct horse".to_owned(), Some(stored.clone())).await, Ok(true));
        assert_eq!(hasher.verify(&acme, "correct hors".to_owned(), Some(stored)).await, Ok(false));
        assert_eq!(hasher.verify(&acme, "correct horse".to_owned(), None).await, Ok(false));
        let broken = hasher.verify(&acme, "correct horse".to_owned(), Some("$argon2id$".to_owned())).await;
        assert!(matches!(broken, Err(AuthError::Hashing(_))));
    }

    #[tokio::test]
    async fn one_workspace_fills_its_share_of_the_queue_and_no_more() {
        let hasher = Hasher { cores: Arc::new(Semaphore::new(0)), ..Hasher::new().unwrap() };
        let wait = |workspace: WorkspaceId| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.hash(&workspace, "correct horse".to_owned()).await })
        };
        let crowd: Vec<_> = (0..MAX_WAITING_OF_ONE).map(|_| wait(workspace('a'))).collect();
        let other = wait(workspace('b'));
        while hasher.queue.waiting().values().sum::<usize>() <= MAX_WAITING_OF_ONE {
            tokio::task::yield_now().await;
        }
        assert_eq!(hasher.hash(&workspace('a'), "correct horse".to_owned()).await, Err(AuthError::Busy));
        hasher.cores.add_permits(2);
        assert!(other.await.unwrap().is_ok());
        for one in crowd {
            assert!(one.await.unwrap().is_ok());
        }
        assert!(hasher.queue.waiting().is_empty());
    }

    #[test]
    fn beyond_all_places_it_is_busy_and_a_place_left_is_free_again() {
        let queue = Queue::default();
        let workspaces: Vec<WorkspaceId> = ('a'..='z').take(MAX_WAITING).map(workspace).collect();
        let mut places = Vec::new();
        for one in workspaces.iter().cycle().take(MAX_WAITING) {
            places.push(queue.enter(one).unwrap());
        }
        assert!(queue.enter(&workspaces[0]).is_err());
        places.pop();
        assert!(queue.enter(&workspaces[0]).is_ok());
        places.clear();
        assert!(queue.waiting().is_empty());
    }
}
