//! People's sessions as they see them: which there are, and ending them.

pub(crate) mod end_one;
pub(crate) mod end_others;
pub(crate) mod list;
pub(crate) mod store;

use std::net::IpAddr;

use function_host::client::Client;

/// A device, and where it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) device: String,
    pub(crate) address: String,
}

/// Where somebody has been.
pub(crate) struct Places(pub(crate) Vec<Place>);

impl Places {
    /// Whether they were in the client's network.
    pub(crate) fn know_network(&self, client: &Client) -> bool {
        self.0.iter().any(|place| network(place).is_some_and(|known| known == client.network()))
    }

    /// Whether the client is a device that was never in its network, of somebody who has been here.
    pub(crate) fn are_new_to(&self, client: &Client) -> bool {
        let same = |place: &Place| place.device == client.device && network(place) == Some(client.network());
        !self.0.is_empty() && !self.0.iter().any(same)
    }
}

fn network(place: &Place) -> Option<String> {
    let address: IpAddr = place.address.parse().ok()?;
    Some(Client { address, device: String::new() }.network())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str, device: &str) -> Client {
        Client { address: address.parse().unwrap(), device: device.to_owned() }
    }

    #[test]
    fn a_network_is_known_whatever_the_device_and_a_device_is_new_in_another_network() {
        let place = |address: &str, device: &str| Place { device: device.to_owned(), address: address.to_owned() };
        let places = Places(vec![place("192.0.2.7", "Firefox"), place("2001:db8::1", "App"), place("", "Old")]);
        assert!(places.know_network(&client("192.0.2.7", "Chrome")));
        assert!(places.know_network(&client("2001:db8::ffff", "Chrome")));
        assert!(!places.know_network(&client("192.0.2.8", "Firefox")));
        assert!(!places.are_new_to(&client("192.0.2.7", "Firefox")));
        assert!(places.are_new_to(&client("192.0.2.7", "App")));
        assert!(places.are_new_to(&client("192.0.2.8", "Firefox")));
        assert!(!Places(Vec::new()).are_new_to(&client("192.0.2.7", "Firefox")));
    }
}
