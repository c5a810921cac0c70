//! `bench post`: one workspace, 50 channels, 20 people with a socket each, all of them in every channel. How long a post
//! takes to everybody, how many a second they can be, and what that costs.

use std::time::Duration;

use clap::Args;

use crate::{
    generator::{Load, Outcome, Stage},
    house::House,
    latency::{median, spread},
    probe::{Probe, Probed},
    program::Bed,
    usage::{Reading, Spent},
};

const PEOPLE: usize = 20;
const CHANNELS: usize = 50;
/// Of the comparison with Kafka by itself.
const COMPARED_RATE: u32 = 500;
const WARM_UP: Duration = Duration::from_secs(2);
/// A rate is held if this share of deliveries is within the limit, and nothing is lost.
const HELD_MS: f64 = 100.0;
/// Rates that are tried before the long hold.
const STEP: u32 = 500;
const TRIAL: Duration = Duration::from_secs(4);
const HIGHEST: u32 = 20_000;

/// Options of `bench post`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Seconds that the highest rate is held.
    #[arg(long, default_value_t = 30)]
    seconds: u32,
    /// Hold this rate instead of looking for the highest.
    #[arg(long)]
    rate: Option<u32>,
    /// Runs of the comparison with Kafka by itself.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Functions and edge as processes of their own, instead of `threadly`.
    #[arg(long)]
    split: bool,
}

struct Bench {
    house: House,
    stage: Stage,
    acknowledged: u64,
    refused: u64,
}

/// Runs it; false if something was lost or doubled.
pub async fn run(bed: &Bed, options: &Options) -> anyhow::Result<bool> {
    let house = House::start(bed, options.split)?;
    let stage = house.stage(PEOPLE, CHANNELS).await?;
    let mut bench = Bench { house, stage, acknowledged: 0, refused: 0 };
    let settled = bench.house.settle();
    println!("{PEOPLE} people in {CHANNELS} channels are ready (settled in {:.1} s).", settled.as_secs_f32());
    println!("Times in milliseconds, from when a post was due; CPU seconds until all of it was projected, too.\n");

    let compared = if options.rounds > 0 { bench.compare(bed, options).await? } else { true };
    let held = bench.hold(options)?;

    let kept = bench.house.settled_history(&bench.stage, bench.acknowledged).await?;
    println!("\nHistory: {kept} messages; {} were acknowledged.", bench.acknowledged);
    let whole = (bench.acknowledged..=bench.acknowledged + bench.refused).contains(&kept);
    if !whole {
        println!("FAILED: the history is not what was acknowledged");
    }
    bench.house.stop()?;
    Ok(compared && held && whole)
}

impl Bench {
    /// One trial, and what it cost until everything was done.
    fn trial(&mut self, load: Load) -> anyhow::Result<(Outcome, Spent)> {
        self.house.settle();
        let before = Reading::take(&self.house.watched);
        let outcome = self.stage.run(load)?;
        self.house.settle();
        let spent = Reading::take(&self.house.watched).since(&before, &self.house.watched);
        self.acknowledged += outcome.acknowledged;
        self.refused += outcome.posts - outcome.acknowledged;
        Ok((outcome, spent))
    }

    /// Threadly and Kafka by itself in turn, at the same pace.
    async fn compare(&mut self, bed: &Bed, options: &Options) -> anyhow::Result<bool> {
        let seconds = Duration::from_secs(10.min(options.seconds).into());
        let load = Load { rate: COMPARED_RATE, warm_up: WARM_UP, seconds };
        let probe = Probe::make(&bed.kafka).await?;
        let (mut runs, mut probes) = (Vec::new(), Vec::new());
        println!("Post to received at {COMPARED_RATE}/s beside Kafka by itself (produce to consume), in turn");
        println!("{:<28} {:>8} {:>8} {:>8} {:>8}", "", "p50", "p90", "p99", "max");
        for _ in 0..options.rounds {
            self.house.settle();
            let probed = probe.run(load)?;
            println!("{:<28} {}", "kafka    acknowledged", probed.ack.columns());
            println!("{:<28} {}", "kafka    consumed", probed.delivery.columns());
            probes.push(probed);
            let (outcome, spent) = self.trial(load)?;
            println!("{:<28} {}", "threadly acknowledged", outcome.ack.columns());
            println!("{:<28} {}", "threadly received", outcome.delivery.columns());
            println!("{:<28} {}  cpu {}", "generator sent late by", outcome.lateness.columns(), spent.told());
            if let Some(fault) = outcome.fault() {
                println!("FAILED: {fault}");
                return Ok(false);
            }
            runs.push(outcome);
        }
        conclude(&runs, &probes);
        Ok(true)
    }

