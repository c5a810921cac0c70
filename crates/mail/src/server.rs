//! Where an SMTP server is, and how it is spoken to.

use std::{fs, path::Path, time::Duration};

use lettre::transport::smtp::{
    authentication::Credentials,
    client::{Certificate, CertificateStore, TlsParameters},
    extension::ClientId,
};
use url::{Host, Url};

use crate::{MailArgs, MailSettingError, error::causes};

/// How a connection is protected.
pub(crate) enum Protection {
    /// Not at all.
    Plain,
    /// By STARTTLS if the server offers it.
    Opportunistic(TlsParameters),
    /// By STARTTLS or not at all.
    Required(TlsParameters),
    /// From the first byte.
    Wrapped(TlsParameters),
}

/// An SMTP server.
pub(crate) struct Server {
    pub host: String,
    pub port: u16,
    pub protection: Protection,
    pub credentials: Option<Credentials>,
    /// Who says hello.
    pub hello: ClientId,
    /// For TCP, TLS, the greetings and the password together.
    pub connect_limit: Duration,
    /// For one letter.
    pub send_limit: Duration,
}

impl Server {
    /// Reads the settings; `hello` is the name of who says hello where the URL has none.
    pub(crate) fn new(args: &MailArgs, url: &Url, hello: &str) -> Result<Self, MailSettingError> {
        let host = match url.host() {
            None => return Err(refused("it names no host")),
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
        };
        let tls = || tls(&host, args.smtp_ca.as_deref());
        let chosen = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let (protection, usual_port) = match (url.scheme(), chosen.as_deref()) {
            ("smtps", _) => (Protection::Wrapped(tls()?), 465),
            ("smtp", Some("required")) => (Protection::Required(tls()?), 587),
            ("smtp", Some("opportunistic")) => (Protection::Opportunistic(tls()?), 587),
            ("smtp", None) => (Protection::Plain, 25),
            ("smtp", Some(_)) => return Err(refused("tls is `required` or `opportunistic`")),
            _ => return Err(refused("it begins with smtps://, smtp:// or file:///")),
        };
        let hello = match url.path().trim_matches('/') {
            "" => hello.to_owned(),
            name => name.to_owned(),
        };
        if !hello.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'[' | b']' | b':')) {
            return Err(refused("its path is the name of a host"));
        }
        Ok(Self {
            port: url.port().unwrap_or(usual_port),
            protection,
            credentials: credentials(args, url)?,
            hello: ClientId::Domain(hello),
            connect_limit: Duration::from_secs(args.smtp_connect_seconds),
            send_limit: Duration::from_secs(args.smtp_send_seconds),
            host,
        })
    }
}

/// Of THREADLY_SMTP, whose value is not shown.
fn refused(why: &str) -> MailSettingError {
    MailSettingError::new(format!("THREADLY_SMTP can't be used: {why}"))
}

fn credentials(args: &MailArgs, url: &Url) -> Result<Option<Credentials>, MailSettingError> {
    let user = decoded(url.username())?;
    let password = match (url.password(), &args.smtp_password_file) {
        (Some(password), _) => decoded(password)?,
        (None, Some(file)) => {
            let text =
                fs::read_to_string(file).map_err(|error| unreadable("THREADLY_SMTP_PASSWORD_FILE", file, &error))?;
            text.trim_end_matches(['\r', '\n']).to_owned()
        }
        (None, None) if user.is_empty() => return Ok(None),
        (None, None) => return Err(refused("it names a user without a password")),
    };
    if user.is_empty() {
        Err(refused("it names no user for the password"))
    } else {
        Ok(Some(Credentials::new(user, password)))
    }
}

/// Undoes `%40` and the like.
fn decoded(text: &str) -> Result<String, MailSettingError> {
    // A form's decoder is the one at hand, and takes `+` for a space.
    let pair = format!("x={}", text.replace('+', "%2B"));
    let value = url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned());
    match value {
        Some(value) if !value.contains(char::REPLACEMENT_CHARACTER) => Ok(value),
        _ => Err(refused("its user or password is not UTF-8")),
    }
}

fn tls(host: &str, authority: Option<&Path>) -> Result<TlsParameters, MailSettingError> {
    let failed = |what: &str, why: &str| MailSettingError::new(format!("{what}: {why}"));
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(file) = authority {
        let pem = fs::read(file).map_err(|error| unreadable("THREADLY_SMTP_CA", file, &error))?;
        let certificate =
            Certificate::from_pem(&pem).map_err(|error| failed("THREADLY_SMTP_CA can't be used", &causes(&error)))?;
        if !String::from_utf8_lossy(&pem).contains("BEGIN CERTIFICATE") {
            return Err(failed("THREADLY_SMTP_CA can't be used", "it holds no certificate"));
        }
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(certificate);
    }
    builder.build_rustls().map_err(|error| failed("TLS for e-mail", &causes(&error)))
}

fn unreadable(name: &str, file: &Path, error: &std::io::Error) -> MailSettingError {
    MailSettingError::new(format!("{name}: reading {}: {error}", file.display()))
}
