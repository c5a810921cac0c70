//! Topics' options, the end of topics, and who the cluster is.

use event_log::admin::{AdminError, options::TopicOption};
use testkit::wait;

use crate::broker::{LIMIT, admin, broker, make_topics, unique};

fn option(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn options_that_nobody_names_stay_as_somebody_set_them() -> anyhow::Result<()> {
    let kafka = broker().await?;
    let admin = admin(&kafka)?;
    let topic = unique();
    make_topics(&admin, std::slice::from_ref(&topic)).await?;
    let see = async |name: &str| {
        let found = admin.describe_options(std::slice::from_ref(&topic)).await.ok()?;
        found.get(&topic)?.get(name).cloned()
    };
    let becomes = async |name: &str, value: &str| {
        let wanted = TopicOption { value: value.to_owned(), of_topic: true };
        let what = format!("{name} is {value}");
        wait::until(&what, LIMIT, async || (see(name).await? == wanted).then_some(())).await
    };
    assert_eq!(see("segment.ms").await.map(|option| option.of_topic), Some(false), "the broker's own word");

    // Ours, then by hand: another one, and ours too.
    admin.set_options(&[(topic.clone(), vec![option("retention.ms", "3600000")])]).await?;
    let by_hand = vec![option("segment.ms", "777000"), option("retention.ms", "1000")];
    admin.set_options(&[(topic.clone(), by_hand)]).await?;
    becomes("retention.ms", "1000").await?;

    admin.set_options(&[(topic.clone(), vec![option("retention.ms", "3600000")])]).await?;
    becomes("retention.ms", "3600000").await?;
    becomes("segment.ms", "777000").await
}

#[tokio::test]
async fn options_that_make_no_sense_are_refused_by_name() -> anyhow::Result<()> {
    let kafka = broker().await?;
    let admin = admin(&kafka)?;
    let (topic, missing) = (unique(), unique());
    make_topics(&admin, std::slice::from_ref(&topic)).await?;
    let error = admin.set_options(&[(topic.clone(), vec![option("retention.ms", "soon")])]).await.unwrap_err();
    assert!(matches!(&error, AdminError::Refused { what, .. } if *what == format!("topic {topic}")), "{error}");
    assert!(error.to_string().contains("retention.ms"), "{error}");
    let error = admin.set_options(&[(missing.clone(), vec![option("retention.ms", "1")])]).await.unwrap_err();
    assert!(error.to_string().contains(&missing), "{error}");
    let error = admin.set_options(&[(topic, vec![option("retention.ms", "1\0")])]).await.unwrap_err();
    assert!(matches!(error, AdminError::Unsendable { .. }), "{error}");
    assert!(!admin.describe_options(std::slice::from_ref(&missing)).await?.contains_key(&missing));
    Ok(())
}

#[tokio::test]
async fn deleted_topics_are_gone_and_may_be_deleted_again() -> anyhow::Result<()> {
    let kafka = broker().await?;
    let admin = admin(&kafka)?;
    let (gone, kept) = (unique(), unique());
    make_topics(&admin, &[gone.clone(), kept.clone()]).await?;
    for _ in 0..2 {
        admin.delete(&[gone.clone(), unique()]).await?;
        wait::until("the topic is gone", LIMIT, async || {
            let found = admin.describe(&[gone.clone(), kept.clone()]).await.ok()?;
            (!found[0].exists() && found[1].exists()).then_some(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_cluster_is_known_by_the_name_it_was_made_with() -> anyhow::Result<()> {
    let kafka = broker().await?;
    assert_eq!(admin(&kafka)?.cluster_id().await?, kafka.cluster_id());
    Ok(())
}
