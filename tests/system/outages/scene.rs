//! A load with channels and listeners of its own, on a house that others have used before.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, ensure};
use domain::{ChannelId, MessageId};
use testkit::{Answer, Person, Process, wait};
use threadly_tests::{
    checker::{Placed, Run, Stay},
    house::House,
    load::{Book, Posted, listen, post, visit},
};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

use super::{
    LIMIT, People,
    row::{Again, Counts},
};
use crate::delivery::kept;

/// Each poster's pace: three posters make up to 60 posts a second.
const PACE: Duration = Duration::from_millis(50);
/// The visitor comes or goes this often.
const VISITS: Duration = Duration::from_millis(300);
/// The channels that everybody posts to.
const CHANNELS: usize = 3;
/// Acknowledged and received by everybody before the outage begins.
const BEFORE: usize = 30;

/// A running load.
pub(super) struct Scene<'a> {
    pub house: &'a House,
    pub people: &'a People,
    pub channels: Vec<ChannelId>,
    /// The members' first, then the outsider's, then the visitor's.
    books: Vec<Book>,
    probes: Run,
    posters: JoinSet<anyhow::Result<Posted>>,
    listeners: JoinSet<anyhow::Result<usize>>,
    comings: JoinHandle<usize>,
    stop_posting: CancellationToken,
    stop_listening: CancellationToken,
}

impl<'a> Scene<'a> {
    /// Makes the channels, listens, and posts until it is under way.
    pub(super) async fn begin(house: &'a House, people: &'a People) -> anyhow::Result<Self> {
        let (directory, host) = (house.directory.url(), &people.members[0]);
        let mut channels = Vec::new();
        for _ in 0..CHANNELS {
            let channel = host.make_channel(&directory, "private").await?;
            for person in &people.members[1..] {
                host.add_member(&directory, channel, person.id).await?;
            }
            channels.push(channel);
        }
        let outside = people.outsider.make_channel(&directory, "private").await?;

        let edges: Vec<String> = house.edges.iter().map(Process::url).collect();
        let functions: Vec<String> = house.messages.iter().map(Process::url).collect();
        let (stop_posting, stop_listening) = (CancellationToken::new(), CancellationToken::new());
        let (mut listeners, mut posters, mut books) = (JoinSet::new(), JoinSet::new(), Vec::new());
        let always = |rooms: &[ChannelId]| rooms.iter().map(|channel| (*channel, vec![Stay::ALWAYS])).collect();
        let mut audience: Vec<_> =
            people.members.iter().map(|person| (person, person.id.to_string(), always(&channels))).collect();
        audience.push((&people.outsider, "the outsider".to_owned(), always(&[outside])));
        audience.push((&people.visitor, "the visitor".to_owned(), HashMap::new()));
        for (person, name, stays) in audience {
            let book = Book::new(&name, stays);
            listeners.spawn(listen(person.clone(), edges.clone(), book.clone(), stop_listening.clone()));
            books.push(book);
        }
        wait::until("everybody listens", LIMIT, async || books.iter().all(Book::is_connected).then_some(())).await?;
        for person in &people.members {
            posters.spawn(post(person.clone(), functions.clone(), channels.clone(), PACE, stop_posting.clone()));
        }
        let comings =
            tokio::spawn(visit(host.clone(), people.visitor.id, channels[0], directory, VISITS, stop_posting.clone()));
        let members = &books[..people.members.len()];
        wait::until("the load is under way", LIMIT, async || {
            members.iter().all(|book| book.read().received.len() >= BEFORE).then_some(())
        })
        .await?;
        let probes = Run::default();
        Ok(Self { house, people, channels, books, probes, posters, listeners, comings, stop_posting, stop_listening })
    }

