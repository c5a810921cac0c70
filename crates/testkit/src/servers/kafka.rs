//! A Kafka broker of a test's own.

mod secured;

use std::{env, ffi::OsString, fs, path::Path, time::Duration};

use anyhow::bail;
use data_encoding::BASE64URL_NOPAD;
use event_log::{Security, admin::TopicAdmin};
use nix::sys::signal::Signal;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use self::secured::Secured;
use super::{
    START_LIMIT, STOP_LIMIT, TOOL_LIMIT, disk::Disk, free_port, log_tail, program, server, server::Server, words,
};

/// For the topics of a few workspaces, and not much more.
const MEGABYTES: u32 = 96;
/// One question to the broker.
const ASK: Duration = Duration::from_secs(2);

const LOGGING: &str = "\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
";

/// A broker with fresh data, its own controller; it ends when this is dropped.
pub struct OwnKafka {
    server: Server,
    port: u16,
    /// Where it listens for those who come over another port, which it tells them to come back to.
    behind: Option<u16>,
    disk: Disk,
    secured: Option<Secured>,
    cluster_id: String,
    _folder: TempDir,
}

impl OwnKafka {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// It does not start; shows its last words.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_as(None, None).await
    }

    /// Starts one that has a second listener, and sends all who come to that to a port of somebody else's (a
    /// [`Proxy`](super::proxy::Proxy)'s), which leads to [`Self::behind`].
    ///
    /// # Errors
    /// It does not start; shows its last words.
    pub async fn start_behind(advertised: u16) -> anyhow::Result<Self> {
        Self::start_as(None, Some(advertised)).await
    }

    /// Starts one that speaks SASL_SSL only, with a certificate and an authority of its own, and lets nobody but its admin
    /// do anything that was not allowed explicitly.
    ///
    /// # Errors
    /// It does not start; shows its last words.
    pub async fn start_secured() -> anyhow::Result<Self> {
        Self::start_as(Some(Secured::make()?), None).await
    }

    async fn start_as(secured: Option<Secured>, advertised: Option<u16>) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("threadly-kafka-")?;
        let disk = Disk::mount(folder.path().join("disk"), MEGABYTES).await?;
        let (port, controller) = (free_port().await?, free_port().await?);
        let properties = folder.path().join("server.properties");
        let listener = match &secured {
            None => PLAIN.to_owned(),
            Some(secured) => secured.settings(folder.path())?,
        };
        let protocol = secured.as_ref().map_or("PLAINTEXT", |_| "SASL_SSL");
        let behind = if advertised.is_some() { Some(free_port().await?) } else { None };
        let listeners = listeners(protocol, port, behind.zip(advertised));
        fs::write(&properties, settings(protocol, &listeners, controller, &disk.folder.join("data")) + &listener)?;
        let logging = folder.path().join("log4j2.properties");
        fs::write(&logging, LOGGING)?;

        let mut java = disk.wrapper();
        java.push(env::var_os("THREADLY_TEST_JAVA").unwrap_or_else(|| "java".into()));
        java.extend(words("-Xms128m -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData"));
        java.push(format!("-Dlog4j2.configurationFile={}", logging.display()).into());
        java.extend(["-cp".into(), Path::new(&program("THREADLY_TEST_KAFKA_LIBS")?).join("*").into_os_string()]);
        let with = |arguments: &str| -> Vec<OsString> {
            java.iter().cloned().chain(words(arguments)).chain([properties.clone().into()]).collect()
        };
        // An id that begins with '-' would look like an option.
        let cluster = BASE64URL_NOPAD.encode(&[&[0], &rand::random::<[u8; 15]>()[..]].concat());
        let log = folder.path().join("log");
        let admin = secured.as_ref().map(Secured::admin_argument).unwrap_or_default();
        let format = with(&format!("kafka.tools.StorageTool format -t {cluster} {admin} -c"));
        server::run(&format, &log, TOOL_LIMIT).await?;
        let server = Server::new("Kafka", with("kafka.Kafka"), log, false, Signal::SIGTERM);
        let mut kafka = Self { server, port, behind, disk, secured, cluster_id: cluster, _folder: folder };
        kafka.restart().await?;
        Ok(kafka)
    }

    /// `host:port`.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its second listener, if it was started with one.
    #[must_use]
    pub const fn behind(&self) -> Option<u16> {
        self.behind
    }

    /// How its admin connects.
    #[must_use]
    pub fn security(&self) -> Security {
        self.secured.as_ref().map(Secured::security).unwrap_or_default()
    }

    /// What the cluster was called when it was made.
    #[must_use]
    pub fn cluster_id(&self) -> &str {
        &self.cluster_id
    }

    /// Kills it.
    ///
    /// # Errors
    /// It does not run.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.server.kill().await
    }

    /// Starts it again with the data and the ports it had.
    ///
    /// # Errors
    /// It runs, or does not start.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.server.start()?;
        let port = self.port;
        if self.secured.is_none() {
            let plain = async || matches!(timeout(ASK, answers(port)).await, Ok(Ok(true)));
            return self.server.answers(START_LIMIT, plain).await;
        }
        let admin = TopicAdmin::connect(&self.bootstrap(), &self.security())?;
        self.server.answers(START_LIMIT, async || matches!(timeout(ASK, admin.cluster_id()).await, Ok(Ok(_)))).await
    }

    /// Stops it where it is; connections stay open.
    ///
    /// # Errors
    /// It does not run.
    pub fn freeze(&mut self) -> anyhow::Result<()> {
        self.server.freeze().map(drop)
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// It does not run.
    pub fn thaw(&mut self) -> anyhow::Result<()> {
        self.server.thaw()
    }

    /// Leaves no space on its disk. A broker whose only folder can't be written to ends itself.
    ///
    /// # Errors
    /// It has no disk of its own here.
    pub async fn fill_disk(&mut self) -> anyhow::Result<()> {
        self.disk.fill().await
    }

    /// Gives the space back.
    ///
    /// # Errors
    /// Nothing was taken.
    pub fn free_disk(&mut self) -> anyhow::Result<()> {
        self.disk.free()
    }

    /// Why its disk can't be filled on this machine, if so.
    #[must_use]
    pub fn no_disk(&self) -> Option<&str> {
        self.disk.no_limit()
    }

    /// Whether it runs, frozen or not.
    ///
    /// # Errors
    /// The kernel's.
    pub fn is_running(&mut self) -> anyhow::Result<bool> {
        self.server.is_running()
    }

    /// The end of its log.
    #[must_use]
    pub fn last_words(&self) -> String {
        self.server.last_words()
    }

    /// Ends it cleanly.
    ///
    /// # Errors
    /// It does not end.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.server.stop(STOP_LIMIT).await
    }

    /// Takes at least the last `records` records of a partition away, whole batches, as if a machine had lost what its
    /// disk did not have yet. Answers where the log ends now. Only while the broker does not run.
    ///
    /// # Errors
    /// It runs, or the newest segment holds fewer records.
    pub fn lose_tail(&mut self, topic: &str, partition: u32, records: usize) -> anyhow::Result<i64> {
        if self.server.is_running()? {
            bail!("a running broker's files are its own");
        }
        let end = log_tail::cut(&self.disk.path(&format!("data/{topic}-{partition}")), records)?;
        // Without this mark the broker looks at every batch before it starts, as after any crash.
        let clean = self.disk.path("data/.kafka_cleanshutdown");
        if clean.exists() {
            fs::remove_file(clean)?;
        }
        Ok(end)
    }
}

