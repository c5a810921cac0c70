//! Where manifests come from. A source hands over all that is wanted at once, never a difference, so that whatever was
//! missed while nobody looked is caught up.

pub mod directory;
mod memory;

use std::collections::{BTreeMap, HashMap, HashSet};

use crds::{ManifestError, WorkspaceManifest};

/// Everything that a source wants, as of one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Valid manifests, the oldest first. One whose file has become unreadable stays as it was.
    pub manifests: Vec<WorkspaceManifest>,
    /// What could not be read, and is told beside.
    pub errors: Vec<ManifestError>,
    /// What is readable and has no effect here: file and sentence.
    pub notes: Vec<Note>,
    /// Which absences count.
    pub absence: Absence,
    /// By place: which object the manifest is, and which generation of it, where the source counts them.
    pub objects: HashMap<String, Version>,
    /// The namespaces of objects, where the source has any.
    pub namespaces: Option<Namespaces>,
}

/// An object, and how often its manifest has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// Its identity: one that is deleted and made again is another.
    pub uid: String,
    /// Counted from 1.
    pub generation: i64,
}

/// The namespace of each object, by the object's place; one that is missing is not known for certain now.
pub type Namespaces = HashMap<String, Namespace>;

/// What counts of a namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespace {
    /// Its identity: one that is deleted and made again is another, and may be another tenant's.
    pub uid: String,
    /// What classes ask for.
    pub labels: BTreeMap<String, String>,
}

/// Something readable without effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The file's name.
    pub file: String,
    /// A name, where there is one.
    pub name: Option<String>,
    /// Stable, one word.
    pub reason: &'static str,
    /// A plain sentence.
    pub message: String,
}

/// Whether a place that no manifest names was removed by somebody, or may stand in a file that can't be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Absence {
    /// Places of documents that are there and faulty.
    pub faulty: HashSet<String>,
    /// Places that were seen in this run and then removed, while everything else stayed readable.
    pub gone: HashSet<String>,
    /// Some file has never been readable, so that nobody knows what it speaks of.
    pub blind: bool,
}

impl Absence {
    /// Whether a place without a manifest may be taken for removed.
    #[must_use]
    pub fn is_certain(&self, place: &str) -> bool {
        !self.faulty.contains(place) && (self.gone.contains(place) || !self.blind)
    }
}
