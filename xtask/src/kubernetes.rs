//! The programs of a Kubernetes API server for the tests: given by KUBEBUILDER_ASSETS, or built into the cache.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::go::{self, Module};
use crate::interrupt::Interrupt;
use crate::missing::Missing;
use crate::paths::StateDir;
use crate::screen::say;
use crate::{downloads, etcd, paths, postmortem};

/// Where controller-runtime's tests look for these programs too.
const GIVEN: &str = "KUBEBUILDER_ASSETS";
const FOLDER: &str = "kubernetes-1.36.3";
const MODULE: &str = "k8s.io/kubernetes";
const VERSION: &str = "v1.36.3";
const MINOR: &str = "36";
/// Of the modules that are released with it.
const MODULES_VERSION: &str = "v0.36.3";
/// The programs that are built, and their packages.
const PACKAGES: [&str; 3] = [
    "k8s.io/kubernetes/cmd/kube-apiserver",
    "k8s.io/kubernetes/cmd/kube-controller-manager",
    "k8s.io/kubernetes/cmd/kubectl",
];
const BUILT: [&str; 3] = ["kube-apiserver", "kube-controller-manager", "kubectl"];
/// Its own `go.mod` looks for these beside itself.
const BESIDE: [&str; 33] = [
    "k8s.io/api",
    "k8s.io/apiextensions-apiserver",
    "k8s.io/apimachinery",
    "k8s.io/apiserver",
    "k8s.io/cli-runtime",
    "k8s.io/client-go",
    "k8s.io/cloud-provider",
    "k8s.io/cluster-bootstrap",
    "k8s.io/code-generator",
    "k8s.io/component-base",
    "k8s.io/component-helpers",
    "k8s.io/controller-manager",
    "k8s.io/cri-api",
    "k8s.io/cri-client",
    "k8s.io/cri-streaming",
    "k8s.io/csi-translation-lib",
    "k8s.io/dynamic-resource-allocation",
    "k8s.io/endpointslice",
    "k8s.io/externaljwt",
    "k8s.io/kms",
    "k8s.io/kube-aggregator",
    "k8s.io/kube-controller-manager",
    "k8s.io/kube-proxy",
    "k8s.io/kube-scheduler",
    "k8s.io/kubectl",
    "k8s.io/kubelet",
    "k8s.io/metrics",
    "k8s.io/mount-utils",
    "k8s.io/pod-security-admission",
    "k8s.io/sample-apiserver",
    "k8s.io/sample-cli-plugin",
    "k8s.io/sample-controller",
    "k8s.io/streaming",
];
/// The sources, what Go keeps of the build, and the programs.
const ROOM_MIB: u64 = 4 << 10;

/// The folder of the programs.
pub fn folder() -> Result<PathBuf> {
    if let Some(folder) = given(std::env::var_os(GIVEN)) {
        return Ok(folder);
    }
    let folder = downloads::place(FOLDER)?;
    if complete(&folder) { Ok(folder) } else { bail!("the API server's programs are not in {}", folder.display()) }
}

/// Builds the programs unless they are given or another clone has.
pub fn fetch(state: &StateDir, interrupt: &Interrupt) -> Result<()> {
    if std::env::var_os(GIVEN).is_some_and(|value| !value.is_empty()) && given(std::env::var_os(GIVEN)).is_none() {
        say!("{GIVEN} names a folder without etcd or kube-apiserver, which is not used");
    }
    if folder().is_ok() {
        return Ok(());
    }
    make(state, interrupt).map_err(|error| error.context(Missing("Kubernetes' API server".to_owned())))
}