    /// Who posts, and lets others in.
    pub(super) fn host(&self) -> &'a Person {
        &self.people.members[0]
    }

    /// Posts through a function until it is acknowledged.
    pub(super) async fn probe(&mut self, url: &str) -> anyhow::Result<MessageId> {
        let (id, channel) = (MessageId::random(), self.channels[0]);
        self.probes.attempted.insert(id);
        let answer = wait::until("a probe is acknowledged", LIMIT, async || {
            let answer = self.host().try_post(url, channel, id, "probe").await.ok()?;
            answer.status.is_success().then_some(answer)
        });
        let position = answer.await?.json["position"].as_str().context("no position")?.parse()?;
        self.probes.acknowledged.push(Placed { channel, id, position });
        Ok(id)
    }

    /// Tries to post once, under an id that is accounted for.
    pub(super) async fn try_probe(&mut self, url: &str) -> anyhow::Result<Answer> {
        let (id, channel) = (MessageId::random(), self.channels[0]);
        self.probes.attempted.insert(id);
        let answer = self.host().try_post(url, channel, id, "one try").await?;
        if let Some(position) = answer.json["position"].as_str().filter(|_| answer.status.is_success()) {
            self.probes.acknowledged.push(Placed { channel, id, position: position.parse()? });
        }
        Ok(answer)
    }

    /// Waits until every member has received a message.
    pub(super) async fn received_by_all(&self, id: MessageId) -> anyhow::Result<()> {
        let members = &self.books[..self.people.members.len()];
        wait::until("every member has received it", LIMIT, async || {
            members.iter().all(|book| book.has(id)).then_some(())
        })
        .await
    }

    /// Every socket gives this many signs of life.
    pub(super) async fn sockets_live(&self, signs: usize) -> anyhow::Result<()> {
        let before: Vec<usize> = self.books.iter().map(Book::frames).collect();
        wait::until("every socket lives", LIMIT, async || {
            self.books.iter().zip(&before).all(|(book, before)| book.frames() >= before + signs).then_some(())
        })
        .await
    }

    /// How long everything takes to work again; nobody helps it.
    pub(super) async fn recovery(&mut self) -> anyhow::Result<Again> {
        let mended = Instant::now();
        let (house, host, channel) = (self.house, self.host(), self.channels[0]);
        let (reads, auth) = (house.messages[1].url(), house.auth.url());
        let reading = async {
            wait::until("reading works", LIMIT, async || host.history(&reads, channel, None).await.ok()).await?;
            anyhow::Ok(mended.elapsed())
        };
        let sign_in = async {
            wait::until("signing in works", LIMIT, async || {
                host.sign_in(&auth).await.is_ok_and(|answer| answer.status.is_success()).then_some(())
            })
            .await?;
            anyhow::Ok(mended.elapsed())
        };
        let posting = async {
            let id = self.probe(&house.messages[0].url()).await?;
            let posting = mended.elapsed();
            self.received_by_all(id).await?;
            let delivery = mended.elapsed();
            wait::until("it is projected", LIMIT, async || {
                let page = host.history(&reads, channel, None).await.ok()?;
                let id = id.to_string();
                page.iter().rev().any(|item| item["messageId"] == id.as_str()).then_some(())
            })
            .await?;
            anyhow::Ok((posting, delivery, mended.elapsed()))
        };
        let (reading, sign_in, (posting, delivery, projection)) = tokio::try_join!(reading, sign_in, posting)?;
        Ok(Again { posting, reading, sign_in, delivery, projection })
    }

    /// A program that was started during the outage is ready by itself, and does its work.
    pub(super) async fn joins_in(&mut self, mut program: Process) -> anyhow::Result<()> {
        program.ready().await.context("started during the outage")?;
        if !program.name.starts_with("edge") {
            let id = self.probe(&program.url()).await?;
            return self.received_by_all(id).await;
        }
        let host = self.host();
        let mut socket =
            wait::until("the new edge lets people in", LIMIT, async || host.connect(&program.url(), None).await.ok())
                .await?;
        socket.next_of("ready", LIMIT).await?;
        let id = self.probe(&self.house.messages[0].url()).await?;
        while socket.next_of("event", LIMIT).await?.json["data"]["messageId"] != id.to_string() {}
        Ok(())
    }

    /// Whoever was let into a channel during the outage receives what is said there.
    pub(super) async fn receives(&self, person: &Person, channel: ChannelId) -> anyhow::Result<()> {
        let edge = self.house.edges[1].url();
        let mut socket = person.connect(&edge, None).await?;
        while socket.next_of("event", LIMIT).await?.json["data"]["channelId"] != channel.to_string() {}
        Ok(())
    }

    /// Stops posting, waits until everything is where it belongs, and hands over what is to be judged.
    pub(super) async fn end(mut self) -> anyhow::Result<(Run, Counts)> {
        self.stop_posting.cancel();
        let mut counts = Counts::default();
        let mut unknown: HashSet<MessageId> = HashSet::new();
        while let Some(posted) = self.posters.join_next().await {
            let posted = posted??;
            self.probes.acknowledged.extend(posted.acknowledged);
            self.probes.attempted.extend(posted.attempted);
            unknown.extend(posted.unknown);
            for (code, count) in posted.refusals {
                *counts.refusals.entry(code).or_default() += count;
            }
        }
        counts.visits = (&mut self.comings).await?;
        let last = self.probe(&self.house.messages[0].url()).await?;
        let (members, visits) = (self.people.members.len(), self.people.members.len() + 1);
        wait::until("the visitor has received the last word", LIMIT, async || {
            self.books[visits].has(last).then_some(())
        })
        .await?;
        let acknowledged: Vec<MessageId> = self.probes.acknowledged.iter().map(|placed| placed.id).collect();
        let all = wait::until("everything is received", LIMIT, async || {
            self.books[..members].iter().all(|book| acknowledged.iter().all(|id| book.has(*id))).then_some(())
        });
        // What is missing is the checker's to say.
        let all = all.await;
        self.stop_listening.cancel();
        let mut connections = 0;
        while let Some(listened) = self.listeners.join_next().await {
            connections += listened??;
        }
        counts.reconnections = connections - self.books.len();

        let mut run = self.probes;
        run.readers = self.books.iter().map(Book::read).collect();
        run.readers[visits]
            .stays
            .insert(self.channels[0], self.books[0].stays_of(self.people.visitor.id, self.channels[0]));
        for channel in self.channels {
            let said = run.acknowledged.iter().filter(|placed| placed.channel == channel);
            let last = said.map(|placed| placed.position).max_by_key(|position| position.offset);
            let at_least = last.map(|last| last.to_string());
            let history =
                self.people.members[1].history(&self.house.messages[1].url(), channel, at_least.as_deref()).await?;
            run.history.insert(channel, history.iter().map(kept).collect::<anyhow::Result<_>>()?);
        }
        let in_history: HashSet<MessageId> = run.history.values().flatten().map(|(placed, _)| placed.id).collect();
        counts.posted = run.attempted.len();
        counts.unknown = unknown.len();
        counts.resolved = unknown.iter().filter(|id| in_history.contains(id) && acknowledged.contains(id)).count();
        ensure!(counts.resolved == counts.unknown, "{counts:?}: not every unknown outcome was resolved");
        all?;
        Ok((run, counts))
    }
}
