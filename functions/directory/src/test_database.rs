//! A workspace's database on the real Postgres, for tests of what transactions leave behind and how pages are read.

use std::str::FromStr;

use chrono::Utc;
use domain::{ChannelId, Handle, UserId, Visibility};
use serde_json::Value;
use sqlx::{
    Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{answer::Seen, channels, channels::properties::Properties};

/// A workspace's database of one test.
pub(crate) struct TestDatabase {
    server: PgConnectOptions,
    name: String,
    pub(crate) pool: PgPool,
}

impl TestDatabase {
    pub(crate) async fn create() -> Self {
        Self::with_connections(8).await
    }

    /// With so many connections at most; with one, what it did can be counted.
    pub(crate) async fn with_connections(most: u32) -> Self {
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
        let as_programs_do = tenancy::databases::limited(server.clone()).database(&name);
        let pool = PgPoolOptions::new().max_connections(most).connect_with(as_programs_do).await.unwrap();
        schema::workspace::MIGRATOR.run(&pool).await.unwrap();
        Self { server, name, pool }
    }

    pub(crate) async fn person(&self, active: bool) -> UserId {
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

    pub(crate) async fn channel(&self, maker: UserId, name: &str, visibility: Visibility) -> ChannelId {
        let id = ChannelId::random();
        assert!(channels::create(&self.pool, id, &properties(name, visibility), maker).await.unwrap());
        id
    }

    /// (topic, kind, version) of the waiting events that name `user`, or of all if none is named.
    pub(crate) async fn waiting(&self, user: Option<UserId>) -> Vec<(String, String, i64)> {
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

    pub(crate) async fn remove(self) {
        self.pool.close().await;
        let mut admin = PgConnection::connect_with(&self.server).await.unwrap();
        let drop = format!("drop database {} with (force)", self.name);
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&mut admin).await.unwrap();
    }
}

pub(crate) fn properties(name: &str, visibility: Visibility) -> Properties {
    Properties {
        name: name.parse().unwrap(),
        topic: String::new(),
        purpose: String::new(),
        visibility,
        posting: domain::Posting::Everyone,
    }
}

/// As somebody sees it now.
pub(crate) fn seen(handle: &Handle) -> Seen<'_> {
    Seen { handle, now: Utc::now() }
}
