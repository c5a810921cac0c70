//! One process whose clock is an hour off: order, times, membership, resumption and tokens are as if it were right.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    sync::OnceLock,
    time::Duration,
};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use testkit::{Lab, Process, Program};
use threadly_tests::house::House;

use crate::delivery::next_message;

const LIMIT: Duration = Duration::from_secs(30);

/// The preloaded library that makes a process's clock wrong, compiled as the build compiles its other C.
fn library() -> anyhow::Result<&'static Path> {
    static COMPILED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let compile = || {
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skew.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/system/skew.c");
        // Another run may be using it.
        let fresh = library.with_extension(std::process::id().to_string());
        let status = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&fresh).arg(source).status();
        if !status.as_ref().is_ok_and(ExitStatus::success) {
            return Err(format!("cc {source}: {status:?}"));
        }
        fs::rename(&fresh, &library).map_err(|error| error.to_string())?;
        Ok(library)
    };
    COMPILED.get_or_init(compile).as_deref().map_err(|error| anyhow::anyhow!("{error}"))
}

/// One more process of a program, whose clock is off.
async fn skewed(house: &mut House, program: Program, offset: &str) -> anyhow::Result<Process> {
    let library = library()?.to_str().context("an unreadable path")?.to_owned();
    house.lab.settings = vec![("LD_PRELOAD".to_owned(), library), ("SKEW_SECONDS".to_owned(), offset.to_owned())];
    let (instance, role) = match program {
        Program::Edge => ("edge-off", "http"),
        Program::Messages => ("messages-off", "all"),
        Program::Auth => ("auth-off", "all"),
        Program::Directory => ("directory-off", "all"),
        Program::Clock => ("clock-off", "all"),
    };
    let process = house.lab.spawn(program, instance, role).await;
    house.lab.settings.clear();
    process
}

async fn says_that_it_is_wrong(process: &Process) -> anyhow::Result<()> {
    let text = reqwest::get(format!("{}/metrics", process.url())).await?.text().await?;
    let line = text.lines().find(|line| line.starts_with("threadly_clock_behind_seconds")).context("no such metric")?;
    let behind: f64 = line.rsplit(' ').next().context("no value")?.parse()?;
    assert!(behind.abs() > 3_000.0, "{line}");
    Ok(())
}

async fn an_edge_and_a_function_are_off_by(name: &str, offset: &str) -> anyhow::Result<()> {
    let mut house = House::start_on(Lab::start().await?, name, 1).await?;
    let (edge, function) =
        (skewed(&mut house, Program::Edge, offset).await?, skewed(&mut house, Program::Messages, offset).await?);
    for process in [&edge, &function] {
        says_that_it_is_wrong(process).await?;
    }
    let (ada, ben) = (house.person("ada").await?, house.person("ben").await?);
    let directory = house.directory.url();
    let channel = ada.make_channel(&directory, "private").await?;
    let mut at_ada = ada.connect(&edge.url(), None).await?;
    let mut at_ben = ben.connect(&edge.url(), None).await?;
    for socket in [&mut at_ada, &mut at_ben] {
        socket.next_of("ready", LIMIT).await?;
    }

    // Posts by the wrong function and by the right one, in turn; Ben comes in between, and goes before the last.
    let urls = [function.url(), house.messages[0].url()];
    let mut positions = Vec::new();
    for turn in 0..12 {
        match turn {
            4 => ada.add_member(&directory, channel, ben.id).await?,
            8 => ada.remove_member(&directory, channel, ben.id).await?,
            _ => {}
        }
        positions.push(ada.post(&urls[turn % 2], channel, &turn.to_string()).await?.1);
    }
    let mut times = Vec::new();
    for (turn, position) in positions.iter().enumerate() {
        let frame = next_message(&mut at_ada).await?;
        assert_eq!(
            (&frame["data"]["text"], &frame["position"]),
            (&turn.to_string().into(), &position.to_string().into())
        );
        times.push(frame["time"].as_str().context("a time")?.parse::<DateTime<Utc>>()?);
    }
    assert!(times.is_sorted() && positions.is_sorted_by_key(|position| position.offset));
    let now = Utc::now();
    assert!(times.iter().all(|time| (now - time).abs() < TimeDelta::minutes(5)), "{times:?} are not about {now}");
    for turn in 4..8 {
        assert_eq!(next_message(&mut at_ben).await?["data"]["text"], turn.to_string());
    }

    // A resume at the wrong edge brings what was missed since.
    let cursor = at_ada.cursor.clone().context("a cursor")?.to_string();
    at_ada.close().await;
    let (_, last) = ada.post(&urls[0], channel, "missed").await?;
    let mut again = ada.connect(&edge.url(), Some(&cursor)).await?;
    assert_eq!(next_message(&mut again).await?["data"]["text"], "missed");

    // History is the same from both, with the same times; the wrong one has projected its share.
    let (mut of_wrong, of_right) = (
        ada.history(&urls[0], channel, Some(&last.to_string())).await?,
        ada.history(&urls[1], channel, Some(&last.to_string())).await?,
    );
    assert_eq!(of_wrong, of_right);
    let mut expected: Vec<String> = (0..12).map(|turn| turn.to_string()).collect();
    expected.push("missed".to_owned());
    let texts: Vec<_> = of_wrong.iter_mut().map(|item| item["text"].take()).collect();
    assert_eq!(texts, expected);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_and_a_function_an_hour_ahead_do_as_if_they_were_right() -> anyhow::Result<()> {
    an_edge_and_a_function_are_off_by("ahead", "3600").await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_and_a_function_an_hour_behind_do_as_if_they_were_right() -> anyhow::Result<()> {
    an_edge_and_a_function_are_off_by("behind", "-3600").await
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_an_auth_that_is_an_hour_off_live_as_long_as_any_other() -> anyhow::Result<()> {
    let mut house = House::start_on(Lab::start().await?, "auth-off", 1).await?;
    for offset in ["3600", "-3600"] {
        house.auth = skewed(&mut house, Program::Auth, offset).await?;
        says_that_it_is_wrong(&house.auth).await?;
        let ada = house.person("ada").await?;
        let channel = ada.make_channel(&house.directory.url(), "public").await?;
        let mut socket = ada.connect(&house.edges[0].url(), None).await?;
        socket.next_of("ready", LIMIT).await?;
        ada.post(&house.messages[0].url(), channel, offset).await?;
        assert_eq!(next_message(&mut socket).await?["data"]["text"], offset);
        let claims = ada.token.split('.').nth(1).context("claims")?;
        let claims: serde_json::Value = serde_json::from_slice(&base64::Engine::decode(
            &base64::engine::general_purpose::URL_SAFE_NO_PAD,
            claims,
        )?)?;
        let left = claims["exp"].as_i64().context("exp")? - Utc::now().timestamp();
        let lifetime = i64::try_from(access::token::LIFETIME_SECONDS)?;
        assert!((lifetime - 300..=lifetime + 60).contains(&left), "valid for {left} s");
        assert!(ada.sign_in(&house.auth.url()).await?.status.is_success());
    }
    Ok(())
}
