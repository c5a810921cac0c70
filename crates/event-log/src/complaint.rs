//! What Kafka's client says some forty times a second while its brokers are away, said now and then.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Between two lines about the same trouble.
const APART: Duration = Duration::from_secs(10);

/// A complaint that repeats itself.
#[derive(Debug, Default)]
pub(crate) struct Complaint(Mutex<Option<Instant>>);

impl Complaint {
    /// Whether it is time to say it (again).
    pub(crate) fn is_due(&self) -> bool {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = said.is_none_or(|said| said.elapsed() >= APART);
        if due {
            *said = Some(Instant::now());
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_not_repeated_at_once() {
        let complaint = Complaint::default();
        assert!(complaint.is_due());
        assert!(!complaint.is_due());
    }
}
