//! Clients that break every rule of RFC 6455, that flood, dawdle and vanish: each ends alone and with the right code, while
//! its neighbour in the same channel goes on receiving everything.

use std::{fs, time::Duration};

use anyhow::{Context, ensure};
use domain::ChannelId;
use testkit::{Lab, Person, Socket, wait};
use threadly_tests::{
    house::House,
    raw::{Came, Raw, masked, request},
};
use tokio::{io::AsyncWriteExt, task::JoinSet};

use crate::delivery::next_message;

const LIMIT: Duration = Duration::from_secs(30);
const TEXT: u8 = 0x81;
const PONG: u8 = 10;

/// A well-behaved neighbour beside whoever misbehaves.
struct Scene {
    house: House,
    ada: Person,
    eve: Person,
    channel: ChannelId,
    neighbour: Socket,
    said: usize,
    descriptors: usize,
}

impl Scene {
    async fn new(lab: Lab, name: &str) -> anyhow::Result<Self> {
        let house = House::start_on(lab, name, 1).await?;
        let (ada, ben, eve) = (house.person("ada").await?, house.person("ben").await?, house.person("eve").await?);
        let directory = house.directory.url();
        let channel = ada.make_channel(&directory, "private").await?;
        for person in [&ben, &eve] {
            ada.add_member(&directory, channel, person.id).await?;
        }
        let mut neighbour = ben.connect(&house.edges[0].url(), None).await?;
        neighbour.next_of("ready", LIMIT).await?;
        let mut scene = Self { house, ada, eve, channel, neighbour, said: 0, descriptors: 0 };
        // What is opened at first use is open from here on.
        let mut first = scene.misbehaving().await?;
        first.send(&masked(0x88, &[])).await;
        first.end(LIMIT).await?;
        drop(first);
        scene.say("hello").await?;
        scene.hears_all().await?;
        scene.descriptors = scene.open_descriptors()?;
        Ok(scene)
    }

    fn edge(&self) -> String {
        self.house.edges[0].url()
    }

