//! How many sockets may be open, in this process and for one person.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{UserId, WorkspaceId};

/// Whose sockets are counted together.
type Person = (WorkspaceId, UserId);

/// Counts open sockets.
#[derive(Debug)]
pub(crate) struct Places {
    counts: Mutex<Counts>,
    total: u32,
    per_person: u32,
}

#[derive(Debug, Default)]
struct Counts {
    total: u32,
    people: HashMap<Person, u32>,
}

/// Which limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    Process,
    Person,
}

/// A counted socket; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    person: Person,
}

impl Places {
    pub(crate) fn new(total: u32, per_person: u32) -> Self {
        Self { counts: Mutex::default(), total, per_person }
    }

    pub(crate) fn take(self: &Arc<Self>, workspace: &WorkspaceId, user: UserId) -> Result<Place, Full> {
        let person = (workspace.clone(), user);
        let mut counts = self.counts();
        if counts.total >= self.total {
            return Err(Full::Process);
        }
        if counts.people.get(&person).is_some_and(|theirs| *theirs >= self.per_person) {
            return Err(Full::Person);
        }
        counts.total += 1;
        *counts.people.entry(person.clone()).or_default() += 1;
        drop(counts);
        metrics::gauge!("threadly_edge_sockets").increment(1);
        Ok(Place { places: self.clone(), person })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.places.counts();
        counts.total -= 1;
        if let Some(theirs) = counts.people.get_mut(&self.person) {
            *theirs -= 1;
            if *theirs == 0 {
                counts.people.remove(&self.person);
            }
        }
        drop(counts);
        metrics::gauge!("threadly_edge_sockets").decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_limits_hold_and_places_come_back() {
        let places = Arc::new(Places::new(3, 2));
        let workspace: WorkspaceId = "k3v2q2hdm7xa".parse().unwrap();
        let (ada, ben) = (UserId::random(), UserId::random());
        let first = places.take(&workspace, ada).unwrap();
        let _second = places.take(&workspace, ada).unwrap();
        assert_eq!(places.take(&workspace, ada).err(), Some(Full::Person));
        let _third = places.take(&workspace, ben).unwrap();
        assert_eq!(places.take(&workspace, ben).err(), Some(Full::Process));
        drop(first);
        assert!(places.take(&workspace, ben).is_ok());
    }
}
