//! The names that manifests ask for, claimed when they are judged.

use std::collections::HashMap;

use domain::WorkspaceId;

use super::Controller;
use crate::{
    OperatorError,
    hosts::{self, store},
    registry::Placed,
};

impl Controller {
    /// Claims what manifests ask for, and gives back what they ask for no more. One that is refused or paused keeps what it
    /// has.
    ///
    /// # Errors
    /// Another operator leads, or the control database is away.
    pub(super) async fn claim_hosts(&mut self, rows: &[Placed]) -> Result<(), OperatorError> {
        let ids: HashMap<&str, &WorkspaceId> =
            rows.iter().map(|placed| (placed.place.as_str(), &placed.row.id)).collect();
        let speaking = self.snapshot.manifests.iter().zip(&self.refusals);
        let speaking = speaking.filter(|(manifest, refusal)| refusal.is_none() && !manifest.spec.paused);
        let asked: Vec<(&WorkspaceId, &[String])> = speaking
            .filter_map(|(manifest, _)| Some((*ids.get(manifest.place().as_str())?, manifest.spec.hosts.as_slice())))
            .collect();
        let names: Vec<String> =
            self.snapshot.manifests.iter().flat_map(|manifest| manifest.spec.hosts.iter().cloned()).collect();
        let mut claims = store::claims(&self.registry, &self.term.source, &names).await?;
        let (given_back, claimed) = hosts::changes(&claims, &asked);
        if !given_back.is_empty() {
            store::give_back(&self.registry, &self.term, &given_back).await?;
        }
        if !claimed.is_empty() {
            store::claim(&self.registry, &self.term, &claimed).await?;
        }
        if !given_back.is_empty() || !claimed.is_empty() {
            claims = store::claims(&self.registry, &self.term.source, &names).await?;
        }
        self.hosts = claims;
        Ok(())
    }

    /// Whether a workspace, now that it is registered, asks for a name that nobody has yet.
    pub(super) fn lacks_a_host(&self, place: &str) -> bool {
        let manifest = self.snapshot.manifests.iter().find(|manifest| manifest.place() == place);
        manifest.is_some_and(|manifest| manifest.spec.hosts.iter().any(|host| !self.hosts.contains_key(host)))
    }
}
