//! The Kafka broker of this clone, and its jars.

use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use crate::interrupt::Interrupt;
use crate::lock::{self, Attempt};
use crate::paths::{self, StateDir};
use crate::ports::Ports;
use crate::process::{Lifetime, Process, Spec};
use crate::{commands, identity, programs};

pub const NAME: &str = "kafka";
const CONTROLLER: &str = "kafka-controller";
pub const STOP_SIGNAL: Signal = Signal::SIGTERM;
pub const STOP_WITHIN: Duration = Duration::from_secs(30);
const READY_WITHIN: Duration = Duration::from_secs(90);

const VERSION: &str = "4.1.0";
const POM: &str = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.threadly</groupId><artifactId>kafka-jars</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.1.0</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version></dependency>
  </dependencies>
</project>
"#;
/// Named in full: a bare `dependency:` would be another version with every Maven.
const COPY_GOAL: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
/// What a complete folder must hold.
const PROOF: [&str; 3] = ["kafka_2.13-4.1.0.jar", "kafka-clients-4.1.0.jar", "log4j-slf4j-impl-2.24.3.jar"];

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
        let jars = jars()?.join("*");
        let java = programs::java().context("no Java of version 17 or later was found")?;
        let folder = state.kafka();
        let spec = Spec {
            name: NAME,
            program: java.path.clone(),
            args: arguments(&jars, &folder),
            env: Vec::new(),
            cwd: folder.clone(),
            log: state.log(NAME),
            record: state.record(NAME),
            wrapper: Vec::new(),
            stop_signal: STOP_SIGNAL,
            stop_within: STOP_WITHIN,
        };
        if let (Some(port), Some(mut process)) = (ports.get(NAME), spec.find_running()?) {
            if answers(port) {
                return Ok(Self { process, port, reused: true });
            }
            process.stop()?;
        }
        for broker in identity::working_in(&folder, "java") {
            identity::stop_identity(&broker, STOP_SIGNAL, STOP_WITHIN)?;
        }
        let port = ports.claim(NAME, None)?;
        let controller = ports.claim(CONTROLLER, None)?;
        ports.save(&state.ports())?;
        if !folder.exists() {
            let temporary = state.root().join("kafka.new");
            paths::remove_folder(&temporary)?;
            paths::private_folder(&temporary)?;
            configure(&temporary, port, controller)?;
            let mut format = Command::new(&java.path);
            format.arg("-cp").arg(&jars).args([
                "-XX:TieredStopAtLevel=1",
                "kafka.tools.StorageTool",
                "format",
                "-t",
                &cluster_id()?,
            ]);
            format.arg("-c").arg(temporary.join("server.properties")).current_dir(&temporary);
            commands::output(&mut format, Duration::from_secs(120)).context("making Kafka's data folder")?;
            fs::rename(&temporary, &folder).context("naming Kafka's data folder")?;
        }
        configure(&folder, port, controller)?;
        Ok(Self { process: spec.start(lifetime)?, port, reused: false })
    }

    pub fn wait_ready(&mut self, interrupt: &Interrupt) -> Result<()> {
        let start = Instant::now();
        while !answers(self.port) {
            self.process.check()?;
            if start.elapsed() > READY_WITHIN {
                bail!("kafka does not answer after {} s: `cargo xtask logs kafka`", READY_WITHIN.as_secs());
            }
            interrupt.pause()?;
        }
        Ok(())
    }

    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

/// The folder of Kafka's jars in the cache, if it is complete.
pub fn jars() -> Result<PathBuf> {
    let folder = jar_folder()?;
    if complete(&folder) { Ok(folder) } else { bail!("Kafka's jars are not in {}", folder.display()) }
}

