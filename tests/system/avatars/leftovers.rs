//! Pictures that nobody has any more, and of which no process remembers that it should delete them.

use domain::UserId;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use sqlx::PgPool;
use testkit::{Host, Process, Program, TestStore, wait};

use super::{GIF, LIMIT, PNG, Scene, digest, put};

impl Scene {
    async fn clock(&mut self) -> anyhow::Result<Process> {
        let targets = format!("directory={},auth={}", self.directory.url(), self.auth.url());
        self.lab.settings.push(("THREADLY_CLOCK_FUNCTIONS".to_owned(), targets));
        self.lab.spawn(Program::Clock, "clock", "all").await
    }

    async fn database(&self) -> anyhow::Result<PgPool> {
        let options = self.lab.control.server().clone().database(&self.workspace.id.database());
        Ok(PgPool::connect_with(options).await?)
    }

    async fn gone(&self, user: UserId, content: &[u8]) -> anyhow::Result<()> {
        wait::until("what nobody has any more is deleted", LIMIT, async || {
            self.is_kept(user, content).await.is_ok_and(|kept| !kept).then_some(())
        })
        .await
    }
}

/// Waits until everything that was left behind has been looked at.
async fn nothing_is_left(database: &PgPool) -> anyhow::Result<()> {
    wait::until("nothing is left behind", LIMIT, async || {
        let left: i64 = sqlx::query_scalar("select count(*) from avatar_leftovers").fetch_one(database).await.ok()?;
        (left == 0).then_some(())
    })
    .await
}

async fn the_picture_of_somebody_erased_goes_although_nobody_was_there_to_delete_it(host: Host) -> anyhow::Result<()> {
    for store in TestStore::every()? {
        let mut scene = Scene::on(host, store).await?;
        let (ada, bob) = (scene.person("ada").await?, scene.person("bob").await?);
        scene.set(&ada, "image/png", PNG).await?;
        scene.set(&bob, "image/png", PNG).await?;
        let upload = scene.announce(&ada, "image/gif", GIF).await?;
        assert_eq!(put(&upload, GIF).await?, StatusCode::OK);
        scene.directory.kill().await?;
        let path = format!("/people/{}?confirm={}", ada.id, ada.email.replace('@', "%40"));
        let erased = ada.request(Method::DELETE, &scene.auth.url(), &path, None).await?;
        assert_eq!(erased.status, StatusCode::NO_CONTENT, "{erased:?}");
        assert!(scene.is_kept(ada.id, PNG).await?);

        scene.directory.restart().await?;
        let _clock = scene.clock().await?;
        scene.gone(ada.id, PNG).await?;
        nothing_is_left(&scene.database().await?).await?;
        assert!(scene.is_kept(bob.id, PNG).await?);
    }
    Ok(())
}

async fn what_is_taken_away_while_the_object_store_is_away_goes_later_and_what_somebody_has_stays(
    host: Host,
) -> anyhow::Result<()> {
    let mut scene = Scene::on(host, TestStore::embedded()?).await?;
    let (ada, bob) = (scene.person("ada").await?, scene.person("bob").await?);
    scene.set(&ada, "image/png", PNG).await?;
    scene.set(&bob, "image/gif", GIF).await?;
    scene.lab.store.stop();
    assert_eq!(scene.ask(&ada, Method::DELETE, "/me/avatar", None).await?.status, StatusCode::NO_CONTENT);
    let database = scene.database().await?;
    let waits: i64 = sqlx::query_scalar("select count(*) from avatar_leftovers").fetch_one(&database).await?;
    assert_eq!(waits, 1, "it is written down while it can't be deleted");
    scene.lab.store.restart()?;

    // As if Bob had changed his picture and come back to it.
    sqlx::query("insert into avatar_leftovers (user_id, digest) values ($1, $2)")
        .bind(bob.id.0)
        .bind(digest(GIF))
        .execute(&database)
        .await?;
    let _clock = scene.clock().await?;
    scene.gone(ada.id, PNG).await?;
    nothing_is_left(&database).await?;
    assert!(scene.is_kept(bob.id, GIF).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_process_has_copied_that_dies_before_its_commit_goes() -> anyhow::Result<()> {
    let mut scene = Scene::on(Host::Hyper, TestStore::start()?).await?;
    let ada = scene.person("ada").await?;
    let upload = scene.announce(&ada, "image/png", PNG).await?;
    assert_eq!(put(&upload, PNG).await?, StatusCode::OK);
    let database = scene.database().await?;
    let mut busy = database.begin().await?;
    sqlx::query("select from users where id = $1 for no key update").bind(ada.id.0).execute(&mut *busy).await?;
    let completing = scene.complete(&ada, &upload);
    let written_down = wait::until("it is written down before it is copied", LIMIT, async || {
        let left = "select count(*) from avatar_leftovers where digest = $1 and next_at > now()";
        let left: i64 = sqlx::query_scalar(left).bind(digest(PNG)).fetch_one(&database).await.ok()?;
        (left == 1).then_some(())
    });
    tokio::select! {
        answer = completing => anyhow::bail!("it did not wait for the person's row: {answer:?}"),
        written = written_down => written?,
    }
    scene.directory.kill().await?;
    busy.rollback().await?;
    // What it would have done before it died.
    let incoming = format!("incoming/{}/{}", ada.id, upload["uploadId"].as_str().unwrap_or_default());
    let (bucket, kept) = (scene.workspace.id.bucket(), format!("avatars/{}/{}", ada.id, digest(PNG)));
    let found = scene.buckets.head(&bucket, &incoming).await?.ok_or_else(|| anyhow::anyhow!("no upload"))?;
    let served = buckets::Served { content_type: "image/png", disposition: "inline" };
    scene.buckets.copy(&bucket, &incoming, &found.etag, &kept, &served).await?;

    sqlx::query("update avatar_leftovers set next_at = now()").execute(&database).await?;
    sqlx::query("update control.due set at = now()").execute(&scene.lab.control.pool).await?;
    scene.directory.restart().await?;
    let _clock = scene.clock().await?;
    scene.gone(ada.id, PNG).await?;
    nothing_is_left(&database).await?;
    assert_eq!(scene.ask(&ada, Method::GET, "/me", None).await?.ok()?["avatar"], Value::Null);
    Ok(())
}

on_both_hosts! {
    the_picture_of_somebody_erased_goes_although_nobody_was_there_to_delete_it,
    what_is_taken_away_while_the_object_store_is_away_goes_later_and_what_somebody_has_stays,
}
