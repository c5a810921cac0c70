//! A deletion is judged by what the manifest said last, whatever state the workspace was in when it said so.

use std::collections::BTreeMap;

use crds::{workspace::DeletionPolicy, workspace_class::Allowed};
use operator::{
    class::{Class, STANDARD},
    controller::{Setup, run},
    offers::{Known, Offer, Offers},
    source::Snapshot,
    term::Term,
};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::lab::{Lab, manifest, unique, until_row};

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_deletion_policy_counts_while_nothing_else_of_the_manifest_does() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let allowed =
        Allowed { deletion_policies: vec![DeletionPolicy::Retain, DeletionPolicy::Delete], ..Allowed::default() };
    let class = Class { purge_after_days: Some(7), allowed, ..Class::standard() };
    let open = Offers::single(lab.control.clone().with_class(class.clone()));
    let known = BTreeMap::from([(STANDARD.to_owned(), Known { class: Some(class), ..Known::default() })]);
    let away = Offer::Closed { reason: "BackendUnreachable", message: "it does not answer".to_owned() };
    let closed = Offers { classes: BTreeMap::from([(STANDARD.to_owned(), away)]), known, ..open.clone() };

    let (name, shutdown) = (unique("acme"), CancellationToken::new());
    let (snapshots, snapshot) = watch::channel(None);
    let (offers, offered) = watch::channel(open.clone());
    let (_suspects, suspected) = mpsc::channel(1);
    let setup = Setup::new(lab.pool().clone(), Term::alone(&unique("cluster")), offered);
    let task = tokio::spawn(run(setup, snapshot, suspected, shutdown.clone(), watch::Sender::default()));
    let place = manifest(&name, "")?.place();
    let say = |more: &str| -> anyhow::Result<()> {
        let manifests = vec![manifest(&name, more)?];
        snapshots.send_replace(Some(Snapshot { manifests, ..Snapshot::default() }));
        Ok(())
    };
    let purged = "select coalesce(bool_and(purge_after_days = 7), false) from control.workspaces
                  where place = $1 and ready_at is not null";
    let kept = "select coalesce(bool_and(purge_after_days is null), false) from control.workspaces
                where place = $1 and ready_at is not null";

    say("  deletionPolicy: Delete\n")?;
    until_row(lab.pool(), "made", purged, &place).await;
    say("  deletionPolicy: Retain\n  paused: true\n")?;
    until_row(lab.pool(), "paused", kept, &place).await;
    offers.send_replace(closed);
    say("  deletionPolicy: Delete\n")?;
    until_row(lab.pool(), "its backends are away", purged, &place).await;
    say("  deletionPolicy: Retain\n")?;
    until_row(lab.pool(), "still away", kept, &place).await;
    offers.send_replace(open);
    say("  deletionPolicy: Delete\n  isolation: Dedicated\n")?;
    until_row(lab.pool(), "refused", purged, &place).await;

    snapshots.send_replace(Some(Snapshot::default()));
    let agreed =
        "select coalesce(bool_and(state = 'Retained' and purge_after = retained_at + interval '7 days'), false)
                  from control.workspaces where place = $1";
    until_row(lab.pool(), "retained for a week", agreed, &place).await;
    shutdown.cancel();
    task.await?;
    Ok(())
}
