//! SQL on `control.workspaces`.

use domain::WorkspaceId;
use sqlx::{PgPool, postgres::PgQueryResult};

use super::{Placed, Raw, mode_text};
use crate::{
    OperatorError,
    backend_watch::Pins,
    plan::{Registration, Spec},
    term::Term,
};

/// All active workspaces of a source.
pub async fn active(control: &PgPool, source: &str) -> Result<Vec<Placed>, OperatorError> {
    let rows = sqlx::query!(
        r#"select place, id, handle, display_name, class_name, owner_email, sign_up_mode, sign_up_domains, suspended,
                  settings, ready_at is not null as "ready!", message_partitions, schema_version,
                  bucket_made_at is not null as "bucket_made!", epoch, namespace_uid, purge_after_days,
                  kafka_cluster_id, postgres_system_id
           from control.workspaces where source = $1 and state = 'Active'"#,
        source
    )
    .fetch_all(control)
    .await
    .map_err(OperatorError::postgres("reading the control registry"))?;
    rows.into_iter()
        .map(|row| {
            let raw = Raw {
                id: row.id,
                handle: row.handle,
                display_name: row.display_name,
                class_name: row.class_name,
                owner_email: row.owner_email,
                sign_up_mode: row.sign_up_mode,
                sign_up_domains: row.sign_up_domains,
                suspended: row.suspended,
                settings: row.settings,
                ready: row.ready,
                message_partitions: row.message_partitions,
                schema_version: row.schema_version,
                bucket_made: row.bucket_made,
                epoch: row.epoch,
                namespace_uid: row.namespace_uid,
                purge_after_days: row.purge_after_days,
                kafka_cluster_id: row.kafka_cluster_id,
                postgres_system_id: row.postgres_system_id,
            };
            Ok(Placed { place: row.place, row: raw.read()? })
        })
        .collect()
}

/// The active workspace of a place.
pub async fn at_place(control: &PgPool, source: &str, place: &str) -> Result<Option<Registration>, OperatorError> {
    sqlx::query_as!(
        Raw,
        r#"select id, handle, display_name, class_name, owner_email, sign_up_mode, sign_up_domains, suspended,
                  settings, ready_at is not null as "ready!", message_partitions, schema_version,
                  bucket_made_at is not null as "bucket_made!", epoch, namespace_uid, purge_after_days,
                  kafka_cluster_id, postgres_system_id
           from control.workspaces where source = $1 and place = $2 and state = 'Active'"#,
        source,
        place
    )
    .fetch_optional(control)
    .await
    .map_err(OperatorError::postgres("reading the control registry"))?
    .map(Raw::read)
    .transpose()
}

/// The place of the active workspace that has a handle, if it is another than this place's.
pub async fn handle_holder(
    control: &PgPool,
    handle: &str,
    source: &str,
    place: &str,
) -> Result<Option<String>, OperatorError> {
    sqlx::query_scalar!(
        "select place from control.workspaces
         where handle = $1 and state = 'Active' and not (source = $2 and place = $3)",
        handle,
        source,
        place
    )
    .fetch_optional(control)
    .await
    .map_err(OperatorError::postgres("reading the control registry"))
}

/// How a statement that writes to the registry ended.
pub(crate) fn written(done: sqlx::Result<PgQueryResult>) -> Result<(), OperatorError> {
    done.map(drop).map_err(OperatorError::postgres("writing the control registry"))
}

fn settings(spec: &Spec) -> serde_json::Value {
    // Every field serializes.
    serde_json::to_value(&spec.settings).unwrap_or_default()
}

/// Writes a new row; repeating it changes nothing.
pub async fn register(
    control: &PgPool,
    term: &Term,
    id: &WorkspaceId,
    (place, spec): (&str, &Spec),
    servers: &Pins,
) -> Result<(), OperatorError> {
    sqlx::query!(
        "insert into control.workspaces (id, source, place, handle, display_name, class_name, owner_email, sign_up_mode,
                                         sign_up_domains, suspended, message_partitions, namespace_uid, purge_after_days,
                                         kafka_cluster_id, postgres_system_id, settings)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9::text[], $10, $11, $12, $13, $14, $15, $17::jsonb
         where control.leads($2, $16)",
        id.as_str(),
        &*term.source,
        place,
        spec.handle.as_str(),
        spec.display_name,
        spec.class_name,
        spec.owner_email,
        mode_text(spec.sign_up_mode),
        &spec.sign_up_domains,
        spec.suspended,
        i32::from(spec.message_partitions),
        spec.namespace_uid,
        spec.purge_after_days.map(u32::cast_signed),
        servers.kafka,
        servers.postgres,
        term.epoch,
        settings(spec)
    )
    .execute(control)
    .await
    .map(drop)
    .map_err(conflict("writing the control registry"))
}

/// Makes a retained workspace active at a place, as the manifest says.
pub async fn restore(
    control: &PgPool,
    term: &Term,
    id: &WorkspaceId,
    place: &str,
    spec: &Spec,
) -> Result<(), OperatorError> {
    sqlx::query!(
        "update control.workspaces
         set state = 'Active', retained_at = null, purge_after = null, place = $3, handle = $4, namespace_uid = $6,
             purge_after_days = $7
         where id = $1 and source = $2 and class_name = $5 and state = 'Retained' and control.leads($2, $8)",
        id.as_str(),
        &*term.source,
        place,
        spec.handle.as_str(),
        spec.class_name,
        spec.namespace_uid,
        spec.purge_after_days.map(u32::cast_signed),
        term.epoch
    )
    .execute(control)
    .await
    .map(drop)
    .map_err(conflict("restoring in the control registry"))
}

