//! Objects of a cluster as JSON, for what is looked at again and again: a kubectl each time would cost more than what is
//! tested.

use std::path::Path;

use anyhow::{Context as _, bail};
use kube::{
    Api, Client, Config,
    api::{ApiResource, DynamicObject, GroupVersionKind},
    config::{KubeConfigOptions, Kubeconfig},
};
use serde_json::Value;

/// Where an object is looked for.
#[derive(Clone, Copy)]
enum Scope {
    Cluster,
    Namespaced,
}

pub(crate) struct Reader(Client);

impl Reader {
    pub(crate) async fn with(kubeconfig: &Path) -> anyhow::Result<Self> {
        let config =
            Config::from_custom_kubeconfig(Kubeconfig::read_from(kubeconfig)?, &KubeConfigOptions::default()).await?;
        Ok(Self(Client::try_from(config)?))
    }

    /// `kind/name`, if there is one.
    pub(crate) async fn find(&self, object: &str, namespace: &str) -> anyhow::Result<Option<Value>> {
        let (kind, name) = object.split_once('/').context("kind/name")?;
        let rbac = |kind| GroupVersionKind::gvk("rbac.authorization.k8s.io", "v1", kind);
        let ours = |kind| GroupVersionKind::gvk("threadly.dev", "v1alpha1", kind);
        let (kind, plural, scope) = match kind {
            "workspace" => (ours("Workspace"), "workspaces", Scope::Namespaced),
            "workspaceclass" => (ours("WorkspaceClass"), "workspaceclasses", Scope::Cluster),
            "retainedworkspace" => (ours("RetainedWorkspace"), "retainedworkspaces", Scope::Cluster),
            "secret" => (GroupVersionKind::gvk("", "v1", "Secret"), "secrets", Scope::Namespaced),
            "lease" => (GroupVersionKind::gvk("coordination.k8s.io", "v1", "Lease"), "leases", Scope::Namespaced),
            "clusterrole" => (rbac("ClusterRole"), "clusterroles", Scope::Cluster),
            "role" => (rbac("Role"), "roles", Scope::Namespaced),
            other => bail!("nobody has asked for {other} yet"),
        };
        let resource = ApiResource::from_gvk_with_plural(&kind, plural);
        let api: Api<DynamicObject> = match scope {
            Scope::Cluster => Api::all_with(self.0.clone(), &resource),
            Scope::Namespaced => Api::namespaced_with(self.0.clone(), namespace, &resource),
        };
        Ok(api.get_opt(name).await?.map(serde_json::to_value).transpose()?)
    }
}
