//! What a deletion will be judged by, kept in the rows: a manifest that is gone can't be asked any more.

use std::collections::HashMap;

use crds::WorkspaceManifest;

use super::Controller;
use crate::{
    OperatorError,
    admission::{self, Refusal},
    purge,
    registry::Placed,
};

impl Controller {
    /// Writes what the manifests say into their rows. That a workspace is paused, refused or without backends is no reason
    /// to judge its deletion by what was said before.
    ///
    /// # Errors
    /// Another operator leads, or the control database is away.
    pub(super) async fn record_policies(&self, rows: &mut [Placed]) -> Result<(), OperatorError> {
        let speaks = |refusal: &Option<Refusal>| !refusal.as_ref().is_some_and(Refusal::is_about_another);
        let speaking = self.snapshot.manifests.iter().zip(&self.refusals).filter(|(_, refusal)| speaks(refusal));
        let manifests: HashMap<String, &WorkspaceManifest> =
            speaking.map(|(manifest, _)| (manifest.place(), manifest)).collect();
        let mut changed = Vec::new();
        {
            let offers = self.offers.borrow();
            for Placed { place, row } in rows {
                let Some(manifest) = manifests.get(place) else { continue };
                match admission::purge_after_days(manifest, offers.class(&row.spec.class_name)) {
                    Some(days) if days != row.spec.purge_after_days => {
                        row.spec.purge_after_days = days;
                        changed.push((row.id.clone(), days));
                    }
                    _ => {}
                }
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        purge::store::record_policies(&self.registry, &self.term, &changed).await
    }
}
