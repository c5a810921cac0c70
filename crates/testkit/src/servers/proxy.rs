//! A way to a server that can be spoilt, so that somebody meets a server that refuses, says nothing, or answers by halves.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tokio_util::sync::{CancellationToken, DropGuard};

/// What is read at a time.
const CHUNK: usize = 16 * 1024;

/// How a way is spoilt, from the moment on that it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Connections are closed as they come, and so are those that are there.
    Refuses,
    /// Connections are taken, and nothing passes on them, nor on those that are there, either way. They stay so when the
    /// fault is over.
    Hangs,
    /// Each connection is closed after so many bytes of answers.
    Cuts(Half),
    /// Each connection hangs after so many bytes of answers, and stays so when the fault is over.
    FallsSilent(Half),
}

/// How much of a server's answers passes: a little more on each connection, so that each step is hit in its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Half {
    /// Bytes on the first connection.
    pub first: usize,
    /// So many more on each after it.
    pub growing: usize,
}

/// A port that leads to another one. It ends when this is dropped, and all its connections with it.
pub struct Proxy {
    address: SocketAddr,
    target: watch::Sender<Option<SocketAddr>>,
    fault: watch::Sender<Option<Fault>>,
    spoilt: Arc<AtomicUsize>,
    _end: DropGuard,
}

impl Proxy {
    /// Listens on a free port; who connects waits until it is said where that leads.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let ((target, targets), (fault, faults)) = (watch::channel(None), watch::channel(None));
        let spoilt = Arc::new(AtomicUsize::new(0));
        let way = Way { targets, faults, spoilt: spoilt.clone() };
        let end = CancellationToken::new();
        tokio::spawn(end.clone().run_until_cancelled_owned(accept(listener, way)));
        Ok(Self { address, target, fault, spoilt, _end: end.drop_guard() })
    }

    /// A way to a port that is there.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn to(target: SocketAddr) -> io::Result<Self> {
        let proxy = Self::start().await?;
        proxy.lead_to(target);
        Ok(proxy)
    }

    /// Says where it leads.
    pub fn lead_to(&self, target: SocketAddr) {
        self.target.send_replace(Some(target));
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Spoils it, or ends that with `None`.
    pub fn spoil(&self, fault: Option<Fault>) {
        self.spoilt.store(0, Ordering::Relaxed);
        self.fault.send_replace(fault);
    }

    /// Connections that met the present fault.
    #[must_use]
    pub fn spoilt(&self) -> usize {
        self.spoilt.load(Ordering::Relaxed)
    }
}

/// What each connection has to know.
#[derive(Clone)]
struct Way {
    targets: watch::Receiver<Option<SocketAddr>>,
    faults: watch::Receiver<Option<Fault>>,
    spoilt: Arc<AtomicUsize>,
}

