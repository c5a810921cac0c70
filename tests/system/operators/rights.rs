//! What the operator may do on a cluster, against what it does: by the API server's own audit log.

use std::collections::BTreeSet;

use anyhow::Context as _;
use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use serde_json::Value;
use testkit::wait;

use super::bed::{Bed, unique};
use crate::cluster::bed::{LIMIT, OPERATOR};

/// Group, resource and verb.
type Right = (String, String, String);

/// What it may do and does not always do here, and why that is right.
const UNUSED: &[(&str, &str, &str)] = &[
    // The same event once more is counted on the first one.
    ("events.k8s.io", "events", "patch"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_needs_every_right_that_it_has_and_no_other() -> anyhow::Result<()> {
    let bed = Bed::start().await?;
    let mut operator = bed.operator("one").await?;
    let (kept, purged) = (unique("kept"), unique("purged"));
    let (id, other) = (bed.apply(&kept).await?, bed.apply(&purged).await?);
    let secret = format!("secret/owner-{id}");
    wait::until("the owner's link", LIMIT, async || bed.cluster.find(&secret).await.ok()?.map(drop)).await?;
    // Another owner gets another link.
    let patch = r#"{"spec": {"owner": {"email": "cto@acme.example"}}}"#;
    bed.cluster.kubectl(&["patch", "workspace", &kept, "-n", "team-acme", "--type=merge", "-p", patch]).await?;
    wait::until("the other owner's link", LIMIT, async || {
        let email = bed.cluster.find(&secret).await.ok()??["data"]["email"].as_str()?.to_owned();
        (email == BASE64.encode(b"cto@acme.example")).then_some(())
    })
    .await?;
    bed.retain(&kept, &id).await?;
    wait::until("the link is gone", LIMIT, async || bed.cluster.find(&secret).await.ok()?.is_none().then_some(()))
        .await?;
    bed.retain(&purged, &other).await?;
    bed.delete_retained(&[&other]).await?;
    bed.until_state(&other, "Purged").await?;
    let object = format!("retainedworkspace/{id}");
    bed.cluster.until("its size is told", &object, |object| !object["status"]["size"].is_null()).await?;
    // Back in service: its object is removed.
    let restore = format!("restore: {{retainedWorkspace: {id}}}");
    bed.cluster.apply(&crate::cluster::bed::workspace("back", &restore)).await?;
    bed.cluster.wait_for("Ready", "workspace/back").await?;
    wait::until("nothing is retained", LIMIT, async || bed.cluster.find(&object).await.ok()?.is_none().then_some(()))
        .await?;
    let class = "workspaceclass/standard";
    bed.cluster.until("the class speaks", class, |class| class["status"]["workspaces"]["ready"] == 1).await?;
    operator.stop().await?;

    let (used, refused) = asked(&bed)?;
    let refused: Vec<&Right> = refused.iter().collect();
    assert_eq!(refused, Vec::<&Right>::new(), "asked for without the right");
    let mut granted = BTreeSet::new();
    for role in ["clusterrole/threadly-operator", "role/threadly-operator"] {
        granted.extend(rules(&bed.cluster.find(role).await?.context("its role")?));
    }
    let unused: Vec<&Right> = granted.difference(&used).collect();
    println!("{} rights, {} of them used; not used: {unused:?}", granted.len(), granted.intersection(&used).count());
    let is_known = |right: &&&Right| UNUSED.contains(&(right.0.as_str(), right.1.as_str(), right.2.as_str()));
    let surprising: Vec<&&Right> = unused.iter().filter(|right| !is_known(right)).collect();
    assert_eq!(surprising, Vec::<&&Right>::new(), "rights that it does not need");
    let cluster_wide = bed.cluster.find("clusterrole/threadly-operator").await?.context("its role")?;
    assert!(rules(&cluster_wide).iter().all(|(_, resource, _)| resource != "secrets"), "Secrets of the whole cluster");
    Ok(())
}

/// What the operator asked for, and what of it was refused.
fn asked(bed: &Bed) -> anyhow::Result<(BTreeSet<Right>, BTreeSet<Right>)> {
    let (mut used, mut refused) = (BTreeSet::new(), BTreeSet::new());
    for line in std::fs::read_to_string(bed.cluster.api.audit_log())?.lines() {
        let entry: Value = serde_json::from_str(line)?;
        if entry["impersonatedUser"]["username"] != OPERATOR {
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let object = &entry["objectRef"];
        let resource = match object["subresource"].as_str() {
            Some(below) => format!("{}/{below}", text(&object["resource"])),
            None => text(&object["resource"]),
        };
        let right = (text(&object["apiGroup"]), resource, text(&entry["verb"]));
        if entry["responseStatus"]["code"] == 403 {
            refused.insert(right.clone());
        }
        used.insert(right);
    }
    Ok((used, refused))
}

fn rules(role: &Value) -> BTreeSet<Right> {
    let list = |value: &Value| {
        let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect::<Vec<_>>()
    };
    let mut rights = BTreeSet::new();
    for rule in role["rules"].as_array().into_iter().flatten() {
        for group in list(&rule["apiGroups"]) {
            for resource in list(&rule["resources"]) {
                rights.extend(list(&rule["verbs"]).into_iter().map(|verb| (group.clone(), resource.clone(), verb)));
            }
        }
    }
    rights
}
