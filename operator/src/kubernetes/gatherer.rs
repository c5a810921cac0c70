//! Makes snapshots and offers of the objects.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    classes::Classes,
    namespaces::Namespaces,
    objects::{self, Manifests, Objects},
};
use crate::{offers::Offers, pace::Pace, source::Snapshot};

/// Changes that come together are one snapshot.
const GATHER: Duration = Duration::from_millis(20);
/// Until a namespace that is not known is looked for again.
const RETRY: Duration = Duration::from_secs(1);

/// Makes snapshots and offers of the objects.
pub struct Gatherer {
    /// To the backends of classes.
    pub ways: Classes,
    pub workspaces: Objects,
    pub classes: Objects,
    pub namespaces: Namespaces,
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
            for objects in [&self.workspaces, &self.classes] {
                if objects.wait_until_ready().await.is_err() {
                    return;
                }
            }
            if !self.namespaces.wait_until_ready().await {
                return;
            }
            let (mut pace, mut begun_to_tell) = (Pace::new(GATHER), false);
            let (mut changed, mut unsure) = (true, false);
            loop {
                let (found, again) = Box::pin(self.ways.offers(&self.classes)).await;
                self.offers.send_if_modified(|current| {
                    let news = !current.is_same(&found);
                    *current = found;
                    news
                });
                if changed || unsure {
                    let begun = Instant::now();
                    let snapshot = objects::snapshot(&self.workspaces, &mut self.manifests);
                    let asked = Instant::now();
                    let told = self.namespaces.learn(&snapshot.objects).await;
                    // Waiting is no work.
                    let begun = begun + asked.elapsed();
                    // Without an answer nobody's namespace is another one: at first nothing is said then, and later nothing of
                    // those that are new.
                    begun_to_tell |= told;
                    unsure = !(begun_to_tell && self.publish(snapshot) && told);
                    pace.looked(begun);
                    self.rewrite.notify_one();
                }
                let again = if unsure { again.min(Instant::now() + RETRY) } else { again };
                self.rewrite_classes.notify_one();
                changed = tokio::select! {
                    () = self.changed.notified() => {
                        sleep_until(pace.next()).await;
                        true
                    }
                    () = self.looked.notified() => {
                        // It tells just before it ends.
                        sleep(GATHER).await;
                        false
                    }
                    () = sleep_until(again) => false,
                };
            }
        };
        shutdown.run_until_cancelled(gathered).await;
    }

    /// Whether the namespace of each object is known.
    fn publish(&self, snapshot: Snapshot) -> bool {
        let namespaces = self.namespaces.known();
        let whole = namespaces.len() == snapshot.objects.len();
        let snapshot = Snapshot { namespaces: Some(namespaces), ..snapshot };
        self.snapshots.send_if_modified(|current| {
            let news = current.as_ref() != Some(&snapshot);
            *current = Some(snapshot);
            news
        });
        whole
    }
}
