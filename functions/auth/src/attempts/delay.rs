//! How long somebody waits who has failed before: decided here, from counts that somebody else has read.
//!
//! Three counts are kept: of a network, of an account, and of both together. Where a person has signed in before, only
//! what failed between that very network and their account slows them: so nothing that is done from elsewhere, however
//! often, keeps them out. From everywhere else all three count.

use std::time::Duration;

use data_encoding::HEXLOWER;
use domain::SessionId;
use sha2::{Digest, Sha256};

/// Failures that cost nothing: people mistype.
const FREE: u32 = 5;
/// Of a network as a whole, which may be an office.
const FREE_OF_NETWORK: u32 = 20;
/// Registrations of a network that find their address taken, or are under way at once.
const FREE_REGISTRATIONS: u32 = 100;
/// The longest wait. Longer ones would be a lock.
const LONGEST: Duration = Duration::from_secs(60);

/// What has failed under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    /// How often.
    pub(crate) failures: u32,
    /// Since the last time.
    pub(crate) since: Duration,
}

/// Something that failures are counted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// Its name in the table.
    pub(crate) name: String,
    /// Failures before the first wait; `None` if it is only counted.
    free: Option<u32>,
}

/// What somebody who has signed in is asked for. Each counts for itself: a right password forgives no wrong codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Password,
    Code,
}

/// What an attempt on an account counts by, the pair first. `known`: the account has signed in from this network.
pub(crate) fn keys(email: &str, network: &str, known: bool) -> Vec<Key> {
    let account = account(email);
    let counts = |free| Some(free).filter(|_| !known);
    let mut keys = vec![
        Key { name: format!("pair:{account}:{network}"), free: Some(FREE) },
        Key { name: format!("network:{network}"), free: counts(FREE_OF_NETWORK) },
    ];
    if !known {
        keys.push(Key { name: format!("account:{account}"), free: counts(FREE) });
    }
    keys
}

/// What a registration counts by whose address is taken. It slows nobody who signs in, and an office that registers at once
/// stays below.
pub(crate) fn keys_to_register(network: &str) -> Vec<Key> {
    vec![Key { name: format!("registrations:{network}"), free: Some(FREE_REGISTRATIONS) }]
}

/// What a letter is asked for. Each counts for itself: nobody uses up the letters that let somebody in by asking for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    SignUp,
    Verification,
    NewAddress,
    NewPassword,
}

/// How many letters may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Within this time and the like before it.
    pub(super) period: Duration,
    pub(super) to_address: i64,
    pub(super) from_network: i64,
}

impl Wish {
    const ALL: [Self; 4] = [Self::SignUp, Self::Verification, Self::NewAddress, Self::NewPassword];

    const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign-up",
            Self::Verification => "verification",
            Self::NewAddress => "new-address",
            Self::NewPassword => "new-password",
        }
    }

    /// A link for a new password works for an hour, and the quota is free again within half an hour: whoever uses it up
    /// leaves links in the mailbox that work until the next can be asked for.
    pub(super) const fn quota(self) -> Quota {
        match self {
            Self::NewPassword => Quota { period: Duration::from_mins(15), to_address: 3, from_network: 20 },
            _ => Quota { period: Duration::from_hours(1), to_address: 5, from_network: 20 },
        }
    }
}

/// What letters are counted by: the address, and who asks.
pub(crate) fn names_of_letters(wish: Wish, email: &str, network: &str) -> Vec<String> {
    let wish = wish.as_str();
    vec![format!("letters-to:{wish}:{}", account(email)), format!("letters-from:{wish}:{network}")]
}

/// How all keys begin that name an account, letters to it included.
pub(crate) fn beginnings_of_account(email: &str) -> Vec<String> {
    let account = account(email);
    let letters = Wish::ALL.map(|wish| format!("letters-to:{}", wish.as_str()));
    ["pair", "account"].map(str::to_owned).into_iter().chain(letters).map(|kind| format!("{kind}:{account}")).collect()
}

/// The digest of an address: what people type need not be kept.
fn account(email: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(email.to_lowercase()))
}

/// What somebody who has signed in counts by when asked for a proof once more. Whoever stole a session slows it alone.
pub(crate) fn keys_of_session(session: SessionId, proof: Proof) -> Vec<Key> {
    let proof = match proof {
        Proof::Password => "password",
        Proof::Code => "code",
    };
    vec![Key { name: format!("{proof}-of:{session}"), free: Some(FREE) }]
}

/// What wrong codes of the second factor count by that come with a right ticket. Nobody without a letter to the address
/// touches it, so nobody slows its reader.
pub(crate) fn keys_by_ticket(email: &str) -> Vec<Key> {
    vec![Key { name: format!("codes-by-ticket:{}", account(email)), free: Some(FREE) }]
}

/// What wrong tickets of a network count by. Right ones are never slowed.
pub(crate) fn keys_of_tickets(network: &str) -> Vec<Key> {
    vec![Key { name: format!("tickets:{network}"), free: Some(FREE_OF_NETWORK) }]
}

/// How long an attempt has to wait still; zero if it may be made now. `tally` tells what has failed under a key.
pub(crate) fn wait(keys: &[Key], tally: impl Fn(&str) -> Option<Tally>) -> Duration {
    let of_key = |key: &Key| Some(remaining(tally(&key.name)?, key.free?));
    keys.iter().filter_map(of_key).max().unwrap_or_default()
}

