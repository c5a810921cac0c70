//! SQL on the server's catalogue, as the admin. Names of databases and roles can't be bound as parameters; every one that
//! is put into a text here is of the form that [`super::is_plain_name`] tells, or derived from a workspace's id.

use std::{collections::HashMap, io, time::Duration};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, postgres::PgConnectOptions};

use tokio::time::timeout;

use super::OWNER_ROLE;
use crate::plan::DatabaseState;

/// `duplicate_database`, `duplicate_object`, and `unique_violation` of the catalogue for two at the same moment: somebody
/// was faster, or we were before a crash.
const DUPLICATES: [&str; 3] = ["42P04", "42710", "23505"];

/// A look at the catalogue, with the way there.
const LOOK: Duration = Duration::from_secs(15);
/// A change, with the way there. The server goes on with one that nobody waits for any more.
const CHANGE: Duration = Duration::from_secs(30);

/// Ends the wait for a server that says nothing.
async fn within<T>(limit: Duration, work: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    let late = || io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {} s", limit.as_secs()));
    timeout(limit, work).await.unwrap_or_else(|_| Err(late().into()))
}

/// A statement of its own kind each time: nothing to keep prepared.
async fn run(connection: &mut PgConnection, statement: String) -> sqlx::Result<()> {
    sqlx::query(AssertSqlSafe(statement)).persistent(false).execute(connection).await.map(drop)
}

fn ignore_duplicate(result: sqlx::Result<()>) -> sqlx::Result<()> {
    match result {
        Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| DUPLICATES.contains(&code.as_ref())) => {
            Ok(())
        }
        other => other,
    }
}

/// Holds the lock that lets one program at a time prepare a server; given back when the connection closes.
/// Waits at most a minute.
pub async fn lock_server(connection: &mut PgConnection) -> sqlx::Result<()> {
    // "threadly", as a number.
    const LOCK: i64 = 0x7468_7265_6164_6c79;
    sqlx::query!("select set_config('lock_timeout', '60s', false)").fetch_one(&mut *connection).await?;
    sqlx::query!("select pg_advisory_lock($1)", LOCK).fetch_one(connection).await.map(drop)
}

/// Makes the owner role, and the admin a member of it, which a database made for another owner demands.
pub async fn ensure_owner_role(connection: &mut PgConnection) -> sqlx::Result<()> {
    if !role_exists(connection, OWNER_ROLE).await? {
        ignore_duplicate(run(&mut *connection, format!("create role {OWNER_ROLE} nologin")).await)?;
    }
    let member =
        sqlx::query_scalar!(r#"select pg_has_role(current_user, $1::name, 'member') as "member!""#, OWNER_ROLE as _)
            .fetch_one(&mut *connection)
            .await?;
    if !member {
        run(connection, format!("grant {OWNER_ROLE} to current_user")).await?;
    }
    Ok(())
}

/// Makes a fleet login, or gives an existing one its password, as a SCRAM verifier (which has no quote in it).
pub async fn ensure_login_role(connection: &mut PgConnection, role: &str, verifier: &str) -> sqlx::Result<()> {
    if !role_exists(connection, role).await? {
        ignore_duplicate(run(&mut *connection, format!("create role {role}")).await)?;
    }
    run(connection, format!("alter role {role} login password '{verifier}'")).await
}

async fn role_exists(connection: &mut PgConnection, role: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists(select from pg_roles where rolname = $1::text) as "found!""#, role)
        .fetch_one(connection)
        .await
}

/// Makes a database of the admin's own, from the server's pristine template.
pub async fn ensure_database(connection: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    if database_exists(connection, name).await? {
        return Ok(());
    }
    ignore_duplicate(run(connection, format!("create database {name} template template0 encoding 'UTF8'")).await)
}

/// Whether the server has a database of this name.
pub async fn database_exists(connection: &mut PgConnection, name: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists(select from pg_database where datname = $1::text) as "found!""#, name)
        .fetch_one(connection)
        .await
}

/// What a registry's root key derives for this, if that was noted.
pub async fn key_check(control: &mut PgConnection) -> sqlx::Result<Option<Vec<u8>>> {
    // An older program has made no such table.
    let noted = sqlx::query_scalar!(r#"select to_regclass('control.installation') is not null as "noted!""#)
        .fetch_one(&mut *control)
        .await?;
    if !noted {
        return Ok(None);
    }
    sqlx::query_scalar!("select key_check from control.installation").fetch_optional(control).await
}

/// Notes it, in place of another.
pub async fn keep_key_check(control: &PgPool, check: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into control.installation (key_check) values ($1)
         on conflict (single) do update set key_check = excluded.key_check
         where control.installation.key_check <> excluded.key_check",
        check
    )
    .execute(control)
    .await
    .map(drop)
}

/// Nobody connects but the fleet's two roles, the owner and the admin.
pub async fn grant_connect(connection: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    run(&mut *connection, format!("revoke all on database {name} from public")).await?;
    run(connection, format!("grant connect on database {name} to threadly_auth, threadly_functions")).await
}

/// The fingerprint that stands on a template, if there is such a template.
pub async fn template_fingerprint(connection: &mut PgConnection, name: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        r#"select coalesce(shobj_description(oid, 'pg_database'), '') as "fingerprint!" from pg_database
           where datname = $1::text"#,
        name
    )
    .fetch_optional(connection)
    .await
}

