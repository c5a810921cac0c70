//! Which outboxes have something to relay, or may soon: one worker each, however often they are marked. Without IO.

use std::collections::HashMap;

use domain::WorkspaceId;
use tokio::sync::watch;

/// The outboxes that are not known to be clean.
#[derive(Debug, Default)]
pub(crate) struct Dirty(HashMap<WorkspaceId, Outbox>);

#[derive(Debug)]
struct Outbox {
    marks: watch::Sender<u64>,
    finished: watch::Sender<u64>,
    /// A worker has it.
    worked: bool,
    /// Transactions under way that may write to it.
    expected: usize,
    /// The newest version of its row among what is due; 0 if it has none.
    due: i64,
}

/// One mark; what it stands for is relayed in a round that begins after it.
#[derive(Debug)]
pub(crate) struct Mark {
    number: u64,
    finished: watch::Receiver<u64>,
}

/// The worker's end of one dirty outbox.
#[derive(Debug)]
pub(crate) struct Rounds {
    marks: watch::Receiver<u64>,
    finished: watch::Sender<u64>,
}

/// What a worker does after a round that went well.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another round.
    Again,
    /// Nothing, while transactions are under way: each of them marks the outbox when it ends.
    Leave,
    /// The outbox is clean, and so is its row among what is due, if it has this version.
    Clean(i64),
}

impl Dirty {
    /// A transaction that may write to an outbox begins; its row among what is due has this version.
    pub(crate) fn expect(&mut self, id: &WorkspaceId, due: i64) {
        let outbox = self.0.entry(id.clone()).or_default();
        outbox.expected += 1;
        outbox.due = outbox.due.max(due);
    }

    /// The end of an expected transaction.
    pub(crate) fn came(&mut self, id: &WorkspaceId) -> (Mark, Option<Rounds>) {
        let outbox = self.0.entry(id.clone()).or_default();
        outbox.expected = outbox.expected.saturating_sub(1);
        self.mark(id)
    }

    /// Notes the row that an earlier life of this process left among what is due.
    pub(crate) fn left(&mut self, id: &WorkspaceId, due: i64) {
        let outbox = self.0.entry(id.clone()).or_default();
        outbox.due = outbox.due.max(due);
    }

    /// Marks an outbox. If nobody works on it, it needs the worker of these rounds.
    pub(crate) fn mark(&mut self, id: &WorkspaceId) -> (Mark, Option<Rounds>) {
        let outbox = self.0.entry(id.clone()).or_default();
        outbox.marks.send_modify(|marks| *marks += 1);
        let mark = Mark { number: *outbox.marks.borrow(), finished: outbox.finished.subscribe() };
        let rounds =
            (!outbox.worked).then(|| Rounds { marks: outbox.marks.subscribe(), finished: outbox.finished.clone() });
        outbox.worked = true;
        (mark, rounds)
    }

    /// What follows a round that went well. A worker that does not go on is the outbox's no more.
    pub(crate) fn after(&mut self, id: &WorkspaceId, round: u64) -> Next {
        let Some(outbox) = self.0.get_mut(id) else { return Next::Clean(0) };
        if *outbox.marks.borrow() != round {
            return Next::Again;
        }
        outbox.worked = false;
        if outbox.expected > 0 {
            return Next::Leave;
        }
        Next::Clean(self.0.remove(id).map_or(0, |outbox| outbox.due))
    }

    /// Its worker gives up; the next mark starts another.
    pub(crate) fn give_up(&mut self, id: &WorkspaceId) {
        if let Some(outbox) = self.0.get_mut(id) {
            outbox.worked = false;
            // Whoever waits for a round waits no more.
            outbox.finished.send_replace(*outbox.marks.borrow());
        }
    }
}

impl Default for Outbox {
    fn default() -> Self {
        Self { marks: watch::channel(0).0, finished: watch::channel(0).0, worked: false, expected: 0, due: 0 }
    }
}

impl Mark {
    /// Waits until a round that began after this mark has finished, well or not, or its worker gave up.
    pub(crate) async fn finished(mut self) {
        let _ = self.finished.wait_for(|finished| *finished >= self.number).await;
    }
}

impl Rounds {
    /// Begins a round, which stands for every mark so far.
    pub(crate) fn begin(&self) -> u64 {
        *self.marks.borrow()
    }

    /// A round has finished, well or not.
    pub(crate) fn finish(&self, round: u64) {
        self.finished.send_replace(round);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use super::*;

    fn id(text: &str) -> WorkspaceId {
        text.parse().unwrap()
    }

    fn is_ready(future: impl Future) -> bool {
        matches!(pin!(future).poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(_))
    }

    #[test]
    fn an_outbox_has_one_worker_however_often_it_is_marked() {
        let (mut dirty, a, b) = (Dirty::default(), id("aaaaaaaaaaaa"), id("bbbbbbbbbbbb"));
        assert!(dirty.mark(&a).1.is_some());
        assert!(dirty.mark(&a).1.is_none());
        assert!(dirty.mark(&b).1.is_some());
    }

    #[test]
    fn a_mark_made_during_a_round_waits_for_the_next_one() {
        let (mut dirty, a) = (Dirty::default(), id("aaaaaaaaaaaa"));
        let (before, rounds) = dirty.mark(&a);
        let rounds = rounds.unwrap();
        let round = rounds.begin();
        let (during, _) = dirty.mark(&a);
        rounds.finish(round);
        assert!(is_ready(before.finished()));
        assert!(!is_ready(Mark { number: during.number, finished: during.finished.clone() }.finished()));
        assert_eq!(dirty.after(&a, round), Next::Again);

        let round = rounds.begin();
        rounds.finish(round);
        assert!(is_ready(during.finished()));
        assert_eq!(dirty.after(&a, round), Next::Clean(0));
        assert!(dirty.mark(&a).1.is_some(), "a clean outbox gets a new worker");
    }

    #[test]
    fn a_worker_that_gives_up_lets_those_who_wait_go_and_the_next_mark_starts_another() {
        let (mut dirty, a) = (Dirty::default(), id("aaaaaaaaaaaa"));
        let (mark, rounds) = dirty.mark(&a);
        dirty.give_up(&a);
        drop(rounds);
        assert!(is_ready(mark.finished()));
        let (mark, rounds) = dirty.mark(&a);
        assert!(!is_ready(mark.finished()));
        assert!(rounds.is_some());
    }

    #[test]
    fn what_is_due_stays_due_until_every_expected_transaction_has_come() {
        let (mut dirty, a) = (Dirty::default(), id("aaaaaaaaaaaa"));
        dirty.expect(&a, 5);
        dirty.expect(&a, 7);
        let round = dirty.came(&a).1.unwrap().begin();
        assert_eq!(dirty.after(&a, round), Next::Leave, "the other may commit yet");
        let round = dirty.came(&a).1.unwrap().begin();
        assert_eq!(dirty.after(&a, round), Next::Clean(7));
    }

    #[test]
    fn what_an_earlier_life_left_is_done_with_the_next_clean_round() {
        let (mut dirty, a) = (Dirty::default(), id("aaaaaaaaaaaa"));
        dirty.left(&a, 3);
        let round = dirty.mark(&a).1.unwrap().begin();
        assert_eq!(dirty.after(&a, round), Next::Clean(3));
    }
}
