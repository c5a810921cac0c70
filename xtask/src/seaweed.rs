//! The tests' S3 server: SeaweedFS, all of its parts in one process.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use nix::sys::signal::Signal;

use crate::interrupt::Interrupt;
use crate::paths::{self, StateDir};
use crate::ports::Ports;
use crate::process::{Lifetime, Process, Spec};

pub const NAME: &str = "seaweed";
pub const STOP_SIGNAL: Signal = Signal::SIGTERM;
pub const STOP_WITHIN: Duration = Duration::from_secs(20);
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Unless each is named, it takes fixed ones that another clone may have.
const PORTS: [&str; 10] = [
    "s3.port",
    "s3.port.grpc",
    "admin.port",
    "admin.port.grpc",
    "master.port",
    "master.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "volume.port",
    "volume.port.grpc",
];

/// A started server, not necessarily ready yet.
#[derive(Debug)]
pub struct Seaweed {
    pub process: Process,
    pub port: u16,
    pub access_key: String,
    pub secret_key: String,
}

impl Seaweed {
    /// Starts the server with no data.
    pub fn begin(weed: PathBuf, state: &StateDir, ports: &mut Ports) -> Result<Self> {
        let folder = state.seaweed();
        paths::remove_folder(&folder)?;
        paths::private_folder(&folder)?;
        let (access_key, secret_key) = (paths::random_hex::<10>()?, paths::random_hex::<20>()?);
        let mut args = vec!["mini".to_owned(), format!("-dir={}", folder.display())];
        args.extend(
            ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false", "-webdav=false", "-admin.ui=false"]
                .map(str::to_owned),
        );
        args.extend(["-s3.iam.readOnly=false", "-s3.port.iceberg=0", "-s3.port.lance=0"].map(str::to_owned));
        // Each bucket takes volumes of its own: by the free disk alone they run out after some dozens of workspaces.
        args.extend(["-volume.max=100000", "-master.volumeSizeLimitMB=64"].map(str::to_owned));
        for name in PORTS {
            args.push(format!("-{name}={}", ports.claim(&format!("{NAME}-{name}"), None)?));
        }
        ports.save(&state.ports())?;
        let spec = Spec {
            name: NAME,
            program: weed,
            args: args.into_iter().map(Into::into).collect(),
            env: vec![
                ("AWS_ACCESS_KEY_ID".to_owned(), access_key.clone().into()),
                ("AWS_SECRET_ACCESS_KEY".to_owned(), secret_key.clone().into()),
                // It would read its settings from below the home, too.
                ("HOME".to_owned(), folder.clone().into()),
            ],
            cwd: folder,
            log: state.log(NAME),
            record: state.record(NAME),
            wrapper: Vec::new(),
            stop_signal: STOP_SIGNAL,
            stop_within: STOP_WITHIN,
        };
        let port = ports.get(&format!("{NAME}-{}", PORTS[0])).unwrap_or_default();
        Ok(Self { process: spec.start(Lifetime::WithParent)?, port, access_key, secret_key })
    }

    pub fn wait_ready(&mut self, interrupt: &Interrupt) -> Result<()> {
        let start = Instant::now();
        while !healthy(self.port) {
            self.process.check()?;
            if start.elapsed() > READY_WITHIN {
                bail!("SeaweedFS does not answer after {} s: {}", READY_WITHIN.as_secs(), self.process.log.display());
            }
            interrupt.pause()?;
        }
        Ok(())
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

fn healthy(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let limit = Duration::from_secs(2);
        let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), limit)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut head = [0_u8; 12];
        stream.read_exact(&mut head)?;
        Ok(&head == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_not_ready_yet_is_not_healthy() {
        let stranger = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = stranger.local_addr().unwrap().port();
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = stranger.accept().unwrap();
            stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap();
        });
        assert!(!healthy(port));
        answering.join().unwrap();
        assert!(!healthy(port));
    }
}
