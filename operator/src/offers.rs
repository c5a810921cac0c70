//! What workspaces may ask for: classes, each with the way to its backends.

use std::collections::BTreeMap;

use crate::{
    Control,
    admission::Refusal,
    backend_watch::{Pins, Sight},
    class::Class,
};

/// A class's backends are being connected for the first time.
pub const CLASS_PREPARING: &str = "ClassPreparing";

/// The classes, by name.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    /// Each with its way to the backends.
    pub classes: BTreeMap<String, Offer>,
    /// The one that is meant where none is named.
    pub default: Option<String>,
    /// By class: so many workspaces without a manifest a person has said are meant to go.
    pub allowed: BTreeMap<String, usize>,
    /// By class: so many retained workspaces a person has said are meant to be purged at once.
    pub purges: BTreeMap<String, usize>,
    /// By class: what is known of its backends, for its status.
    pub known: BTreeMap<String, Known>,
}

/// What is known of a class's backends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The generation of the class that the offer was made from.
    pub generation: Option<i64>,
    /// What it says; none if that was never readable.
    pub class: Option<Class>,
    /// Who they are.
    pub pins: Pins,
    /// What the last look found; none if nobody could look.
    pub sight: Option<Sight>,
}

/// One class.
#[derive(Clone, Debug)]
pub enum Offer {
    /// Its backends are prepared.
    Open(Box<Control>),
    /// It is there, and its backends can't be used now. Workspaces that have it go on.
    Closed {
        /// Stable, for statuses.
        reason: &'static str,
        /// A plain sentence.
        message: String,
    },
}

impl Offers {
    /// One class, which is the default.
    #[must_use]
    pub fn single(control: Control) -> Self {
        let name = control.class().name.clone();
        let classes = BTreeMap::from([(name.clone(), Offer::Open(Box::new(control)))]);
        Self { classes, default: Some(name), ..Self::default() }
    }

    /// Whether nothing has changed for anybody: connections that are kept are the same.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let same = |(left, right): ((&String, &Offer), (&String, &Offer))| {
            left.0 == right.0
                && match (left.1, right.1) {
                    (Offer::Open(left), Offer::Open(right)) => left.is_same(right),
                    (
                        Offer::Closed { reason, message },
                        Offer::Closed { reason: other_reason, message: other_message },
                    ) => reason == other_reason && message == other_message,
                    _ => false,
                }
        };
        let says = |offers: &Self| -> Vec<_> {
            offers.known.iter().map(|(name, known)| (name.clone(), known.class.clone())).collect()
        };
        self.default == other.default
            && says(self) == says(other)
            && self.allowed == other.allowed
            && self.purges == other.purges
            && self.classes.len() == other.classes.len()
            && self.classes.iter().zip(&other.classes).all(same)
    }

    /// What a class says, also while its backends can't be used.
    #[must_use]
    pub fn class(&self, name: &str) -> Option<&Class> {
        match self.classes.get(name)? {
            Offer::Open(control) => Some(control.class()),
            Offer::Closed { .. } => self.known.get(name)?.class.as_ref(),
        }
    }

    /// The class of a workspace that asks for `asked`, and is bound to `bound` if it is registered.
    ///
    /// # Errors
    /// There is no such class, or its backends can't be used now.
    pub fn find(&self, asked: Option<&str>, bound: Option<&str>) -> Result<&Control, Refusal> {
        let refused = |reason, message| Err(Refusal { reason, field: "spec.className", message });
        let Some(name) = asked.or(bound).or(self.default.as_deref()) else {
            return refused("ClassMissing", "it names no class, and none is the default".to_owned());
        };
        match self.classes.get(name) {
            Some(Offer::Open(control)) => Ok(control),
            Some(Offer::Closed { reason, message }) => refused(reason, format!("class {name:?}: {message}")),
            None => refused("ClassMissing", format!("there is no class {name:?} here")),
        }
    }
}
