//! Purging destroys what is asked for and nothing else, and is taken up wherever it was cut off.

use anyhow::Context as _;
use buckets::Buckets;
use domain::WorkspaceId;
use operator::{
    OperatorError,
    backend_watch::Pins,
    provision::{Target, Wanted, converge, retire},
    provision_now, purge,
    registry::DIRECTORY,
    term::{Act, Term, Ticket},
};
use testkit::TestStore;
use tokio_util::sync::CancellationToken;

use crate::{
    buckets::put,
    lab::{Lab, manifest, unique},
    marks::is_gone,
};

/// A workspace that has an object, and is retained.
async fn retained(lab: &Lab) -> anyhow::Result<WorkspaceId> {
    let manifest = manifest(&unique("acme"), "")?;
    let id = provision_now(&lab.control, &manifest).await?;
    put(&Buckets::connect(lab.store.config())?, &id.bucket(), "avatars/u/1").await?;
    retire(lab.pool(), &Term::alone(DIRECTORY), &manifest.place(), &CancellationToken::new()).await?;
    Ok(id)
}

fn servers(kafka: &str, postgres: &str) -> Pins {
    Pins { kafka: Some(kafka.to_owned()), postgres: Some(postgres.to_owned()) }
}

async fn state(lab: &Lab, id: &WorkspaceId) -> anyhow::Result<String> {
    let state = sqlx::query_scalar("select state from control.workspaces where id = $1");
    Ok(state.bind(id.as_str()).fetch_one(lab.pool()).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn purging_that_is_cut_off_after_any_act_is_taken_up_and_leaves_nothing() -> anyhow::Result<()> {
    for store in TestStore::every()? {
        let lab = Lab::start_with(store).await?;
        let (term, neighbour) = (Term::alone(DIRECTORY), retained(&lab).await?);
        for cut in 0..=3 {
            let id = retained(&lab).await?;
            assert!(purge::begin(&lab.control, &term, &id).await?);
            let acts = purge::plan(&purge::observe(&lab.control, &id).await?);
            assert_eq!(acts, [Act::DeleteTopics, Act::DropDatabase, Act::DeleteBucket]);
            for act in &acts[..cut] {
                purge::apply(&lab.control, &term, &id, *act).await?;
            }
            // Again, as if nobody had noted that it was done.
            if let Some(last) = cut.checked_sub(1) {
                purge::apply(&lab.control, &term, &id, acts[last]).await?;
            }
            purge::purge(&lab.control, &term, &id).await?;
            // A broker may go on naming for a moment what is deleted already.
            is_gone(&lab, &id).await.with_context(|| format!("cut after {cut}"))?;
            assert_eq!(state(&lab, &id).await?, "Purged", "cut after {cut}");
        }
        // Nothing of anybody else's went with them.
        let left = purge::observe(&lab.control, &neighbour).await?;
        assert_eq!((left.topics.len(), left.database, left.bucket), (5, true, true));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_service_gets_no_ticket_and_what_is_purged_never_comes_back() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let (term, manifest) = (Term::alone(DIRECTORY), manifest(&unique("acme"), "")?);
    let id = provision_now(&lab.control, &manifest).await?;
    let refused = |result: Result<(), OperatorError>| matches!(result, Err(OperatorError::NoTicket(_)));
    assert!(refused(purge::purge(&lab.control, &term, &id).await), "it is in service");
    for act in [Act::DeleteTopics, Act::DropDatabase, Act::DeleteBucket] {
        assert!(refused(purge::apply(&lab.control, &term, &id, act).await), "{act:?}");
    }
    retire(lab.pool(), &term, &manifest.place(), &CancellationToken::new()).await?;
    assert!(refused(purge::apply(&lab.control, &term, &id, Act::DropDatabase).await), "it is retained");
    // Another source's word counts for nothing.
    assert!(!purge::begin(&lab.control, &Term::alone("kubernetes/x"), &id).await?);

    assert!(purge::begin(&lab.control, &term, &id).await?);
    let spec = operator::admission::spec(&manifest, lab.control.class())?;
    let wanted = Wanted::Present { spec: Box::new(spec), restore: Some(id.clone()), accepted_loss: None };
    let restored = converge(&lab.control, &Target { term: term.clone(), place: manifest.place(), wanted }).await;
    assert_eq!(restored.unwrap_err().reason(), "RestoreMissing");
    purge::purge(&lab.control, &term, &id).await?;
    let anew = provision_now(&lab.control, &manifest).await?;
    assert_ne!(anew, id);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_other_servers_than_the_class_names_now_is_not_called_purged() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let (term, manifest) = (Term::alone(DIRECTORY), manifest(&unique("acme"), "")?);
    let on = |kafka: &str, postgres: &str| lab.control.clone().with_identities(servers(kafka, postgres));
    let id = provision_now(&on("a", "1"), &manifest).await?;
    retire(lab.pool(), &term, &manifest.place(), &CancellationToken::new()).await?;
    for (kafka, postgres) in [("b", "1"), ("a", "2")] {
        let refused = purge::purge(&on(kafka, postgres), &term, &id).await.unwrap_err();
        assert_eq!(refused.reason(), "DataElsewhere", "{refused}");
    }
    assert_eq!(state(&lab, &id).await?, "Retained");

    // Seen whole on the others, it was moved there. What is given up on the former ones is not purged there, either.
    assert_eq!(provision_now(&on("b", "2"), &manifest).await?, id);
    retire(lab.pool(), &term, &manifest.place(), &CancellationToken::new()).await?;
    assert_eq!(purge::purge(&on("a", "1"), &term, &id).await.unwrap_err().reason(), "DataElsewhere");
    let left = purge::observe(&lab.control, &id).await?;
    assert_eq!((left.topics.len(), left.database, left.bucket), (5, true, true));
    // Once a purge has begun, nothing leads back: should the servers be others then, a person has to name both.
    assert!(purge::begin(&on("b", "2"), &term, &id).await?);
    for half in ["", "c", "3", "b, 2"] {
        assert_eq!(purge::purge_where(&on("c", "3"), &term, &id, half).await.unwrap_err().reason(), "DataElsewhere");
    }
    assert_eq!(state(&lab, &id).await?, "Purging");
    purge::purge_where(&on("c", "3"), &term, &id, "3, c").await?;
    assert_eq!(state(&lab, &id).await?, "Purged");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_good_no_longer_than_the_lease_under_which_it_was_taken() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let (term, id) = (Term::alone(DIRECTORY), retained(&lab).await?);
    assert!(purge::begin(&lab.control, &term, &id).await?);
    let (renewed, leased) = tokio::sync::watch::channel(tokio::time::Instant::now());
    let term = term.while_leased(leased);
    // Somebody else may have the lease, and no epoch yet: the control database would still let this term's writes through.
    let late = Ticket::take(lab.pool(), &term, &id, Act::DropDatabase).await?;
    assert!(matches!(late.spend(), Err(OperatorError::Deposed)));
    renewed.send_replace(tokio::time::Instant::now() + std::time::Duration::from_secs(3_600));
    Ticket::take(lab.pool(), &term, &id, Act::DropDatabase).await?.spend()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_late_is_worth_nothing() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let (term, id) = (Term::alone(DIRECTORY), retained(&lab).await?);
    assert!(purge::begin(&lab.control, &term, &id).await?);
    let ticket = Ticket::take(lab.pool(), &term, &id, Act::DropDatabase).await?;
    tokio::time::sleep(operator::term::TICKET).await;
    assert!(matches!(ticket.spend(), Err(OperatorError::Deposed)));
    Ok(())
}