/// Starts a template under a temporary name. A leftover of a killed attempt holds nothing of anybody and is dropped.
pub async fn begin_template(connection: &mut PgConnection, building: &str) -> sqlx::Result<()> {
    run(&mut *connection, format!("drop database if exists {building} with (force)")).await?;
    run(connection, format!("create database {building} owner {OWNER_ROLE} template template0 encoding 'UTF8'")).await
}

/// Closes the template, marks it and gives it its name, in place of one from other migrations. A template never holds data.
pub async fn finish_template(
    connection: &mut PgConnection,
    building: &str,
    name: &str,
    fingerprint: &str,
) -> sqlx::Result<()> {
    run(&mut *connection, format!("revoke all on database {building} from public")).await?;
    run(&mut *connection, format!("comment on database {building} is '{fingerprint}'")).await?;
    run(&mut *connection, format!("alter database {building} allow_connections false")).await?;
    run(&mut *connection, format!("drop database if exists {name} with (force)")).await?;
    run(connection, format!("alter database {building} rename to {name}")).await
}

/// A connection that acts as the owner, so that what it makes belongs to the owner.
pub async fn connect_as_owner(database: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let connected = async {
        let mut connection = PgConnection::connect_with(database).await?;
        run(&mut connection, format!("set role {OWNER_ROLE}")).await?;
        Ok(connection)
    };
    within(LOOK, connected).await
}

/// What stands on the server for a workspace's database.
pub async fn observe(admin: &PgPool, name: &str) -> sqlx::Result<DatabaseState> {
    let row = sqlx::query!(
        r#"select datallowconn
                  and has_database_privilege('threadly_auth', oid, 'connect')
                  and has_database_privilege('threadly_functions', oid, 'connect')
                  and not exists (
                      select from aclexplode(coalesce(datacl, acldefault('d', datdba))) as entry where entry.grantee = 0
                  ) as "granted!"
           from pg_database where datname = $1::text"#,
        name
    )
    .fetch_optional(admin);
    let row = within(LOOK, row).await?;
    Ok(row.map_or(DatabaseState::Absent, |row| DatabaseState::Present { granted: row.granted }))
}

/// Which databases of workspaces the server has, and whether each is open to the fleet's two roles and nobody else.
pub async fn observe_all(admin: &PgPool) -> sqlx::Result<HashMap<String, bool>> {
    let rows = sqlx::query!(
        r#"select datname::text as "name!",
                  datallowconn
                  and has_database_privilege('threadly_auth', oid, 'connect')
                  and has_database_privilege('threadly_functions', oid, 'connect')
                  and not exists (
                      select from aclexplode(coalesce(datacl, acldefault('d', datdba))) as entry where entry.grantee = 0
                  ) as "granted!"
           from pg_database where datname like 't\_%'"#
    )
    .fetch_all(admin);
    let rows = within(LOOK, rows).await?;
    Ok(rows.into_iter().map(|row| (row.name, row.granted)).collect())
}

/// Bytes of all databases together, and of one of them.
pub async fn sizes(admin: &PgPool, one: &str) -> sqlx::Result<(u64, u64)> {
    // Of those that the admin may not connect to, nobody tells it.
    let asked = sqlx::query!(
        r#"select coalesce(sum(size), 0)::bigint as "all!", coalesce(max(size) filter (where name = $1), 0) as "one!"
           from (select datname::text as name, pg_database_size(oid) as size from pg_database
                 where has_database_privilege(oid, 'CONNECT')) as sizes"#,
        one
    )
    .fetch_one(admin);
    let sizes = within(LOOK, asked).await?;
    Ok((sizes.all.unsigned_abs(), sizes.one.unsigned_abs()))
}

/// Clones the template, closed to everyone until [`open_workspace_database`].
pub async fn create_workspace_database(admin: &PgPool, name: &str, template: &str) -> sqlx::Result<()> {
    // wal_log: 0.1 s where copying files takes 0.7 s, and no checkpoint for the whole server.
    let statement = format!(
        "create database {name} owner {OWNER_ROLE} template {template} strategy wal_log allow_connections false"
    );
    let made = async {
        let mut connection = admin.acquire().await?;
        ignore_duplicate(run(&mut connection, statement).await)
    };
    within(CHANGE, made).await
}

/// Opens a workspace's database to the fleet's two roles, all at once. Two that do it at the same moment would fail each
/// other ("tuple concurrently updated"), so they line up.
pub async fn open_workspace_database(admin: &PgPool, name: &str) -> sqlx::Result<()> {
    let opened = async {
        let mut transaction = admin.begin().await?;
        sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name)
            .fetch_one(&mut *transaction)
            .await?;
        grant_connect(&mut transaction, name).await?;
        run(&mut transaction, format!("alter database {name} allow_connections true")).await?;
        transaction.commit().await
    };
    within(CHANGE, opened).await
}
