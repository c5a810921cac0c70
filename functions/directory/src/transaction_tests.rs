//! The directory's transactions against a real Postgres: what concurrent requests leave behind.

use domain::{ChannelId, ChannelRole, UserId, Visibility};
use function_host::etag::Conditions;
use serde_json::Value;

use crate::{
    avatars::{self, Kept, picture::PictureType},
    channels::{self, properties::Properties},
    error::DirectoryError,
    members::{self, Put, Wanted},
    test_database::{TestDatabase, properties},
};

async fn add(database: &TestDatabase, channel: ChannelId, person: UserId) -> Result<bool, DirectoryError> {
    Ok(members::put(&database.pool, channel, person, Wanted::default()).await? == Put::Added)
}

fn event(topic: &str, kind: &str, version: i64) -> (String, String, i64) {
    (topic.to_owned(), kind.to_owned(), version)
}

const ADDED: &str = "CHANNEL_MEMBER_ADDED";
const REMOVED: &str = "CHANNEL_MEMBER_REMOVED";

#[tokio::test]
async fn concurrent_puts_of_one_member_give_one_marker() {
    let database = TestDatabase::create().await;
    let (ada, bob) = (database.person(true).await, database.person(true).await);
    let channel = database.channel(ada, "general", Visibility::Public).await;

    let puts = (0..8).map(|_| {
        let pool = database.pool.clone();
        let put = async move { members::put(&pool, channel, bob, Wanted::default()).await.unwrap() };
        tokio::spawn(async move { put.await == Put::Added })
    });
    let mut added = 0;
    for put in puts.collect::<Vec<_>>() {
        added += u32::from(put.await.unwrap());
    }

    assert_eq!(added, 1);
    assert_eq!(database.waiting(Some(bob)).await, [event("messages", ADDED, 1), event("directory", ADDED, 1)]);
    database.remove().await;
}

#[tokio::test]
async fn a_membership_counts_on_over_its_tombstone_and_repeats_say_nothing() {
    let database = TestDatabase::create().await;
    let (ada, bob) = (database.person(true).await, database.person(true).await);
    let channel = database.channel(ada, "general", Visibility::Public).await;

    assert!(add(&database, channel, bob).await.unwrap());
    assert!(members::remove(&database.pool, channel, bob).await.unwrap());
    assert!(!members::remove(&database.pool, channel, bob).await.unwrap());
    assert!(members::store::has_left(&database.pool, channel, bob).await.unwrap());
    assert!(add(&database, channel, bob).await.unwrap());
    assert!(!add(&database, channel, bob).await.unwrap());

    let expected = [(ADDED, 1), (REMOVED, 2), (ADDED, 3)];
    let expected = expected.map(|(kind, version)| ["messages", "directory"].map(|topic| event(topic, kind, version)));
    assert_eq!(database.waiting(Some(bob)).await, expected.concat());
    database.remove().await;
}

#[tokio::test]
async fn unknown_and_deactivated_people_are_not_let_in() {
    let database = TestDatabase::create().await;
    let ada = database.person(true).await;
    let channel = database.channel(ada, "general", Visibility::Public).await;
    let before = database.waiting(None).await;

    for person in [UserId::random(), database.person(false).await] {
        let refused = add(&database, channel, person).await;
        assert!(matches!(refused, Err(DirectoryError::PersonNotFound)), "{refused:?}");
    }
    let nowhere = add(&database, ChannelId::random(), ada).await;
    assert!(matches!(nowhere, Err(DirectoryError::ChannelNotFound)), "{nowhere:?}");
    assert_eq!(database.waiting(None).await, before);
    database.remove().await;
}

