//! An SMTP server that does what a test says: refuse, hang, cut.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// What it does at one step.
pub enum Act {
    /// Says this line or these lines.
    Say(&'static str),
    /// Says nothing any more, and keeps the connection.
    Hang,
    /// Closes the connection.
    Cut,
}

/// What was said on one connection.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// Without their CRLF.
    pub commands: Vec<String>,
    /// Undone of the dots that SMTP adds.
    pub messages: Vec<String>,
    /// Whether the client closed it.
    pub closed: bool,
}

type Script = dyn Fn(usize, &str) -> Option<Act> + Send + Sync;

/// The server; it ends when this is dropped.
pub struct Scripted {
    address: SocketAddr,
    conversations: Arc<Mutex<Vec<Conversation>>>,
    most_at_once: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Scripted {
    /// One that takes everything.
    pub async fn usual() -> anyhow::Result<Self> {
        Self::start(|_, _| None).await
    }

    /// `script` is asked at each step what to do: with the connection's number, from 0, and `CONNECT`, a command's
    /// word, or `.` for a whole message. None: as usual.
    pub async fn start(script: impl Fn(usize, &str) -> Option<Act> + Send + Sync + 'static) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let conversations = Arc::<Mutex<Vec<Conversation>>>::default();
        let (open, most_at_once) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let mut tasks = JoinSet::new();
        let (told, most, script) = (Arc::clone(&conversations), Arc::clone(&most_at_once), Arc::new(script));
        tasks.spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let number = {
                    let mut told = lock(&told);
                    told.push(Conversation::default());
                    told.len() - 1
                };
                most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let (told, open, script) = (Arc::clone(&told), Arc::clone(&open), Arc::clone(&script));
                clients.spawn(async move {
                    // The client may go at any time.
                    let _ = serve(stream, number, &*script, &told).await;
                    open.fetch_sub(1, Ordering::SeqCst);
                    lock(&told)[number].closed = true;
                });
            }
        });
        Ok(Self { address, conversations, most_at_once, _tasks: tasks })
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn conversations(&self) -> Vec<Conversation> {
        lock(&self.conversations).clone()
    }

    pub fn messages(&self) -> Vec<String> {
        self.conversations().into_iter().flat_map(|conversation| conversation.messages).collect()
    }

    pub fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }
}

fn lock(told: &Mutex<Vec<Conversation>>) -> MutexGuard<'_, Vec<Conversation>> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(
    stream: TcpStream,
    number: usize,
    script: &Script,
    told: &Mutex<Vec<Conversation>>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    let (mut step, mut message) = ("CONNECT".to_owned(), None::<String>);
    loop {
        match script(number, &step).unwrap_or_else(|| usual(&step)) {
            Act::Say(words) => write.write_all(format!("{words}\r\n").as_bytes()).await?,
            Act::Cut => return Ok(()),
            Act::Hang => {
                // Until the client goes.
                let mut rest = Vec::new();
                while read.read_until(b'\n', &mut rest).await? > 0 {}
                return Ok(());
            }
        }
        match step.as_str() {
            "QUIT" => return Ok(()),
            "DATA" => message = Some(String::new()),
            _ => {}
        }
        step = loop {
            let mut line = Vec::new();
            if read.read_until(b'\n', &mut line).await? == 0 {
                return Ok(());
            }
            let line = String::from_utf8_lossy(&line).into_owned();
            let Some(text) = &mut message else {
                let command = line.trim_end().to_owned();
                let word = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
                lock(told)[number].commands.push(command);
                break word;
            };
            if line == ".\r\n" {
                lock(told)[number].messages.extend(message.take());
                break ".".to_owned();
            }
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
        };
    }
}

fn usual(step: &str) -> Act {
    Act::Say(match step {
        "CONNECT" => "220 scripted.example",
        "EHLO" => "250-scripted.example\r\n250-8BITMIME\r\n250 AUTH PLAIN",
        "DATA" => "354 go on",
        "AUTH" => "235 welcome",
        "QUIT" => "221 bye",
        _ => "250 ok",
    })
}
