//! `kill -9` of each process in turn under a steady load: what was acknowledged is kept, and delivered once, in order.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use domain::{ChannelId, MessageId};
use testkit::{Person, wait};
use threadly_tests::{
    checker::{Run, Stay, check},
    house::House,
    load::{Book, listen, post, visit},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::delivery::kept;

const LIMIT: Duration = Duration::from_secs(60);
/// Each poster's pace: four posters make up to 160 posts a second.
const PACE: Duration = Duration::from_millis(25);
/// A visitor comes or goes this often.
const VISITS: Duration = Duration::from_millis(150);
/// How often each process is killed.
const ROUNDS: usize = 2;
/// A killed process is missed this long.
const AWAY: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread")]
async fn no_kill_loses_doubles_reorders_or_leaks_anything() -> anyhow::Result<()> {
    let mut house = House::start("kills", 2).await?;
    let directory = house.directory.url();
    let mut people = Vec::new();
    for name in ["ada", "ben", "cai", "dee", "out"] {
        people.push(house.person(name).await?);
    }
    let (members, outsider) = (&people[..4], &people[4]);
    let mut channels = Vec::new();
    for _ in 0..4 {
        let channel = members[0].make_channel(&directory, "private").await?;
        for person in &members[1..] {
            members[0].add_member(&directory, channel, person.id).await?;
        }
        channels.push(channel);
    }
    let outside = outsider.make_channel(&directory, "private").await?;
    let visitor = house.person("vis").await?;

    let edges: Vec<String> = house.edges.iter().map(testkit::Process::url).collect();
    let functions: Vec<String> = house.messages.iter().map(testkit::Process::url).collect();
    let (stop_posting, stop_listening) = (CancellationToken::new(), CancellationToken::new());
    let (mut listeners, mut posters, mut books) = (JoinSet::new(), JoinSet::new(), Vec::new());
    for person in &people {
        let rooms = if person.id == outsider.id { &[outside][..] } else { &channels[..] };
        let stays = rooms.iter().map(|channel| (*channel, vec![Stay::ALWAYS])).collect();
        let book = Book::new(&person.id.to_string(), stays);
        listeners.spawn(listen(person.clone(), edges.clone(), book.clone(), stop_listening.clone()));
        books.push(book);
    }
    let visits = Book::new("the visitor", HashMap::new());
    listeners.spawn(listen(visitor.clone(), edges.clone(), visits.clone(), stop_listening.clone()));
    books.push(visits);
    wait::until("everybody listens", LIMIT, async || books.iter().all(Book::is_connected).then_some(())).await?;
    for person in members {
        posters.spawn(post(person.clone(), functions.clone(), channels.clone(), PACE, stop_posting.clone()));
    }

    let stop_visiting = stop_posting.clone();
    let comings = tokio::spawn(visit(members[0].clone(), visitor.id, channels[0], directory, VISITS, stop_visiting));

    let (url, probe_channel) = (house.messages[0].url(), channels[0]);
    let mut probes = Run::default();
    let count = house.processes().len();
    for index in (0..ROUNDS).flat_map(|_| 0..count) {
        let name = house.processes()[index].name.clone();
        house.processes()[index].kill().await?;
        tokio::time::sleep(AWAY).await;
        house.processes()[index].restart().await?;
        let back = Instant::now();
        let placed = probe(&members[0], &url, probe_channel, &mut probes).await?;
        wait::until("a post after the restart reaches everybody", LIMIT, async || {
            books[..4].iter().all(|book| book.has(placed)).then_some(())
        })
        .await?;
        let delivered = back.elapsed();
        wait::until("it is projected", LIMIT, async || {
            let page = members[1].history(&url, probe_channel, None).await.ok()?;
            let id = placed.to_string();
            page.iter().rev().any(|item| item["messageId"] == id.as_str()).then_some(())
        })
        .await?;
        println!("killed {name}: delivery on after {delivered:.1?}, projection after {:.1?}", back.elapsed());
    }

    stop_posting.cancel();
    let (mut run, mut retries) = (probes, 0);
    while let Some(posted) = posters.join_next().await {
        let posted = posted??;
        run.acknowledged.extend(posted.acknowledged);
        run.attempted.extend(posted.attempted);
        retries += posted.retries;
    }
    let comings = comings.await?;
    let last = probe(&members[0], &url, probe_channel, &mut run).await?;
    wait::until("the visitor has received the last word", LIMIT, async || books[5].has(last).then_some(())).await?;
    let acknowledged: Vec<MessageId> = run.acknowledged.iter().map(|placed| placed.id).collect();
    let all = wait::until("everything is received", LIMIT, async || {
        books[..4].iter().all(|book| acknowledged.iter().all(|id| book.has(*id))).then_some(())
    });
    let all = all.await;
    stop_listening.cancel();
    let mut connections = 0;
    while let Some(listened) = listeners.join_next().await {
        connections += listened??;
    }
    run.readers = books.iter().map(Book::read).collect();
    let stays = books[0].stays_of(visitor.id, channels[0]);
    println!("{comings} comings and goings, {} stays by the log", stays.len());
    if let Some(reader) = run.readers.last_mut() {
        reader.stays.insert(channels[0], stays);
    }
    for channel in channels {
        let at_least = run.acknowledged.iter().filter(|placed| placed.channel == channel);
        let last = at_least.map(|placed| placed.position).max_by_key(|position| position.offset);
        let history = members[2].history(&url, channel, last.map(|last| last.to_string()).as_deref()).await?;
        run.history.insert(channel, history.iter().map(kept).collect::<anyhow::Result<_>>()?);
    }
    let report = check(&run);
    println!("{report}; {retries} tries answered with failure, {connections} connections by {} readers", books.len());
    assert!(report.faults.is_empty(), "{report}");
    all
}

/// One post that must come through, and its id.
async fn probe(person: &Person, url: &str, channel: ChannelId, run: &mut Run) -> anyhow::Result<MessageId> {
    let id = MessageId::random();
    run.attempted.insert(id);
    let answer = wait::until("a probe is acknowledged", LIMIT, async || {
        let answer = person.try_post(url, channel, id, "probe").await.ok()?;
        answer.status.is_success().then_some(answer)
    });
    let position = answer.await?.json["position"].as_str().unwrap_or_default().parse()?;
    run.acknowledged.push(threadly_tests::checker::Placed { channel, id, position });
    Ok(id)
}
