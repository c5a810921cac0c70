//! Where a plan ends: what no step helps against, in words for a status.

use crds::annotations::ACCEPT_DATA_LOSS;

use crate::status::Part;

/// Why nothing can be done until a person, or another workspace, changes something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stall {
    /// The handle belongs to an older workspace.
    #[error("spec.handle: {handle} is taken by {holder}, which is older; choose another handle")]
    HandleTaken {
        /// The handle.
        handle: String,
        /// Who has it.
        holder: String,
    },
    /// A field that never changes has changed.
    #[error("{field}: it never changes; this workspace has {bound:?}, the manifest says {wanted:?}")]
    Immutable {
        /// Path of the field.
        field: &'static str,
        /// What the registry holds.
        bound: String,
        /// What the manifest says.
        wanted: String,
    },
    /// Something that was there is gone. It is not made anew: that would hide the loss.
    #[error(
        "{what} was there and is gone; it is not made anew, since that would hide the loss. If it can't be brought back, set \
         the annotation {ACCEPT_DATA_LOSS} to \"{epoch}\": then it is made anew, empty"
    )]
    DataMissing {
        /// The part that it belongs to.
        part: Part,
        /// What is gone.
        what: String,
        /// The epoch that it was of.
        epoch: u32,
    },
    /// A topic has another number of partitions than the registry says.
    #[error("the topic {topic} has {found} partitions instead of {expected}, and a number of partitions never changes")]
    TopicShape {
        /// Its name.
        topic: String,
        /// On the broker.
        found: u16,
        /// By the registry.
        expected: u16,
    },
    /// The database was migrated by a newer program.
    #[error("its database has schema {found}, this program knows {known}; use the newer program")]
    SchemaNewer {
        /// By the registry.
        found: i32,
        /// The newest that this program knows.
        known: i32,
    },
    /// `spec.restore` names a workspace whose data is with another class.
    #[error("spec.restore.retainedWorkspace: {id} is kept by class {class:?}; set spec.className to it")]
    RestoreElsewhere {
        /// The workspace.
        id: String,
        /// The class that has it.
        class: String,
    },
    /// `spec.restore` names no retained workspace.
    #[error("spec.restore.retainedWorkspace: there is no retained workspace {0}")]
    RestoreMissing(String),
}

impl Stall {
    /// Stable, for statuses.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::HandleTaken { .. } => "HandleTaken",
            Self::Immutable { .. } => "Immutable",
            Self::DataMissing { .. } => "DataMissing",
            Self::TopicShape { .. } => "TopicShape",
            Self::SchemaNewer { .. } => "SchemaNewer",
            Self::RestoreMissing(_) => "RestoreMissing",
            Self::RestoreElsewhere { .. } => "RestoreElsewhere",
        }
    }

    /// The part that it is about, where it is about one.
    #[must_use]
    pub const fn part(&self) -> Option<Part> {
        match self {
            Self::DataMissing { part, .. } => Some(*part),
            Self::TopicShape { .. } => Some(Part::Topics),
            Self::SchemaNewer { .. } => Some(Part::Schema),
            Self::HandleTaken { .. }
            | Self::Immutable { .. }
            | Self::RestoreMissing(_)
            | Self::RestoreElsewhere { .. } => None,
        }
    }
}
