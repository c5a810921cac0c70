//! An API server with Threadly's resources, its policies and a class, and the operator on it.

use std::{fs, path::PathBuf};

use anyhow::{Context, ensure};
use kube::{
    Client,
    config::{KubeConfigOptions, Kubeconfig},
};
use testkit::{TestStore, servers::OwnKubernetes};

use super::Options;
use crate::program::{Bed, Program, free_address};

/// The account that its rights are given to.
pub const OPERATOR: &str = "system:serviceaccount:threadly-system:threadly-operator";
/// Where the workspaces are.
pub const NAMESPACE: &str = "team-bench";

/// The API server.
pub struct Cluster {
    api: OwnKubernetes,
    /// Admin's.
    pub client: Client,
    /// The same at each start: it stands in every status.
    listen: String,
    /// Its work is the bench's own CPU.
    buckets: TestStore,
}

impl Cluster {
    /// Starts it, and brings what the platform team brings.
    pub async fn start(bed: &Bed, options: &Options) -> anyhow::Result<Self> {
        let folder = bed.folder.join("kubernetes");
        fs::create_dir_all(&folder)?;
        // Nothing goes on meanwhile.
        let api = OwnKubernetes::start_durable(&folder)?;
        let kubeconfig = Kubeconfig::read_from(api.kubeconfig())?;
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        let client = Client::try_from(config)?;
        let cluster = Self { api, client, listen: free_address()?, buckets: TestStore::embedded()? };
        cluster.kubectl(&["create", "namespace", "threadly-system"], None)?;
        for part in ["yaml", "policies", "rbac"] {
            cluster.kubectl(&["apply", "--server-side", "-f", &options.crds.join(part).to_string_lossy()], None)?;
            cluster.kubectl(&["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"], None)?;
        }
        cluster.kubectl(&["apply", "-f", "-"], Some(&platform(bed)?))?;
        Ok(cluster)
    }

    /// Starts the operator, under an account with its own rights and no others.
    pub fn start_operator(&self, bed: &Bed) -> anyhow::Result<Program> {
        let kubeconfig = self.api.kubeconfig_for(OPERATOR, &["system:serviceaccounts"])?;
        fs::create_dir_all(bed.data())?;
        let key = bed.data().join("root.key");
        if !key.exists() {
            fs::write(&key, [7; 32])?;
        }
        let buckets = self.buckets.environment();
        let mut environment = vec![
            ("THREADLY_KUBECONFIG", kubeconfig.display().to_string()),
            ("THREADLY_POSTGRES_URL", bed.postgres.clone()),
            ("THREADLY_ROOT_KEY_FILE", key.display().to_string()),
        ];
        environment.extend(buckets.iter().map(|(name, value)| (name.as_str(), value.clone())));
        Program::start_at(bed, "threadly-operator", "operator", &self.listen, &environment)
    }

    /// Name and process of each of its programs.
    pub fn processes(&self) -> Vec<(&'static str, u32)> {
        self.api.processes()
    }

    /// One JSON object per line for each request that was answered.
    pub fn audit_log(&self) -> PathBuf {
        self.api.audit_log().to_owned()
    }

    fn kubectl(&self, args: &[&str], stdin: Option<&str>) -> anyhow::Result<()> {
        let output = self.api.kubectl(self.api.kubeconfig(), args, stdin)?;
        ensure!(output.status.success(), "kubectl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }
}

fn platform(bed: &Bed) -> anyhow::Result<String> {
    let url: reqwest::Url = bed.postgres.parse()?;
    let (host, port) = (url.host_str().context("a host")?, url.port().unwrap_or(5432));
    let (user, password) = (url.username(), url.password().unwrap_or_default());
    Ok(format!(
        "apiVersion: v1\nkind: Namespace\nmetadata: {{name: {NAMESPACE}}}\n---\n\
         apiVersion: v1\nkind: Secret\nmetadata: {{name: pg-admin, namespace: threadly-system}}\n\
         stringData: {{username: {user:?}, password: {password:?}}}\n---\n\
         apiVersion: threadly.dev/v1alpha1\nkind: WorkspaceClass\n\
         metadata: {{name: standard, annotations: {{threadly.dev/is-default-class: \"true\"}}}}\n\
         spec:\n  kafka: {{bootstrapServers: [{kafka:?}]}}\n\
         \x20 postgres: {{host: {host:?}, port: {port}, adminSecret: pg-admin, tls: {{mode: Disable}}}}\n",
        kafka = bed.kafka
    ))
}
