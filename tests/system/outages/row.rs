//! What is printed of each outage.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
    time::Duration,
};

use threadly_tests::checker::Report;

use super::{Seen, fault::Outage};

/// What a load counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Posts tried.
    pub posted: usize,
    /// Tries answered 503, by code; "" where nothing answered.
    pub refusals: BTreeMap<String, usize>,
    /// Posts of which a try had an unknown outcome.
    pub unknown: usize,
    /// Of these, acknowledged to a later try, and in the history.
    pub resolved: usize,
    /// Comings and goings of the visitor.
    pub visits: usize,
    /// Connections beyond each listener's first.
    pub reconnections: usize,
}

/// From the mend until each thing worked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Again {
    pub posting: Duration,
    pub reading: Duration,
    pub sign_in: Duration,
    pub delivery: Duration,
    pub projection: Duration,
}

/// One outage's outcome.
#[derive(Debug)]
pub(super) struct Row {
    pub outage: Outage,
    pub seen: Seen,
    pub down: Duration,
    pub again: Again,
    pub counts: Counts,
    pub report: Report,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { outage, seen, down, again, counts, report } = self;
        writeln!(f, "{outage} for {down:.1?}: {report}")?;
        write!(
            f,
            "    {} posted, {} of unknown outcome, {} resolved;",
            counts.posted, counts.unknown, counts.resolved
        )?;
        for (code, count) in &counts.refusals {
            write!(f, " {count} × {}", if code.is_empty() { "no answer" } else { code })?;
        }
        writeln!(f, "; {} visits, {} reconnections", counts.visits, counts.reconnections)?;
        write!(f, "    meanwhile:")?;
        for (what, took) in seen {
            write!(f, " {what} {took:.1?};")?;
        }
        let Again { posting, reading, sign_in, delivery, projection } = again;
        write!(
            f,
            "\n    again after: posting {posting:.1?}, reading {reading:.1?}, sign-in {sign_in:.1?}, \
             delivery {delivery:.1?}, projection {projection:.1?}"
        )
    }
}

/// All of them, short.
pub(super) fn table(rows: &[Row]) -> String {
    let mut table = String::from(
        "outage             | posted | acknowledged | 503s | unknown = resolved | in history | received | faults | again\n",
    );
    for Row { outage, again, counts, report, .. } in rows {
        let refused: usize = counts.refusals.values().sum();
        let slowest = again.delivery.max(again.projection).max(again.sign_in).max(again.reading);
        // Writing to a text does not fail.
        let _ = writeln!(
            table,
            "{:<18} | {:>6} | {:>12} | {refused:>4} | {:>7} = {:>8} | {:>10} | {:>8} | {:>6} | {slowest:.1?}",
            outage.to_string(),
            counts.posted,
            report.acknowledged,
            counts.unknown,
            counts.resolved,
            report.kept,
            report.received,
            report.faults.len(),
        );
    }
    table
}