/// 1 s after `free` failures, doubled by each further one.
fn remaining(tally: Tally, free: u32) -> Duration {
    let Some(beyond) = tally.failures.checked_sub(free) else { return Duration::ZERO };
    let delay = Duration::from_secs(1_u64.checked_shl(beyond).unwrap_or(u64::MAX)).min(LONGEST);
    delay.saturating_sub(tally.since)
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, iter};

    use proptest::prelude::*;

    use super::*;

    const OWNER: &str = "ada@acme.example";
    const HOME: &str = "192.0.2.7";

    /// The table, and a clock in milliseconds.
    #[derive(Default)]
    struct Model {
        now: u64,
        rows: HashMap<String, (u32, u64)>,
    }

    impl Model {
        fn wait(&self, keys: &[Key]) -> Duration {
            wait(keys, |name| {
                let (failures, at) = *self.rows.get(name)?;
                Some(Tally { failures, since: Duration::from_millis(self.now - at) })
            })
        }

        /// Whether the attempt was let through; if so it fails.
        fn fail(&mut self, keys: &[Key]) -> bool {
            if !self.wait(keys).is_zero() {
                return false;
            }
            for key in keys {
                let (failures, at) = self.rows.entry(key.name.clone()).or_default();
                (*failures, *at) = (*failures + 1, self.now);
            }
            true
        }
    }

    #[test]
    fn the_sixth_attempt_waits_a_second_and_each_further_one_twice_as_long_up_to_a_minute() {
        let after = |failures, since| remaining(Tally { failures, since: Duration::from_secs(since) }, FREE).as_secs();
        let waits: Vec<u64> = (0..14).map(|failures| after(failures, 0)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!((after(u32::MAX, 0), after(u32::MAX, 59), after(u32::MAX, 60), after(5, 1)), (60, 1, 0, 0));
    }

    #[test]
    fn every_key_that_names_an_account_begins_as_its_keys_do() {
        let ours = |name: &str| beginnings_of_account("ADA@acme.example").iter().any(|begin| name.starts_with(begin));
        for known in [true, false] {
            let keys = keys(OWNER, HOME, known);
            let of_account = keys.iter().filter(|key| !key.name.starts_with("network:"));
            assert!(of_account.clone().count() > 0 && of_account.into_iter().all(|key| ours(&key.name)));
        }
        for wish in Wish::ALL {
            let letters = names_of_letters(wish, OWNER, HOME);
            assert_eq!(letters.iter().map(|name| ours(name)).collect::<Vec<_>>(), [true, false]);
        }
        assert!(!keys("eve@acme.example", HOME, false).iter().any(|key| ours(&key.name)));
    }

    #[test]
    fn strangers_share_the_accounts_count_and_whoever_was_here_before_does_not() {
        let mut model = Model::default();
        for network in ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4", "198.51.100.5"] {
            assert!(model.fail(&keys(OWNER, network, false)));
        }
        assert!(!model.fail(&keys(OWNER, HOME, false)));
        assert!(model.wait(&keys(OWNER, HOME, true)).is_zero());
        assert!(model.wait(&keys("bob@acme.example", HOME, false)).is_zero());
        assert_eq!(keys("ADA@acme.example", HOME, true), keys(OWNER, HOME, true));
    }

    #[test]
    fn an_hour_from_one_network_holds_few_attempts_whatever_accounts_they_are_on() {
        let mut model = Model::default();
        let mut made = 0;
        let someone = iter::successors(Some(0_u32), |one| Some(one + 1));
        for (one, now) in someone.zip((0..3_600_000).step_by(250)) {
            model.now = now;
            made += u32::from(model.fail(&keys(&format!("{one}@acme.example"), HOME, false)));
        }
        assert!((60..=90).contains(&made), "{made}");
    }

    proptest! {
        #[test]
        fn whatever_is_done_from_elsewhere_the_owner_signs_in_at_once_where_they_were_before_and_by_letter_everywhere(
            attack in prop::collection::vec((0_u64..100_000, 0_u8..4, prop::bool::ANY), 0..200)
        ) {
            let mut model = Model::default();
            for (pause, network, on_owner) in attack {
                model.now += pause;
                let whom = if on_owner { OWNER } else { "bob@acme.example" };
                model.fail(&keys(whom, &format!("198.51.100.{network}"), false));
                prop_assert!(model.wait(&keys(OWNER, HOME, true)).is_zero());
                prop_assert!(model.wait(&keys_by_ticket(OWNER)).is_zero());
            }
        }

        #[test]
        fn an_hour_on_one_account_from_networks_that_it_does_not_know_holds_few_attempts(
            attack in prop::collection::vec((0_u64..5_000, any::<u16>()), 0..1_500)
        ) {
            let (mut model, mut made) = (Model::default(), 0);
            for (pause, network) in attack {
                model.now += pause;
                if model.now > 3_600_000 {
                    break;
                }
                made += u32::from(model.fail(&keys(OWNER, &network.to_string(), false)));
            }
            prop_assert!(made <= 75, "{made}");
        }

        #[test]
        fn nobody_waits_longer_than_a_minute(failures: u32, since in 0_u64..100, free in 0_u32..30) {
            let tally = Tally { failures, since: Duration::from_secs(since) };
            prop_assert!(remaining(tally, free) <= LONGEST);
        }
    }
}
