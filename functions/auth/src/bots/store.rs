//! SQL of bots.

use chrono::{DateTime, Utc};
use domain::{Name, UserId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::put_bot::Bot;

struct BotRow {
    id: Uuid,
    display_name: String,
    active: bool,
    version: i64,
    created_at: DateTime<Utc>,
}

impl From<BotRow> for Bot {
    fn from(row: BotRow) -> Self {
        let BotRow { id, display_name, active, version, created_at } = row;
        Self { user_id: UserId(id), display_name, active, version, created_at }
    }
}

pub(super) async fn bot(connection: &mut PgConnection, bot: UserId) -> sqlx::Result<Bot> {
    let row =
        sqlx::query_as!(BotRow, "select id, display_name, active, version, created_at from users where id = $1", bot.0);
    Ok(row.fetch_one(connection).await?.into())
}

pub(super) async fn bots(pool: &PgPool, after: Option<UserId>, limit: i64) -> sqlx::Result<Vec<Bot>> {
    let rows = sqlx::query_as!(
        BotRow,
        "select id, display_name, active, version, created_at from users
         where kind = 'bot' and erased_at is null and ($1::uuid is null or id > $1) order by id limit $2",
        after.map(|after| after.0),
        limit
    );
    Ok(rows.fetch_all(pool).await?.into_iter().map(Bot::from).collect())
}

pub(super) async fn rename(connection: &mut PgConnection, bot: UserId, name: &Name) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set display_name = $2, name_key = $3, name_words = array_to_tsvector($4::text[]),
                version = version + 1 where id = $1",
        bot.0,
        name.as_str(),
        name.key(),
        &name.words()
    )
    .execute(connection)
    .await
    .map(drop)
}
