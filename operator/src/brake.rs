//! Stops a mass retirement that nobody meant. Pure.
//!
//! What was held, and which permit was used, outlives the operator ([`Kept`]).
//!
//! A workspace without a manifest is retired. If many of a class vanish at once, it was hardly their tenants' wish, but a
//! deleted CRD, a wrong kubeconfig or an empty etcd: then nothing is retired until a person says that it is meant.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use tokio::time::Instant;

pub(crate) mod store;

/// So long a workspace has to be absent; whoever vanishes with it is seen with it.
pub const SETTLE: Duration = Duration::from_secs(2);
/// What vanishes within this counts together.
const TOGETHER: Duration = Duration::from_secs(60);
/// This few may always vanish.
const ALWAYS: usize = 5;

/// A class's workspaces, as of now.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// All that the registry has.
    pub registered: usize,
    /// Those that no manifest names.
    pub absent: Vec<String>,
    /// So many absent ones a person has said are meant, if anybody did; none at all while the class is not seen.
    pub allowed: Option<Option<usize>>,
}

/// What may be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// To be retired.
    pub retire: Vec<String>,
    /// Looked at again then.
    pub again: Option<Instant>,
    /// By class: how many are held.
    pub held: BTreeMap<String, usize>,
}

/// What must outlive an operator, of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Its absent workspaces go on until a person allows more.
    pub held: bool,
    /// The permit that was used.
    pub used: Option<usize>,
}

/// What is braked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The retirement of workspaces that no manifest names.
    Vanished,
    /// The purge of retained workspaces whose objects are deleted.
    Purges,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Vanished => "Vanished",
            Self::Purges => "Purges",
        }
    }
}

/// Remembers who vanished when, and what a person has said of it.
#[derive(Debug, Default)]
pub struct Brake(HashMap<String, Memory>);

/// Of one class.
#[derive(Debug, Default)]
struct Memory {
    /// Places that are absent and not issued, since when.
    absent: HashMap<String, Instant>,
    /// Places to be retired, since when; none if a person has allowed it, since that counts for nothing further.
    issued: HashMap<String, Option<Instant>>,
    /// It waits for a person.
    held: bool,
    /// The permit that was used; it is good once.
    used: Option<usize>,
}

impl Brake {
    /// Takes up what a former operator kept.
    pub fn recall(&mut self, kept: BTreeMap<String, Kept>) {
        let memory = |Kept { held, used }| Memory { held, used, ..Memory::default() };
        self.0.extend(kept.into_iter().map(|(class, kept)| (class, memory(kept))));
    }

    /// What is to be kept: of classes where there is something.
    #[must_use]
    pub fn kept(&self) -> BTreeMap<String, Kept> {
        let kept =
            self.0.iter().map(|(class, Memory { held, used, .. })| (class.clone(), Kept { held: *held, used: *used }));
        kept.filter(|(_, kept)| *kept != Kept::default()).collect()
    }

    /// Judges all classes at once.
    pub fn judge(&mut self, now: Instant, classes: &BTreeMap<String, Census>) -> Verdict {
        // What was used stays used, also when nobody of the class is left for a while.
        self.0.retain(|class, memory| classes.contains_key(class) || memory.used.is_some());
        let mut verdict = Verdict::default();
        for (class, census) in classes {
            let memory = self.0.entry(class.clone()).or_default();
            memory.judge(now, census, &mut verdict);
            if memory.held {
                verdict.held.insert(class.clone(), memory.absent.len());
            }
        }
        verdict
    }
}

