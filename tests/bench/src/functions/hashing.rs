//! What argon2 alone would allow: a stored password verified again and again, by nothing else, on as many cores as `auth`
//! uses.

use std::{
    num::NonZero,
    thread::{self, available_parallelism},
    time::{Duration, Instant},
};

use anyhow::anyhow;
use argon2::{Argon2, PasswordHash, PasswordVerifier as _};
use nix::time::{ClockId, clock_gettime};

/// Verifications.
#[derive(Clone, Copy, Debug)]
pub struct Bare {
    pub threads: usize,
    pub a_second: f64,
    pub a_cpu_second: f64,
}

/// With the parameters that stand in `stored`.
pub fn measure(stored: &str, password: &str, time: Duration) -> anyhow::Result<Bare> {
    let threads = available_parallelism().map_or(1, NonZero::get);
    let (begun, before) = (Instant::now(), cpu_seconds()?);
    let verify = || -> anyhow::Result<u32> {
        let stored = PasswordHash::new(stored).map_err(|error| anyhow!("a stored password: {error}"))?;
        let mut count = 0;
        while begun.elapsed() < time {
            let right = Argon2::default().verify_password(password.as_bytes(), &stored);
            right.map_err(|error| anyhow!("a right password: {error}"))?;
            count += 1;
        }
        Ok(count)
    };
    let counts = thread::scope(|scope| -> anyhow::Result<Vec<u32>> {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(verify)).collect();
        running.into_iter().map(|one| one.join().map_err(|_| anyhow!("a thread panicked"))?).collect()
    })?;
    let count = f64::from(counts.iter().sum::<u32>());
    let (took, spent) = (begun.elapsed().as_secs_f64(), cpu_seconds()? - before);
    Ok(Bare { threads, a_second: count / took, a_cpu_second: count / spent })
}

/// Of this process so far.
fn cpu_seconds() -> anyhow::Result<f64> {
    Ok(Duration::from(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?).as_secs_f64())
}
