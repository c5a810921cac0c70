//! Credentials are derived, never stored: a lost secret is made again, equal.
//!
//! Two steps of HKDF-SHA256 (RFC 5869), purpose first, so that a function can be handed the key of its own purpose and
//! learns nothing of the others:
//!
//! ```text
//! K_p        = HKDF(root, info = ("threadly/v1", purpose))
//! credential = HKDF(K_p,  info = (name, generation))
//! ```
//!
//! Every part of an info is preceded by its length (u32, big endian), so no two lists of parts encode alike; numbers are
//! u32, big endian. A change of this encoding is a new version string, since it changes every password in the field.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use hkdf::Hkdf;
use sha2::Sha256;

/// Length of every key here, in bytes.
pub const KEY_LENGTH: usize = 32;

const VERSION: &[u8] = b"threadly/v1";

/// What a key is for. The labels are part of the derivation: never rename one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The login of `auth`, which alone reads password hashes.
    PostgresAuth,
    /// The login of all other functions.
    PostgresFunctions,
    /// The clock's word to functions.
    Tick,
    /// The key of the object store that `threadly` embeds.
    Buckets,
    /// Tells a root key from another.
    KeyCheck,
    /// The users of Kafka that workspaces have of their own.
    Kafka,
    /// Keys that sign access tokens; derived from the signing root only.
    TokenSigning,
}

impl Purpose {
    /// The label that stands in the derivation.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::PostgresAuth => "postgres-auth",
            Self::PostgresFunctions => "postgres-functions",
            Self::Tick => "tick",
            Self::Buckets => "buckets",
            Self::KeyCheck => "key-check",
            Self::Kafka => "kafka",
            Self::TokenSigning => "token-signing",
        }
    }
}

/// The two fleet logins of Postgres. Their least grants stand in the migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoginRole {
    /// `threadly_auth`
    Auth,
    /// `threadly_functions`
    Functions,
}

impl LoginRole {
    /// Both, in the order in which they are made.
    pub const ALL: [Self; 2] = [Self::Auth, Self::Functions];

    /// The role's name in Postgres.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auth => "threadly_auth",
            Self::Functions => "threadly_functions",
        }
    }

    /// The purpose whose key yields this role's password.
    #[must_use]
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::Auth => Purpose::PostgresAuth,
            Self::Functions => Purpose::PostgresFunctions,
        }
    }
}

/// Why key material was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// A root key has exactly [`KEY_LENGTH`] bytes.
    #[error("a root key has {KEY_LENGTH} bytes, this one has {0}")]
    RootKeyLength(usize),
}

/// An installation's root secret; the operator's alone. A second, independent one signs tokens.
#[derive(Clone)]
pub struct RootKey([u8; KEY_LENGTH]);

impl RootKey {
    /// Wraps bytes that came from a cryptographic random source.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; KEY_LENGTH]) -> Self {
        Self(bytes)
    }

    /// The key of one purpose, to be handed to the function that serves it.
    #[must_use]
    pub fn purpose(&self, purpose: Purpose) -> PurposeKey {
        PurposeKey(expand(&self.0, &[VERSION, purpose.label().as_bytes()]))
    }

    /// The seed of a token-signing key of this generation, when this is the signing root. One step, since nobody is ever
    /// handed a part of it.
    #[must_use]
    pub fn token_signing_seed(&self, generation: u32) -> Secret {
        let purpose = Purpose::TokenSigning.label().as_bytes();
        Secret(expand(&self.0, &[VERSION, purpose, &generation.to_be_bytes()]))
    }
}

impl TryFrom<&[u8]> for RootKey {
    type Error = CredentialError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self).map_err(|_| CredentialError::RootKeyLength(bytes.len()))
    }
}

/// The key of one purpose: yields that purpose's credentials and no other.
#[derive(Clone)]
pub struct PurposeKey([u8; KEY_LENGTH]);

