//! `bench start`: how long a function takes from nothing to its first answer, as on a platform that scales it to zero;
//! and `threadly` to its being ready.

use std::time::Instant;

use anyhow::Context;
use clap::Args;
use uuid::Uuid;

use crate::{
    generator::Stage,
    house::{House, WORKSPACE, function_environment},
    http,
    latency::{median, spread},
    program::{Bed, Program},
};

/// Milliseconds: the first authorised GET and the first PUT of a message.
const TARGETS: (f64, f64) = (50.0, 150.0);

/// Options of `bench start`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Starts of each kind.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
}

/// A first request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    Get,
    Put,
}

/// Runs it; the targets are for whoever reads.
pub async fn run(bed: &Bed, options: &Options) -> anyhow::Result<bool> {
    let house = House::start(bed, false)?;
    let stage = house.stage(1, 1).await?;
    house.settle();
    house.stop()?;
    println!("Milliseconds, min/median/max of {} starts each.\n", options.rounds);
    functions(bed, &stage, options.rounds)?;
    threadly(bed, options.rounds)?;
    Ok(true)
}

fn functions(bed: &Bed, stage: &Stage, rounds: usize) -> anyhow::Result<()> {
    println!("`messages` (role http)          at once: spawn to answer    spawn to ready        ready to answer");
    for (first, name, target) in
        [(First::Get, "first GET, authorised", TARGETS.0), (First::Put, "first PUT", TARGETS.1)]
    {
        let (mut at_once, mut ready, mut after) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let mut program = start(bed)?;
            program.wait_success(|url| ask(url, stage, first))?;
            at_once.push(millis(program.spawned));
            program.stop()?;

            let mut program = start(bed)?;
            program.wait_readyz()?;
            ready.push(millis(program.spawned));
            let asked = Instant::now();
            let status = ask(&program.url, stage, first)?;
            anyhow::ensure!((200..300).contains(&status), "the {name} was answered {status}");
            after.push(millis(asked));
            program.stop()?;
        }
        let met = if median(at_once.clone()) <= target { "met" } else { "MISSED" };
        let columns = [at_once, ready, after].map(spread);
        println!("{name:<28} {:>24} {:>21} {:>21}   target {target:.0}: {met}", columns[0], columns[1], columns[2]);
    }
    Ok(())
}

fn start(bed: &Bed) -> anyhow::Result<Program> {
    Program::start(bed, "messages", "messages", &function_environment(bed, "messages", "messages", "http")?)
}

fn ask(url: &str, stage: &Stage, first: First) -> anyhow::Result<u16> {
    let channel = stage.channels.first().context("a channel")?;
    let token = stage.tokens.first().context("a person")?;
    let messages = format!("/w/{WORKSPACE}/v1/channels/{channel}/messages");
    match first {
        First::Get => http::get(url, &messages, Some(token)),
        First::Put => http::put(url, &format!("{messages}/{}", Uuid::now_v7()), token, r#"{"text":"first"}"#),
    }
}

fn threadly(bed: &Bed, rounds: usize) -> anyhow::Result<()> {
    let (mut served, mut ready) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let mut program = Program::threadly(bed)?;
        program.wait_readyz()?;
        served.push(millis(program.spawned));
        program.wait_status(bed, 1, std::time::Duration::from_secs(60))?;
        ready.push(millis(program.spawned));
        program.stop()?;
    }
    println!("\n`threadly` with one workspace   spawn to /readyz {}, to ready {}", spread(served), spread(ready));
    Ok(())
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