/// Writes what may change in place.
pub async fn update_spec(control: &PgPool, term: &Term, id: &WorkspaceId, spec: &Spec) -> Result<(), OperatorError> {
    let done = sqlx::query!(
        "update control.workspaces
         set display_name = $2, owner_email = $3, sign_up_mode = $4, sign_up_domains = $5, suspended = $6,
             namespace_uid = $7, settings = $10
         where id = $1 and state = 'Active' and control.leads($8, $9)",
        id.as_str(),
        spec.display_name,
        spec.owner_email,
        mode_text(spec.sign_up_mode),
        &spec.sign_up_domains,
        spec.suspended,
        spec.namespace_uid,
        &*term.source,
        term.epoch,
        settings(spec)
    )
    .execute(control)
    .await;
    written(done)
}

/// Takes a workspace out of service. Its row, and all that the row's id names, stay, at least as long as it was agreed;
/// its host names are free.
pub async fn retain(control: &PgPool, term: &Term, id: &WorkspaceId) -> Result<(), OperatorError> {
    let done = sqlx::query!(
        "with retained as (
             update control.workspaces
             set state = 'Retained', retained_at = now(), purge_after = now() + make_interval(days => purge_after_days)
             where id = $1 and state = 'Active' and control.leads($2, $3)
             returning id)
         delete from control.hosts using retained where workspace = retained.id",
        id.as_str(),
        &*term.source,
        term.epoch
    )
    .execute(control)
    .await;
    written(done)
}

/// Begins a new epoch, in which the missing database and the missing bucket have never been made.
pub async fn accept_loss(
    control: &PgPool,
    term: &Term,
    id: &WorkspaceId,
    epoch: u32,
    (database, bucket): (bool, bool),
) -> Result<(), OperatorError> {
    let done = sqlx::query!(
        "update control.workspaces
         set epoch = epoch + 1, ready_at = null,
             schema_version = case when $3 then 0 else schema_version end,
             bucket_made_at = case when $4 then null else bucket_made_at end
         where id = $1 and epoch = $2 and state = 'Active' and control.leads($5, $6)",
        id.as_str(),
        i32::try_from(epoch).unwrap_or(i32::MAX),
        database,
        bucket,
        &*term.source,
        term.epoch
    )
    .execute(control)
    .await;
    written(done)
}

/// Writes how far the database's schema is; never backwards.
pub async fn record_schema(control: &PgPool, term: &Term, id: &WorkspaceId, version: i32) -> Result<(), OperatorError> {
    let done = sqlx::query!(
        "update control.workspaces set schema_version = $2
         where id = $1 and schema_version < $2 and control.leads($3, $4)",
        id.as_str(),
        version,
        &*term.source,
        term.epoch
    )
    .execute(control)
    .await;
    written(done)
}

/// Writes that the bucket was made.
pub async fn record_bucket(control: &PgPool, term: &Term, id: &WorkspaceId) -> Result<(), OperatorError> {
    let done = sqlx::query!(
        "update control.workspaces set bucket_made_at = now()
         where id = $1 and bucket_made_at is null and control.leads($2, $3)",
        id.as_str(),
        &*term.source,
        term.epoch
    )
    .execute(control)
    .await;
    written(done)
}

/// Lets functions serve it.
pub async fn mark_ready(control: &PgPool, term: &Term, id: &WorkspaceId) -> Result<(), OperatorError> {
    let done = sqlx::query!(
        "update control.workspaces set ready_at = now()
         where id = $1 and ready_at is null and control.leads($2, $3)",
        id.as_str(),
        &*term.source,
        term.epoch
    )
    .execute(control)
    .await;
    written(done)
}

/// The unique indexes decide between two that ask at once; who lost looks again, and sees who won.
fn conflict(doing: &'static str) -> impl FnOnce(sqlx::Error) -> OperatorError {
    move |source| match source.as_database_error().and_then(sqlx::error::DatabaseError::constraint) {
        Some("workspaces_handle" | "workspaces_place" | "workspaces_pkey") => OperatorError::RegistryChanged,
        _ => OperatorError::of_postgres(doing, source),
    }
}

pub(super) fn parse_id(id: String) -> Result<WorkspaceId, OperatorError> {
    id.parse().map_err(|_| OperatorError::Row { id, reason: "its id has another form" })
}

/// Writes a public key; one that is there already stays as it is.
pub(crate) async fn put_signing_key(pool: &PgPool, kid: &str, public_key: &[u8]) -> Result<(), OperatorError> {
    sqlx::query!(
        "insert into control.signing_keys (kid, public_key) values ($1, $2) on conflict (kid) do nothing",
        kid,
        public_key
    )
    .execute(pool)
    .await
    .map_err(OperatorError::postgres("writing a signing key"))?;
    Ok(())
}

pub(crate) async fn raise_epoch(control: &PgPool, id: &WorkspaceId, known: u32) -> Result<u32, OperatorError> {
    let known = i32::try_from(known).unwrap_or(i32::MAX);
    let epoch = sqlx::query_scalar!(
        "update control.workspaces set epoch = greatest(epoch, $2 + 1) where id = $1 returning epoch",
        id.as_str(),
        known
    )
    .fetch_one(control)
    .await
    .map_err(OperatorError::postgres("raising an epoch"))?;
    Ok(u32::try_from(epoch).unwrap_or_default())
}