/// Fetches the jars through Maven. Clones share them; the lock lets one of them fetch.
pub fn fetch_jars(log: &Path, interrupt: &Interrupt) -> Result<()> {
    let folder = jar_folder()?;
    let cache = paths::cache()?;
    paths::private_folder(&cache)?;
    let _lock = loop {
        match lock::attempt(&cache.join("lock"))? {
            Attempt::Taken(lock) => break lock,
            Attempt::HeldBy(_) => interrupt.pause()?,
        }
    };
    if complete(&folder) {
        return Ok(());
    }
    let maven = programs::maven().context("Maven (`mvn`) was not found")?;
    let temporary = cache.join(format!("kafka-{VERSION}.new"));
    paths::remove_folder(&temporary)?;
    paths::private_folder(&temporary)?;
    fs::write(temporary.join("pom.xml"), POM)?;
    let tries = 3;
    for turn in 1..=tries {
        let mut command = commands::command(&maven);
        // -C: a checksum that differs is an error. -U: what failed a minute ago is asked for again.
        command.args(["-B", "-ntp", "-C", "-U"]).args(proxies());
        command.args([COPY_GOAL, "-DincludeScope=runtime", "-DoutputDirectory=libs"]).current_dir(&temporary);
        match commands::run_logged(command, log, "fetching Kafka (43 MB)", Some(interrupt)) {
            Ok(()) => break,
            Err(error) if turn == tries || interrupt.raised() => return Err(error),
            Err(_) => println!("  fetching Kafka failed, trying again ({} of {tries})", turn + 1),
        }
    }
    let libs = temporary.join("libs");
    if !complete(&libs) {
        bail!("Maven said that it fetched Kafka, but {} is not complete", libs.display());
    }
    paths::remove_folder(&folder)?;
    fs::rename(&libs, &folder).context("naming the folder of Kafka's jars")?;
    paths::remove_folder(&temporary)
}

fn jar_folder() -> Result<PathBuf> {
    Ok(paths::cache()?.join(format!("kafka-{VERSION}")))
}

fn complete(folder: &Path) -> bool {
    PROOF.iter().all(|jar| fs::metadata(folder.join(jar)).is_ok_and(|file| file.len() > 0))
}

/// Maven reads no proxy variables: hand them on in its own way.
fn proxies() -> Vec<String> {
    ["http", "https"]
        .iter()
        .filter_map(|scheme| Some((scheme, proxy_variable(scheme)?)))
        .flat_map(|(scheme, url)| proxy_properties(scheme, &url))
        .collect()
}

fn proxy_variable(scheme: &str) -> Option<String> {
    let name = format!("{scheme}_proxy");
    std::env::var(&name).or_else(|_| std::env::var(name.to_uppercase())).ok().filter(|value| !value.is_empty())
}

fn proxy_properties(scheme: &str, url: &str) -> Vec<String> {
    let place = url.split_once("://").map_or(url, |(_, place)| place).trim_end_matches('/');
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    match place.rsplit_once(':') {
        Some((host, port)) => vec![format!("-D{scheme}.proxyHost={host}"), format!("-D{scheme}.proxyPort={port}")],
        None => vec![format!("-D{scheme}.proxyHost={place}")],
    }
}

fn arguments(jars: &Path, folder: &Path) -> Vec<OsString> {
    let mut args: Vec<OsString> =
        ["-Xms128m", "-Xmx512m", "-XX:+UseG1GC", "-XX:TieredStopAtLevel=1"].map(OsString::from).to_vec();
    args.push(format!("-Dlog4j2.configurationFile={}", folder.join("log4j2.properties").display()).into());
    args.extend(["-cp".into(), jars.into(), "kafka.Kafka".into(), folder.join("server.properties").into()]);
    args
}

/// Written at every start, since the clone may have moved and the ports may have changed.
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
log.dirs={data}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
min.insync.replicas=1
log.index.size.max.bytes=1048576
",
        data = folder.join("data").display()
    );
    fs::write(folder.join("server.properties"), properties).context("writing Kafka's configuration")?;
    fs::write(folder.join("log4j2.properties"), LOGGING).context("writing Kafka's log configuration")
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

/// Whether a broker on this port answers ApiVersions. It listens long before that.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let limit = Duration::from_secs(2);
        let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), limit)?;
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
    fn proxies_are_handed_on_in_mavens_way() {
        assert_eq!(
            proxy_properties("https", "http://user:pass@proxy.example:3128/"),
            ["-Dhttps.proxyHost=proxy.example", "-Dhttps.proxyPort=3128"]
        );
        assert_eq!(proxy_properties("http", "proxy.example"), ["-Dhttp.proxyHost=proxy.example"]);
    }

    #[test]
    fn a_listener_that_says_nothing_is_no_broker() {
        let stranger = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        assert!(!answers(stranger.local_addr().unwrap().port()));
    }
}
