//! `bench functions`: what each endpoint takes in a workspace with 5,000 people and 1,000 channels, how much memory each
//! function has at rest, and how many connections one comes to that serves many workspaces.

mod connections;
mod endpoints;
mod exchange;
mod hashing;
mod load;
mod memory;
mod population;
mod scene;
mod store;

use std::{thread::sleep, time::Duration};

use clap::Args;

use crate::{
    house::{House, WORKSPACE},
    program::Bed,
    usage::{Reading, Spent},
    wire::Server,
};
use endpoints::{At, Endpoint, auth::SIGN_IN};
use load::{Crew, Outcome};
use scene::Scene;
use store::Store;

/// So that caches are warm and plans are made.
const WARM_UP: Duration = Duration::from_secs(1);
/// Idle connections are closed by then: nothing before that is rest.
const REST: Duration = Duration::from_secs(40);
/// Messages in the channel that pages are read of: more than are deleted.
const POSTED: usize = 4_000;

/// Options of `bench functions`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Seconds that each endpoint is asked.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Connections that ask, each as soon as it has its answer.
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Workspaces that are used in turn; 0 leaves it out.
    #[arg(long, default_value_t = 300)]
    workspaces: u32,
    /// Only endpoints with this in their names.
    #[arg(long)]
    only: Option<String>,
}

/// Runs it; false if an answer was no success, or a process held more connections than it may. The targets are for
/// whoever reads.
pub async fn run(bed: &Bed, options: &Options) -> anyhow::Result<bool> {
    let house = House::start(bed, true)?;
    let rest = || {
        house.settle();
        sleep(REST);
        memory::read(&house.watched)
    };
    let at_start = rest();
    let right = endpoints(bed, options, &house).await?;
    let after = rest();
    house.stop()?;
    let mut times = vec![("after the start", at_start), ("after the load", after)];
    if options.workspaces == 0 {
        memory::print(&times);
        return Ok(right);
    }
    let house = House::start_with(bed, true, options.workspaces)?;
    house.settle();
    let held = connections::run(bed, &house, options.workspaces).await?;
    house.settle();
    times.push(("after the workspaces", memory::read(&house.watched)));
    memory::print(&times);
    house.stop()?;
    Ok(right && held)
}

async fn endpoints(bed: &Bed, options: &Options, house: &House) -> anyhow::Result<bool> {
    let auth = Server::of(&house.urls.auth)?;
    let mut scene = Scene::set(&auth, &Store::of(bed, WORKSPACE).await?).await?;
    scene.post(&Server::of(&house.urls.messages)?, POSTED)?;
    println!(
        "{} people, {} channels; {} connections that ask all the time, {} s each. Times in milliseconds.",
        population::PEOPLE,
        population::CHANNELS,
        options.connections,
        options.seconds
    );
    println!("\"a CPU second\": requests per second of CPU time of the function's own process");
    println!("{:<36} {:>32} {:>8} {:>35}", "", "", "", "CPU milliseconds a request");
    println!(
        "{:<36} {:>7} {:>7} {:>7} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7}",
        "", "p50", "p99", "max", "a second", "a CPU s", "itself", "others", "postgres", "kafka", "strange"
    );
    let (mut right, mut sign_in) = (true, None);
    for at in At::ALL {
        scene.sign_in_again(&auth)?;
        println!("{}", at.name());
        let wanted = |one: &&Endpoint| options.only.as_ref().is_none_or(|part| one.name.contains(part.as_str()));
        for endpoint in at.endpoints().iter().filter(wanted) {
            let (outcome, spent) = trial(options, house, at, endpoint, &scene)?;
            let row = Row::of(at, &outcome, &spent);
            println!("  {:<34} {}", endpoint.name, row.columns(&outcome));
            if let Some(fault) = outcome.fault() {
                println!("FAILED: {fault}");
                right = false;
            }
            if endpoint.name == SIGN_IN {
                sign_in = Some(row);
            }
        }
    }
    if let Some(sign_in) = sign_in {
        let bare = hashing::measure(&scene.password_hash, scene::PASSWORD, Duration::from_secs(options.seconds))?;
        println!(
            "\nargon2 alone, {} threads: {:.1} verified a second, {:.1} a CPU second. Sign-in: {:.1} a CPU second, so argon2 \
             is {:.1} % of its CPU time; {:.1} a second, {:.1} % of what argon2 allows.",
            bare.threads,
            bare.a_second,
            bare.a_cpu_second,
            sign_in.a_cpu_second,
            100.0 * sign_in.a_cpu_second / bare.a_cpu_second,
            sign_in.a_second,
            100.0 * sign_in.a_second / bare.a_second
        );
    }
    Ok(right)
}

/// One endpoint, and what it cost until everything was done.
fn trial(
    options: &Options,
    house: &House,
    at: At,
    endpoint: &Endpoint,
    scene: &Scene,
) -> anyhow::Result<(Outcome, Spent)> {
    let mut crew = Crew::open(&Server::of(at.url(&house.urls))?, options.connections)?;
    crew.ask(endpoint, scene, WARM_UP)?;
    house.settle();
    let before = Reading::take(&house.watched);
    let outcome = crew.ask(endpoint, scene, Duration::from_secs(options.seconds))?;
    house.settle();
    let spent = Reading::take(&house.watched).since(&before, &house.watched);
    Ok((outcome, spent))
}

/// What is told of an endpoint.
#[derive(Clone, Copy, Debug)]
struct Row {
    a_second: f64,
    a_cpu_second: f64,
    /// CPU milliseconds a request: of the function, of Threadly's other processes, of Postgres and of Kafka.
    each: [f64; 4],
    /// CPU seconds of strangers beside all others, in per cent: above 5 the figures are not this bench's alone.
    strangers: f64,
}

impl Row {
    fn of(at: At, outcome: &Outcome, spent: &Spent) -> Self {
        let requests = outcome.requests as f64;
        let seconds = |name: &str| spent.by_process.iter().filter(|(one, _)| one == name).map(|(_, s)| s).sum::<f64>();
        let own = seconds(at.name());
        let parts = [own, spent.threadly - own, seconds("postgres"), seconds("kafka")];
        Self {
            a_second: requests / outcome.took.as_secs_f64(),
            a_cpu_second: requests / own,
            each: parts.map(|part| part * 1000.0 / requests),
            strangers: 100.0 * spent.strangers / spent.total(),
        }
    }

    fn columns(&self, outcome: &Outcome) -> String {
        let [p50, p99] = [0.5, 0.99].map(|share| outcome.latency.quantile(share));
        let [own, others, postgres, kafka] = self.each;
        format!(
            "{p50:>7.2} {p99:>7.2} {:>7.1} {:>8.0} {:>8.0} {own:>8.3} {others:>8.3} {postgres:>8.3} {kafka:>8.3} {:>5.0} %",
            outcome.latency.longest(),
            self.a_second,
            self.a_cpu_second,
            self.strangers
        )
    }
}
