//! What this machine lacks and this program could not bring.

use std::fmt;

/// As the context of an error: the thing's name. A suite that needs it is not run, which is not the same as failed.
#[derive(Debug)]
pub struct Missing(pub String);

impl fmt::Display for Missing {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(form, "{} is missing", self.0)
    }
}

/// Whether the error is about something that the machine lacks.
pub fn is_about_missing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Missing>().is_some()
}

/// An error as one line for a table: without the log lines' breaks, and not longer than a reader reads.
pub fn in_one_line(error: &anyhow::Error) -> String {
    const LONGEST: usize = 300;
    let text = format!("{error:#}");
    let line = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST).chain("…".chars()).collect()
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    #[test]
    fn what_is_missing_is_known_under_every_further_context() {
        let error = anyhow!("no route").context(Missing("SeaweedFS".into())).context("the suite rust");
        assert!(is_about_missing(&error));
        assert_eq!(in_one_line(&error), "the suite rust: SeaweedFS is missing: no route");
        assert!(!is_about_missing(&anyhow!("SeaweedFS is missing")));
        let wrapped = Err::<(), _>(anyhow!("x")).context(Missing("y".into()));
        assert!(is_about_missing(&wrapped.unwrap_err()));
    }

    #[test]
    fn a_long_error_is_cut() {
        let error = anyhow!("a b\n  ".repeat(400));
        let line = in_one_line(&error);
        assert!(line.starts_with("a b a b") && line.ends_with('…') && line.chars().count() == 301, "{line}");
    }
}
