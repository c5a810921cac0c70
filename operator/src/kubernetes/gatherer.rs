//! Makes snapshots and offers of the objects.

use std::{sync::Arc, time::Duration};

use kube::{ResourceExt as _, api::DynamicObject};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    classes::Classes,
    objects::{self, Manifests, Objects},
};
use crate::{
    offers::Offers,
    pace::Pace,
    source::{Namespace, Snapshot},
};

/// Changes that come together are one snapshot.
const GATHER: Duration = Duration::from_millis(20);

/// Makes snapshots and offers of the objects.
pub struct Gatherer {
    /// To the backends of classes.
    pub ways: Classes,
    pub workspaces: Objects,
    pub classes: Objects,
    pub namespaces: Objects,
    /// Some object has changed.
    pub changed: Arc<Notify>,
    /// A class was looked after.
    pub looked: Arc<Notify>,
    /// Statuses are to be compared again: somebody may have written one by hand.
    pub rewrite: Arc<Notify>,
    /// The same of classes.
    pub rewrite_classes: Arc<Notify>,
    pub manifests: Manifests,
    pub offers: watch::Sender<Offers>,
    pub snapshots: watch::Sender<Option<Snapshot>>,
}

impl Gatherer {
    pub async fn run(mut self, shutdown: CancellationToken) {
        let gathered = async {
            // Until all are listed, nothing may be taken for absent.
            for objects in [&self.workspaces, &self.classes, &self.namespaces] {
                if objects.wait_until_ready().await.is_err() {
                    return;
                }
            }
            let (mut pace, mut changed) = (Pace::new(GATHER), true);
            loop {
                let (found, again) = Box::pin(self.ways.offers(&self.classes)).await;
                self.offers.send_if_modified(|current| {
                    let news = !current.is_same(&found);
                    *current = found;
                    news
                });
                if changed {
                    let begun = Instant::now();
                    self.publish();
                    pace.looked(begun);
                    self.rewrite.notify_one();
                }
                self.rewrite_classes.notify_one();
                changed = tokio::select! {
                    () = self.changed.notified() => {
                        sleep_until(pace.next()).await;
                        true
                    }
                    () = self.looked.notified() => false,
                    () = sleep_until(again) => false,
                };
            }
        };
        shutdown.run_until_cancelled(gathered).await;
    }

    fn publish(&mut self) {
        let known = |object: &Arc<DynamicObject>| {
            let (uid, labels) = (object.uid().unwrap_or_default(), object.labels().clone());
            (object.name_any(), Namespace { uid, labels })
        };
        let namespaces = self.namespaces.state().iter().map(known).collect();
        let snapshot =
            Snapshot { namespaces: Some(namespaces), ..objects::snapshot(&self.workspaces, &mut self.manifests) };
        self.snapshots.send_if_modified(|current| {
            let news = current.as_ref() != Some(&snapshot);
            *current = Some(snapshot);
            news
        });
    }
}
