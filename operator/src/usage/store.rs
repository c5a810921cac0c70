//! SQL that measures databases.

use std::collections::HashMap;

use sqlx::{PgConnection, PgExecutor};

/// A database from outside.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Bytes on disk.
    pub bytes: u64,
    /// Rows written since its counters began.
    pub writes: i64,
}

/// The databases of these names that are there.
pub async fn sizes(connection: &mut PgConnection, names: &[String]) -> sqlx::Result<HashMap<String, Size>> {
    let rows = sqlx::query!(
        r#"select d.datname::text as "name!", pg_database_size(d.oid) as "bytes!",
                  coalesce(s.tup_inserted + s.tup_updated + s.tup_deleted, 0) as "writes!"
           from pg_database d left join pg_stat_database s on s.datid = d.oid where d.datname = any($1::text[])"#,
        names
    )
    .fetch_all(connection)
    .await?;
    let size = |bytes, writes| Size { bytes: u64::try_from(bytes).unwrap_or_default(), writes };
    Ok(rows.into_iter().map(|row| (row.name, size(row.bytes, row.writes))).collect())
}

/// The rows that were written to each of these databases since its counters began.
pub async fn writes(executor: impl PgExecutor<'_>, names: &[String]) -> sqlx::Result<HashMap<String, i64>> {
    let rows = sqlx::query!(
        r#"select datname::text as "name!", coalesce(tup_inserted + tup_updated + tup_deleted, 0) as "writes!"
           from pg_stat_database where datname = any($1::text[])"#,
        names
    )
    .fetch_all(executor)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.writes)).collect())
}

/// Active people, and posts of the last 24 hours, in a workspace's database.
///
/// Within a partition, time grows with the offset. So the first message of the day is found by halving, which reads one row
/// per half, and only the day's own are counted.
pub async fn figures(connection: &mut PgConnection) -> sqlx::Result<(u32, u64)> {
    let row = sqlx::query!(
        r#"with recursive ends as (
               select distinct epoch, partition from projection_positions where topic = 'messages'
           ), halves as (
               select e.epoch, e.partition, first.low, last.high
               from ends e
               cross join lateral (
                   select m.created_offset as low from messages m where m.epoch = e.epoch and m.partition = e.partition
                   order by m.created_offset limit 1
               ) as first
               cross join lateral (
                   select m.created_offset + 1 as high from messages m
                   where m.epoch = e.epoch and m.partition = e.partition order by m.created_offset desc limit 1
               ) as last
               union all
               select h.epoch, h.partition,
                      case when next.young then h.low else (h.low + h.high) / 2 + 1 end,
                      case when next.young then (h.low + h.high) / 2 else h.high end
               from halves h
               cross join lateral (
                   select coalesce((
                       select m.created_at > now() - interval '24 hours' from messages m
                       where m.epoch = h.epoch and m.partition = h.partition
                             and m.created_offset >= (h.low + h.high) / 2
                       order by m.created_offset limit 1
                   ), true) as young
               ) as next
               where h.low < h.high
           )
           select (select count(*) from users where active) as "members!",
                  (select count(*) from halves h join messages m
                       on m.epoch = h.epoch and m.partition = h.partition and m.created_offset >= h.low
                   where h.low >= h.high) as "messages!""#
    )
    .fetch_one(connection)
    .await?;
    Ok((u32::try_from(row.members).unwrap_or(u32::MAX), u64::try_from(row.messages).unwrap_or_default()))
}
