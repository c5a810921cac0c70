//! Where a request comes from: the address that a trusted proxy tells, and what the device says that it is.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use ipnet::IpNet;

use crate::Services;

/// Set by proxies: the client first, then each proxy that the request came through (no standard, but what all speak).
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Of what the device says, in characters.
const MAX_DEVICE: usize = 200;

/// The other end of the connection; the host puts it beside each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The networks whose word on the client's address is taken. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// Of these networks.
    #[must_use]
    pub fn new(networks: &[IpNet]) -> Self {
        Self(networks.into())
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The last address that no trusted proxy vouches for as its own kind: what stands before it is anybody's text.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        let said = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = said.flat_map(|value| value.split(',')).map(str::trim).collect();
        for hop in hops.into_iter().rev() {
            if !self.trusts(client) {
                break;
            }
            let Ok(address) = hop.parse() else { break };
            client = address;
        }
        client
    }
}

/// Where a request comes from. Nothing of it proves anything; it is for people to recognise their devices by, and for
/// limits.
#[derive(Clone, Debug)]
pub struct Client {
    /// The client's address; unspecified where the host knows none.
    pub address: IpAddr,
    /// What the device says that it is, without what is not seen; may be empty.
    pub device: String,
}

impl Client {
    /// The address that limits go by: a network of IPv6 is one, since whoever has one has all its addresses.
    #[must_use]
    pub fn network(&self) -> String {
        network(self.address)
    }

    pub(crate) fn of(parts: &Parts, proxies: &TrustedProxies) -> Self {
        let peer = parts.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        let device = parts.headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let device = device.unwrap_or_default().chars().filter(|c| !c.is_control()).take(MAX_DEVICE).collect();
        Self { address: proxies.client(peer, &parts.headers).to_canonical(), device }
    }
}

/// See [`Client::network`].
pub(crate) fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Client
where
    Services: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts, &Services::from_ref(state).proxies))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let proxies = TrustedProxies::new(&["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_about_what_they_saw() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["192.0.2.66, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(client("::1", &["198.51.100.1", "10.0.0.2"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["nonsense"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn a_network_of_ipv6_is_one() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6".parse().unwrap()), network("2001:db8:1:2::9".parse().unwrap()));
        assert_ne!(network("192.0.2.1".parse().unwrap()), network("192.0.2.2".parse().unwrap()));
    }
}
