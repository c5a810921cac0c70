//! Outside identity providers: tokens verified by the keys that an issuer publishes, and people who sign in there.
//!
//! [`Issuer`] is what a workspace says of one that it trusts. [`Issuers`] verifies their tokens (`verify`), and lets
//! people sign in by OpenID Connect (`begin`, `finish`). It keeps keys, asks each issuer seldom, and goes on with what it
//! has while one is away; [`Fetcher`] is what asks, and never anything in a private network. No database, no clock of its
//! own for what tokens say: the caller hands in the registry's.
//!
//! Begin reading at `verify.rs`; how keys are kept is in `kept.rs`.

mod addresses;
mod algorithm;
mod args;
mod discovery;
mod endpoint;
mod fetch;
mod identity;
mod kept;
mod keys;
mod refused;
mod settings;
mod sign_in;
mod sources;
mod token;
mod unavailable;
mod verify;

pub use addresses::is_global;
pub use algorithm::Algorithm;
pub use args::IssuersArgs;
pub use endpoint::{Endpoint, NotAnEndpoint};
pub use fetch::{FetchError, Fetcher, FetcherError};
pub use identity::Identity;
pub use refused::Refused;
pub use settings::{Admits, Client, Issuer, SettingsError};
pub use sign_in::{Begun, Returned, SignInError};
pub use sources::Issuers;
pub use token::unverified_issuer;
pub use unavailable::Unavailable;
pub use verify::SKEW_SECONDS;
