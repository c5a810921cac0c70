//! How pages are read from a workspace of 50,000 people: by indexes, from the first to the last.

use std::collections::HashSet;

use domain::{AccountKind, ChannelId, Handle, UserId, Visibility};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    channels, members,
    paging::ByName,
    people::{self, store::Which},
    teams,
    test_database::{TestDatabase, seen},
};

const CROWD: i64 = 50_000;
const PAGE: i64 = 50;

/// Rows of a table that were read one after another so far.
async fn read_in_sequence(pool: &PgPool, table: &str) -> i64 {
    sqlx::query("select pg_stat_force_next_flush()").execute(pool).await.unwrap();
    let count = "select seq_tup_read from pg_stat_user_tables where relname = $1";
    sqlx::query_scalar(count).bind(table).fetch_one(pool).await.unwrap()
}

/// A crowd in one channel, with names that share beginnings, a bot and a guest among them, and a small channel.
struct Crowd {
    database: TestDatabase,
    handle: Handle,
    channel: ChannelId,
    guest: UserId,
}

impl Crowd {
    async fn gather() -> Self {
        let database = TestDatabase::with_connections(1).await;
        let maker = database.person(true).await;
        let channel = database.channel(maker, "everybody", Visibility::Public).await;
        let small = database.channel(maker, "few", Visibility::Private).await;
        let people = "insert into users (id, email, display_name, name_key, name_words, role, kind)
            select id, id || '@acme.example', name, lower(name), array_to_tsvector(string_to_array(lower(name), ' ')), 'member',
                   case when n % 10000 = 7 then 'bot' else 'person' end
            from (select n, gen_random_uuid() as id, 'Person' || n || ' Of' || n % 100 as name
                  from generate_series(1, $1::bigint) n) made";
        sqlx::query(people).bind(CROWD).execute(&database.pool).await.unwrap();
        let everybody = "insert into channel_members (channel_id, user_id, active, version)
            select $1, id, true, 1 from users where kind = 'person' on conflict do nothing";
        sqlx::query(everybody).bind(channel.0).execute(&database.pool).await.unwrap();
        let guest = database.person(true).await;
        sqlx::query("update users set role = 'guest' where id = $1")
            .bind(guest.0)
            .execute(&database.pool)
            .await
            .unwrap();
        for person in [guest, maker] {
            let come = "insert into channel_members (channel_id, user_id, active, version) values ($1, $2, true, 1)
                on conflict do nothing";
            sqlx::query(come).bind(small.0).bind(person.0).execute(&database.pool).await.unwrap();
        }
        sqlx::query("analyze").execute(&database.pool).await.unwrap();
        Self { database, handle: "acme".parse().unwrap(), channel, guest }
    }

    async fn people(&self, which: &Which, after: Option<&ByName>, limit: i64) -> Vec<(ByName, people::answer::Person)> {
        people::store::people(&self.database.pool, &seen(&self.handle), which, after, limit).await.unwrap()
    }
}

fn searching(search: &str) -> Which {
    Which { search: Some(search.to_owned()), ..Which::default() }
}

