//! What a program is told about e-mail.

use std::{convert::Infallible, fmt, path::PathBuf, str::FromStr};

use clap::Args;

/// The settings of a program that sends e-mail.
#[derive(Clone, Debug, Args)]
pub struct MailArgs {
    /// Where e-mail goes: `smtps://user:password@host` (TLS from the start, port 465), `smtp://…?tls=required`
    /// (STARTTLS, port 587), `smtp://…?tls=opportunistic`, or `smtp://host` (no TLS, port 25; for a relay on the same
    /// machine). A path is the name that is said to the server. `file:///folder` writes each letter as an `.eml` file
    /// instead. Without it no e-mail is sent, and what needs one is refused.
    #[arg(long, env = "THREADLY_SMTP", hide_env_values = true)]
    pub smtp: Option<SmtpUrl>,
    /// A file with the password of `THREADLY_SMTP`'s user, where the URL has none.
    #[arg(long, env = "THREADLY_SMTP_PASSWORD_FILE")]
    pub smtp_password_file: Option<PathBuf>,
    /// A file with the certificates (PEM) of the authority that the SMTP server is trusted by; the system's authorities
    /// without one.
    #[arg(long, env = "THREADLY_SMTP_CA")]
    pub smtp_ca: Option<PathBuf>,
    /// The most seconds for reaching the SMTP server, TLS and its greeting included.
    #[arg(long, env = "THREADLY_SMTP_CONNECT_SECONDS", default_value_t = 10,
        value_parser = clap::value_parser!(u64).range(1..=300))]
    pub smtp_connect_seconds: u64,
    /// The most seconds for handing one letter over. A letter may arrive twice if the server takes it later than that.
    #[arg(long, env = "THREADLY_SMTP_SEND_SECONDS", default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(1..=600))]
    pub smtp_send_seconds: u64,
    /// Whom letters are from: `Threadly <threadly@example.com>`. Required with `THREADLY_SMTP`.
    #[arg(long, env = "THREADLY_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// Where links in letters lead: the web app's `https://chat.example.com`. Required with `THREADLY_SMTP`.
    #[arg(long, env = "THREADLY_MAIL_LINKS")]
    pub mail_links: Option<String>,
}

/// A URL that may hold a password, and so does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl(String);

impl SmtpUrl {
    /// The URL.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for SmtpUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpUrl(…)")
    }
}
