//! What the bench asks Postgres, and what it writes there.

use std::str::FromStr as _;

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use uuid::Uuid;

use super::{
    exchange::DEVICE,
    population::{Named, PEOPLE, Population},
};
use crate::program::Bed;

/// `threadly`'s default.
const CONTROL: &str = "threadly_control";

fn connect(bed: &Bed, database: &str) -> anyhow::Result<PgPool> {
    let options = PgConnectOptions::from_str(&bed.postgres)?.database(database);
    Ok(PgPoolOptions::new().max_connections(1).connect_lazy_with(options))
}

/// A workspace's database, as the superuser.
pub struct Store(PgPool);

impl Store {
    pub async fn of(bed: &Bed, handle: &str) -> anyhow::Result<Self> {
        let control = connect(bed, CONTROL)?;
        let id = sqlx::query_scalar("select id from control.workspaces where handle = $1 and state = 'Active'");
        let id: String = id.bind(handle).fetch_one(&control).await?;
        control.close().await;
        Ok(Self(connect(bed, &format!("t_{id}"))?))
    }

    /// As stored.
    pub async fn password_hash(&self, user: Uuid) -> sqlx::Result<String> {
        sqlx::query_scalar("select password_hash from passwords where user_id = $1").bind(user).fetch_one(&self.0).await
    }

    /// Puts everybody in, in one transaction; all have the password of the first, who is there, and were here before.
    pub async fn fill(&self, population: &Population) -> anyhow::Result<()> {
        let Population { people, channels, teams } = population;
        let mut transaction = self.0.begin().await?;
        let emails: Vec<String> = (0..PEOPLE).map(Population::email).collect();
        let roles: Vec<&str> = (0..PEOPLE)
            .map(|person| match person {
                0 => "owner",
                person if person == PEOPLE - 1 => "guest",
                _ => "member",
            })
            .collect();
        let names = Names::of(people);
        let people_rows = "insert into users (id, email, display_name, name_key, name_words, role)
             select id, email, name, key, array_to_tsvector(string_to_array(words, ' ')), role
             from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
                  made (id, email, name, key, words, role)
             on conflict (id) do update set role = excluded.role, display_name = excluded.display_name,
                 name_key = excluded.name_key, name_words = excluded.name_words";
        let insert = sqlx::query(people_rows).bind(&names.ids).bind(&emails).bind(&names.names);
        insert.bind(&names.keys).bind(&names.words).bind(&roles).execute(&mut *transaction).await?;
        let passwords = "insert into passwords (user_id, password_hash)
             select id, (select password_hash from passwords where user_id = $1) from users on conflict do nothing";
        sqlx::query(passwords).bind(people[0].id).execute(&mut *transaction).await?;
        let sessions = "insert into sessions (id, user_id, device, address)
             select gen_random_uuid(), id, $1, '127.0.0.1' from users";
        sqlx::query(sessions).bind(DEVICE).execute(&mut *transaction).await?;

        let names = Names::of(channels);
        let visibilities: Vec<&str> =
            (0..channels.len()).map(|one| if Population::is_private(one) { "private" } else { "public" }).collect();
        let channel_rows = "insert into channels (id, name, name_key, name_words, visibility, created_by)
             select id, name, key, array_to_tsvector(string_to_array(words, ' ')), visibility, $6
             from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) made (id, name, key, words, visibility)";
        let insert = sqlx::query(channel_rows).bind(&names.ids).bind(&names.names).bind(&names.keys).bind(&names.words);
        insert.bind(&visibilities).bind(people[0].id).execute(&mut *transaction).await?;
        let pairs = Population::members().map(|(channel, person)| (channels[channel].id, people[person].id));
        let (ids, members): (Vec<Uuid>, Vec<Uuid>) = pairs.unzip();
        let member_rows = "insert into channel_members (channel_id, user_id, active, version)
             select *, true, 1 from unnest($1::uuid[], $2::uuid[])";
        sqlx::query(member_rows).bind(&ids).bind(&members).execute(&mut *transaction).await?;

        let names = Names::of(teams);
        let team_rows = "insert into teams (id, name, name_key, name_words, created_by)
             select id, name, key, array_to_tsvector(string_to_array(words, ' ')), $5
             from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) made (id, name, key, words)";
        let insert = sqlx::query(team_rows).bind(&names.ids).bind(&names.names).bind(&names.keys).bind(&names.words);
        insert.bind(people[0].id).execute(&mut *transaction).await?;
        let pairs = Population::members_of_teams().map(|(team, person)| (teams[team].id, people[person].id));
        let (ids, members): (Vec<Uuid>, Vec<Uuid>) = pairs.unzip();
        let member_rows = "insert into team_members (team_id, user_id, active, version)
             select *, true, 1 from unnest($1::uuid[], $2::uuid[])";
        sqlx::query(member_rows).bind(&ids).bind(&members).execute(&mut *transaction).await?;
        transaction.commit().await?;
        // What autovacuum does within a minute, and the checkpointer within five.
        sqlx::query("vacuum analyze").execute(&self.0).await?;
        sqlx::query("checkpoint").execute(&self.0).await?;
        Ok(())
    }
}

/// Columns of names.
struct Names<'a> {
    ids: Vec<Uuid>,
    names: Vec<&'a str>,
    keys: Vec<String>,
    words: Vec<String>,
}

impl<'a> Names<'a> {
    fn of(named: &'a [Named]) -> Self {
        Self {
            ids: named.iter().map(|one| one.id).collect(),
            names: named.iter().map(|one| one.name.as_str()).collect(),
            keys: named.iter().map(|one| one.name.key()).collect(),
            words: named.iter().map(|one| one.name.words().join(" ")).collect(),
        }
    }
}

/// The server, as the superuser.
pub struct Activity(PgPool);

impl Activity {
    pub fn of(bed: &Bed) -> anyhow::Result<Self> {
        Ok(Self(connect(bed, CONTROL)?))
    }

    /// Connections that a process of this instance's name holds: to workspaces' databases, and to the control database.
    pub async fn held(&self, instance: &str) -> sqlx::Result<(i64, i64)> {
        sqlx::query_as(
            "select count(*) filter (where datname <> $2), count(*) filter (where datname = $2)
             from pg_stat_activity where application_name = 'threadly ' || $1",
        )
        .bind(instance)
        .bind(CONTROL)
        .fetch_one(&self.0)
        .await
    }
}
