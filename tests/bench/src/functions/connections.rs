//! Many workspaces, used in turn by one process: how many connections to Postgres it comes to, and how soon it has none.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use testkit::Person;

use super::store::Activity;
use crate::{
    house::{House, WORKSPACE},
    program::Bed,
};

/// Requests at once: more than a workspace gets connections, fewer than the process.
const AT_ONCE: usize = 16;
const ROUNDS: usize = 3;
/// A function's default.
const CONFIGURED: u32 = 40;
/// Seconds from the last request to the end of the last idle connection.
const TARGET: f64 = 15.0;
/// Connections that are not closed by then never are.
const LIMIT: Duration = Duration::from_secs(90);
const LOOK: Duration = Duration::from_millis(50);

/// The most that were held at any look.
#[derive(Clone, Copy, Debug, Default)]
struct Most {
    workspaces: i64,
    control: i64,
}

/// Registers somebody in each workspace, which uses `auth`; then asks for each of them in turn, which uses `directory`.
/// False if a process held more connections than it may.
pub async fn run(bed: &Bed, house: &House, workspaces: u32) -> anyhow::Result<bool> {
    let activity = Activity::of(bed)?;
    let handles: Vec<String> = (1..=workspaces).map(|number| format!("{WORKSPACE}-{number}")).collect();
    println!(
        "\n{workspaces} workspaces in turn, {AT_ONCE} requests at once; a process may hold {CONFIGURED} connections"
    );

    let registering = stream::iter(&handles)
        .map(|handle| Person::register(&house.urls.auth, handle, "somebody"))
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<_>>();
    let (people, most) = watch(&activity, "auth", registering).await?;
    let held = conclude(&activity, "auth", "a registration each", most).await?;

    let client = people.first().context("there are some")?.client.clone();
    let ask = |person: &Person| {
        let url = format!("{}/w/{}/v1/me", house.urls.directory, person.handle);
        let request = client.get(url).bearer_auth(&person.token);
        async move { request.send().await?.error_for_status()?.bytes().await.map(drop) }
    };
    let turns = stream::iter((0..ROUNDS).flat_map(|_| &people));
    let asking = async { Ok(turns.map(ask).buffer_unordered(AT_ONCE).try_collect::<()>().await?) };
    let ((), most) = watch(&activity, "directory", asking).await?;
    let held = held & conclude(&activity, "directory", &format!("GET me {ROUNDS} times each"), most).await?;
    Ok(held)
}

/// Does some work, and looks at the process's connections all the time meanwhile.
async fn watch<T>(
    activity: &Activity,
    instance: &str,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<(T, Most)> {
    let mut most = Most::default();
    let looking = async {
        loop {
            match activity.held(instance).await {
                Ok((workspaces, control)) => {
                    most = Most { workspaces: most.workspaces.max(workspaces), control: most.control.max(control) };
                }
                Err(error) => break error,
            }
        }
    };
    let done = tokio::select! {
        done = work => done?,
        error = looking => return Err(error.into()),
    };
    Ok((done, most))
}

/// Waits for the end of the idle connections, and tells what was seen.
async fn conclude(activity: &Activity, instance: &str, work: &str, most: Most) -> anyhow::Result<bool> {
    let begun = Instant::now();
    loop {
        let (held, _) = activity.held(instance).await?;
        if held == 0 {
            break;
        }
        ensure!(begun.elapsed() < LIMIT, "{instance} still holds {held} idle connections after {LIMIT:?}");
        tokio::time::sleep(LOOK).await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let (is_held, in_time) = (most.workspaces <= i64::from(CONFIGURED), seconds <= TARGET);
    let met = |yes: bool| if yes { "met" } else { "MISSED" };
    println!(
        "{instance:<10} {work}: at most {} connections to workspaces ({}), {} to the control database; \
         the last idle one closed after {seconds:.1} s (target {TARGET:.0}: {})",
        most.workspaces,
        met(is_held),
        most.control,
        met(in_time)
    );
    Ok(is_held)
}
