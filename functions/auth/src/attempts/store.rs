//! SQL of what failed.

use std::{collections::HashMap, time::Duration};

use domain::UserId;
use sqlx::{PgConnection, PgPool};

use super::delay::Tally;

/// Keeps others from counting by these keys until the transaction ends. All take them in one order.
pub(super) async fn hold(connection: &mut PgConnection, names: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hash) from (
             select distinct hashtextextended(name, 0) as hash from unnest($1::text[]) name order by 1) held",
        names
    )
    .fetch_all(connection)
    .await
    .map(drop)
}

/// What failed within a day.
pub(super) async fn tallies(connection: &mut PgConnection, names: &[String]) -> sqlx::Result<HashMap<String, Tally>> {
    let rows = sqlx::query!(
        r#"select key, failures, extract(epoch from clock_timestamp() - last_at)::float8 as "since!"
           from sign_in_failures where key = any($1) and last_at > now() - interval '1 day'"#,
        names
    )
    .fetch_all(connection)
    .await?;
    let rows = rows.into_iter().map(|row| {
        let since = Duration::try_from_secs_f64(row.since).unwrap_or_default();
        (row.key, Tally { failures: row.failures.unsigned_abs(), since })
    });
    Ok(rows.collect())
}

/// One more under each key.
pub(super) async fn count(connection: &mut PgConnection, names: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into sign_in_failures as f (key, failures, last_at)
         select name, 1, clock_timestamp() from unnest($1::text[]) name
         on conflict (key) do update set last_at = excluded.last_at,
             failures = case when f.last_at > now() - interval '1 day' then f.failures + 1 else 1 end",
        names
    )
    .execute(connection)
    .await
    .map(drop)
}

/// So many less under each key.
pub(super) async fn take_back(connection: &mut PgConnection, names: &[String], failures: u32) -> sqlx::Result<()> {
    sqlx::query!(
        "with gone as (delete from sign_in_failures where key = any($1) and failures <= $2)
         update sign_in_failures set failures = failures - $2 where key = any($1) and failures > $2",
        names,
        i32::try_from(failures).unwrap_or(i32::MAX)
    )
    .execute(connection)
    .await
    .map(drop)
}

/// A few of those that are older than a day.
pub(super) async fn forget(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from sign_in_failures where key in (
             select key from sign_in_failures where last_at < now() - interval '1 day'
             order by last_at limit 50 for update skip locked)"
    )
    .execute(pool)
    .await
    .map(drop)
}

/// All keys that begin so, and those of somebody's sessions, whatever proof they count.
pub(super) async fn erase(connection: &mut PgConnection, user: UserId, beginnings: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from sign_in_failures where exists (select from unnest($2::text[]) b where starts_with(key, b))
            or split_part(key, '-of:', 2) in (select id::text from sessions where user_id = $1)",
        user.0,
        beginnings
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Counts one under each name, in this period, unless there were `limit` of them within this period and the one before: so
/// there are never more within any such time. The names are held.
pub(super) async fn count_within(
    connection: &mut PgConnection,
    period: Duration,
    names: &[String],
    limits: &[i64],
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "with period as (select floor(extract(epoch from now())::float8 / $3::float8)::bigint as this),
              wanted as (select name, most from unnest($1::text[], $2::bigint[]) w (name, most)),
              full_ones as (
                  select from wanted, period where most <= (
                      select coalesce(sum(failures), 0) from sign_in_failures
                      where key in (name || ':' || this, name || ':' || (this - 1))))
         insert into sign_in_failures as f (key, failures)
         select name || ':' || this, 1 from wanted, period where not exists (select from full_ones)
         on conflict (key) do update set failures = f.failures + 1, last_at = now()",
        names,
        limits,
        period.as_secs_f64()
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}
