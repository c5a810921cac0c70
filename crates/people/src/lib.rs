//! Letting people into a workspace, its channels and its teams, each with the events that tell of it. Everybody who lets
//! somebody in does it here: `auth` whoever signs up, `directory` whoever is added, every function whoever a trusted
//! issuer vouches for.

mod admission;
mod announce;
mod error;
mod identity;
mod invitation;
pub mod letters;
mod membership;
pub mod pictures;
mod store;
mod team;

pub use admission::{Admission, NewPerson, admit, check_name, readmit};
pub use announce::person_changed;
pub use error::PeopleError;
pub use identity::{Subject, admit_subject};
pub use invitation::{Invitation, Lock, accept, for_address, lock, take_back_invitations};
pub use letters::Letter;
pub use membership::{bring_in, let_in, take_out};
pub use team::{bring_into_team, let_into_team, take_out_of_team};
