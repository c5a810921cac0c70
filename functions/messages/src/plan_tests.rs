//! How the projection asks a real Postgres when a workspace has grown since the connection was made.

use std::str::FromStr;

use chrono::Utc;
use domain::{ChannelId, Event, MessageId, Position, UserId, events::MessageCreated};
use event_log::{Projection as _, Recorded};
use sqlx::{
    Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use uuid::Uuid;

use crate::MessageProjection;

/// More than enough executions for the server to keep a plan, if it may.
const BATCHES: i64 = 20;
const GROWN: i64 = 50_000;

async fn read_in_sequence(pool: &PgPool) -> i64 {
    sqlx::query("select pg_stat_force_next_flush()").execute(pool).await.unwrap();
    let count = "select seq_tup_read from pg_stat_user_tables where relname = 'messages'";
    sqlx::query_scalar(count).fetch_one(pool).await.unwrap()
}

async fn project(pool: &PgPool, channel: ChannelId, from: i64) {
    for offset in from..from + BATCHES {
        let event = Event::MessageCreated(MessageCreated {
            message_id: MessageId(Uuid::now_v7()),
            channel_id: channel,
            parent_message_id: None,
            user_id: UserId::random(),
            text: "hello".to_owned(),
        });
        let position = Position { epoch: 1, partition: 0, offset };
        let mut transaction = pool.begin().await.unwrap();
        MessageProjection.apply(&mut transaction, &[Recorded { position, time: Utc::now(), event }]).await.unwrap();
        transaction.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_grown_workspace_is_not_read_whole_for_each_batch() {
    let url = std::env::var("THREADLY_TEST_POSTGRES")
        .expect("THREADLY_TEST_POSTGRES names no server: run the tests by `cargo xtask test`");
    let server = PgConnectOptions::from_str(&url).unwrap();
    let name = format!("messages_test_{}", Uuid::now_v7().simple());
    let mut admin = PgConnection::connect_with(&server).await.unwrap();
    for role in ["threadly_auth", "threadly_functions"] {
        let make = format!(
            "do $$ begin create role {role} login; exception when duplicate_object or unique_violation then null; end $$"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&mut admin).await.unwrap();
    }
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut admin).await.unwrap();
    let as_programs_do = tenancy::databases::limited(server.clone()).database(&name);
    let pool = PgPoolOptions::new().max_connections(1).connect_with(as_programs_do).await.unwrap();
    schema::workspace::MIGRATOR.run(&pool).await.unwrap();
    // Nobody's statistics come to help.
    sqlx::query("alter table messages set (autovacuum_enabled = off)").execute(&pool).await.unwrap();

    let channel = ChannelId::random();
    project(&pool, channel, 0).await;
    let grow = "insert into messages (channel_id, id, author_id, text, sequence, epoch, partition, created_offset,
                                      changed_offset, created_at)
                select $1, gen_random_uuid(), gen_random_uuid(), 'hello', 1000000 + n, 1, 0, 1000000 + n, 1000000 + n, now()
                from generate_series(1, $2::bigint) n";
    sqlx::query(grow).bind(channel.0).bind(GROWN).execute(&pool).await.unwrap();
    let before = read_in_sequence(&pool).await;
    project(&pool, channel, BATCHES).await;
    let read = read_in_sequence(&pool).await - before;

    pool.close().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("drop database {name} with (force)"))).execute(&mut admin).await.unwrap();
    assert!(read < GROWN, "{BATCHES} batches of one message read {read} rows in sequence");
}