#[tokio::test]
async fn pages_of_50_000_people_are_read_by_indexes_and_leave_nobody_out() {
    let crowd = Crowd::gather().await;
    let pool = &crowd.database.pool;
    let before = read_in_sequence(pool, "users").await;

    let first = crowd.people(&Which::default(), None, PAGE).await;
    let middle = ByName { name: "person3".to_owned(), id: Uuid::nil() };
    let later = crowd.people(&Which::default(), Some(&middle), PAGE).await;
    assert_eq!((first.len(), later.len()), (50, 50));
    let all_of = |search: &str| searching(search);
    assert_eq!(crowd.people(&all_of("'person4711':*"), None, PAGE).await.len(), 11);
    assert_eq!(crowd.people(&all_of("'person':*"), Some(&middle), PAGE).await.len(), 50);
    assert_eq!(crowd.people(&all_of("'of42':* & 'person1':*"), None, PAGE).await.len(), 50);
    assert_eq!(crowd.people(&all_of("'nobody':*"), None, PAGE).await.len(), 0);
    let bots = Which { kind: Some(AccountKind::Bot), active: Some(true), ..Which::default() };
    assert_eq!(crowd.people(&bots, None, PAGE).await.len(), 5);
    let of_guest = Which { guest: Some(crowd.guest), ..Which::default() };
    assert_eq!(crowd.people(&of_guest, None, PAGE).await.len(), 2);
    assert_eq!(read_in_sequence(pool, "users").await - before, 0);

    // All pages one after another: everybody, once.
    let (mut after, mut read, mut ids) = (None, 0, HashSet::new());
    loop {
        let page = crowd.people(&Which::default(), after.as_ref(), 1_000).await;
        read += page.len();
        ids.extend(page.iter().map(|(key, _)| key.id));
        match page.into_iter().last() {
            Some((key, _)) => after = Some(key),
            None => break,
        }
    }
    let everybody = usize::try_from(CROWD).unwrap() + 2;
    assert_eq!((read, ids.len()), (everybody, everybody));
    crowd.database.remove().await;
}

#[tokio::test]
async fn pages_of_50_000_members_are_read_by_indexes() {
    let crowd = Crowd::gather().await;
    let pool = &crowd.database.pool;
    let before = (read_in_sequence(pool, "users").await, read_in_sequence(pool, "channel_members").await);

    let page = async |search: Option<&str>, after: Option<UserId>| {
        members::store::members(pool, &seen(&crowd.handle), crowd.channel, search, after, PAGE).await.unwrap()
    };
    let first = page(None, None).await;
    let second = page(None, first.last().map(|last| last.user_id)).await;
    assert_eq!((first.len(), second.len()), (50, 50));
    assert!(first.iter().chain(&second).map(|member| member.user_id).is_sorted());
    assert_eq!(page(Some("'person4711':*"), None).await.len(), 11);
    assert_eq!(page(Some("'person':*"), first.last().map(|last| last.user_id)).await.len(), 50);
    let channels = channels::store::visible_channels(pool, crowd.guest, &Default::default(), None, PAGE).await.unwrap();
    assert_eq!(channels.len(), 2);
    assert_eq!(people::store::seen_by(pool, crowd.guest, &[first[0].user_id]).await.unwrap(), []);
    let most = crate::conversations::MOST;
    let few = members::store::members_of(pool, &seen(&crowd.handle), &[crowd.channel], most).await.unwrap();
    assert_eq!(few.len(), usize::from(most));
    let after = (read_in_sequence(pool, "users").await, read_in_sequence(pool, "channel_members").await);
    assert_eq!(after, before);
    crowd.database.remove().await;
}

#[tokio::test]
async fn pages_of_50_000_team_members_are_read_by_indexes() {
    let crowd = Crowd::gather().await;
    let pool = &crowd.database.pool;
    let (id, properties) =
        (domain::TeamId::random(), teams::Properties { name: "All".parse().unwrap(), description: String::new() });
    assert!(teams::create(pool, id, &properties, crowd.guest).await.unwrap());
    let everybody = "insert into team_members (team_id, user_id, active, version)
        select $1, id, true, 1 from users on conflict do nothing";
    sqlx::query(everybody).bind(id.0).execute(pool).await.unwrap();
    sqlx::query("analyze").execute(pool).await.unwrap();
    let before = (read_in_sequence(pool, "users").await, read_in_sequence(pool, "team_members").await);

    let page = async |search: Option<&str>| {
        teams::store::members(pool, &seen(&crowd.handle), id, search, None, PAGE).await.unwrap().len()
    };
    assert_eq!((page(None).await, page(Some("'person4711':*")).await), (50, 11));
    let after = (read_in_sequence(pool, "users").await, read_in_sequence(pool, "team_members").await);
    assert_eq!(after, before);
    crowd.database.remove().await;
}
