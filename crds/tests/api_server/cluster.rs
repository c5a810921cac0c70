//! A real API server with our CRDs, policies and roles, two namespaces of tenants, and one that is nobody's.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::servers::OwnKubernetes;

/// No wait is longer.
const LIMIT: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(100);
/// The operator, as the roles know it.
pub const OPERATOR: &str = "system:serviceaccount:threadly-system:threadly-operator";

/// Who and where, beside what `crds/rbac` says.
const PLACES: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: threadly-system}
---
apiVersion: v1
kind: Namespace
metadata: {name: team-acme, labels: {threadly.dev/tenant: "true"}}
---
apiVersion: v1
kind: Namespace
metadata: {name: team-b, labels: {threadly.dev/tenant: "true"}}
---
apiVersion: v1
kind: Namespace
metadata: {name: bare}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: platform}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: threadly-platform}
subjects: [{kind: User, name: platform, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: class-users}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: threadly-class-user}
subjects: [{kind: User, name: tenant-a, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: tenant-a, namespace: team-acme}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: threadly-workspace-editor}
subjects: [{kind: User, name: tenant-a, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: tenant-a, namespace: bare}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: threadly-workspace-editor}
subjects: [{kind: User, name: tenant-a, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: tenant-b, namespace: team-b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: threadly-workspace-editor}
subjects: [{kind: User, name: tenant-b, apiGroup: rbac.authorization.k8s.io}]
"#;

/// What kubectl answered.
#[derive(Debug)]
pub struct Answer {
    pub succeeded: bool,
    pub out: String,
    pub errors: String,
}

impl Answer {
    /// The API server's reason; empty if it did as it was told.
    pub fn reason(&self) -> &str {
        if self.succeeded {
            return "";
        }
        if let Some((_, rest)) = self.errors.split_once("Error from server (") {
            return rest.split_once(')').map_or(rest, |(reason, _)| reason);
        }
        // kubectl words this one by itself.
        if self.errors.contains(" is invalid: ") { "Invalid" } else { "?" }
    }
}

/// The API server and its people.
pub struct Cluster {
    kubernetes: OwnKubernetes,
    _folder: TempDir,
}

impl Cluster {
    /// Starts it and installs everything, in the order in which a person would.
    pub fn start() -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("threadly-crds-")?;
        let cluster = Self { kubernetes: OwnKubernetes::start(folder.path())?, _folder: folder };
        // A binding may stand before the role that it speaks of.
        cluster.admin(&["apply", "-f", "-"], Some(PLACES)).ok_or_said()?;
        for folder in ["yaml", "rbac", "policies"] {
            let path = part(folder);
            let path = path.to_str().context("not UTF-8")?;
            let said = cluster.admin(&["apply", "--server-side", "-f", path], None).ok_or_said()?;
            // The API server warns of what it would rather not have, such as a format that it doesn't know.
            ensure!(!said.errors.contains("Warning"), "{}", said.errors);
        }
        cluster.admin(&["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"], None).ok_or_said()?;
        Ok(cluster)
    }

    /// kubectl as the one who may do everything.
    pub fn admin(&self, args: &[&str], stdin: Option<&str>) -> Answer {
        self.run(self.kubernetes.kubeconfig(), args, stdin)
    }

    /// kubectl as somebody.
    pub fn as_user(&self, user: &str, args: &[&str], stdin: Option<&str>) -> Answer {
        let groups: &[&str] = if user == OPERATOR {
            &["system:serviceaccounts", "system:serviceaccounts:threadly-system", "system:authenticated"]
        } else {
            &[]
        };
        match self.kubernetes.kubeconfig_for(user, groups) {
            Ok(path) => self.run(&path, args, stdin),
            Err(error) => Answer { succeeded: false, out: String::new(), errors: format!("{error:#}") },
        }
    }

    /// Writes an object's status, applied to the subresource.
    pub fn status(&self, object: &Value) -> Answer {
        let only = json!({
            "apiVersion": object["apiVersion"],
            "kind": object["kind"],
            "metadata": {"name": object["metadata"]["name"], "namespace": object["metadata"]["namespace"]},
            "status": object["status"],
        });
        let args = ["apply", "--server-side", "--subresource=status", "--field-manager=threadly", "-f", "-"];
        self.admin(&args, Some(&only.to_string()))
    }

    fn run(&self, kubeconfig: &Path, args: &[&str], stdin: Option<&str>) -> Answer {
        match self.kubernetes.kubectl(kubeconfig, args, stdin) {
            Ok(output) => Answer {
                succeeded: output.status.success(),
                out: String::from_utf8_lossy(&output.stdout).into_owned(),
                errors: String::from_utf8_lossy(&output.stderr).into_owned(),
            },
            Err(error) => Answer { succeeded: false, out: String::new(), errors: format!("{error:#}") },
        }
    }

    /// Whether namespaces end here.
    pub fn has_controllers(&self) -> bool {
        self.kubernetes.has_controllers()
    }

    /// Waits until something comes true; policies and classes reach the API server's own memory a moment after they are
    /// written.
    pub fn until(
        &self,
        what: &str,
        is_so: impl Fn(&Self) -> Answer,
        wanted: impl Fn(&Answer) -> bool,
    ) -> anyhow::Result<()> {
        let deadline = Instant::now() + LIMIT;
        loop {
            let answer = is_so(self);
            if wanted(&answer) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "{what}: not within {LIMIT:?}: {answer:?}");
            thread::sleep(LOOK);
        }
    }
}

impl Answer {
    /// An error that shows what kubectl said, unless it succeeded.
    pub fn ok_or_said(self) -> anyhow::Result<Self> {
        ensure!(self.succeeded, "{}{}", self.out, self.errors);
        Ok(self)
    }
}

/// A folder or file of this crate.
pub fn part(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The text of a golden object.
pub fn golden(name: &str) -> anyhow::Result<String> {
    let path = part("golden/v1alpha1").join(name);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}
