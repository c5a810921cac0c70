//! An SMTP server of a test's own, which keeps what it is sent.

use std::{ffi::OsString, fs, path::PathBuf, time::Duration};

use anyhow::Context;
use mail_parser::{Address, HeaderName, MessageParser, PartType};
use nix::sys::signal::Signal;
use tempfile::TempDir;
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

use super::{START_LIMIT, free_port, program, server::Server, tls::Identity, words};
use crate::wait;

/// One question to the server.
const ASK: Duration = Duration::from_secs(2);
/// For a letter that was handed over to lie in the mailbox, or one that is still to be sent.
const ARRIVES: Duration = Duration::from_secs(20);

/// The header in which the sink keeps what RCPT said.
const SAID_TO: &str = "X-RcptTo";

/// A letter as a mail program shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Whom it was delivered to, as SMTP said.
    pub to: Vec<String>,
    /// The address in `From`.
    pub from: String,
    /// Decoded.
    pub subject: String,
    /// All headers in their order, undecoded, without their folding's line breaks.
    pub headers: Vec<(String, String)>,
    /// The first part of plain text.
    pub text: String,
    /// The first part of HTML.
    pub html: String,
}

impl Letter {
    /// The first header of that name, undecoded.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The first link with this in it, from the text.
    #[must_use]
    pub fn link(&self, part: &str) -> Option<&str> {
        self.text.split_whitespace().find(|word| word.starts_with("http") && word.contains(part))
    }
}

/// How a sink wants to be spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protection {
    None,
    StartTls,
    Wrapped,
}

/// aiosmtpd with an empty mailbox; it ends when this is dropped.
pub struct SmtpSink {
    server: Server,
    port: u16,
    mailbox: PathBuf,
    protection: Protection,
    folder: TempDir,
}