#[tokio::test]
async fn equal_channels_at_once_are_made_once_and_a_taken_name_is_refused() {
    let database = TestDatabase::create().await;
    let ada = database.person(true).await;
    let id = ChannelId::random();

    let puts = (0..8).map(|_| {
        let pool = database.pool.clone();
        tokio::spawn(async move {
            channels::create(&pool, id, &properties("general", Visibility::Public), ada).await.unwrap()
        })
    });
    let mut made = 0;
    for put in puts.collect::<Vec<_>>() {
        made += u32::from(put.await.unwrap());
    }
    assert_eq!(made, 1);
    let expected =
        [event("directory", "CHANNEL_CHANGED", 1), event("messages", ADDED, 1), event("directory", ADDED, 1)];
    assert_eq!(database.waiting(None).await, expected);

    let taken = properties("GENERAL", Visibility::Private);
    let refused = channels::create(&database.pool, ChannelId::random(), &taken, ada).await;
    assert!(matches!(refused, Err(DirectoryError::ChannelNameTaken)), "{refused:?}");
    let other = database.channel(ada, "random", Visibility::Public).await;
    let refused = channels::change(&database.pool, other, &taken, &Conditions::default()).await;
    assert!(matches!(refused, Err(DirectoryError::ChannelNameTaken)), "{refused:?}");
    let change =
        async |wanted: Properties| channels::change(&database.pool, other, &wanted, &Conditions::default()).await;
    assert!(!change(properties("random", Visibility::Public)).await.unwrap());
    assert!(change(properties("Random", Visibility::Public)).await.unwrap());
    assert_eq!(database.waiting(None).await.last(), Some(&event("directory", "CHANNEL_CHANGED", 2)));
    database.remove().await;
}

#[tokio::test]
async fn private_channels_of_others_are_not_listed_and_pages_go_on_by_name() {
    let database = TestDatabase::create().await;
    let (ada, bob) = (database.person(true).await, database.person(true).await);
    for (name, visibility) in
        [("beta", Visibility::Public), ("Alpha", Visibility::Public), ("secret", Visibility::Private)]
    {
        database.channel(ada, name, visibility).await;
    }
    let list = async |user, after: Option<&str>, limit| {
        let rows =
            channels::store::visible_channels(&database.pool, user, &channels::store::Which::default(), after, limit)
                .await
                .unwrap();
        rows.into_iter().map(|(_, channel)| (channel.name, channel.membership)).collect::<Vec<_>>()
    };

    assert_eq!(list(bob, None, 10).await, [("Alpha".to_owned(), None), ("beta".to_owned(), None)]);
    assert_eq!(list(ada, None, 1).await, [("Alpha".to_owned(), Some(ChannelRole::Admin))]);
    let rest = list(ada, Some("alpha"), 10).await;
    assert_eq!(rest.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["beta", "secret"]);
    database.remove().await;
}

#[tokio::test]
async fn a_new_picture_is_news_with_its_digest_and_the_same_one_is_none() {
    let database = TestDatabase::create().await;
    let ada = database.person(true).await;
    let set = async |avatar: Option<Kept>| {
        let mut transaction = database.pool.begin().await.unwrap();
        let kept = avatar.map(|kept| (kept, 8));
        let is_news = avatars::store::set_avatar(&mut transaction, ada, kept).await.unwrap();
        if is_news {
            ::people::person_changed(&mut transaction, ada).await.unwrap();
        }
        transaction.commit().await.unwrap();
        is_news
    };
    let kept = Kept { digest: "ab".repeat(32).parse().unwrap(), kind: PictureType::Png };
    assert!(set(Some(kept)).await && !set(Some(kept)).await);
    assert_eq!(avatars::store::avatar(&database.pool, ada).await.unwrap(), Some(kept));
    assert!(set(None).await && !set(None).await);
    assert_eq!(avatars::store::avatar(&database.pool, ada).await.unwrap(), None);

    let told: Vec<Value> =
        sqlx::query_scalar("select event from outbox order by id").fetch_all(&database.pool).await.unwrap();
    let told: Vec<_> =
        told.iter().map(|event| (event["data"]["avatar"].clone(), event["data"]["version"].clone())).collect();
    assert_eq!(told, [(Value::from("ab".repeat(32)), Value::from(2)), (Value::Null, Value::from(3))]);
    database.remove().await;
}