async fn accept(listener: TcpListener, way: Way) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((client, _)) = accepted {
                    // A connection that breaks is what its two ends see.
                    connections.spawn(way.clone().serve(client));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// What becomes of a connection at a fault.
enum End {
    Closed,
    Silent,
}

impl Way {
    async fn serve(mut self, mut client: TcpStream) {
        match self.forward(&mut client).await {
            Ok(End::Silent) => swallow(client).await,
            Ok(End::Closed) | Err(_) => {}
        }
    }

    /// Passes everything on until an end closes, or a fault has its way.
    async fn forward(&mut self, client: &mut TcpStream) -> io::Result<End> {
        if let Some(end) = self.at_once() {
            return Ok(end);
        }
        let Some(target) = self.targets.wait_for(Option::is_some).await.ok().and_then(|target| *target) else {
            return Ok(End::Closed);
        };
        let mut server = TcpStream::connect(target).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (mut asked, mut answered) = (vec![0; CHUNK], vec![0; CHUNK]);
        // What may still pass, once a half answer is known to be this connection's.
        let mut left = None;
        loop {
            tokio::select! {
                // So that nothing passes once a fault is said.
                biased;
                changed = self.faults.changed() => {
                    if changed.is_err() {
                        return Ok(End::Closed);
                    }
                    left = None;
                    if let Some(end) = self.at_once() {
                        return Ok(end);
                    }
                }
                read = client.read(&mut asked) => match read? {
                    0 => return Ok(End::Closed),
                    count => server.write_all(&asked[..count]).await?,
                },
                read = server.read(&mut answered) => {
                    let count = read?;
                    let passes = left.get_or_insert_with(|| self.half()).as_mut();
                    match passes {
                        Some((passes, end)) if *passes <= count => {
                            client.write_all(&answered[..*passes]).await?;
                            return Ok(if *end { End::Closed } else { End::Silent });
                        }
                        Some((passes, _)) => *passes -= count,
                        None => {}
                    }
                    if count == 0 {
                        return Ok(End::Closed);
                    }
                    client.write_all(&answered[..count]).await?;
                }
            }
        }
    }

    /// A fault that waits for no answer.
    fn at_once(&mut self) -> Option<End> {
        let end = match *self.faults.borrow_and_update() {
            Some(Fault::Refuses) => End::Closed,
            Some(Fault::Hangs) => End::Silent,
            Some(Fault::Cuts(_) | Fault::FallsSilent(_)) | None => return None,
        };
        self.spoilt.fetch_add(1, Ordering::Relaxed);
        Some(end)
    }

    /// How much of the answers passes, and whether the connection is closed then.
    fn half(&self) -> Option<(usize, bool)> {
        let (half, closes) = match *self.faults.borrow() {
            Some(Fault::Cuts(half)) => (half, true),
            Some(Fault::FallsSilent(half)) => (half, false),
            Some(Fault::Refuses | Fault::Hangs) | None => return None,
        };
        let before = self.spoilt.fetch_add(1, Ordering::Relaxed);
        Some((half.first + half.growing * before, closes))
    }
}

/// Takes what comes and answers nothing, until the other end gives up.
async fn swallow(mut client: TcpStream) {
    let mut taken = vec![0; CHUNK];
    while !matches!(client.read(&mut taken).await, Ok(0) | Err(_)) {}
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);
    const MOMENT: Duration = Duration::from_millis(200);

    /// A server that answers each byte with ten.
    async fn server() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                tokio::spawn(async move {
                    while client.read_u8().await.is_ok() {
                        client.write_all(&[7; 10]).await.unwrap();
                    }
                });
            }
        });
        address
    }

    /// How much of ten bytes comes, until the connection ends.
    async fn ask(client: &mut TcpStream) -> usize {
        let _ = client.write_all(&[1]).await;
        let mut answer = Vec::new();
        while answer.len() < 10 {
            let read = timeout(LIMIT, client.read_buf(&mut answer)).await.expect("it neither answers nor ends");
            if matches!(read, Ok(0) | Err(_)) {
                break;
            }
        }
        answer.len()
    }

    /// Whether it stays open and no ten bytes come for a moment.
    async fn hangs(client: &mut TcpStream) -> bool {
        let mut answer = [0; 10];
        client.write_all(&[1]).await.is_ok() && timeout(MOMENT, client.read_exact(&mut answer)).await.is_err()
    }

    #[tokio::test]
    async fn each_fault_is_what_it_says_and_ends() {
        let proxy = Proxy::to(server().await).await.unwrap();
        let connect = async || TcpStream::connect(proxy.address()).await.unwrap();
        let mut old = connect().await;
        assert_eq!(ask(&mut old).await, 10);

        proxy.spoil(Some(Fault::Cuts(Half { first: 3, growing: 4 })));
        assert_eq!((ask(&mut old).await, ask(&mut connect().await).await), (3, 7));
        assert_eq!(proxy.spoilt(), 2);
        proxy.spoil(None);
        let (mut old, mut silent) = (connect().await, connect().await);
        assert_eq!((ask(&mut old).await, ask(&mut silent).await), (10, 10));

        proxy.spoil(Some(Fault::FallsSilent(Half { first: 2, growing: 0 })));
        assert!(hangs(&mut silent).await);
        proxy.spoil(Some(Fault::Hangs));
        assert!(hangs(&mut old).await && hangs(&mut connect().await).await);
        proxy.spoil(None);
        assert!(hangs(&mut old).await && hangs(&mut silent).await, "what hangs hangs");
        let mut old = connect().await;
        assert_eq!(ask(&mut old).await, 10);

        proxy.spoil(Some(Fault::Refuses));
        assert_eq!((ask(&mut old).await, ask(&mut connect().await).await), (0, 0));
    }
}
