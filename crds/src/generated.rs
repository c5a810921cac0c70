//! The CRDs as YAML, as committed in `crds/yaml` and installed by the chart.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps, JSONSchemaPropsOrArray,
};
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

/// The path of the first field that `own` has and `found` does not: then `found` is older, and drops it.
#[must_use]
pub fn missing_field(own: &CustomResourceDefinition, found: &CustomResourceDefinition) -> Option<String> {
    own.spec.versions.iter().find_map(|version| {
        let same = found.spec.versions.iter().find(|found| found.name == version.name && found.served);
        let schema = |version: &CustomResourceDefinitionVersion| {
            version.schema.as_ref().and_then(|schema| schema.open_api_v3_schema.clone())
        };
        match (schema(version), same.and_then(schema)) {
            (Some(own), Some(found)) => missing_below(&own, &found, ""),
            (Some(_), None) => Some(format!("the version {}", version.name)),
            (None, _) => None,
        }
    })
}

fn missing_below(own: &JSONSchemaProps, found: &JSONSchemaProps, path: &str) -> Option<String> {
    for (name, own) in own.properties.iter().flatten() {
        let path = format!("{path}.{name}");
        match found.properties.iter().flatten().find(|(found, _)| *found == name) {
            None => return Some(path),
            Some((_, found)) => {
                if let Some(missing) = missing_below(own, found, &path) {
                    return Some(missing);
                }
            }
        }
    }
    match (&own.items, &found.items) {
        (Some(JSONSchemaPropsOrArray::Schema(own)), Some(JSONSchemaPropsOrArray::Schema(found))) => {
            missing_below(own, found, &format!("{path}[]"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_without_a_field_is_older_and_one_with_more_is_not() {
        let [own, ..] = crds().unwrap();
        assert_eq!(missing_field(&own, &own), None);
        let removed = |path: &[&str]| {
            let mut older = own.clone();
            let schema = older.spec.versions[0].schema.as_mut().unwrap().open_api_v3_schema.as_mut().unwrap();
            let (last, parents) = path.split_last().unwrap();
            let parent = parents.iter().fold(schema, |schema, name| {
                let schema = schema.properties.as_mut().unwrap().get_mut(*name).unwrap();
                match &schema.items {
                    Some(JSONSchemaPropsOrArray::Schema(_)) => match schema.items.as_mut().unwrap() {
                        JSONSchemaPropsOrArray::Schema(items) => items,
                        JSONSchemaPropsOrArray::Schemas(_) => unreachable!(),
                    },
                    _ => schema,
                }
            });
            parent.properties.as_mut().unwrap().remove(*last).unwrap();
            older
        };
        for (path, missing) in [
            (&["spec", "suspended"][..], ".spec.suspended"),
            (&["spec", "issuers", "audiences"], ".spec.issuers[].audiences"),
            (&["status"], ".status"),
        ] {
            let older = removed(path);
            assert_eq!(missing_field(&own, &older).as_deref(), Some(missing));
            assert_eq!(missing_field(&older, &own), None);
        }
    }
}
