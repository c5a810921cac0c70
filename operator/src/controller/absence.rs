//! Workspaces that nobody asks for any more.

use std::collections::{BTreeMap, HashMap};

use tokio::time::Instant;

use super::{Controller, figures};
use crate::{
    OperatorError,
    admission::{self, Registered},
    brake::{self, Census, Kind},
};

impl Controller {
    /// The places whose workspaces are to be taken out of service now.
    ///
    /// # Errors
    /// The control database is away.
    pub(super) async fn retired(
        &mut self,
        registered: &HashMap<String, Registered>,
    ) -> Result<Vec<String>, OperatorError> {
        let namespaces = self.snapshot.namespaces.as_ref();
        let unclaimed = admission::unclaimed(&self.snapshot.manifests, namespaces, registered);
        let absent = unclaimed.into_iter().filter(|place| self.snapshot.absence.is_certain(place)).cloned();
        let Some(brake) = &mut self.brake else { return Ok(absent.collect()) };
        let mut classes: BTreeMap<String, Census> = BTreeMap::new();
        for registered in registered.values() {
            classes.entry(registered.class.clone()).or_default().registered += 1;
        }
        for place in absent {
            let Some(class) = registered.get(&place).map(|registered| &registered.class) else { continue };
            classes.entry(class.clone()).or_default().absent.push(place);
        }
        {
            // Those without workspaces, too: a permit that is taken away is seen.
            let offers = self.offers.borrow();
            for class in offers.classes.keys() {
                classes.entry(class.clone()).or_default().allowed = Some(offers.allowed.get(class).copied());
            }
        }
        if self.kept.is_none() {
            let kept = brake::store::read(&self.registry, &self.term.source, Kind::Vanished).await?;
            brake.recall(kept.clone());
            self.kept = Some(kept);
        }
        let verdict = brake.judge(Instant::now(), &classes);
        self.settling = verdict.again;
        if verdict.held != *self.held.borrow() {
            for (class, count) in &verdict.held {
                tracing::error!(
                    class,
                    count,
                    "so many workspaces have vanished at once: they go on until a person allows it"
                );
            }
            figures::held(verdict.held.values().sum());
            self.held.send_replace(verdict.held);
        }
        let kept = brake.kept();
        if self.kept.as_ref() != Some(&kept) {
            brake::store::write(&self.registry, &self.term, Kind::Vanished, &kept).await?;
            self.kept = Some(kept);
        }
        Ok(verdict.retire)
    }
}
