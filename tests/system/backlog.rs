//! A projector that starts far behind catches up: its queue overflows, the partition is paused and rewound, and still
//! every record is projected once, in order.

use std::time::Duration;

use domain::MessageId;
use testkit::wait;
use threadly_tests::{
    checker::{Placed, Run, check},
    house::House,
};
use tokio::task::JoinSet;

use crate::delivery::kept;

const LIMIT: Duration = Duration::from_secs(60);
/// Several times what a partition's queue holds.
const MESSAGES: usize = 2_400;
const POSTERS: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn a_projector_far_behind_catches_up_in_order() -> anyhow::Result<()> {
    let mut house = House::start("backlog", 1).await?;
    let messages = house.messages[0].url();
    let ada = house.person("ada").await?;
    let channel = ada.make_channel(&house.directory.url(), "public").await?;
    house.projector.kill().await?;

    let mut posters = JoinSet::new();
    for _ in 0..POSTERS {
        let (ada, messages) = (ada.clone(), messages.clone());
        posters.spawn(async move {
            let mut posted: Vec<Placed> = Vec::new();
            for number in 0..MESSAGES / POSTERS {
                let (id, position) = ada.post(&messages, channel, &format!("message {number}")).await?;
                posted.push(Placed { channel, id, position });
            }
            anyhow::Ok(posted)
        });
    }
    let mut run = Run::default();
    while let Some(posted) = posters.join_next().await {
        run.acknowledged.extend(posted??);
    }
    run.attempted = run.acknowledged.iter().map(|placed| placed.id).collect::<std::collections::HashSet<MessageId>>();

    house.projector.restart().await?;
    let history = wait::until("everything is projected", LIMIT, async || {
        let history = ada.history(&messages, channel, None).await.ok()?;
        (history.len() >= MESSAGES).then_some(history)
    })
    .await?;
    run.history.insert(channel, history.iter().map(kept).collect::<anyhow::Result<_>>()?);
    let report = check(&run);
    println!("{report}");
    assert!(report.faults.is_empty(), "{report}");
    Ok(())
}
