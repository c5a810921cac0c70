//! The CRDs as YAML, as committed in `crds/yaml` and installed by the chart.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt as _;
use serde_json::Value;

use crate::{
    RetainedWorkspace, Workspace, WorkspaceClass,
    rules::{self, Rule},
    schema,
};

const SCHEMA: &str = "/spec/versions/0/schema/openAPIV3Schema";

/// Why a CRD can't be generated; tests prove that it can.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The CRD has another shape than expected.
    #[error("the CRD can't be read: {0}")]
    Shape(#[from] serde_json::Error),
    /// YAML can't say it.
    #[error("the CRD can't be written: {0}")]
    Yaml(#[from] serde_norway::Error),
    /// A rule or a bound is for a field that isn't there.
    #[error("the schema has no {0:?}")]
    NoSuchField(&'static str),
}

/// Every generated file: its name in `crds/yaml`, and its content.
///
/// # Errors
/// A type's schema can't be written as YAML; a test proves that it can.
pub fn files() -> Result<Vec<(&'static str, String)>, GenerateError> {
    const NOTE: &str = "# Generated from the types in crds/src; `UPDATE_GENERATED=1 cargo test -p crds` renews it.\n";
    const NAMES: [&str; 3] = ["workspaces.yaml", "workspaceclasses.yaml", "retainedworkspaces.yaml"];
    NAMES
        .into_iter()
        .zip(crds()?)
        .map(|(name, crd)| Ok((name, format!("{NOTE}{}", serde_norway::to_string(&crd)?))))
        .collect()
}

/// The three CRDs with their rules, fit for the API server.
///
/// # Errors
/// A rule or a bound has no place in its schema; a test proves that all have.
pub fn crds() -> Result<[CustomResourceDefinition; 3], GenerateError> {
    Ok([
        finished(&Workspace::crd(), rules::workspace())?,
        finished(&WorkspaceClass::crd(), rules::workspace_class())?,
        finished(&RetainedWorkspace::crd(), rules::retained_workspace())?,
    ])
}

fn finished(derived: &CustomResourceDefinition, rules: Vec<Rule>) -> Result<CustomResourceDefinition, GenerateError> {
    let mut crd: Value = serde_json::to_value(derived)?;
    let root = crd.pointer_mut(SCHEMA).ok_or(GenerateError::NoSuchField(""))?;
    schema::finish(root).map_err(GenerateError::NoSuchField)?;
    rules::attach(root, rules).map_err(GenerateError::NoSuchField)?;
    Ok(serde_json::from_value(crd)?)
}