impl Memory {
    fn judge(&mut self, now: Instant, census: &Census, verdict: &mut Verdict) {
        let gone: HashSet<&String> = census.absent.iter().collect();
        let lately = |since: &Option<Instant>| since.is_some_and(|since| now.duration_since(since) < TOGETHER);
        self.issued.retain(|place, since| gone.contains(place) || lately(since));
        self.absent.retain(|place, _| gone.contains(place));
        for place in &census.absent {
            if !self.issued.contains_key(place) {
                self.absent.entry(place.clone()).or_insert(now);
            }
        }
        if census.allowed.is_some_and(|allowed| allowed != self.used) {
            self.used = None;
        }
        self.held &= !self.absent.is_empty();
        let settled = self.absent.values().all(|since| *since + SETTLE <= now);
        // Only what was held and told before can have been meant.
        if self.held && settled && self.used.is_none() && census.allowed == Some(Some(self.absent.len())) {
            self.used = census.allowed.flatten();
            self.held = false;
            self.issued.extend(self.absent.drain().map(|(place, _)| (place, None)));
        }
        let counted = self.issued.values().filter(|since| lately(since)).count();
        let registered = census.registered - census.absent.len() + self.absent.len() + counted;
        self.held |= !self.absent.is_empty() && is_mass(self.absent.len() + counted, registered);
        if !self.held {
            let due: Vec<String> = self
                .absent
                .iter()
                .filter(|(_, since)| **since + SETTLE <= now)
                .map(|(place, _)| place.clone())
                .collect();
            for place in due {
                self.absent.remove(&place);
                self.issued.insert(place, Some(now));
            }
        }
        verdict.retire.extend(self.issued.keys().filter(|place| gone.contains(place)).cloned());
        let again = self.absent.values().map(|since| *since + SETTLE).filter(|due| *due > now).min();
        verdict.again = [verdict.again, again].into_iter().flatten().min();
    }
}

/// More than a tenth, and at least five.
const fn is_mass(vanished: usize, of: usize) -> bool {
    vanished >= ALWAYS && vanished * 10 > of
}

#[cfg(test)]
mod tests {
    use super::*;

    fn census(registered: usize, absent: usize, allowed: Option<usize>) -> BTreeMap<String, Census> {
        let absent = (0..absent).map(|index| format!("default/w{index}")).collect();
        BTreeMap::from([("standard".to_owned(), Census { registered, absent, allowed: Some(allowed) })])
    }

    /// What is retired of so many once all have settled.
    fn retired(registered: usize, absent: usize) -> usize {
        let (mut brake, now) = (Brake::default(), Instant::now());
        assert_eq!(brake.judge(now, &census(registered, absent, None)).retire, Vec::<String>::new());
        brake.judge(now + SETTLE, &census(registered, absent, None)).retire.len()
    }

    #[test]
    fn a_few_are_retired_and_many_are_held() {
        assert_eq!(retired(1, 1), 1);
        assert_eq!(retired(4, 4), 4);
        assert_eq!(retired(5, 5), 0);
        assert_eq!(retired(50, 5), 5, "a tenth is not more than a tenth");
        assert_eq!(retired(49, 5), 0);
        assert_eq!(retired(1000, 100), 100);
        assert_eq!(retired(1000, 101), 0);
    }

    #[test]
    fn a_person_allows_exactly_the_number_that_is_held_and_once() {
        let (mut brake, now) = (Brake::default(), Instant::now());
        // A permit that was there before says nothing about what vanishes now.
        assert_eq!(brake.judge(now, &census(10, 6, Some(6))).held.len(), 1);
        assert_eq!(brake.judge(now + SETTLE / 2, &census(10, 6, Some(6))).retire.len(), 0, "it has not settled");
        assert_eq!(brake.judge(now + SETTLE, &census(10, 6, Some(5))).retire.len(), 0);
        assert_eq!(brake.judge(now + SETTLE, &census(10, 6, Some(6))).retire.len(), 6);
        // While they are being retired, and when one of them fails, nothing is held.
        let left = brake.judge(now + SETTLE, &census(7, 3, Some(6)));
        assert_eq!((left.retire.len(), left.held.len()), (3, 0));
        assert_eq!(brake.judge(now + SETTLE * 2, &census(4, 0, Some(6))), Verdict::default());
        // Six others vanish: the permit is used up.
        let others = |allowed| {
            let absent = (0..6).map(|index| format!("default/x{index}")).collect();
            BTreeMap::from([("standard".to_owned(), Census { registered: 10, absent, allowed: Some(allowed) })])
        };
        let later = now + SETTLE * 4;
        brake.judge(later, &others(Some(6)));
        assert_eq!(brake.judge(later + SETTLE, &others(Some(6))).retire.len(), 0);
        assert_eq!(brake.judge(later + SETTLE, &others(None)).retire.len(), 0);
        assert_eq!(brake.judge(later + SETTLE, &others(Some(6))).retire.len(), 6);
    }