impl SmtpSink {
    /// Starts one on a free port, without TLS.
    ///
    /// # Errors
    /// It does not start; shows its last words.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_as(Protection::None).await
    }

    /// Starts one that takes letters after STARTTLS only; see [`Self::authority`].
    ///
    /// # Errors
    /// It does not start; shows its last words.
    pub async fn start_with_starttls() -> anyhow::Result<Self> {
        Self::start_as(Protection::StartTls).await
    }

    /// Starts one that speaks TLS from the first byte; see [`Self::authority`].
    ///
    /// # Errors
    /// It does not start; shows its last words.
    pub async fn start_with_tls() -> anyhow::Result<Self> {
        Self::start_as(Protection::Wrapped).await
    }

    async fn start_as(protection: Protection) -> anyhow::Result<Self> {
        let python = program("THREADLY_TEST_AIOSMTPD")?;
        let folder = TempDir::with_prefix("threadly-smtp-")?;
        let (mailbox, port) = (folder.path().join("mailbox"), free_port().await?);
        // The command dies with the test.
        let mut command: Vec<OsString> = words("setpriv --pdeathsig KILL").collect();
        command.push(python);
        command.extend(words(&format!("-m aiosmtpd --nosetuid --smtputf8 --listen 127.0.0.1:{port}")));
        if protection != Protection::None {
            let identity = Identity::make()?;
            let option = if protection == Protection::Wrapped { "smtps" } else { "tls" };
            for (name, pem) in [("cert", &identity.certificate), ("key", &identity.key)] {
                let file = folder.path().join(format!("{name}.pem"));
                fs::write(&file, pem)?;
                command.extend([format!("--{option}{name}").into(), file.into()]);
            }
            fs::write(folder.path().join("authority.pem"), identity.authority)?;
        }
        command.extend(words("--class aiosmtpd.handlers.Mailbox"));
        command.push(mailbox.clone().into());
        let log = folder.path().join("log");
        let server = Server::new("aiosmtpd", command, log, false, Signal::SIGTERM);
        let mut sink = Self { server, port, mailbox, protection, folder };
        sink.restart().await?;
        Ok(sink)
    }

    /// `smtp://127.0.0.1:port`, `smtp://…?tls=required` or `smtps://…`.
    #[must_use]
    pub fn url(&self) -> String {
        let place = format!("127.0.0.1:{}", self.port);
        match self.protection {
            Protection::None => format!("smtp://{place}"),
            Protection::StartTls => format!("smtp://{place}?tls=required"),
            Protection::Wrapped => format!("smtps://{place}"),
        }
    }

    /// The file with the certificate of the authority that it is trusted by, if it speaks TLS.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// Kills it; what it has taken stays.
    ///
    /// # Errors
    /// It does not run.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.server.kill().await
    }

    /// Starts it again with the mailbox and the port it had.
    ///
    /// # Errors
    /// It runs, or does not start.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.server.start()?;
        let (port, wrapped) = (self.port, self.protection == Protection::Wrapped);
        self.server
            .answers(START_LIMIT, async || matches!(timeout(ASK, answers(port, wrapped)).await, Ok(Ok(true))))
            .await
    }

    /// The letters to an address so far, in no order that means anything.
    ///
    /// # Errors
    /// The mailbox holds something else.
    pub fn letters_so_far(&self, to: &str) -> anyhow::Result<Vec<Letter>> {
        let Ok(entries) = fs::read_dir(self.mailbox.join("new")) else { return Ok(Vec::new()) };
        let mut letters = Vec::new();
        for entry in entries {
            let letter = read(&fs::read(entry?.path())?)?;
            if letter.to.iter().any(|known| known.eq_ignore_ascii_case(to)) {
                letters.push(letter);
            }
        }
        Ok(letters)
    }

    /// The letters to an address, once there are at least `count`.
    ///
    /// # Errors
    /// So many don't arrive.
    pub async fn letters(&self, to: &str, count: usize) -> anyhow::Result<Vec<Letter>> {
        let what = format!("{count} letters to {to}");
        wait::until(&what, ARRIVES, async || match self.letters_so_far(to) {
            Ok(letters) if letters.len() < count => None,
            letters => Some(letters),
        })
        .await?
    }

    /// The one letter to an address, once it is there.
    ///
    /// # Errors
    /// None arrives, or there are several.
    pub async fn letter(&self, to: &str) -> anyhow::Result<Letter> {
        let mut letters = self.letters(to, 1).await?;
        anyhow::ensure!(letters.len() == 1, "{} letters to {to}", letters.len());
        letters.pop().context("there was one")
    }
}

async fn answers(port: u16, wrapped: bool) -> anyhow::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    // Under TLS the client speaks first.
    let mut greeting = [0; 3];
    Ok(wrapped || stream.read_exact(&mut greeting).await? == 3 && &greeting == b"220")
}

fn read(bytes: &[u8]) -> anyhow::Result<Letter> {
    let parser = MessageParser::new().with_minimal_headers().with_mime_headers().header_text(SAID_TO);
    let message = parser.parse(bytes).context("this is no message")?;
    let headers = message.headers_raw().map(|(name, value)| (name.to_owned(), unfolded(value))).collect::<Vec<_>>();
    // The last is the sink's own.
    let to =
        message.headers().iter().rfind(|header| header.name() == SAID_TO).and_then(|header| header.value.as_text());
    let from = message.header(HeaderName::From).and_then(|value| value.as_address()).and_then(Address::first);
    let part = |pick: fn(&PartType<'_>) -> Option<String>| message.parts.iter().find_map(|part| pick(&part.body));
    let text = part(|part| if let PartType::Text(text) = part { Some(text.to_string()) } else { None });
    let html = part(|part| if let PartType::Html(html) = part { Some(html.to_string()) } else { None });
    Ok(Letter {
        to: to.context("to whom was it delivered?")?.split(", ").map(str::to_owned).collect(),
        from: from.and_then(|from| from.address()).unwrap_or_default().to_owned(),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: text.unwrap_or_default().replace("\r\n", "\n"),
        html: html.unwrap_or_default().replace("\r\n", "\n"),
        headers,
    })
}

fn unfolded(value: &str) -> String {
    value.replace(['\r', '\n'], "").trim().to_owned()
}
