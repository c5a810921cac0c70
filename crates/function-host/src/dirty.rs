//! Which outboxes have something to relay: one worker each, however often they are marked. Without IO.

use std::collections::HashMap;

use domain::WorkspaceId;
use tokio::sync::watch;

/// The outboxes that a worker has; the others are clean.
#[derive(Debug, Default)]
pub(crate) struct Dirty(HashMap<WorkspaceId, Outbox>);

#[derive(Debug)]
struct Outbox {
    marks: watch::Sender<u64>,
    finished: watch::Receiver<u64>,
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

impl Dirty {
    /// Marks an outbox. If it was clean, it needs the worker of these rounds.
    pub(crate) fn mark(&mut self, id: &WorkspaceId) -> (Mark, Option<Rounds>) {
        if let Some(outbox) = self.0.get(id) {
            outbox.marks.send_modify(|marks| *marks += 1);
            let number = *outbox.marks.borrow();
            return (Mark { number, finished: outbox.finished.clone() }, None);
        }
        let (marks, marked) = watch::channel(1);
        let (finish, finished) = watch::channel(0);
        self.0.insert(id.clone(), Outbox { marks, finished: finished.clone() });
        (Mark { number: 1, finished }, Some(Rounds { marks: marked, finished: finish }))
    }

    /// Whether the outbox is clean after a round that went well; a mark since then keeps its worker.
    pub(crate) fn clean(&mut self, id: &WorkspaceId, round: u64) -> bool {
        let clean = self.0.get(id).is_none_or(|outbox| *outbox.marks.borrow() == round);
        if clean {
            self.forget(id);
        }
        clean
    }

    /// Its worker gives up; the next mark starts another.
    pub(crate) fn forget(&mut self, id: &WorkspaceId) {
        self.0.remove(id);
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
    pub(crate) fn begin(&mut self) -> u64 {
        *self.marks.borrow_and_update()
    }

    /// A round has finished, well or not.
    pub(crate) fn finish(&self, round: u64) {
        self.finished.send_replace(round);
    }

    /// Waits for a mark since the last round began.
    pub(crate) async fn marked(&mut self) {
        if self.marks.changed().await.is_err() {
            // Forgotten: no mark will come.
            std::future::pending::<()>().await;
        }
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
        let (_, rounds) = dirty.mark(&a);
        assert!(rounds.is_some());
        assert!(dirty.mark(&a).1.is_none());
        assert!(dirty.mark(&b).1.is_some());
    }

    #[test]
    fn a_mark_made_during_a_round_waits_for_the_next_one() {
        let (mut dirty, a) = (Dirty::default(), id("aaaaaaaaaaaa"));
        let (before, rounds) = dirty.mark(&a);
        let mut rounds = rounds.unwrap();
        let round = rounds.begin();
        let (during, _) = dirty.mark(&a);
        rounds.finish(round);
        assert!(is_ready(before.finished()));
        assert!(!is_ready(Mark { number: during.number, finished: during.finished.clone() }.finished()));
        assert!(!dirty.clean(&a, round), "the worker goes on");
        assert!(is_ready(rounds.marked()), "and need not wait");

        let round = rounds.begin();
        rounds.finish(round);
        assert!(is_ready(during.finished()));
        assert!(dirty.clean(&a, round));
        assert!(dirty.mark(&a).1.is_some(), "a clean outbox gets a new worker");
    }

    #[test]
    fn a_worker_that_gives_up_lets_those_who_wait_go_and_the_next_mark_starts_another() {
        let (mut dirty, a) = (Dirty::default(), id("aaaaaaaaaaaa"));
        let (mark, rounds) = dirty.mark(&a);
        dirty.forget(&a);
        drop(rounds);
        assert!(is_ready(mark.finished()));
        assert!(dirty.mark(&a).1.is_some());
    }

    #[test]
    fn a_forgotten_mark_is_still_relayed() {
        let (mut dirty, a) = (Dirty::default(), id("aaaaaaaaaaaa"));
        let (mark, rounds) = dirty.mark(&a);
        drop(mark);
        let (mark, mut rounds) = (dirty.mark(&a).0, rounds.unwrap());
        drop(mark);
        assert_eq!(rounds.begin(), 2);
        rounds.finish(2);
        assert!(dirty.clean(&a, 2));
    }
}