    #[test]
    fn what_was_held_and_allowed_outlives_the_operator() {
        let (mut brake, now) = (Brake::default(), Instant::now());
        brake.judge(now, &census(10, 6, None));
        assert_eq!(brake.kept()["standard"], Kept { held: true, used: None });
        // Five of them came back while nobody looked; the sixth alone would go at once.
        let mut next = Brake::default();
        next.recall(brake.kept());
        next.judge(now, &census(10, 1, None));
        assert_eq!(next.judge(now + SETTLE, &census(10, 1, None)).held.len(), 1);
        assert_eq!(next.judge(now + SETTLE, &census(10, 1, Some(1))).retire.len(), 1);
        // A permit that was used before counts for nobody else.
        let mut last = Brake::default();
        last.recall(next.kept());
        last.judge(now, &census(10, 6, Some(1)));
        last.judge(now + SETTLE, &census(10, 1, Some(1)));
        assert_eq!(last.judge(now + SETTLE * 2, &census(10, 1, Some(1))).retire.len(), 0);
    }

    #[test]
    fn a_used_permit_stays_used_while_its_class_is_not_seen_or_has_nobody() {
        let (mut brake, now) = (Brake::default(), Instant::now());
        brake.judge(now, &census(10, 6, None));
        assert_eq!(brake.judge(now + SETTLE, &census(10, 6, Some(6))).retire.len(), 6);
        let unseen = |registered, absent: usize| {
            let mut classes = census(registered, absent, None);
            classes.values_mut().for_each(|census| census.allowed = None);
            classes
        };
        brake.judge(now + SETTLE, &unseen(4, 0));
        brake.judge(now + SETTLE, &BTreeMap::new());
        let mut next = Brake::default();
        next.recall(brake.kept());
        let later = now + TOGETHER * 2;
        next.judge(later, &unseen(10, 6));
        assert_eq!(next.judge(later + SETTLE, &census(10, 6, Some(6))).retire.len(), 0);
        // Taken away and said anew, it counts again.
        next.judge(later + SETTLE, &census(10, 6, None));
        assert_eq!(next.judge(later + SETTLE, &census(10, 6, Some(6))).retire.len(), 6);
    }

    #[test]
    fn absence_settles_before_it_counts() {
        let (mut brake, now) = (Brake::default(), Instant::now());
        let verdict = brake.judge(now, &census(3, 1, None));
        assert_eq!((verdict.retire.len(), verdict.again), (0, Some(now + SETTLE)));
        // It came back for a moment.
        brake.judge(now + SETTLE / 2, &census(3, 0, None));
        assert_eq!(brake.judge(now + SETTLE, &census(3, 1, None)).retire.len(), 0);
    }

    #[test]
    fn what_vanishes_one_by_one_within_a_minute_counts_together() {
        let (mut brake, mut now) = (Brake::default(), Instant::now());
        let next = |left: usize, allowed: Option<usize>| {
            let absent = vec![format!("default/w{left}")];
            BTreeMap::from([("standard".to_owned(), Census { registered: left, absent, allowed: Some(allowed) })])
        };
        let mut left = 12;
        for _ in 0..12 {
            let classes = next(left, None);
            brake.judge(now, &classes);
            now += SETTLE;
            // It is judged once more before its row is written.
            let retired = brake.judge(now, &classes).retire;
            assert_eq!(brake.judge(now, &classes).retire, retired);
            left -= retired.len();
        }
        assert_eq!(left, 8, "the fifth within a minute of twelve is held");
        // It stays held when the minute is over: nobody has said anything.
        now += TOGETHER * 2;
        assert_eq!(brake.judge(now, &next(left, None)).held, BTreeMap::from([("standard".to_owned(), 1)]));
        assert_eq!(brake.judge(now, &next(left, Some(1))).retire.len(), 1);
        assert_eq!(retired(30, 3), 3);
    }

    #[test]
    fn those_that_come_back_end_the_hold() {
        let (mut brake, now) = (Brake::default(), Instant::now());
        assert_eq!(brake.judge(now, &census(10, 10, None)).held.len(), 1);
        assert_eq!(brake.judge(now, &census(10, 0, None)), Verdict::default());
        brake.judge(now, &census(10, 1, None));
        assert_eq!(brake.judge(now + SETTLE, &census(10, 1, None)).retire.len(), 1);
    }
}
