//! The Kafka broker of this clone.

use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use crate::interrupt::Interrupt;
use crate::paths::{self, StateDir};
use crate::ports::Ports;
use crate::process::{Lifetime, Process, Spec};
use crate::{commands, identity, kafka_jars, programs};

pub const NAME: &str = "kafka";
const CONTROLLER: &str = "kafka-controller";
pub const STOP_SIGNAL: Signal = Signal::SIGTERM;
pub const STOP_WITHIN: Duration = Duration::from_secs(30);
const READY_WITHIN: Duration = Duration::from_secs(90);

const PROPERTIES: &str = "server.properties";
const LOGGING_PROPERTIES: &str = "log4j2.properties";
/// In a locale without UTF-8, Java can't open a path with letters beyond ASCII.
const LOCALE: (&str, &str) = ("LC_ALL", "C.UTF-8");
const LOGGING: &str = "\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
logger.broker.name = kafka.server.BrokerServer
logger.broker.level = info
";

/// A started broker, not necessarily ready yet.
#[derive(Debug)]
pub struct Kafka {
    pub process: Process,
    pub port: u16,
    /// True when it is an earlier run's.
    pub reused: bool,
}

impl Kafka {
    /// Formats the data folder if there is none and starts the broker, or finds it running.
    pub fn begin(state: &StateDir, ports: &mut Ports, lifetime: Lifetime) -> Result<Self> {
        let jars = kafka_jars::folder()?.join("*");
        let java = programs::java().context("no Java of version 17 or later was found")?;
        let folder = state.kafka();
        let spec = Spec {
            name: NAME,
            program: java.path.clone(),
            args: arguments(&jars),
            env: vec![(LOCALE.0.to_owned(), LOCALE.1.into())],
            cwd: folder.clone(),
            log: state.log(NAME),
            record: state.record(NAME),
            wrapper: Vec::new(),
            stop_signal: STOP_SIGNAL,
            stop_within: STOP_WITHIN,
        };
        if let (Some(port), Some(mut process)) = (ports.get(NAME), spec.find_running()?) {
            if answers(&bootstrap(port)) {
                return Ok(Self { process, port, reused: true });
            }
            process.stop()?;
        }
        stop_lost(state)?;
        let port = ports.claim(NAME, None)?;
        let controller = ports.claim(CONTROLLER, None)?;
        ports.save(&state.ports())?;
        if !folder.exists() {
            let temporary = state.root().join("kafka.new");
            paths::remove_folder(&temporary)?;
            paths::private_folder(&temporary)?;
            configure(&temporary, port, controller)?;
            let mut format = Command::new("setpriv");
            format.args(["--pdeathsig", "KILL"]).arg(&java.path).envs([LOCALE]).arg("-cp").arg(&jars).args([
                "-XX:TieredStopAtLevel=1",
                "kafka.tools.StorageTool",
                "format",
                "-t",
                &cluster_id()?,
            ]);
            format.args(["-c", PROPERTIES]).current_dir(&temporary);
            commands::output(&mut format, Duration::from_secs(120)).context("making Kafka's data folder")?;
            fs::rename(&temporary, &folder).context("naming Kafka's data folder")?;
        }
        configure(&folder, port, controller)?;
        Ok(Self { process: spec.start(lifetime)?, port, reused: false })
    }

    pub fn wait_ready(&mut self, interrupt: &Interrupt) -> Result<()> {
        let start = Instant::now();
        while !answers(&self.bootstrap()) {
            self.process.check()?;
            if start.elapsed() > READY_WITHIN {
                bail!("kafka does not answer after {} s: `cargo xtask logs kafka`", READY_WITHIN.as_secs());
            }
            interrupt.pause()?;
        }
        Ok(())
    }

    pub fn bootstrap(&self) -> String {
        bootstrap(self.port)
    }
}

/// Stops a broker of this folder whose pid file got lost.
pub fn stop_lost(state: &StateDir) -> Result<bool> {
    identity::stop_working_in(&state.kafka(), "java", STOP_SIGNAL, STOP_WITHIN)
}

fn bootstrap(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn arguments(jars: &Path) -> Vec<OsString> {
    let mut args: Vec<OsString> =
        ["-Xms128m", "-Xmx1g", "-XX:+UseG1GC", "-XX:TieredStopAtLevel=1"].map(OsString::from).to_vec();
    args.push(format!("-Dlog4j2.configurationFile={LOGGING_PROPERTIES}").into());
    args.extend(["-cp".into(), jars.into(), "kafka.Kafka".into(), PROPERTIES.into()]);
    args
}

/// Written at every start, since the ports may have changed. Paths are relative to the folder in which the broker works:
/// a clone may move, and its path may hold signs that have a meaning in a list.
fn configure(folder: &Path, port: u16, controller: u16) -> Result<()> {
    let properties = format!(
        "\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs=data
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
min.insync.replicas=1
log.index.size.max.bytes=1048576
"
    );
    fs::write(folder.join(PROPERTIES), properties).context("writing Kafka's configuration")?;
    fs::write(folder.join(LOGGING_PROPERTIES), LOGGING).context("writing Kafka's log configuration")
}

/// 16 random bytes as base64url, as Kafka makes its ids.
fn cluster_id() -> Result<String> {
    let mut bytes = [0_u8; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    // An id that begins with '-' would look like an option.
    bytes[0] &= 0x7f;
    Ok(base64url(&bytes))
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}

/// Whether a broker at `host:port` answers ApiVersions. It listens long before that.
pub fn answers(place: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let limit = Duration::from_secs(2);
        let mut connections =
            place.to_socket_addrs()?.filter_map(|address| TcpStream::connect_timeout(&address, limit).ok());
        let Some(mut stream) = connections.next() else { return Ok(false) };
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))?;
        // length, api key 18, version 0, correlation id, client id of length -1 (none)
        stream.write_all(&[0, 0, 0, 10, 0, 18, 0, 0, 0x74, 0x68, 0x72, 0x64, 0xff, 0xff])?;
        let mut head = [0_u8; 10];
        stream.read_exact(&mut head)?;
        // length, the same correlation id, error code 0
        Ok(head[4..] == [0x74, 0x68, 0x72, 0x64, 0, 0])
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_is_as_in_rfc_4648() {
        assert_eq!(base64url(b""), "");
        assert_eq!(base64url(b"f"), "Zg");
        assert_eq!(base64url(b"fo"), "Zm8");
        assert_eq!(base64url(b"foobar"), "Zm9vYmFy");
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn a_cluster_id_is_no_option() {
        for _ in 0..64 {
            let id = cluster_id().unwrap();
            assert_eq!(id.len(), 22);
            assert!(!id.starts_with('-'));
        }
    }

    #[test]
    fn a_listener_that_says_nothing_is_no_broker() {
        let stranger = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(!answers(&stranger.local_addr().unwrap().to_string()));
        assert!(!answers("no port"));
    }
}
