//! The CRDs as YAML, as committed in `crds/yaml` and installed by the chart.

use kube::CustomResourceExt as _;

use crate::{Workspace, WorkspaceClass};

/// Every generated file: its name in `crds/yaml`, and its content.
///
/// # Errors
/// A type's schema can't be written as YAML; a test proves that it can.
pub fn files() -> Result<Vec<(&'static str, String)>, serde_norway::Error> {
    const NOTE: &str = "# Generated from the types in crds/src; `UPDATE_GENERATED=1 cargo test -p crds` renews it.\n";
    [("workspaces.yaml", Workspace::crd()), ("workspaceclasses.yaml", WorkspaceClass::crd())]
        .into_iter()
        .map(|(name, crd)| Ok((name, format!("{NOTE}{}", serde_norway::to_string(&crd)?))))
        .collect()
}
