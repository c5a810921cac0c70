//! Judges a run: was everything that was acknowledged kept and delivered, once, in order, and to members only?

use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::Entry},
    fmt,
};

use domain::{ChannelId, MessageId, Position};

/// A message at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Placed {
    /// Where it was said.
    pub channel: ChannelId,
    /// Its id.
    pub id: MessageId,
    /// The place that was told.
    pub position: Position,
}

/// A time in a channel: from the marker of the join to that of the leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The marker that let the reader in; `None` if that was before the run.
    pub from: Option<Position>,
    /// The marker that took the reader out; `None` if that was never.
    pub to: Option<Position>,
}

impl Stay {
    /// In it from before the run until after it.
    pub const ALWAYS: Self = Self { from: None, to: None };

    fn includes(&self, position: &Position) -> bool {
        self.from.is_none_or(|from| position.is_after(&from)) && self.to.is_none_or(|to| to.is_after(position))
    }
}

/// What one reader received, in the order received, over all its connections.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// For the report.
    pub name: String,
    /// When the reader was in which channel.
    pub stays: HashMap<ChannelId, Vec<Stay>>,
    /// CREATED events.
    pub received: Vec<Placed>,
}

/// A whole run.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Posts that were answered with success.
    pub acknowledged: Vec<Placed>,
    /// Ids whose posting was tried: only these may appear anywhere.
    pub attempted: HashSet<MessageId>,
    /// Each channel's history at the end, oldest first, with sequence numbers.
    pub history: BTreeMap<ChannelId, Vec<(Placed, i64)>>,
    /// Everybody who listened.
    pub readers: Vec<Reader>,
}

/// One thing that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Acknowledged, and not in the history.
    Lost(MessageId),
    /// In the history under another place than was acknowledged.
    Moved(MessageId),
    /// In the history twice.
    Doubled(MessageId),
    /// In the history or received, though nobody posted it.
    Invented(MessageId),
    /// The history's numbers have a gap, or don't follow the log.
    Misnumbered(ChannelId, i64),
    /// Acknowledged, and never received by somebody who was in the channel from then on. What was said in an earlier stay
    /// may be missed by a reader who was away until after its end.
    Undelivered(String, MessageId),
    /// Received twice by the same reader.
    Repeated(String, MessageId),
    /// Received after a later one of the same channel.
    OutOfOrder(String, MessageId),
    /// Received by somebody who was not in the channel.
    Leaked(String, MessageId),
}

/// What was counted, and what was wrong.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Posts acknowledged.
    pub acknowledged: usize,
    /// Messages in all histories.
    pub kept: usize,
    /// Events received, by all readers.
    pub received: usize,
    /// Everything that must not be.
    pub faults: Vec<Fault>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, kept, received, faults } = self;
        write!(f, "{acknowledged} acknowledged, {kept} in the history, {received} received, {} faults", faults.len())?;
        faults.iter().take(10).try_for_each(|fault| write!(f, "\n  {fault:?}"))
    }
}

/// Judges.
#[must_use]
pub fn check(run: &Run) -> Report {
    let mut faults = Vec::new();
    check_history(run, &mut faults);
    for reader in &run.readers {
        check_reader(run, reader, &mut faults);
    }
    Report {
        acknowledged: run.acknowledged.len(),
        kept: run.history.values().map(Vec::len).sum(),
        received: run.readers.iter().map(|reader| reader.received.len()).sum(),
        faults,
    }
}

impl Reader {
    fn stays(&self, placed: &Placed) -> impl Iterator<Item = &Stay> {
        self.stays.get(&placed.channel).into_iter().flatten()
    }
}

fn check_history(run: &Run, faults: &mut Vec<Fault>) {
    let mut kept: HashMap<MessageId, Placed> = HashMap::new();
    for (channel, messages) in &run.history {
        let mut last: Option<Position> = None;
        for ((placed, sequence), expected) in messages.iter().zip(1..) {
            match kept.entry(placed.id) {
                Entry::Occupied(_) => faults.push(Fault::Doubled(placed.id)),
                Entry::Vacant(place) => _ = place.insert(*placed),
            }
            if !run.attempted.contains(&placed.id) {
                faults.push(Fault::Invented(placed.id));
            }
            if *sequence != expected || last.is_some_and(|last| !placed.position.is_after(&last)) {
                faults.push(Fault::Misnumbered(*channel, *sequence));
            }
            last = Some(placed.position);
        }
    }
    for acknowledged in &run.acknowledged {
        match kept.get(&acknowledged.id) {
            None => faults.push(Fault::Lost(acknowledged.id)),
            // A retry may have been told the place of its own, later record, which the fold ignores.
            Some(kept) if kept.position.is_after(&acknowledged.position) || kept.channel != acknowledged.channel => {
                faults.push(Fault::Moved(acknowledged.id));
            }
            Some(_) => {}
        }
    }
}