    /// An open socket of Eve's.
    async fn misbehaving(&self) -> anyhow::Result<Raw> {
        let mut raw = Raw::open(&self.edge(), &self.eve).await?;
        ensure!(matches!(raw.next(LIMIT).await?, Came::Frame(1, ready) if ready.starts_with(br#"{"type":"ready""#)));
        Ok(raw)
    }

    async fn say(&mut self, text: &str) -> anyhow::Result<()> {
        self.ada.post(&self.house.messages[0].url(), self.channel, text).await?;
        self.said += 1;
        Ok(())
    }

    /// The neighbour has received everything said, once and in order.
    async fn hears_all(&mut self) -> anyhow::Result<()> {
        let mut heard = Vec::new();
        let end = format!("{} were said", self.said);
        self.ada.post(&self.house.messages[0].url(), self.channel, &end).await?;
        loop {
            let text = next_message(&mut self.neighbour).await?["data"]["text"].as_str().unwrap_or_default().to_owned();
            if text == end {
                break;
            }
            heard.push(text);
        }
        ensure!(heard.len() == self.said, "{} of {} were heard", heard.len(), self.said);
        self.said = 0;
        Ok(())
    }

    fn open_descriptors(&self) -> anyhow::Result<usize> {
        let pid = self.house.edges[0].pid().context("the edge has ended")?;
        Ok(fs::read_dir(format!("/proc/{pid}/fd"))?.count())
    }

    /// Resident memory of the edge.
    fn resident_bytes(&self) -> anyhow::Result<usize> {
        let pid = self.house.edges[0].pid().context("the edge has ended")?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<usize>()? << 10)
    }

    /// The edge is well, and holds nothing of those who are gone.
    async fn is_as_before(&mut self) -> anyhow::Result<()> {
        self.hears_all().await?;
        ensure!(self.house.edges[0].is_ready().await, "the edge is not ready");
        wait::until("all descriptors are back", LIMIT, async || {
            // A few connections to servers come and go by themselves.
            self.open_descriptors().is_ok_and(|open| open <= self.descriptors + 4).then_some(())
        })
        .await
    }
}

fn repeat(frame: &[u8], times: usize) -> Vec<u8> {
    frame.repeat(times)
}

/// A length of eight bytes, and nothing behind it.
fn announced(length: u64) -> Vec<u8> {
    let mut frame = vec![TEXT, 0x80 | 127];
    frame.extend(length.to_be_bytes());
    frame.extend([0; 4]);
    frame
}

fn fragments(texts: &[&[u8]]) -> Vec<u8> {
    let last = texts.len() - 1;
    let frame = |(n, text): (usize, &&[u8])| {
        let fin = if n == last { 0x80 } else { 0 };
        masked(fin | u8::from(n == 0), text)
    };
    texts.iter().enumerate().flat_map(frame).collect()
}

/// What is sent, and the codes that may answer it.
fn offences() -> Vec<(&'static str, Vec<u8>, &'static [u16])> {
    let close = |code: u16| masked(0x88, &code.to_be_bytes());
    let long = [b'x'; 2_000];
    vec![
        ("garbage", vec![0xff; 64], &[1002]),
        (
            "an HTTP request",
            b"GET / HTTP/1.1\r\nHost: edge\r\nUser-Agent: confused, and at some length\r\n\r\n".to_vec(),
            &[1002],
        ),
        ("an unmasked text", [&[TEXT, 2][..], b"{}"].concat(), &[1002]),
        ("a reserved bit", masked(TEXT | 0x40, b"{}"), &[1002]),
        ("all reserved bits", masked(TEXT | 0x70, b"{}"), &[1002]),
        ("a reserved kind of data", masked(0x83, b"{}"), &[1002]),
        ("a reserved kind of control", masked(0x8b, b""), &[1002]),
        ("2^63 bytes announced", announced(1 << 63), &[1009]),
        ("2^64 - 1 bytes announced", announced(u64::MAX), &[1009]),
        ("2^32 bytes announced", announced(1 << 32), &[1009]),
        ("a text of 9,000 bytes", masked(TEXT, &[b'x'; 9_000]), &[1009]),
        ("a text of a megabyte", masked(TEXT, &vec![b'x'; 1 << 20]), &[1009]),
        ("a text too large in fragments", fragments(&[&long[..]; 5]), &[1009]),
        ("a continuation of nothing", masked(0x80, b"x"), &[1002]),
        ("a text within a text", [masked(0x01, b"a"), masked(TEXT, b"b")].concat(), &[1002]),
        ("100,000 empty fragments", [masked(0x01, b""), repeat(&masked(0x00, b""), 100_000)].concat(), &[1008]),
        ("a ping in fragments", masked(0x09, b"x"), &[1002]),
        ("a ping of 126 bytes", masked(0x89, &[b'x'; 126]), &[1002]),
        ("a flood of pings", repeat(&masked(0x89, b"x"), 10_000), &[1008]),
        ("a flood of pongs", repeat(&masked(0x8a, b""), 10_000), &[1008]),
        ("bytes that are no UTF-8", masked(TEXT, b"\xff\xfe"), &[1007]),
        ("half of a character, finished", fragments(&[b"\xc3", b"("]), &[1007]),
        ("binary data", masked(0x82, b"\0\x01"), &[1008]),
        ("an empty text", masked(TEXT, b""), &[1008]),
        ("a nesting bomb", masked(TEXT, &[b'['; 8_000]), &[1008]),
        (
            "a text in fragments around a ping",
            [masked(0x01, b"\xc3"), masked(0x89, b""), masked(0x80, b"\xbc")].concat(),
            &[1008],
        ),
        ("a close", close(1000), &[1000]),
        ("a close without a code", masked(0x88, b""), &[1005]),
        ("a close with a code for ends without a close", close(1006), &[1002]),
        ("a close with a code below all", close(999), &[1002]),
        ("a close with a code above all", close(5000), &[1002]),
        ("a close with half a code", masked(0x88, b"\x03"), &[1002]),
        ("a close whose reason is no UTF-8", masked(0x88, b"\x03\xe8\xff"), &[1002, 1007]),
        ("data behind a close", [close(1000), masked(TEXT, b"{}")].concat(), &[1000]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_offence_ends_its_own_socket_with_its_code() -> anyhow::Result<()> {
    let mut scene = Scene::new(Lab::start().await?, "offences").await?;
    for (offence, bytes, codes) in offences() {
        let mut raw = scene.misbehaving().await?;
        let said = format!("during {offence}");
        scene.say(&said).await?;
        raw.send(&bytes).await;
        let code = raw.end(LIMIT).await.context(offence)?;
        assert!(code.is_some_and(|code| codes.contains(&code)), "{offence}: {code:?}");
        // Nothing but the end comes behind a close.
        assert!(matches!(raw.next(LIMIT).await.context(offence)?, Came::End), "{offence}");
        scene.hears_all().await.context(offence)?;
    }
    scene.is_as_before().await
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_fall_silent_or_half_silent_hold_nothing() -> anyhow::Result<()> {
    let mut scene = Scene::new(Lab::start().await?, "silent").await?;
    let mut held = Vec::new();
    // A fragment that is never finished, half a header, half a frame: all of it well-formed so far.
    for beginning in [masked(0x01, b"{"), vec![TEXT], vec![TEXT, 0x80 | 20, 1, 2, 3]] {
        let mut raw = scene.misbehaving().await?;
        raw.send(&beginning).await;
        held.push(raw);
    }
    scene.say("while they say nothing more").await?;
    for raw in &mut held {
        assert!(raw.next_of(1, LIMIT).await?.is_some(), "they receive like everybody");
    }
    // A ping between two fragments is answered.
    held[0].send(&masked(0x89, b"there?")).await;
    assert_eq!(held[0].next_of(PONG, LIMIT).await?.as_deref(), Some(&b"there?"[..]));
    // Whoever has said its last word, on TCP alone, is let go.
    for raw in &mut held {
        raw.stream.shutdown().await?;
        assert_eq!(raw.end(LIMIT).await?, None);
    }
    // Whoever breaks off without a word, too.
    for _ in 0..20 {
        let raw = scene.misbehaving().await?;
        raw.stream.set_zero_linger()?;
    }
    scene.is_as_before().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_connects_at_once_are_all_answered() -> anyhow::Result<()> {
    let mut scene = Scene::new(Lab::start().await?, "thousand").await?;
    let mut asking = JoinSet::new();
    for number in 0..1_000 {
        let (edge, person) = (scene.edge(), if number % 2 == 0 { scene.ada.clone() } else { scene.eve.clone() });
        asking.spawn(async move {
            let mut raw = Raw::connect(&edge, None).await?;
            raw.send(request(&person).as_bytes()).await;
            let (status, head) = raw.answer().await?;
            anyhow::Ok((status, head, raw))
        });
    }
    scene.say("in the crowd").await?;
    let (mut inside, mut refused) = (Vec::new(), 0);
    while let Some(asked) = asking.join_next().await {
        let (status, head, raw) = asked??;
        match status {
            101 => inside.push(raw),
            429 | 503 => {
                assert!(head.contains("application/problem+json"), "{head}");
                assert!(status == 429 || head.to_lowercase().contains("retry-after: "), "{head}");
                refused += 1;
            }
            _ => panic!("{head}"),
        }
    }
    println!("{} came in, {refused} were refused", inside.len());
    assert!((1..=64).contains(&inside.len()), "two people have at most 32 sockets each");
    scene.say("to whoever got in").await?;
    for raw in &mut inside {
        loop {
            let Some(text) = raw.next_of(1, LIMIT).await? else { panic!("closed") };
            if String::from_utf8_lossy(&text).contains("to whoever got in") {
                break;
            }
        }
    }
    drop(inside);
    scene.is_as_before().await
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_limit_of_sockets_the_answer_says_so_and_a_place_comes_back() -> anyhow::Result<()> {
    let mut lab = Lab::start().await?;
    lab.settings.push(("THREADLY_EDGE_SOCKETS".to_owned(), "4".to_owned()));
    let mut scene = Scene::new(lab, "full").await?;
    let mut inside = Vec::new();
    for _ in 0..3 {
        inside.push(scene.misbehaving().await?);
    }
    let edge = scene.edge();
    let ask = async || {
        let mut raw = Raw::connect(&edge, None).await?;
        raw.send(request(&scene.eve).as_bytes()).await;
        raw.answer().await
    };
    let (status, head) = ask().await?;
    assert_eq!(status, 503, "{head}");
    assert!(head.to_lowercase().contains("retry-after: 1"), "{head}");
    inside.pop();
    wait::until("a place has come back", LIMIT, async || (ask().await.ok()?.0 == 101).then_some(())).await?;
    drop(inside);
    scene.is_as_before().await
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_handshakes_are_cut_off_and_keep_nobody_waiting() -> anyhow::Result<()> {
    let mut scene = Scene::new(Lab::start().await?, "loris").await?;
    let mut slow = JoinSet::new();
    for _ in 0..300 {
        let (edge, head) = (scene.edge(), request(&scene.eve));
        slow.spawn(async move {
            let mut raw = Raw::connect(&edge, None).await?;
            for byte in head.bytes() {
                raw.send(&[byte]).await;
                // A byte a second would take minutes; the edge answers or ends long before.
                if let Ok(came) = raw.next(Duration::from_secs(1)).await {
                    return anyhow::Ok(came == Came::End);
                }
            }
            Ok(false)
        });
    }
    scene.say("past the slow ones").await?;
    scene.hears_all().await?;
    let mut quick = scene.misbehaving().await?;
    scene.say("to one more").await?;
    assert!(quick.next_of(1, LIMIT).await?.is_some());
    while let Some(ended) = slow.join_next().await {
        assert!(ended??, "a slow handshake was answered");
    }
    drop(quick);
    scene.is_as_before().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_never_reads_is_closed_with_its_code_and_costs_a_bounded_memory() -> anyhow::Result<()> {
    let mut scene = Scene::new(Lab::start().await?, "deaf").await?;
    let mut deaf = Vec::new();
    for _ in 0..10 {
        let mut raw = Raw::connect(&scene.edge(), Some(4 << 10)).await?;
        raw.send(request(&scene.eve).as_bytes()).await;
        assert_eq!(raw.answer().await?.0, 101);
        deaf.push(raw);
    }
    let (before, metrics) = (scene.resident_bytes()?, format!("{}/metrics", scene.edge()));
    let closed = async || {
        let text = reqwest::get(&metrics).await?.text().await?;
        let line = text.lines().find(|line| line.contains("ended_total") && line.contains("\"4408\""));
        anyhow::Ok(line.and_then(|line| line.rsplit(' ').next()).and_then(|n| n.parse().ok()).unwrap_or(0))
    };
    let text = "x".repeat(19_000);
    while closed().await? < deaf.len() {
        for _ in 0..20 {
            scene.say(&text).await?;
        }
        scene.hears_all().await?;
    }
    let grown = scene.resident_bytes()?.saturating_sub(before);
    println!("resident memory grew by {} KiB for {} deaf readers", grown >> 10, deaf.len());
    assert!(grown < 64 << 20, "{grown} bytes more");
    // Whoever reads now finds whole frames, and perhaps why it ended.
    for raw in &mut deaf {
        assert!(matches!(raw.end(LIMIT).await?, Some(4408) | None));
    }
    scene.is_as_before().await
}
