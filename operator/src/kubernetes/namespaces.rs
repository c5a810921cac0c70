//! In which namespace each Workspace is: decided once per object, by the API server's own word.
//!
//! Watches of different kinds don't keep step: that of Namespaces may still tell of the former one of a name when a
//! Workspace of the new one is seen. What is read once an object was seen is right for all of its life, since no object
//! moves. Of an object about which the read and the watch differ, nobody says anything until they agree.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use futures::{StreamExt as _, stream};
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, Client, ResourceExt as _};
use tokio::time::{Instant, timeout_at};

use super::objects::Objects;
use crate::source::{self, Version};

/// Namespaces read at a time.
const CONCURRENT: usize = 16;
/// For all of one look; what was read by then counts in the next.
const ANSWER: Duration = Duration::from_secs(5);

/// Knows the namespaces of objects.
pub struct Namespaces {
    api: Api<Namespace>,
    watched: Objects,
    /// By place: the object's identity and its namespace's.
    decided: HashMap<String, (String, String)>,
}

impl Namespaces {
    /// `watched` tells of labels, as they change.
    pub fn new(client: Client, watched: Objects) -> Self {
        Self { api: Api::all(client), watched, decided: HashMap::new() }
    }

    /// All namespaces are listed.
    pub async fn wait_until_ready(&self) -> bool {
        self.watched.wait_until_ready().await.is_ok()
    }

    /// Looks for the namespaces of objects that are new among these; whether the API server told of all.
    pub async fn learn(&mut self, objects: &HashMap<String, Version>) -> bool {
        self.decided.retain(|place, (object, _)| objects.get(place).is_some_and(|now| now.uid == *object));
        let fresh: Vec<(&String, &Version)> =
            objects.iter().filter(|(place, _)| !self.decided.contains_key(*place)).collect();
        let names: HashSet<&str> = fresh.iter().map(|(place, _)| name(place)).collect();
        let count = names.len();
        let read = self.read(names).await;
        for (place, version) in fresh {
            if let Some(Some(uid)) = read.get(name(place)) {
                self.decided.insert(place.clone(), (version.uid.clone(), uid.clone()));
            }
        }
        read.len() == count
    }

    /// The namespaces of the objects that were looked for last, by place; of one that is missing here, it is not known.
    pub fn known(&self) -> source::Namespaces {
        let watched = self.watched.state();
        let watched: HashMap<String, _> = watched.iter().map(|object| (object.name_any(), object)).collect();
        let agreed = self.decided.iter().filter_map(|(place, (_, uid))| {
            let found = watched.get(name(place)).filter(|found| found.metadata.uid.as_ref() == Some(uid))?;
            let (uid, labels) = (uid.clone(), found.labels().clone());
            Some((place.clone(), source::Namespace { uid, labels }))
        });
        agreed.collect()
    }

    /// Who has these names now; nobody has one that is there without an identity.
    async fn read(&self, names: HashSet<&str>) -> HashMap<String, Option<String>> {
        let until = Instant::now() + ANSWER;
        let ask = |name: String| async move {
            let found = self.api.get_metadata_opt(&name).await;
            (name, found)
        };
        let mut answers = stream::iter(names.into_iter().map(str::to_owned).map(ask).collect::<Vec<_>>())
            .buffer_unordered(CONCURRENT);
        let mut read = HashMap::new();
        while let Ok(Some((name, found))) = timeout_at(until, answers.next()).await {
            match found {
                Ok(found) => drop(read.insert(name, found.and_then(|found| found.metadata.uid))),
                Err(error) => tracing::warn!(namespace = name, %error, "a namespace is not readable; trying again"),
            }
        }
        read
    }
}

/// The namespace's name in a place.
fn name(place: &str) -> &str {
    place.split_once('/').map_or("", |(namespace, _)| namespace)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use kube::{
        Config,
        api::{ApiResource, DynamicObject},
        config::{KubeConfigOptions, Kubeconfig},
        runtime::{reflector::store::Writer, watcher::Event},
    };
    use testkit::servers::OwnKubernetes;

    use super::*;

    struct Scene {
        kubernetes: OwnKubernetes,
        client: Client,
        /// What the watch has told.
        watch: Writer<DynamicObject>,
    }

    impl Scene {
        async fn start(folder: &Path) -> Self {
            let kubernetes = OwnKubernetes::start(folder).unwrap();
            let kubeconfig = Kubeconfig::read_from(kubernetes.kubeconfig()).unwrap();
            let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
            let client = Client::try_from(config).unwrap();
            let watch = Writer::new(ApiResource::erase::<Namespace>(&()));
            Self { kubernetes, client, watch }
        }

        fn kubectl(&self, args: &[&str]) {
            let output = self.kubernetes.kubectl(self.kubernetes.kubeconfig(), args, None).unwrap();
            assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        }

        /// The watch is told of the namespace as it is now; its identity.
        async fn catch_up(&mut self) -> String {
            let resource = ApiResource::erase::<Namespace>(&());
            let found = Api::<DynamicObject>::all_with(self.client.clone(), &resource).get("team-acme").await.unwrap();
            let uid = found.uid().unwrap();
            self.watch.apply_watcher_event(&Event::Apply(found));
            uid
        }
    }

    /// The namespace of the only object, which has this identity.
    async fn of(namespaces: &mut Namespaces, uid: &str) -> Option<String> {
        let version = Version { uid: uid.to_owned(), generation: 1 };
        assert!(namespaces.learn(&HashMap::from([("team-acme/acme".to_owned(), version)])).await);
        namespaces.known().remove("team-acme/acme").map(|found| found.uid)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_watch_that_lags_gives_nobody_the_former_namespace_of_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = Scene::start(folder.path()).await;
        let mut namespaces = Namespaces::new(scene.client.clone(), scene.watch.as_reader());
        assert_eq!(of(&mut namespaces, "before").await, None, "there is no such namespace");

        scene.kubectl(&["create", "namespace", "team-acme"]);
        let former = scene.catch_up().await;
        assert_eq!(of(&mut namespaces, "one").await, Some(former.clone()));

        scene.kubectl(&["delete", "namespace", "team-acme", "--timeout=120s"]);
        scene.kubectl(&["create", "namespace", "team-acme"]);
        assert_eq!(of(&mut namespaces, "one").await, Some(former.clone()), "no object moves");
        assert_eq!(of(&mut namespaces, "two").await, None, "the watch has only told of the former one");
        let now = scene.catch_up().await;
        assert_ne!(now, former);
        assert_eq!(of(&mut namespaces, "two").await, Some(now));

        drop(scene);
        let version = Version { uid: "three".to_owned(), generation: 1 };
        assert!(!namespaces.learn(&HashMap::from([("team-acme/acme".to_owned(), version)])).await, "nobody says");
    }
}
