//! Whether the cluster's CustomResourceDefinitions know everything that this version would write: the API server drops
//! what they don't, without a word.

use std::time::Duration;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{Api, Client, ResourceExt as _};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::{NotReady, Readiness};

const ANSWER: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_secs(2);

/// Waits until all are there, and none is older than this version's; says meanwhile what is missing.
pub async fn wait_until_current(client: &Client, readiness: &watch::Sender<Readiness>) {
    let definitions = Api::<CustomResourceDefinition>::all(client.clone());
    loop {
        match look(&definitions).await {
            Ok(()) => return,
            Err(why) => {
                let news = readiness.send_if_modified(|current| {
                    let news = current.as_ref() != Err(&why);
                    *current = Err(why.clone());
                    news
                });
                if news {
                    tracing::warn!(reason = why.reason, message = why.message, "waiting for the cluster's definitions");
                }
            }
        }
        sleep(RETRY).await;
    }
}

async fn look(definitions: &Api<CustomResourceDefinition>) -> Result<(), NotReady> {
    let not_ready = |reason, message| NotReady { reason, message };
    let ours = crds::generated::crds().map_err(|error| not_ready("DefinitionFaulty", error.to_string()))?;
    for own in ours {
        let name = own.name_any();
        let answer = timeout(ANSWER, definitions.get_opt(&name)).await;
        let found = answer
            .map_err(|_| not_ready("ClusterUnreachable", "the API server does not answer".to_owned()))?
            .map_err(|error| not_ready("ClusterUnreachable", error.to_string()))?
            .ok_or_else(|| {
                not_ready("DefinitionMissing", format!("the cluster has no {name}; install Threadly's CRDs"))
            })?;
        if let Some(field) = crds::generated::missing_field(&own, &found) {
            let message = format!("the cluster's {name} does not know {field}: it is older than this operator");
            return Err(not_ready("DefinitionOlder", message));
        }
    }
    Ok(())
}
