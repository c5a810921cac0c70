//! What people read. Somebody who looks at the beginning only (`cargo xtask status | head -1`) closes the pipe, and a
//! terminal may go away: neither may end a program that has servers to stop, hence no `println!` anywhere.

use std::fmt::Arguments;
use std::io::Write;

/// A line on standard output.
macro_rules! say {
    () => { $crate::screen::line(format_args!("")) };
    ($($words:tt)*) => { $crate::screen::line(format_args!($($words)*)) };
}
pub(crate) use say;

pub fn line(words: Arguments) {
    let _ = writeln!(std::io::stdout().lock(), "{words}");
}

/// A part of a line, seen at once.
pub fn part(words: Arguments) {
    let mut out = std::io::stdout().lock();
    let _ = write!(out, "{words}").and_then(|()| out.flush());
}

/// A line on standard error.
pub fn complain(words: Arguments) {
    let _ = writeln!(std::io::stderr().lock(), "{words}");
}