impl PurposeKey {
    /// Wraps bytes handed over by the operator.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; KEY_LENGTH]) -> Self {
        Self(bytes)
    }

    /// The bytes, to be handed to the function that serves this purpose.
    #[must_use]
    pub const fn expose(&self) -> &[u8; KEY_LENGTH] {
        &self.0
    }

    /// The credential called `name` (a role, or a workspace's id) of a generation; a higher generation rotates it.
    #[must_use]
    pub fn derive(&self, name: &str, generation: u32) -> Secret {
        Secret(expand(&self.0, &[name.as_bytes(), &generation.to_be_bytes()]))
    }

    /// The password of a fleet login, from the key of [`LoginRole::purpose`].
    #[must_use]
    pub fn login_password(&self, role: LoginRole, generation: u32) -> String {
        self.derive(role.name(), generation).to_text()
    }
}

/// A derived credential. Ask for its content by name; it does not print.
#[derive(Clone)]
pub struct Secret([u8; KEY_LENGTH]);

impl Secret {
    /// The raw bytes, for use as a key or a seed.
    #[must_use]
    pub const fn expose(&self) -> &[u8; KEY_LENGTH] {
        &self.0
    }

    /// As text that is safe in a URL and in SQL: base64url without padding, 43 characters.
    #[must_use]
    pub fn to_text(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }
}

fn expand(key: &[u8; KEY_LENGTH], parts: &[&[u8]]) -> [u8; KEY_LENGTH] {
    let lengths: Vec<[u8; 4]> =
        parts.iter().map(|part| u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes()).collect();
    let info: Vec<&[u8]> = lengths.iter().zip(parts).flat_map(|(length, part)| [length.as_slice(), part]).collect();
    let mut output = [0; KEY_LENGTH];
    // The only error is an output above 255 hashes; ours is one hash.
    let expanded = Hkdf::<Sha256>::new(None, key).expand_multi_info(&info, &mut output);
    debug_assert!(expanded.is_ok());
    output
}

macro_rules! never_print {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}
never_print!(RootKey, PurposeKey, Secret);

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use data_encoding::HEXLOWER;

    use super::*;

    fn root() -> RootKey {
        RootKey::from_bytes(std::array::from_fn(|index| u8::try_from(index).unwrap()))
    }

    #[test]
    fn derivation_matches_the_vectors_that_every_release_must_keep() {
        let key = root().purpose(Purpose::PostgresFunctions);
        assert_eq!(HEXLOWER.encode(&key.0), "598d018dfae7742bdeb2e8a9c0863ee2ebdef9a4d92b80ef189fd9921a05d07f");
        assert_eq!(
            HEXLOWER.encode(key.derive("threadly_functions", 1).expose()),
            "860fa00348d4739a2c7cd31f5be4a57d3cb2d5fbd92afc29cfa673bc1b5c9af5"
        );
        assert_eq!(
            HEXLOWER.encode(root().token_signing_seed(1).expose()),
            "56743dad21a22287d00a6298cab44b394992ea519a3e774ec968435daf762e42"
        );
    }

    #[test]
    fn every_input_changes_the_credential() {
        let other = RootKey::from_bytes([7; KEY_LENGTH]);
        let mut seen = HashSet::new();
        for root in [root(), other] {
            for purpose in [Purpose::PostgresAuth, Purpose::PostgresFunctions, Purpose::TokenSigning] {
                for name in ["a", "ab", ""] {
                    for generation in [0, 1, 256] {
                        assert!(seen.insert(*root.purpose(purpose).derive(name, generation).expose()));
                    }
                }
            }
        }
    }

    #[test]
    fn parts_that_join_to_the_same_text_encode_differently() {
        let key = [1; KEY_LENGTH];
        assert_ne!(expand(&key, &[b"ab", b"c"]), expand(&key, &[b"a", b"bc"]));
        assert_ne!(expand(&key, &[b"abc"]), expand(&key, &[b"abc", b""]));
    }

    #[test]
    fn debug_prints_no_secret() {
        let secret = root().purpose(Purpose::PostgresAuth).derive("x", 1);
        assert_eq!(
            format!("{:?} {:?} {secret:?}", root(), PurposeKey::from_bytes([9; 32])),
            "RootKey(…) PurposeKey(…) Secret(…)"
        );
    }

    #[test]
    fn a_root_key_of_another_length_is_refused() {
        assert_eq!(RootKey::try_from([0u8; 31].as_slice()).unwrap_err(), CredentialError::RootKeyLength(31));
    }
}
