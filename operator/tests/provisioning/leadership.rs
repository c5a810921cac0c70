//! Whoever leads no more writes nothing more.

use std::sync::Arc;

use operator::{
    OperatorError, admission,
    plan::{Desired, Step, plan},
    provision::{Target, Wanted, apply, converge, observe, observe_bucket},
    purge,
    registry::mint,
    term::{Act, Term},
};

use crate::lab::{Lab, manifest, unique};

async fn begin(lab: &Lab, source: &Arc<str>) -> anyhow::Result<Term> {
    Ok(Term::begin(lab.pool(), source.clone(), "test").await?)
}

fn is_deposed<T>(result: &Result<T, OperatorError>) -> bool {
    matches!(result, Err(OperatorError::Deposed))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_under_an_epoch_that_is_over() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let source: Arc<str> = unique("cluster").into();
    let manifest = manifest(&unique("acme"), "")?;
    let spec = admission::spec(&manifest, lab.control.class())?;
    let wanted = Wanted::Present { spec: Box::new(spec.clone()), restore: None, accepted_loss: None };
    let target = |term: &Term| Target { term: term.clone(), place: manifest.place(), wanted: wanted.clone() };

    let first = begin(&lab, &source).await?;
    let desired = Desired::Present { spec, minted: mint(), accepted_loss: None };
    let mut observed = observe(&lab.control, &target(&first)).await?;
    observe_bucket(&lab.control, &target(&first), &mut observed).await?;
    let steps = plan(&observed, &desired)?;
    // Deposed before each of its steps: those that write the registry are refused, the others harm nobody.
    let mut current = first;
    for step in &steps {
        let former = current;
        current = begin(&lab, &source).await?;
        let writes =
            matches!(step, Step::Register(_) | Step::RecordSchema(_) | Step::RecordBucket(_) | Step::MarkReady(_));
        let done = apply(&lab.control, &target(&former), step).await;
        assert_eq!(is_deposed(&done), writes, "{step:?}");
        apply(&lab.control, &target(&current), step).await?;
    }
    let row = converge(&lab.control, &target(&current)).await?.unwrap();
    assert!(row.ready);

    let former = current;
    let current = begin(&lab, &source).await?;
    let absent = |term: &Term| Target { term: term.clone(), place: manifest.place(), wanted: Wanted::Absent };
    assert!(is_deposed(&converge(&lab.control, &absent(&former)).await));
    assert!(is_deposed(&converge(&lab.control, &target_with(&former, &manifest, &lab)?).await), "a change");
    converge(&lab.control, &absent(&current)).await?;
    assert!(is_deposed(&purge::begin(&lab.control, &former, &row.id).await));
    assert!(purge::begin(&lab.control, &current, &row.id).await?);
    for act in [Act::DeleteTopics, Act::DropDatabase, Act::DeleteBucket] {
        assert!(is_deposed(&purge::apply(&lab.control, &former, &row.id, act).await), "{act:?}");
    }
    assert!(is_deposed(&purge::purge(&lab.control, &former, &row.id).await));
    let left = purge::observe(&lab.control, &row.id).await?;
    assert_eq!((left.topics.len(), left.database, left.bucket), (5, true, true), "nothing was destroyed");
    purge::purge(&lab.control, &current, &row.id).await?;
    Ok(())
}

/// Whoever takes over may retire and purge the workspace at once: nothing of it may be made from then on.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_deposed_right_after_the_row_makes_nothing_on_the_backends() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let source: Arc<str> = unique("cluster").into();
    let manifest = manifest(&unique("acme"), "")?;
    let first = begin(&lab, &source).await?;
    let depose = "create function control.depose() returns trigger language plpgsql as $$
                  begin update control.leaders set epoch = epoch + 1 where source = new.source; return new; end $$;
                  create trigger depose after insert on control.workspaces
                  for each row execute function control.depose();";
    sqlx::raw_sql(depose).execute(lab.pool()).await?;
    assert!(is_deposed(&converge(&lab.control, &target_with(&first, &manifest, &lab)?).await));
    let rows = lab.state(&manifest.place()).await?;
    let left = purge::observe(&lab.control, &rows[0].0.parse()?).await?;
    assert_eq!((left.topics.len(), left.database, left.bucket), (0, false, false));
    // Its successor ends what was begun.
    let current = begin(&lab, &source).await?;
    assert!(converge(&lab.control, &target_with(&current, &manifest, &lab)?).await?.is_some_and(|row| row.ready));
    Ok(())
}

fn target_with(term: &Term, manifest: &crds::WorkspaceManifest, lab: &Lab) -> anyhow::Result<Target> {
    let mut spec = admission::spec(manifest, lab.control.class())?;
    spec.display_name = "Another".to_owned();
    Ok(Target {
        term: term.clone(),
        place: manifest.place(),
        wanted: Wanted::Present { spec: Box::new(spec), restore: None, accepted_loss: None },
    })
}