    /// Looks for the highest rate with short trials, and holds it.
    fn hold(&mut self, options: &Options) -> anyhow::Result<bool> {
        println!("\n{:>6} {:>7} {:>9}  {:^35}  {:^35}", "rate", "acks", "received", "acknowledged", "received");
        let four = format!("{:>8} {:>8} {:>8} {:>8}", "p50", "p90", "p99", "max");
        println!("{:>6} {:>7} {:>9}  {four}  {four}  CPU seconds", "", "", "");
        let mut rate = match options.rate {
            Some(rate) => rate,
            None => self.highest()?,
        };
        let seconds = Duration::from_secs(options.seconds.into());
        loop {
            let (outcome, spent) = self.trial(Load { rate, warm_up: WARM_UP, seconds })?;
            print_row(&outcome, &spent);
            let failed = verdict(&outcome);
            if let Some(why) = &failed {
                println!("  not held: {why}");
            }
            if failed.is_none() || options.rate.is_some() || rate <= STEP {
                let cores = spent.total() / (outcome.posts as f64 / f64::from(rate));
                println!(
                    "\n{}: {rate} posts/s for {} s, {:.0} deliveries/s; {:.0} posts a CPU second of Threadly; {cores:.2} cores in all",
                    if failed.is_none() { "Held" } else { "Not held" },
                    options.seconds,
                    outcome.deliveries as f64 / (outcome.posts as f64 / f64::from(rate)),
                    outcome.acknowledged as f64 / spent.threadly
                );
                return Ok(outcome.fault().is_none());
            }
            rate -= STEP;
        }
    }

    /// Doubles until it fails, then halves the gap.
    fn highest(&mut self) -> anyhow::Result<u32> {
        let (mut good, mut bad) = (STEP, HIGHEST + STEP);
        let mut rate = 2 * STEP;
        while bad - good > STEP {
            // A second try, since one bad second of a shared machine would decide for all rates above.
            if self.is_held(rate)? || self.is_held(rate)? {
                good = rate;
            } else {
                bad = rate;
            }
            rate = if bad > HIGHEST { (2 * good).min(HIGHEST) } else { (good + bad) / 2 / STEP * STEP };
            if good >= HIGHEST {
                break;
            }
        }
        Ok(good)
    }

    fn is_held(&mut self, rate: u32) -> anyhow::Result<bool> {
        let (outcome, spent) = self.trial(Load { rate, warm_up: Duration::from_secs(1), seconds: TRIAL })?;
        print_row(&outcome, &spent);
        let failed = verdict(&outcome);
        if let Some(why) = &failed {
            println!("  not held: {why}");
        }
        Ok(failed.is_none())
    }
}

/// Why a rate is not held.
fn verdict(outcome: &Outcome) -> Option<String> {
    let p99 = outcome.delivery.quantile(0.99);
    outcome.fault().or_else(|| (p99 > HELD_MS).then(|| format!("p99 of deliveries {p99:.0} ms, limit {HELD_MS} ms")))
}

fn print_row(outcome: &Outcome, spent: &Spent) {
    println!(
        "{:>6} {:>7} {:>9}  {}  {}  {}; {:.0} posts a CPU second of Threadly; sent late p99 {:.2}",
        outcome.load.rate,
        outcome.acknowledged,
        outcome.deliveries,
        outcome.ack.columns(),
        outcome.delivery.columns(),
        spent.told(),
        outcome.acknowledged as f64 / spent.threadly,
        outcome.lateness.quantile(0.99),
    );
}

fn conclude(runs: &[Outcome], probes: &[Probed]) {
    let of = |share: f64| -> (Vec<f64>, Vec<f64>) {
        let threadly = runs.iter().map(|run| run.delivery.quantile(share)).collect();
        (threadly, probes.iter().map(|probe| probe.delivery.quantile(share)).collect())
    };
    let ((ours50, raw50), (ours99, raw99)) = (of(0.5), of(0.99));
    println!(
        "min/median/max of {}: p50 threadly {}, kafka {}",
        runs.len(),
        spread(ours50.clone()),
        spread(raw50.clone())
    );
    println!(
        "min/median/max of {}: p99 threadly {}, kafka {}",
        runs.len(),
        spread(ours99.clone()),
        spread(raw99.clone())
    );
    let (over, times) = (median(ours50) - median(raw50), median(ours99) / median(raw99));
    let met = |yes: bool| if yes { "met" } else { "MISSED" };
    println!("p50 is Kafka's + {over:.2} ms (target + 1.2: {})", met(over <= 1.2));
    println!("p99 is Kafka's x {times:.2} (target x 3: {})", met(times <= 3.0));
}
