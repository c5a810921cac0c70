//! Ctrl-C and its relatives, as a flag that loops look at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// How long a loop sleeps before it looks again.
pub const GLANCE: Duration = Duration::from_millis(50);

/// Set once somebody asked this program to stop.
#[derive(Clone, Debug)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Turns SIGINT, SIGTERM and SIGHUP into the flag. Children get the default handling back at exec.
    pub fn install() -> Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&flag)).context("installing a signal handler")?;
        }
        Ok(Self(flag))
    }

    pub fn raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An error once somebody asked to stop, so that `?` unwinds and every guard stops what it holds.
    pub fn check(&self) -> Result<()> {
        if self.raised() {
            bail!("interrupted");
        }
        Ok(())
    }

    /// Sleeps for one glance, or fails at once when asked to stop.
    pub fn pause(&self) -> Result<()> {
        self.check()?;
        std::thread::sleep(GLANCE);
        self.check()
    }
}