const PLAIN: &str = "\
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,BEHIND:PLAINTEXT,CONTROLLER:PLAINTEXT
";

/// The listeners for clients, and what is told of them. `behind` is a port, and the one that its clients are sent to.
fn listeners(protocol: &str, port: u16, behind: Option<(u16, u16)>) -> (String, String) {
    let own = format!("{protocol}://127.0.0.1:{port}");
    match behind {
        Some((behind, advertised)) => {
            (format!("{own},BEHIND://127.0.0.1:{behind}"), format!("{own},BEHIND://127.0.0.1:{advertised}"))
        }
        None => (own.clone(), own),
    }
}

fn settings(protocol: &str, (listeners, advertised): &(String, String), controller: u16, data: &Path) -> String {
    format!(
        "\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners={listeners},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={advertised}
controller.listener.names=CONTROLLER
inter.broker.listener.name={protocol}
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
        data = data.display()
    )
}

/// Whether a broker on this port answers `ApiVersions`. It listens long before that.
async fn answers(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    // length, API key 18, version 0, correlation id, client id of length -1 (none)
    stream.write_all(&[0, 0, 0, 10, 0, 18, 0, 0, 0x74, 0x68, 0x72, 0x64, 0xff, 0xff]).await?;
    let mut head = [0_u8; 10];
    stream.read_exact(&mut head).await?;
    // length, the same correlation id, error code 0
    Ok(head[4..] == [0x74, 0x68, 0x72, 0x64, 0, 0])
}
