//! The directory's transactions against a real Postgres: what concurrent requests leave behind.

use std::str::FromStr;

use domain::{ChannelId, ChannelRole, UserId, Visibility};
use serde_json::Value;
use sqlx::{
    Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{
    avatars::Kept, channels, error::DirectoryError, members, picture::PictureType, properties::Properties, store,
};

/// A workspace's database of one test.
struct TestDatabase {
    server: PgConnectOptions,
    name: String,
    pool: PgPool,
}

impl TestDatabase {
    async fn create() -> Self {
        let url = std::env::var("THREADLY_TEST_POSTGRES")
            .expect("THREADLY_TEST_POSTGRES names no server: run the tests by `cargo xtask test`");
        let server = PgConnectOptions::from_str(&url).unwrap();
        let name = format!("directory_test_{}", uuid::Uuid::now_v7().simple());
        let mut admin = PgConnection::connect_with(&server).await.unwrap();
        for role in ["threadly_auth", "threadly_functions"] {
            let make = format!(
                "do $$ begin create role {role} login; exception when duplicate_object or unique_violation then null; end $$"
            );
            sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&mut admin).await.unwrap();
        }
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut admin).await.unwrap();
        let pool = PgPoolOptions::new().max_connections(8).connect_with(server.clone().database(&name)).await.unwrap();
        schema::workspace::MIGRATOR.run(&pool).await.unwrap();
        Self { server, name, pool }
    }

    async fn person(&self, active: bool) -> UserId {
        let id = UserId::random();
        sqlx::query("insert into users (id, email, display_name, role, active) values ($1, $2, 'Ada', 'member', $3)")
            .bind(id.0)
            .bind(format!("{id}@acme.example"))
            .bind(active)
            .execute(&self.pool)
            .await
            .unwrap();
        id
    }

    async fn channel(&self, maker: UserId, name: &str, visibility: Visibility) -> ChannelId {
        let id = ChannelId::random();
        assert!(channels::create(&self.pool, id, &properties(name, visibility), maker).await.unwrap());
        id
    }

    /// (topic, kind, version) of the waiting events that name `user`, or of all if none is named.
    async fn waiting(&self, user: Option<UserId>) -> Vec<(String, String, i64)> {
        let rows: Vec<(String, Value)> =
            sqlx::query_as("select topic, event from outbox order by id").fetch_all(&self.pool).await.unwrap();
        let named = |event: &Value| user.is_none_or(|user| event["data"]["userId"] == user.to_string());
        rows.into_iter()
            .filter(|(_, event)| named(event))
            .map(|(topic, event)| {
                (topic, event["event"].as_str().unwrap().to_owned(), event["data"]["version"].as_i64().unwrap())
            })
            .collect()
    }

    async fn remove(self) {
        self.pool.close().await;
        let mut admin = PgConnection::connect_with(&self.server).await.unwrap();
        let drop = format!("drop database {} with (force)", self.name);
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&mut admin).await.unwrap();
    }
}

fn properties(name: &str, visibility: Visibility) -> Properties {
    Properties { name: name.parse().unwrap(), topic: "".parse().unwrap(), visibility }
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
        tokio::spawn(async move { members::add(&pool, channel, bob).await.unwrap() })
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

    assert!(members::add(&database.pool, channel, bob).await.unwrap());
    assert!(members::remove(&database.pool, channel, bob).await.unwrap());
    assert!(!members::remove(&database.pool, channel, bob).await.unwrap());
    assert!(store::has_left(&database.pool, channel, bob).await.unwrap());
    assert!(members::add(&database.pool, channel, bob).await.unwrap());
    assert!(!members::add(&database.pool, channel, bob).await.unwrap());

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
        let refused = members::add(&database.pool, channel, person).await;
        assert!(matches!(refused, Err(DirectoryError::PersonNotFound)), "{refused:?}");
    }
    let nowhere = members::add(&database.pool, ChannelId::random(), ada).await;
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
    let refused = channels::change(&database.pool, other, &taken).await;
    assert!(matches!(refused, Err(DirectoryError::ChannelNameTaken)), "{refused:?}");
    assert!(!channels::change(&database.pool, other, &properties("random", Visibility::Public)).await.unwrap());
    assert!(channels::change(&database.pool, other, &properties("Random", Visibility::Public)).await.unwrap());
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
        let rows = store::visible_channels(&database.pool, user, after, limit).await.unwrap();
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
        let is_news = store::set_avatar(&mut transaction, ada, kept).await.unwrap();
        if is_news {
            people::person_changed(&mut transaction, ada).await.unwrap();
        }
        transaction.commit().await.unwrap();
        is_news
    };
    let kept = Kept { digest: "ab".repeat(32).parse().unwrap(), kind: PictureType::Png };
    assert!(set(Some(kept)).await && !set(Some(kept)).await);
    assert_eq!(store::avatar(&database.pool, ada).await.unwrap(), Some(kept));
    assert!(set(None).await && !set(None).await);
    assert_eq!(store::avatar(&database.pool, ada).await.unwrap(), None);

    let told: Vec<Value> =
        sqlx::query_scalar("select event from outbox order by id").fetch_all(&database.pool).await.unwrap();
    let told: Vec<_> =
        told.iter().map(|event| (event["data"]["avatar"].clone(), event["data"]["version"].clone())).collect();
    assert_eq!(told, [(Value::from("ab".repeat(32)), Value::from(2)), (Value::Null, Value::from(3))]);
    database.remove().await;
}