fn make(state: &StateDir, interrupt: &Interrupt) -> Result<()> {
    let cache = paths::cache()?;
    if let Some(free) = postmortem::free_mib(&cache)
        && free < ROOM_MIB
    {
        bail!("to build it takes {ROOM_MIB} MiB in {}, of which {free} are free", cache.display());
    }
    go::fetch(state, interrupt)?;
    let fill = |temporary: &Path| -> Result<PathBuf> {
        let output = temporary.join("output");
        say!("Building Kubernetes' API server from its source (about 10 minutes on 2 cores, once for all clones)");
        fs::create_dir_all(&output)?;
        etcd::provide(temporary, &output, state, interrupt)?;
        module().build(&temporary.join("module"), &output, state, interrupt)?;
        if !complete(&output) {
            bail!("Go said that it built the API server, but {} is not complete", output.display());
        }
        Ok(output)
    };
    downloads::fetch(FOLDER, interrupt, complete, fill)?;
    Ok(())
}

/// The folder that somebody gave, if it holds a server and its database. envtest's has no controllers.
fn given(variable: Option<OsString>) -> Option<PathBuf> {
    let folder = PathBuf::from(variable.filter(|value| !value.is_empty())?);
    let folder = std::path::absolute(folder).ok()?;
    holds(&folder, &[etcd::NAME, BUILT[0]]).then_some(folder)
}

fn complete(folder: &Path) -> bool {
    holds(folder, &BUILT) && holds(folder, &[etcd::NAME])
}

fn holds(folder: &Path, programs: &[&str]) -> bool {
    programs.iter().all(|program| {
        let file = fs::metadata(folder.join(program));
        file.is_ok_and(|file| file.is_file() && file.len() > 0 && file.permissions().mode() & 0o111 != 0)
    })
}

fn module() -> Module<'static> {
    // Without these it calls itself v0.0.0, which kubectl takes for an error.
    let version = |package: &'static str| {
        let values = [
            ("gitVersion", VERSION),
            ("gitMajor", "1"),
            ("gitMinor", MINOR),
            ("gitTreeState", "clean"),
            ("gitCommit", "none"),
            ("buildDate", "1970-01-01T00:00:00Z"),
        ];
        values.map(|(name, value)| (format!("{package}.{name}"), value.to_owned()))
    };
    Module {
        name: "kube-apiserver, kube-controller-manager, kubectl",
        path: MODULE,
        version: VERSION,
        beside: (&BESIDE, MODULES_VERSION),
        packages: &PACKAGES,
        variables: ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]
            .into_iter()
            .flat_map(version)
            .collect(),
        output: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(folder: &Path, name: &str, mode: u32) {
        let path = folder.join(name);
        fs::write(&path, "#!/bin/sh\n").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_given_folder_counts_if_it_holds_a_server_and_its_database() {
        let folder = tempfile::tempdir().unwrap();
        let variable = || Some(folder.path().as_os_str().to_owned());
        assert_eq!(given(None), None);
        assert_eq!(given(Some(OsString::new())), None);
        assert_eq!(given(variable()), None);
        program(folder.path(), "kube-apiserver", 0o755);
        assert_eq!(given(variable()), None);
        program(folder.path(), "etcd", 0o644);
        assert_eq!(given(variable()), None, "nobody can run it");
        program(folder.path(), "etcd", 0o755);
        assert_eq!(given(variable()).as_deref(), Some(folder.path()));
    }

    #[test]
    fn a_folder_of_the_cache_is_complete_with_all_programs_only() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["kube-apiserver", "kube-controller-manager", "kubectl", "etcd"] {
            assert!(!complete(folder.path()), "before {name}");
            program(folder.path(), name, 0o755);
        }
        assert!(complete(folder.path()));
    }

    #[test]
    fn the_programs_and_versions_belong_together() {
        let names = PACKAGES.map(|package| package.rsplit_once('/').unwrap().1);
        assert_eq!(names, BUILT);
        assert_eq!(FOLDER.strip_prefix("kubernetes-"), VERSION.strip_prefix('v'));
        assert_eq!(MODULES_VERSION.strip_prefix("v0."), VERSION.strip_prefix("v1."));
        assert!(VERSION.starts_with(&format!("v1.{MINOR}.")));
        let variables = module().variables;
        assert!(variables.contains(&("k8s.io/component-base/version.gitVersion".into(), VERSION.into())));
    }
}
