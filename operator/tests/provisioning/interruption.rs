//! Work that was cut off anywhere is taken up, under the same identity, and nothing is lost.

use crds::WorkspaceManifest;
use operator::{
    admission,
    plan::{Desired, Step, plan},
    provision::{Target, Wanted, apply, converge, observe, observe_bucket},
    registry::{DIRECTORY, mint},
    term::Term,
};
use tenancy::credentials::LoginRole;
use uuid::Uuid;

use crate::lab::{Lab, Running, manifest, unique, yaml};

fn target(lab: &Lab, manifest: &WorkspaceManifest) -> anyhow::Result<Target> {
    let spec = admission::spec(manifest, lab.control.class())?;
    Ok(Target { term: Term::alone(DIRECTORY), place: manifest.place(), wanted: admission::wanted(manifest, spec) })
}

async fn steps(lab: &Lab, target: &Target) -> anyhow::Result<Vec<Step>> {
    let desired = match &target.wanted {
        Wanted::Present { spec, .. } => {
            Desired::Present { spec: Box::as_ref(spec).clone(), minted: mint(), accepted_loss: None }
        }
        Wanted::Absent => Desired::Absent,
    };
    let mut observed = observe(&lab.control, target).await?;
    observe_bucket(&lab.control, target, &mut observed).await?;
    Ok(plan(&observed, &desired)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn creation_cut_off_after_any_step_is_taken_up() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let all = steps(&lab, &target(&lab, &manifest(&unique("count"), "")?)?).await?.len();
    assert_eq!(all, 10);
    for cut in 1..=all {
        let target = target(&lab, &manifest(&unique("acme"), "")?)?;
        let planned = steps(&lab, &target).await?;
        for step in planned.iter().take(cut) {
            apply(&lab.control, &target, step).await?;
        }
        let registered = lab.state(&target.place).await?;
        // The effect of the next step is there, but nobody noted it: the same step again must do no harm.
        if cut > 1 {
            apply(&lab.control, &target, &planned[cut - 1]).await?;
        }
        let row = converge(&lab.control, &target).await?.unwrap();
        assert!(row.ready, "cut after {cut}");
        assert_eq!(registered, [(row.id.to_string(), "Active".to_owned())], "cut after {cut}");
        assert_eq!(steps(&lab, &target).await?, [], "cut after {cut}");
        lab.connect_as(LoginRole::Functions, &row.id.database()).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_restarted_in_the_middle_ends_it() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let name = unique("acme");
    let target = target(&lab, &manifest(&name, "")?)?;
    for step in steps(&lab, &target).await?.iter().take(4) {
        apply(&lab.control, &target, step).await?;
    }
    let registered = lab.state(&target.place).await?;
    let mut running = Running::start(&lab)?;
    running.write("acme.yaml", &yaml(&name, ""));
    let status = running.reason("acme.yaml", "Ready").await;
    assert_eq!(registered, [(status.id.unwrap().to_string(), "Active".to_owned())]);
    running.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_schema_is_migrated_and_its_rows_stay() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let target = target(&lab, &manifest(&unique("acme"), "")?)?;
    let id = converge(&lab.control, &target).await?.unwrap().id;
    let user = add_user(&lab, &id.database()).await?;
    // As a program left it that cloned the database and was killed before it noted the version.
    sqlx::query("update control.workspaces set schema_version = 0 where id = $1")
        .bind(id.as_str())
        .execute(lab.pool())
        .await?;
    assert_eq!(steps(&lab, &target).await?, [Step::MigrateDatabase(id.clone())]);
    converge(&lab.control, &target).await?;
    assert_eq!(steps(&lab, &target).await?, []);
    assert_eq!(users(&lab, &id.database()).await?, [user]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_vanished_is_told_and_not_made_anew() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let name = unique("acme");
    let target = target(&lab, &manifest(&name, "")?)?;
    let id = converge(&lab.control, &target).await?.unwrap().id;
    sqlx::query(sqlx::AssertSqlSafe(format!("drop database {} with (force)", id.database())))
        .execute(lab.pool())
        .await?;
    let mut running = Running::start(&lab)?;
    running.write("acme.yaml", &yaml(&name, ""));
    let status = running.reason("acme.yaml", "DataMissing").await;
    assert!(status.message.contains(&id.database()), "{}", status.message);
    running.stop().await;
    Ok(())
}

/// Writes something that must survive.
pub async fn add_user(lab: &Lab, database: &str) -> anyhow::Result<Uuid> {
    let user = Uuid::now_v7();
    let mut auth = lab.connect_as(LoginRole::Auth, database).await?;
    sqlx::query("insert into users (id, email, display_name, role) values ($1, 'ada@acme.example', 'Ada', 'owner')")
        .bind(user)
        .execute(&mut auth)
        .await?;
    Ok(user)
}

pub async fn users(lab: &Lab, database: &str) -> anyhow::Result<Vec<Uuid>> {
    let mut functions = lab.connect_as(LoginRole::Functions, database).await?;
    Ok(sqlx::query_scalar("select id from users").fetch_all(&mut functions).await?)
}
