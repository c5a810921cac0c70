//! A directory that people edit while the program runs.

use std::{fs, time::Instant};

use crate::{
    interruption::{add_user, users},
    lab::{Lab, Running, unique, until_row, yaml},
};

#[tokio::test(flavor = "multi_thread")]
async fn manifests_are_added_edited_and_removed_while_it_runs() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let (name, other) = (unique("acme"), unique("beta"));
    let mut running = Running::start(&lab)?;
    assert_eq!(running.until("an empty directory is judged", |_| true).await, []);

    let start = Instant::now();
    running.write("acme.yaml", &yaml(&name, ""));
    running.write("beta.yml", &yaml(&other, ""));
    let acme = running.reason("acme.yaml", "Ready").await;
    let created = start.elapsed();
    running.reason("beta.yml", "Ready").await;
    let id = acme.id.unwrap();
    let user = add_user(&lab, &id.database()).await?;

    let start = Instant::now();
    running.write("acme.yaml", &yaml(&name, "  displayName: Acme Corp\n  suspended: true\n"));
    let changed = "select display_name = 'Acme Corp' and suspended from control.workspaces where id = $1";
    until_row(lab.pool(), "the edit is in the registry", changed, id.as_str()).await;
    let edited = start.elapsed();

    let start = Instant::now();
    running.remove("acme.yaml");
    let retained = "select state = 'Retained' and retained_at is not null from control.workspaces where id = $1";
    until_row(lab.pool(), "the removal is in the registry", retained, id.as_str()).await;
    let removed = start.elapsed();
    assert_eq!(users(&lab, &id.database()).await?, [user], "removal keeps the data");

    running.write("again.yaml", &yaml(&name, ""));
    let again = running.reason("again.yaml", "Ready").await;
    assert_eq!(again.id.as_ref(), Some(&id), "what comes back gets its data back");
    assert_eq!(users(&lab, &id.database()).await?, [user]);
    println!("created and ready {created:?}, edit in effect {edited:?}, removal in effect {removed:?}");
    running.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_edit_leaves_the_workspace_as_it_was() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let name = unique("acme");
    let mut running = Running::start(&lab)?;
    running.write("acme.yaml", &yaml(&name, ""));
    let id = running.reason("acme.yaml", "Ready").await.id.unwrap();

    running.write("acme.yaml", &yaml(&name, "  displayNam: Oops\n"));
    let broken = running.reason("acme.yaml", "UnknownField").await;
    assert!(broken.ready && broken.id.as_ref() == Some(&id), "{broken:?}");
    assert!(
        broken.message.contains("spec.displayNam") && broken.message.contains("displayName?"),
        "{}",
        broken.message
    );

    running.write("acme.yaml", "][");
    let all = running.until("the file is not YAML", |all| all.iter().any(|one| one.reason == "NotYaml")).await;
    assert!(all.iter().any(|one| one.ready && one.id.as_ref() == Some(&id)), "{all:#?}");

    // A restart meets the broken file without having seen the good one.
    let folder = running.stop().await;
    let mut running = Running::over(lab.again().await?, folder);
    running.reason("acme.yaml", "NotYaml").await;
    let held = running.reason("", "Held").await;
    assert!(held.ready && held.id.as_ref() == Some(&id), "{held:?}");
    assert_eq!(lab.state(&format!("default/{name}")).await?, [(id.to_string(), "Active".to_owned())]);

    running.write("acme.yaml", &yaml(&name, "  handle: another\n"));
    let immutable = running.reason("acme.yaml", "Immutable").await;
    assert!(immutable.ready && immutable.message.contains("spec.handle"), "{immutable:?}");
    running.write("acme.yaml", &yaml(&name, "  displayName: Better\n"));
    running.reason("acme.yaml", "Ready").await;
    running.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_vanishes_removes_nothing() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let name = unique("acme");
    let mut running = Running::start(&lab)?;
    running.write("acme.yaml", &yaml(&name, ""));
    let id = running.reason("acme.yaml", "Ready").await.id.unwrap();
    let away = running.directory().with_file_name("away");
    fs::rename(running.directory(), &away)?;
    let all = running.until("the directory is missed", |all| all.len() == 2).await;
    assert!(all.iter().any(|one| one.reason == "DirectoryUnreadable"), "{all:#?}");
    assert!(all.iter().any(|one| one.ready && one.id.as_ref() == Some(&id)), "{all:#?}");
    assert_eq!(lab.state(&format!("default/{name}")).await?, [(id.to_string(), "Active".to_owned())]);

    // Also for a program that starts without it.
    let folder = running.stop().await;
    let blank = tempfile::tempdir()?;
    let mut other = Running::over(lab.again().await?, blank);
    fs::remove_dir(other.directory())?;
    other.until("the directory is missed", |all| all.iter().any(|one| one.reason == "DirectoryUnreadable")).await;
    other.stop().await;

    fs::rename(&away, folder.path().join("workspaces"))?;
    let mut running = Running::over(lab.again().await?, folder);
    let back = running.until("it is back", |all| all.len() == 1 && all[0].reason == "Ready").await;
    assert_eq!(back[0].id.as_ref(), Some(&id));
    running.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handle_goes_to_the_older_and_to_the_younger_once_it_is_free() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let (older, younger, handle) = (unique("older"), unique("younger"), unique("chat"));
    let more = format!("  handle: {handle}\n");
    let mut running = Running::start(&lab)?;
    running.write("b.yaml", &yaml(&older, &more));
    running.reason("b.yaml", "Ready").await;
    running.write("a.yaml", &yaml(&younger, &more));
    let taken = running.reason("a.yaml", "HandleTaken").await;
    assert!(taken.message.contains(&handle) && taken.message.contains(&older), "{}", taken.message);
    assert!(!taken.ready && taken.id.is_none());

    // The order is the registry's, not that of names: a restart changes nothing.
    let folder = running.stop().await;
    let mut running = Running::over(lab.again().await?, folder);
    running.reason("b.yaml", "Ready").await;
    running.reason("a.yaml", "HandleTaken").await;

    running.remove("b.yaml");
    let freed = running.reason("a.yaml", "Ready").await;
    assert_eq!(freed.handle, Some(handle));
    running.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn paused_leaves_everything_as_it_is() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let name = unique("acme");
    let mut running = Running::start(&lab)?;
    running.write("acme.yaml", &yaml(&name, ""));
    running.reason("acme.yaml", "Ready").await;
    running.write("acme.yaml", &yaml(&name, "  paused: true\n  displayName: Later\n"));
    let paused = running.reason("acme.yaml", "Paused").await;
    assert!(paused.ready, "{paused:?}");
    running.write("acme.yaml", &yaml(&name, "  displayName: Later\n"));
    running.reason("acme.yaml", "Ready").await;
    let renamed = "select display_name = 'Later' from control.workspaces where id = $1";
    until_row(lab.pool(), "the edit is in the registry", renamed, paused.id.unwrap().as_str()).await;
    running.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retained_workspace_is_brought_back_by_name_elsewhere() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let (name, other) = (unique("acme"), unique("successor"));
    let mut running = Running::start(&lab)?;
    running.write("acme.yaml", &yaml(&name, ""));
    let id = running.reason("acme.yaml", "Ready").await.id.unwrap();
    let user = add_user(&lab, &id.database()).await?;
    running.write("next.yaml", &yaml(&other, &format!("  restore: {{retainedWorkspace: {id}}}\n")));
    running.reason("next.yaml", "RestoreMissing").await;
    running.remove("acme.yaml");
    let restored = running.reason("next.yaml", "Ready").await;
    assert_eq!((restored.id.as_ref(), restored.handle), (Some(&id), Some(other)));
    assert_eq!(users(&lab, &id.database()).await?, [user]);
    running.stop().await;
    Ok(())
}