fn check_reader(run: &Run, reader: &Reader, faults: &mut Vec<Fault>) {
    let mut seen = HashSet::new();
    let mut last: HashMap<ChannelId, Position> = HashMap::new();
    for placed in &reader.received {
        if !reader.stays(placed).any(|stay| stay.includes(&placed.position)) {
            faults.push(Fault::Leaked(reader.name.clone(), placed.id));
        }
        if !run.attempted.contains(&placed.id) {
            faults.push(Fault::Invented(placed.id));
        }
        if !seen.insert(placed.id) {
            faults.push(Fault::Repeated(reader.name.clone(), placed.id));
        }
        if last.insert(placed.channel, placed.position).is_some_and(|last| !placed.position.is_after(&last)) {
            faults.push(Fault::OutOfOrder(reader.name.clone(), placed.id));
        }
    }
    for acknowledged in &run.acknowledged {
        let stays_on =
            reader.stays(acknowledged).any(|stay| stay.to.is_none() && stay.includes(&acknowledged.position));
        if stays_on && !seen.contains(&acknowledged.id) {
            faults.push(Fault::Undelivered(reader.name.clone(), acknowledged.id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two channels, ten messages each, all right.
    fn good() -> Run {
        let channels = [ChannelId::random(), ChannelId::random()];
        let mut run = Run::default();
        for (partition, channel) in (0..).zip(channels) {
            let messages: Vec<Placed> = (0..10)
                .map(|offset| Placed {
                    channel,
                    id: MessageId::random(),
                    position: Position { epoch: 1, partition, offset },
                })
                .collect();
            run.attempted.extend(messages.iter().map(|placed| placed.id));
            run.acknowledged.extend(&messages);
            run.history.insert(channel, messages.iter().copied().zip(1..).collect());
        }
        let reader = |name: &str, member_of: &[ChannelId]| Reader {
            name: name.to_owned(),
            stays: member_of.iter().map(|channel| (*channel, vec![Stay::ALWAYS])).collect(),
            received: run.acknowledged.iter().filter(|placed| member_of.contains(&placed.channel)).copied().collect(),
        };
        run.readers = vec![reader("both", &channels), reader("first", &channels[..1]), reader("none", &[])];
        run
    }

    fn faults(plant: impl FnOnce(&mut Run)) -> Vec<Fault> {
        let mut run = good();
        plant(&mut run);
        check(&run).faults
    }

    #[test]
    fn a_good_run_has_no_fault() {
        assert_eq!(faults(|_| {}), []);
    }

    #[test]
    fn an_unacknowledged_message_may_be_kept_and_delivered_or_not() {
        assert_eq!(faults(|run| _ = run.acknowledged.remove(3)), []);
    }

    #[test]
    fn a_lost_message_is_found() {
        let found = faults(|run| _ = run.history.values_mut().next().map(Vec::pop));
        assert!(matches!(found[..], [Fault::Lost(_)]), "{found:?}");
    }

    #[test]
    fn a_moved_message_is_found() {
        let found = faults(|run| run.acknowledged[4].position.offset = 1);
        assert!(matches!(found[..], [Fault::Moved(_)]), "{found:?}");
    }

    #[test]
    fn a_doubled_message_is_found() {
        let found = faults(|run| {
            let history = run.history.values_mut().next().unwrap();
            let (mut again, _) = history[0];
            again.position.offset = 10;
            history.push((again, 11));
        });
        assert!(matches!(found[..], [Fault::Doubled(_)]), "{found:?}");
    }

    #[test]
    fn an_invented_message_is_found() {
        let found = faults(|run| {
            run.acknowledged.remove(0);
            run.attempted.remove(&run.readers[0].received[0].id);
        });
        assert!(!found.is_empty() && found.iter().all(|fault| matches!(fault, Fault::Invented(_))), "{found:?}");
    }

    #[test]
    fn a_gap_in_the_numbers_is_found() {
        let found = faults(|run| run.history.values_mut().next().unwrap()[9].1 = 11);
        assert!(matches!(found[..], [Fault::Misnumbered(_, 11)]), "{found:?}");
    }

    #[test]
    fn an_undelivered_message_is_found() {
        let found = faults(|run| _ = run.readers[1].received.pop());
        assert!(matches!(&found[..], [Fault::Undelivered(name, _)] if name == "first"), "{found:?}");
    }

    #[test]
    fn a_repeated_delivery_is_found() {
        let found = faults(|run| {
            let again = *run.readers[0].received.last().unwrap();
            run.readers[0].received.push(again);
        });
        assert!(found.iter().any(|fault| matches!(fault, Fault::Repeated(..))), "{found:?}");
    }

    #[test]
    fn swapped_deliveries_are_found() {
        let found = faults(|run| run.readers[0].received.swap(2, 3));
        assert!(matches!(found[..], [Fault::OutOfOrder(..)]), "{found:?}");
    }

    #[test]
    fn a_stay_begins_and_ends_at_its_markers() {
        let visit = |run: &mut Run, from: i64, to: i64| {
            let channel = run.acknowledged[0].channel;
            let at = |offset| Some(Position { epoch: 1, partition: 0, offset });
            run.readers[1].stays.insert(channel, vec![Stay { from: at(from), to: at(to) }]);
        };
        assert_eq!(faults(|run| visit(run, -1, 10)), []);
        assert_eq!(faults(|run| visit(run, 0, 10)).len(), 1, "what was said before the join");
        assert_eq!(faults(|run| visit(run, -1, 8)).len(), 2, "what was said after the leave");
    }

    #[test]
    fn a_leak_is_found() {
        let found = faults(|run| {
            let secret = run.acknowledged[0];
            run.readers[2].received.push(secret);
        });
        assert!(matches!(&found[..], [Fault::Leaked(name, _)] if name == "none"), "{found:?}");
    }
}
