//! What test runners print, as numbers.

/// How many tests passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Counts {
    /// The counts of a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; …`, which cargo
    /// prints once per test program.
    pub fn of_cargo_line(line: &str) -> Option<Self> {
        let line = without_colours(line);
        let (_, rest) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let mut counts = Self::default();
        for part in rest.split(';') {
            let mut words = part.split_ascii_whitespace();
            let (Some(number), Some(what)) = (words.next(), words.next()) else { continue };
            match (number.parse(), what) {
                (Ok(number), "passed") => counts.passed = number,
                (Ok(number), "failed") => counts.failed = number,
                (Ok(number), "ignored") => counts.skipped = number,
                _ => {}
            }
        }
        Some(counts)
    }

    /// As `of_cargo_line`, and a test that says `SKIPPED: why` because this machine can't show what it proves.
    pub fn of_first_run_line(line: &str) -> Option<Self> {
        if line.starts_with("SKIPPED: ") {
            return Some(Self { skipped: 1, ..Self::default() });
        }
        Self::of_cargo_line(line)
    }

    /// What a line of `node --test`'s summary adds: `# pass 3` (TAP) or `ℹ pass 3` (spec).
    pub fn of_node_line(line: &str) -> Option<Self> {
        let line = without_colours(line);
        let rest = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))?;
        let (what, number) = rest.trim_end().split_once(' ')?;
        let number = number.parse().ok()?;
        match what {
            "pass" => Some(Self { passed: number, ..Self::default() }),
            "fail" | "cancelled" => Some(Self { failed: number, ..Self::default() }),
            "skipped" | "todo" => Some(Self { skipped: number, ..Self::default() }),
            _ => None,
        }
    }

    /// The last line of a test run.
    pub fn summary(&self) -> String {
        let skipped = if self.skipped > 0 { format!(", {} skipped", self.skipped) } else { String::new() };
        format!("{} passed, {} failed{skipped}", self.passed, self.failed)
    }
}

/// What runners say about tests that failed, to be said once more at the very end.
#[derive(Clone, Debug, Default)]
pub struct Failures {
    lines: Vec<String>,
    inside: bool,
}

impl Failures {
    /// Lines that are kept; more failures than that are looked up where they stand.
    const MOST: usize = 200;

    /// Another runner speaks from now on.
    pub const fn begin(&mut self) {
        self.inside = false;
    }

    /// Looks at a line of cargo's or Node's runner.
    pub fn see(&mut self, line: &str) {
        let plain = without_colours(line);
        if plain.starts_with("test result: ") {
            self.inside = false;
        }
        self.inside |= plain == "failures:" || plain.ends_with("failing tests:");
        if self.inside && self.lines.len() < Self::MOST {
            self.lines.push(plain);
        }
    }

    /// The lines so far.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }
}

/// The text without terminal escapes (`ESC [ … letter`, `ESC ( B`).
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        if sign != '\x1b' {
            plain.push(sign);
            continue;
        }
        match signs.next() {
            Some('[') => {
                signs.by_ref().find(char::is_ascii_alphabetic);
            }
            Some('(') => {
                signs.next();
            }
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_lines_are_counted() {
        let line = "test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 4 filtered out; finished in 0.10s";
        assert_eq!(Counts::of_cargo_line(line), Some(Counts { passed: 12, failed: 0, skipped: 3 }));
        let line = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s";
        assert_eq!(Counts::of_cargo_line(line), Some(Counts { passed: 1, failed: 2, skipped: 0 }));
    }

    #[test]
    fn a_coloured_cargo_line_is_counted() {
        let line = "test result: \x1b[32mok\x1b(B\x1b[m. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(Counts::of_cargo_line(line), Some(Counts { passed: 7, failed: 0, skipped: 0 }));
    }

    #[test]
    fn other_lines_of_cargo_count_nothing() {
        for line in ["running 3 tests", "test domain::passed ... ok", "", "test result: "] {
            assert_eq!(Counts::of_cargo_line(line), None, "{line}");
        }
    }

    #[test]
    fn a_test_that_says_it_was_skipped_is_counted_so() {
        let line = "SKIPPED: only root can become somebody else";
        assert_eq!(Counts::of_first_run_line(line), Some(Counts { passed: 0, failed: 0, skipped: 1 }));
        assert_eq!(Counts::of_first_run_line("test result: ok. 2 passed; 0 failed").unwrap().passed, 2);
        assert_eq!(Counts::of_first_run_line("test skipped ... ok"), None);
    }

    #[test]
    fn node_summaries_are_counted_in_both_forms() {
        let mut sum = Counts::default();
        for line in [
            "# tests 6",
            "# suites 0",
            "# pass 3",
            "# fail 1",
            "# cancelled 1",
            "# skipped 1",
            "# todo 0",
            "# duration_ms 4.2",
        ] {
            sum += Counts::of_node_line(line).unwrap_or_default();
        }
        assert_eq!(sum, Counts { passed: 3, failed: 2, skipped: 1 });
        assert_eq!(Counts::of_node_line("\x1b[34mℹ pass 4\x1b[39m").unwrap().passed, 4);
        assert_eq!(Counts::of_node_line("# Subtest: pass 4"), None);
    }

    #[test]
    fn what_failed_is_kept_and_what_passed_is_not() {
        let mut failures = Failures::default();
        let cargo =
            ["test a ... ok", "failures:", "", "---- b stdout ----", "no", "test result: FAILED. 1 passed", "x"];
        let node = ["ok 1 - c", "\x1b[31m✖ failing tests:\x1b[39m", "✖ d"];
        cargo.into_iter().chain(node).for_each(|line| failures.see(line));
        assert_eq!(failures.text(), "failures:\n\n---- b stdout ----\nno\n✖ failing tests:\n✖ d");
    }

    #[test]
    fn the_summary_mentions_skipped_tests_only_if_there_are_any() {
        assert_eq!(Counts { passed: 3, failed: 0, skipped: 0 }.summary(), "3 passed, 0 failed");
        assert_eq!(Counts { passed: 3, failed: 1, skipped: 2 }.summary(), "3 passed, 1 failed, 2 skipped");
    }
}
