//! How many workspaces the registry has.

pub(crate) mod store;

/// Of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// In service, or on their way there.
    pub active: u32,
    /// Out of service, with their data.
    pub retained: u32,
}
