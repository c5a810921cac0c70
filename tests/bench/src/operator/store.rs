//! What the bench asks Postgres.

use std::{collections::BTreeMap, str::FromStr as _};

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::program::Bed;

/// `threadly`'s default.
const CONTROL: &str = "threadly_control";

/// The control database, as the superuser.
pub struct Store(PgPool);

impl Store {
    /// Nothing is asked for yet.
    pub fn connect(bed: &Bed) -> anyhow::Result<Self> {
        let options = PgConnectOptions::from_str(&bed.postgres)?.database(CONTROL);
        Ok(Self(PgPoolOptions::new().max_connections(1).connect_lazy_with(options)))
    }

    /// From now on no workspace of this handle gets ready: the last of all steps is refused.
    pub async fn refuse(&self, handle: &str) -> sqlx::Result<()> {
        let function = "create or replace function public.bench_refuse() returns trigger language plpgsql as
                        $$ begin
                            if new.handle = tg_argv[0] and new.ready_at is not null then
                                raise exception 'the bench refuses this workspace';
                            end if;
                            return new;
                        end $$";
        sqlx::query(function).execute(&self.0).await?;
        let trigger = format!(
            "create trigger bench_refuse before update on control.workspaces
             for each row execute function public.bench_refuse('{handle}')"
        );
        sqlx::query(sqlx::AssertSqlSafe(trigger)).execute(&self.0).await.map(drop)
    }

    /// Refuses nothing any more.
    pub async fn refuse_nothing(&self) -> sqlx::Result<()> {
        sqlx::query("drop function if exists public.bench_refuse cascade").execute(&self.0).await.map(drop)
    }

    /// Rows written so far, by table of the control schema. The server tells of a write after ten seconds at most.
    pub async fn writes(&self) -> sqlx::Result<BTreeMap<String, i64>> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "select relname::text, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_user_tables where schemaname = 'control'",
        )
        .fetch_all(&self.0)
        .await?;
        Ok(rows.into_iter().collect())
    }
}
