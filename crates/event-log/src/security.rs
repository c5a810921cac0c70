//! How a connection to Kafka is protected: encrypted, authenticated, both, or neither.

use std::{fmt, fs, path::PathBuf};

use clap::{Args, ValueEnum};
use rdkafka::ClientConfig;

/// How brokers are known to us, and we to them. The default is neither, which Kafka calls PLAINTEXT.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Security {
    /// Encrypted, with the broker's certificate and name checked.
    pub tls: Option<Tls>,
    /// Authenticated.
    pub login: Option<Login>,
}

/// Whose certificates are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The authority's certificates as PEM text; the system's authorities without one.
    pub ca: Option<String>,
}

/// A user, known by a password that is never sent (RFC 5802).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// How it is proved.
    pub mechanism: Mechanism,
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: Password,
}

/// Kafka's password mechanisms that are supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Mechanism {
    /// SCRAM over SHA-256.
    #[value(name = "SCRAM-SHA-256")]
    ScramSha256,
    /// SCRAM over SHA-512.
    #[value(name = "SCRAM-SHA-512")]
    ScramSha512,
}

impl Mechanism {
    /// Both.
    pub const ALL: [Self; 2] = [Self::ScramSha256, Self::ScramSha512];

    /// Kafka's name of it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

/// A password that does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Security {
    /// Which of Kafka's protocols it is.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        match (&self.tls, &self.login) {
            (None, None) => Protocol::Plaintext,
            (Some(_), None) => Protocol::Ssl,
            (None, Some(_)) => Protocol::SaslPlaintext,
            (Some(_), Some(_)) => Protocol::SaslSsl,
        }
    }

    /// What a client has to be told.
    pub(crate) fn configure(&self, client: &mut ClientConfig) {
        client.set("security.protocol", self.protocol().name());
        if let Some(ca) = self.tls.as_ref().and_then(|tls| tls.ca.as_ref()) {
            client.set("ssl.ca.pem", ca);
        }
        if let Some(login) = &self.login {
            client
                .set("sasl.mechanism", login.mechanism.name())
                .set("sasl.username", &login.user)
                .set("sasl.password", login.password.expose());
        }
    }
}

/// Kafka's security protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Protocol {
    /// Neither encrypted nor authenticated.
    #[value(name = "PLAINTEXT")]
    Plaintext,
    /// Encrypted.
    #[value(name = "SSL")]
    Ssl,
    /// Authenticated.
    #[value(name = "SASL_PLAINTEXT")]
    SaslPlaintext,
    /// Encrypted and authenticated.
    #[value(name = "SASL_SSL")]
    SaslSsl,
}

impl Protocol {
    /// Kafka's name of it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
        }
    }
}

/// A program's settings about it.
#[derive(Clone, Debug, Args)]
pub struct SecurityArgs {
    /// How connections to Kafka are protected.
    #[arg(long, env = "THREADLY_KAFKA_SECURITY", value_enum, default_value_t = Protocol::Plaintext)]
    pub kafka_security: Protocol,
    /// With `SASL_…`: how the password is proved.
    #[arg(long, env = "THREADLY_KAFKA_MECHANISM", value_enum, default_value_t = Mechanism::ScramSha512)]
    pub kafka_mechanism: Mechanism,
    /// With `SASL_…`: the user's name.
    #[arg(long, env = "THREADLY_KAFKA_USER")]
    pub kafka_user: Option<String>,
    /// With `SASL_…`: the user's password.
    #[arg(long, env = "THREADLY_KAFKA_PASSWORD", hide_env_values = true)]
    pub kafka_password: Option<Password>,
    /// With `…SSL`: a file with the certificates (PEM) of the authority that brokers are trusted by; the system's
    /// authorities without one.
    #[arg(long, env = "THREADLY_KAFKA_CA")]
    pub kafka_ca: Option<PathBuf>,
}

/// A setting about security that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SecurityError {
    /// SASL without a user.
    #[error("THREADLY_KAFKA_SECURITY={0} needs THREADLY_KAFKA_USER and THREADLY_KAFKA_PASSWORD")]
    NoUser(&'static str),
    /// The authority's file.
    #[error("THREADLY_KAFKA_CA: {path} can't be read: {source}")]
    Ca {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl SecurityArgs {
    /// What they say.
    ///
    /// # Errors
    /// A user or password is missing, or the authority's file can't be read.
    pub fn security(&self) -> Result<Security, SecurityError> {
        let protocol = self.kafka_security;
        let tls = match (protocol, &self.kafka_ca) {
            (Protocol::Plaintext | Protocol::SaslPlaintext, _) => None,
            (Protocol::Ssl | Protocol::SaslSsl, None) => Some(Tls { ca: None }),
            (Protocol::Ssl | Protocol::SaslSsl, Some(path)) => {
                let ca = fs::read_to_string(path);
                Some(Tls { ca: Some(ca.map_err(|source| SecurityError::Ca { path: path.clone(), source })?) })
            }
        };
        let login = match (protocol, self.kafka_user.clone(), self.kafka_password.clone()) {
            (Protocol::Plaintext | Protocol::Ssl, ..) => None,
            (_, Some(user), Some(password)) => Some(Login { mechanism: self.kafka_mechanism, user, password }),
            _ => return Err(SecurityError::NoUser(protocol.name())),
        };
        Ok(Security { tls, login })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(protocol: Protocol, user: Option<&str>) -> SecurityArgs {
        SecurityArgs {
            kafka_security: protocol,
            kafka_mechanism: Mechanism::ScramSha512,
            kafka_user: user.map(str::to_owned),
            kafka_password: user.map(|_| Password::new("hush")),
            kafka_ca: None,
        }
    }

    #[test]
    fn the_protocol_that_was_asked_for_is_the_one_that_is_used() {
        for protocol in [Protocol::Plaintext, Protocol::Ssl, Protocol::SaslPlaintext, Protocol::SaslSsl] {
            assert_eq!(args(protocol, Some("ana")).security().unwrap().protocol(), protocol);
        }
    }

    #[test]
    fn a_password_is_needed_and_never_printed() {
        assert!(matches!(args(Protocol::SaslSsl, None).security(), Err(SecurityError::NoUser("SASL_SSL"))));
        let printed = format!("{:?}", args(Protocol::SaslSsl, Some("ana")).security().unwrap());
        assert!(printed.contains("ana") && !printed.contains("hush"), "{printed}");
    }

    #[test]
    fn an_authority_that_can_not_be_read_is_named() {
        let missing = SecurityArgs { kafka_ca: Some("/no/such.pem".into()), ..args(Protocol::Ssl, None) };
        assert!(missing.security().unwrap_err().to_string().contains("/no/such.pem"));
        // Where nothing is encrypted, nobody reads it.
        let unused = SecurityArgs { kafka_security: Protocol::Plaintext, ..missing };
        assert_eq!(unused.security().unwrap(), Security::default());
    }
}
