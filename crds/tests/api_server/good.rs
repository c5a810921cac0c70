//! What must be taken: every golden object, by each way of kubectl's; and what a person then sees.

use std::fs;

use serde_json::Value;

use crate::cluster::{Cluster, golden, part};

/// Applies every golden object, client-side as the platform team and server-side as another manager, and leaves them there.
/// Answers what was refused.
pub fn taken(cluster: &Cluster) -> anyhow::Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir(part("golden/v1alpha1"))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<anyhow::Result<_>>()?;
    // Classes first, so that their rules are asked of the workspaces.
    names.sort_by_key(|name| (!name.starts_with("workspaceclass"), name.clone()));
    let mut faults = Vec::new();
    for name in &names {
        let text = golden(name)?;
        for args in [
            ["create", "--dry-run=server", "-f", "-"].as_slice(),
            &["apply", "-f", "-"],
            &["apply", "--server-side", "--field-manager=another", "--force-conflicts", "-f", "-"],
            // Once more changes nothing, and is no fault.
            &["apply", "-f", "-"],
        ] {
            let answer = cluster.admin(args, Some(&text));
            if !answer.succeeded {
                faults.push(format!("{name} should be taken, but {}: {answer:?}", args[0]));
            }
        }
    }
    for name in names {
        let object: Value = serde_norway::from_str(&golden(&name)?)?;
        if object.get("status").is_some() {
            let answer = cluster.status(&object);
            if !answer.succeeded {
                faults.push(format!("{name}: the status should be taken, but: {answer:?}"));
            }
        }
    }
    faults.extend(seen(cluster));
    faults.extend(well_typed(cluster)?);
    let edit = ["get", "clusterrole", "edit", "--output=jsonpath={.rules[*].apiGroups}"];
    if cluster.has_controllers() {
        let ask = |cluster: &Cluster| cluster.admin(&edit, None);
        cluster.until("editors may have workspaces", ask, |answer| answer.out.contains("threadly.dev"))?;
    }
    Ok(faults)
}

/// The controllers read the policies with the CRDs' types in mind; they find nothing to warn of.
fn well_typed(cluster: &Cluster) -> anyhow::Result<Vec<String>> {
    let path = "--output=jsonpath={range .items[*]}{.status.observedGeneration}{.status.typeChecking}{end}";
    let args = ["get", "validatingadmissionpolicies", path];
    if cluster.has_controllers() {
        cluster.until(
            "the policies' types",
            |cluster| cluster.admin(&args, None),
            |answer| answer.out.matches('{').count() >= 3,
        )?;
    }
    let answer = cluster.admin(&args, None);
    Ok(answer
        .out
        .contains("expressionWarnings")
        .then(|| format!("a policy is ill typed: {answer:?}"))
        .into_iter()
        .collect())
}

/// Columns, short names, selectable fields and explanations.
fn seen(cluster: &Cluster) -> Vec<String> {
    const COLUMNS: [(&str, &str); 3] = [
        ("ws", "NAMESPACE NAME CLASS READY REASON URL MEMBERS STORAGE AGE"),
        ("wsclass", "NAME REGION READY WORKSPACES AGE"),
        ("rws", "NAME WORKSPACE ID HANDLE FROM SIZE PURGE AFTER AGE"),
    ];
    let mut faults = Vec::new();
    for (kind, columns) in COLUMNS {
        let answer = cluster.admin(&["get", kind, "--all-namespaces"], None);
        let head = answer.out.lines().next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        if head != columns {
            faults.push(format!("{kind}: {columns:?} should be the columns: {answer:?}"));
        }
    }
    for (selector, wanted) in [("spec.className=standard", "acme"), ("spec.handle=acme", "acme"), ("spec.handle=x", "")]
    {
        let args = ["get", "ws", "--namespace=team-acme", "--field-selector", selector, "--output=name"];
        let answer = cluster.admin(&args, None);
        let found = answer.out.lines().any(|line| line == "workspace.threadly.dev/acme");
        if !answer.succeeded || found == wanted.is_empty() {
            faults.push(format!("{selector}: {answer:?}"));
        }
    }
    for (field, words) in [
        ("workspace.spec.handle", "Its name in URLs"),
        ("workspaceclass.spec.kafka.security", "How to connect."),
        ("retainedworkspace.spec.purgeAfter", "never by itself if absent"),
    ] {
        let answer = cluster.admin(&["explain", field], None);
        if !answer.out.replace('\n', " ").contains(words) {
            faults.push(format!("{field} is not explained: {answer:?}"));
        }
    }
    faults
}
