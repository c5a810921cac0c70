//! Servers that the user gave by URL. Nothing is installed or started for them, and nothing of theirs is ever removed.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::interrupt::Interrupt;
use crate::paths::{self, StateDir};
use crate::{kafka, postgres};

pub const POSTGRES: &str = "THREADLY_POSTGRES_URL";
pub const KAFKA: &str = "THREADLY_KAFKA";
pub const S3: &str = "THREADLY_S3_URL";
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// What the environment says. None of it is given to the tests' own servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    pub postgres: Option<String>,
    /// Bootstrap servers, comma separated.
    pub kafka: Option<String>,
    pub s3: Option<String>,
}

/// Where given servers are, without their passwords: kept so that `status`, `down` and `reset` can name them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Places {
    pub postgres: Option<String>,
    pub kafka: Option<String>,
    pub buckets: Option<String>,
}

impl Given {
    pub fn by_environment() -> Self {
        let value = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        Self { postgres: value(POSTGRES), kafka: value(KAFKA), s3: value(S3) }
    }

    pub fn places(&self) -> Places {
        Places {
            postgres: self.postgres.as_deref().map(|url| place_of(url, 5432)),
            kafka: self.kafka.clone(),
            buckets: self.s3.as_deref().map(|url| place_of(url, if url.starts_with("https:") { 443 } else { 80 })),
        }
    }

    /// Waits until the given servers answer, or says which one doesn't.
    pub fn wait_ready(&self, interrupt: &Interrupt) -> Result<()> {
        let places = self.places();
        if let Some(place) = &places.postgres {
            wait(postgres::NAME, place, POSTGRES, interrupt, || connects(place))?;
        }
        if let Some(place) = &places.kafka {
            let one_answers = || place.split(',').any(|server| kafka::answers(server.trim()));
            wait(kafka::NAME, place, KAFKA, interrupt, one_answers)?;
        }
        if let Some(place) = &places.buckets {
            wait("buckets", place, S3, interrupt, || connects(place))?;
        }
        Ok(())
    }
}

impl Places {
    pub fn read(state: &StateDir) -> Self {
        let text = std::fs::read_to_string(state.given()).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub fn write(&self, state: &StateDir) -> Result<()> {
        paths::write_private(&state.given(), &serde_json::to_string(self)?)
    }

    /// Name and place of each.
    pub fn all(&self) -> Vec<(&'static str, &str)> {
        [(postgres::NAME, &self.postgres), (kafka::NAME, &self.kafka), ("buckets", &self.buckets)]
            .into_iter()
            .filter_map(|(name, place)| Some((name, place.as_deref()?)))
            .collect()
    }
}

fn wait(name: &str, place: &str, variable: &str, interrupt: &Interrupt, answers: impl Fn() -> bool) -> Result<()> {
    let start = Instant::now();
    while !answers() {
        if start.elapsed() > ANSWERS_WITHIN {
            bail!(
                "{name} at {place} does not answer. Next: start it, correct {variable}, or unset {variable} and \
                 `cargo xtask up` starts one of its own"
            );
        }
        interrupt.pause()?;
    }
    crate::screen::say!("  {name:<9} given, answers at {place}");
    Ok(())
}

/// Host and port of a URL.
fn place_of(url: &str, port: u16) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let has_port = place.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|sign| sign.is_ascii_digit()));
    if has_port { place.to_owned() } else { format!("{place}:{port}") }
}

fn connects(place: &str) -> bool {
    let Ok(mut addresses) = place.to_socket_addrs() else { return false };
    addresses.any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_never_shows_the_password() {
        let given = Given {
            postgres: Some("postgres://ops:s%40cret@db.example:6543/postgres?sslmode=require".into()),
            kafka: Some("one.example:9092,two.example:9092".into()),
            s3: Some("https://s3.example/".into()),
        };
        let places = given.places();
        assert_eq!(
            places.all(),
            [
                ("postgres", "db.example:6543"),
                ("kafka", "one.example:9092,two.example:9092"),
                ("buckets", "s3.example:443")
            ]
        );
        assert!(!serde_json::to_string(&places).unwrap().contains("cret"));
    }

    #[test]
    fn a_place_has_the_usual_port_if_the_url_names_none() {
        assert_eq!(place_of("postgres://localhost/x", 5432), "localhost:5432");
        assert_eq!(place_of("postgres://u:p@[::1]/x", 5432), "[::1]:5432");
        assert_eq!(place_of("http://[::1]:9000", 80), "[::1]:9000");
    }

    #[test]
    fn what_earlier_versions_or_a_crash_left_counts_as_nothing_given() {
        assert_eq!(serde_json::from_str::<Places>("{").unwrap_or_default(), Places::default());
        assert_eq!(serde_json::from_str::<Places>("{\"kafka\":\"x:1\"}").unwrap().kafka.as_deref(), Some("x:1"));
    }
}
