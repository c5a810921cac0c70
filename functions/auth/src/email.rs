//! E-mail addresses, as the domain has them.

pub(crate) use domain::Email;
pub use domain::InvalidEmail;
