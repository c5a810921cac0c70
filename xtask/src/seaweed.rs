//! The tests' S3 server: SeaweedFS.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use nix::sys::signal::Signal;

use crate::interrupt::Interrupt;
use crate::paths::{self, StateDir};
use crate::ports::Ports;
use crate::process::{Lifetime, Process, Spec};

/// Master, volumes and filer in one process, and the S3 protocol in another. Their program for all in one can't be
/// told to go on when less than 1 % of the disk is free.
pub const NAMES: [&str; 2] = ["seaweed", "seaweed-s3"];
/// Nothing of the data is kept, and an orderly end takes it 15 s.
pub const STOP_SIGNAL: Signal = Signal::SIGKILL;
pub const STOP_WITHIN: Duration = Duration::from_secs(20);
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A started server, not necessarily ready yet.
#[derive(Debug)]
pub struct Seaweed {
    storage: Process,
    protocol: Process,
    port: u16,
    pub access_key: String,
    pub secret_key: String,
}

impl Seaweed {
    /// Starts the server with no data.
    pub fn begin(weed: &Path, state: &StateDir, ports: &mut Ports) -> Result<Self> {
        let folder = state.seaweed();
        paths::remove_folder(&folder)?;
        paths::private_folder(&folder)?;
        let (access_key, secret_key) = (paths::random_hex::<10>()?, paths::random_hex::<20>()?);
        // Unless each is named, it takes fixed ones that another clone may have.
        let mut claim = |name: &str| ports.claim(&format!("{}-{name}", NAMES[0]), None);
        let [master, volume, filer] = [
            ["master.port", "master.port.grpc"],
            ["volume.port", "volume.port.grpc"],
            ["filer.port", "filer.port.grpc"],
        ]
        .map(|names| -> Result<[u16; 2]> { Ok([claim(names[0])?, claim(names[1])?]) });
        let ([master, master_grpc], [volume, volume_grpc], [filer, filer_grpc]) = (master?, volume?, filer?);
        let (port, grpc) = (claim("s3.port")?, claim("s3.port.grpc")?);
        ports.save(&state.ports())?;

        let storage = [
            "server -filer -iam=false -ip=127.0.0.1 -ip.bind=127.0.0.1 -master.telemetry=false".to_owned(),
            // Each bucket takes volumes of its own: by the free disk alone they run out after some dozens of workspaces.
            "-volume.max=100000 -master.volumeSizeLimitMB=64 -volume.minFreeSpace=16MiB".to_owned(),
            format!("-master.port={master} -master.port.grpc={master_grpc}"),
            format!("-volume.port={volume} -volume.port.grpc={volume_grpc}"),
            format!("-filer.port={filer} -filer.port.grpc={filer_grpc}"),
        ];
        let protocol = [
            format!("s3 -filer=127.0.0.1:{filer}.{filer_grpc} -ip.bind=127.0.0.1 -port={port} -port.grpc={grpc}"),
            "-port.iceberg=0 -port.lance=0 -iam.readOnly=false".to_owned(),
        ];
        let spec = |name, words: &[String], more: Vec<OsString>| Spec {
            name,
            program: weed.to_path_buf(),
            args: words.iter().flat_map(|line| line.split(' ')).map(OsString::from).chain(more).collect(),
            env: vec![
                ("AWS_ACCESS_KEY_ID".to_owned(), access_key.clone().into()),
                ("AWS_SECRET_ACCESS_KEY".to_owned(), secret_key.clone().into()),
                // It would read its settings from below the home, too.
                ("HOME".to_owned(), folder.clone().into()),
            ],
            cwd: folder.clone(),
            log: state.log(name),
            record: state.record(name),
            wrapper: Vec::new(),
            stop_signal: STOP_SIGNAL,
            stop_within: STOP_WITHIN,
        };
        let mut data = OsString::from("-dir=");
        data.push(&folder);
        let storage = spec(NAMES[0], &storage, vec![data]).start(Lifetime::WithParent)?;
        let protocol = spec(NAMES[1], &protocol, Vec::new()).start(Lifetime::WithParent)?;
        Ok(Self { storage, protocol, port, access_key, secret_key })
    }

    pub fn wait_ready(&mut self, interrupt: &Interrupt) -> Result<()> {
        let start = Instant::now();
        while !healthy(self.port) {
            self.storage.check()?;
            self.protocol.check()?;
            if start.elapsed() > READY_WITHIN {
                bail!("SeaweedFS does not answer after {} s: {}", READY_WITHIN.as_secs(), self.storage.log.display());
            }
            interrupt.pause()?;
        }
        Ok(())
    }

    pub fn stop(&mut self) -> Result<()> {
        let protocol = self.protocol.stop();
        self.storage.stop()?;
        protocol
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
