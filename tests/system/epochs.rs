//! A log that lost records stops projection for everybody, aloud, until somebody acknowledges it; nothing is skipped.

use std::time::Duration;

use sqlx::{PgPool, postgres::PgConnectOptions, query, query_scalar};
use testkit::wait;
use threadly_tests::house::House;

const LIMIT: Duration = Duration::from_secs(30);

/// The workspace's database, as the admin.
async fn database(house: &House) -> anyhow::Result<PgPool> {
    let server: PgConnectOptions = house.lab.admin_url.parse()?;
    Ok(PgPool::connect_with(server.database(&house.workspace.id.database())).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_tail_halts_projection_until_the_epoch_is_raised_and_loses_nothing_that_still_exists()
-> anyhow::Result<()> {
    let mut house = House::start("lost", 1).await?;
    let (directory, messages) = (house.directory.url(), house.messages[0].url());
    let ada = house.person("ada").await?;
    let channel = ada.make_channel(&directory, "public").await?;
    let partition = i32::try_from(domain::position::partition_of(channel.0, 2))?;
    let (_, first) = ada.post(&messages, channel, "before").await?;
    assert_eq!(ada.history(&messages, channel, Some(&first.to_string())).await?.len(), 1);

    // The database stands further than the log reaches, as after the broker lost its tail.
    house.projector.kill().await?;
    let pool = database(&house).await?;
    query("update projection_positions set next_offset = next_offset + 3 where partition = $1")
        .bind(partition)
        .execute(&pool)
        .await?;
    house.projector.restart().await?;
    wait::until("projection is halted", LIMIT, async || {
        let halted = query_scalar::<_, Option<String>>("select halted from projection_positions where partition = $1");
        halted.bind(partition).fetch_one(&pool).await.ok().flatten().filter(|reason| reason == "LogLost")
    })
    .await?;

    // Posting goes on, beyond where the log stood; still nobody projects over the hole, not even a reader.
    let mut last = first;
    for number in 0..6 {
        last = ada.post(&messages, channel, &format!("after {number}")).await?.1;
    }
    house.projector.kill().await?;
    house.projector.restart().await?;
    assert_eq!(ada.history(&messages, channel, Some(&last.to_string())).await?.len(), 1);

    // Somebody acknowledges: a new epoch, in which everything that still exists is projected.
    query("update control.workspaces set epoch = epoch + 1 where id = $1")
        .bind(house.workspace.id.as_str())
        .execute(&house.lab.control.pool)
        .await?;
    let texts = wait::until("the new epoch is projected", LIMIT, async || {
        let history = ada.history(&messages, channel, None).await.ok()?;
        (history.len() == 7).then(|| history.iter().map(|item| item["text"].clone()).collect::<Vec<_>>())
    })
    .await?;
    let expected: Vec<_> =
        std::iter::once("before".to_owned()).chain((0..6).map(|number| format!("after {number}"))).collect();
    assert_eq!(texts, expected);
    Ok(())
}
