//! The ports of this clone: kept between runs, replaced when somebody else has taken one.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::paths;

/// Below Linux' range for outgoing connections, which could take a port while its server is down.
const CANDIDATES: std::ops::Range<u16> = 20_000..32_000;

/// Port by name of its user, as in `ports.json`.
#[derive(Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Ports(BTreeMap<String, u16>);

impl Ports {
    /// Reads the file. One that is missing or damaged counts as empty: ports can be chosen anew.
    pub fn load(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub fn save(&self, path: &Path) -> Result<()> {
        paths::write_private(path, &format!("{}\n", serde_json::to_string_pretty(self)?))
    }

    pub fn get(&self, name: &str) -> Option<u16> {
        self.0.get(name).copied()
    }

    /// The port that `name` had if it is still free, else `wish`, else another free one.
    pub fn claim(&mut self, name: &str, wish: Option<u16>) -> Result<u16> {
        self.claim_where(name, wish, is_free)
    }

    fn claim_where(&mut self, name: &str, wish: Option<u16>, free: impl Fn(u16) -> bool) -> Result<u16> {
        let span = CANDIDATES.end - CANDIDATES.start;
        // A start that differs between clones, so that two first runs side by side rarely meet.
        let seed = std::process::id().wrapping_mul(2_654_435_761) ^ self.0.len() as u32;
        let first = (seed % u32::from(span)) as u16;
        let others =
            (0..span).map(|step| CANDIDATES.start + ((u32::from(first) + u32::from(step)) % u32::from(span)) as u16);
        let choice = self.get(name).into_iter().chain(wish).chain(others).find(|port| {
            let ours = self.0.iter().any(|(other, taken)| other != name && taken == port);
            !ours && free(*port)
        });
        let Some(port) = choice else { bail!("no free port between {} and {}", CANDIDATES.start, CANDIDATES.end) };
        self.0.insert(name.to_owned(), port);
        Ok(port)
    }
}

/// Whether a server could listen on this port of the loopback interface now.
fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_is_kept() {
        let mut ports = Ports::default();
        let first = ports.claim_where("kafka", None, |_| true).unwrap();
        assert_eq!(ports.claim_where("kafka", Some(8080), |_| true).unwrap(), first);
    }

    #[test]
    fn a_port_taken_by_a_stranger_is_replaced() {
        let mut ports = Ports::default();
        let first = ports.claim_where("kafka", None, |_| true).unwrap();
        let second = ports.claim_where("kafka", None, |port| port != first).unwrap();
        assert_ne!(second, first);
        assert_eq!(ports.get("kafka"), Some(second));
    }

    #[test]
    fn two_servers_never_share_a_port() {
        let mut ports = Ports::default();
        let postgres = ports.claim_where("postgres", Some(25_000), |_| true).unwrap();
        let kafka = ports.claim_where("kafka", Some(25_000), |_| true).unwrap();
        assert_eq!(postgres, 25_000);
        assert_ne!(kafka, postgres);
    }

    #[test]
    fn a_listener_makes_its_port_taken() {
        let stranger = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        assert!(!is_free(stranger.local_addr().unwrap().port()));
    }

    #[test]
    fn no_free_port_is_an_error() {
        assert!(Ports::default().claim_where("kafka", None, |_| false).is_err());
    }

    #[test]
    fn a_damaged_file_counts_as_empty() {
        assert_eq!(serde_json::from_str::<Ports>("{\"kafka\": 70000}").unwrap_or_default(), Ports::default());
        let kept: Ports = serde_json::from_str("{\"kafka\": 29092}").unwrap();
        assert_eq!(kept.get("kafka"), Some(29092));
    }
}
