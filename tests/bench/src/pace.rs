//! A schedule that doesn't wait for answers: what is late is counted from when it was due.

use std::{
    os::fd::{AsFd, AsRawFd, RawFd},
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::{
        time::TimeSpec,
        timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags},
    },
};

/// Before the first one is due.
const LEAD: Duration = Duration::from_millis(20);
/// The timer rings no oftener; what is due together is then sent together.
const SHORTEST: Duration = Duration::from_micros(250);

/// Equal steps from a start. The kernel's timer wakes within some ten microseconds, which a poll's timeout doesn't.
#[derive(Debug)]
pub struct Pace {
    timer: TimerFd,
    start: Instant,
    step: Duration,
}

impl Pace {
    /// `rate` steps a second, from a moment from now on.
    pub fn start(rate: u32, flags: TimerFlags) -> anyhow::Result<Self> {
        let step = Duration::from_secs(1) / rate.max(1);
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        // Read first: the timer must not ring before a step is due.
        let start = Instant::now() + LEAD;
        let ring = TimeSpec::from_duration(step.max(SHORTEST));
        let expiration = Expiration::IntervalDelayed(TimeSpec::from_duration(LEAD), ring);
        timer.set(expiration, TimerSetTimeFlags::empty())?;
        Ok(Self { timer, start, step })
    }

    /// When a step is due.
    pub fn due(&self, step: u32) -> Instant {
        self.start + self.step * step
    }

    /// Blocks until the timer rings, and winds it up again; one that doesn't block is only wound up.
    pub fn wait(&self) -> anyhow::Result<()> {
        match self.timer.wait() {
            Ok(()) | Err(Errno::EINTR | Errno::EAGAIN) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    pub fn descriptor(&self) -> RawFd {
        self.timer.as_fd().as_raw_fd()
    }
}

/// Microseconds from one moment to a later one.
pub fn micros(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_micros()).unwrap_or(u64::MAX)
}
