//! The rules of a `RetainedWorkspace`.

use super::{Rule, label};
use crate::refusals as say;

/// Every rule of a `RetainedWorkspace`.
#[must_use]
pub fn retained_workspace() -> Vec<Rule> {
    // purgeAfter alone is absent here: a person may grant more time, or less.
    let unchanged = "self.workspaceId == oldSelf.workspaceId && self.className == oldSelf.className && \
                     self.handle == oldSelf.handle && self.displayName == oldSelf.displayName && \
                     self.formerPlace == oldSelf.formerPlace && self.retainedAt == oldSelf.retainedAt";
    vec![
        Rule::new("", "self.metadata.name == self.spec.workspaceId", say::RETAINED_NAME).of(".metadata.name"),
        Rule::new("spec", unchanged, say::RETAINED_CHANGES).forbidden(),
        Rule::matching("spec.workspaceId", "^[a-z2-7]{12}$", say::NOT_A_WORKSPACE_ID),
        label("spec.className"),
        label("spec.handle"),
        label("spec.formerPlace.namespace"),
        label("spec.formerPlace.name"),
    ]
}
