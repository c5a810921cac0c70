//! `.sqlx`: what Postgres says about every `query!`, so that builds need no database.
//!
//! The macros write it themselves when they are expanded with a database at hand; cargo does not know that, hence the
//! touched files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::bed::Bed;
use crate::screen::say;
use crate::{commands, paths};

const DATABASE: &str = "threadly_prepare";
/// The roles which the migrations grant to; `operator` makes them with passwords.
const ROLES: [(&str, &str); 3] =
    [("threadly_owner", "NOLOGIN"), ("threadly_auth", "LOGIN"), ("threadly_functions", "LOGIN")];
const MACROS: [&str; 6] =
    ["query!", "query_as!", "query_scalar!", "query_file!", "query_file_as!", "query_file_scalar!"];

/// File name to content.
type Descriptions = BTreeMap<String, String>;

/// One line for each file of `.sqlx` that is missing, superfluous or different.
pub fn stale(bed: &mut Bed) -> Result<Vec<String>> {
    let fresh = describe(bed)?;
    Ok(differences(&read(&bed.root.join(".sqlx"))?, &fresh))
}

/// Writes `.sqlx` anew and gives what has changed.
pub fn renew(bed: &mut Bed) -> Result<Vec<String>> {
    let fresh = describe(bed)?;
    let folder = bed.root.join(".sqlx");
    let committed = read(&folder)?;
    fs::create_dir_all(&folder)?;
    for name in committed.keys().filter(|name| !fresh.contains_key(*name)) {
        fs::remove_file(folder.join(name))?;
    }
    for (name, text) in fresh.iter().filter(|(name, text)| committed.get(*name) != Some(text)) {
        fs::write(folder.join(name), text)?;
    }
    Ok(differences(&committed, &fresh))
}

fn differences(committed: &Descriptions, fresh: &Descriptions) -> Vec<String> {
    let missing_or_different = fresh.iter().filter_map(|(name, text)| match committed.get(name) {
        None => Some(format!(".sqlx/{name} is missing ({})", query_of(text))),
        Some(old) if old != text => Some(format!(".sqlx/{name} differs ({})", query_of(text))),
        Some(_) => None,
    });
    let superfluous = committed
        .iter()
        .filter(|(name, _)| !fresh.contains_key(*name))
        .map(|(name, text)| format!(".sqlx/{name} has no query any more ({})", query_of(text)));
    missing_or_different.chain(superfluous).collect()
}

/// The beginning of the query, for a reader who doesn't know hashes by heart.
fn query_of(description: &str) -> String {
    let query = serde_json::from_str::<serde_json::Value>(description)
        .ok()
        .and_then(|value| Some(value.get("query")?.as_str()?.to_owned()))
        .unwrap_or_default();
    let words: Vec<&str> = query.split_ascii_whitespace().collect();
    words.join(" ").chars().take(60).collect()
}

/// Expands every query macro against a database with all migrations and collects what the macros write.
fn describe(bed: &mut Bed) -> Result<Descriptions> {
    let url = prepare_database(bed)?;
    let folder = bed.state.root().join("sqlx");
    paths::remove_folder(&folder)?;
    paths::private_folder(&folder)?;
    let touched = Touched::files_with_queries(&bed.root)?;
    say!("Checking the queries of {} files against Postgres", touched.files.len());
    let mut check = commands::cargo(&bed.root, &["check", "--workspace", "--all-targets"]);
    check.env("SQLX_OFFLINE", "false").env("SQLX_OFFLINE_DIR", &folder).env("DATABASE_URL", url);
    let status = commands::run(check, &bed.interrupt)?;
    drop(touched);
    if !status.success() {
        bail!("the queries and the migrations do not fit together (`cargo check` against Postgres: {status})");
    }
    let described = read(&folder)?;
    paths::remove_folder(&folder)?;
    Ok(described)
}

/// A database with the control and the workspace schema.
fn prepare_database(bed: &mut Bed) -> Result<String> {
    let mut migrations = Vec::new();
    for schema in ["control", "workspace"] {
        migrations.extend(files_in(&bed.root.join("crates/schema/migrations").join(schema), "sql")?);
    }
    let postgres = bed.servers()?.postgres()?;
    let mut orders: Vec<String> = ROLES.iter().map(|(role, login)| format!("CREATE ROLE {role} {login}")).collect();
    let exist = postgres.psql("postgres", &["-At".into(), "-c".into(), "SELECT rolname FROM pg_roles".into()])?;
    orders.retain(|order| !exist.lines().any(|role| order.contains(&format!(" {role} "))));
    orders.push(format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"));
    orders.push(format!("CREATE DATABASE {DATABASE}"));
    let words: Vec<OsString> =
        orders.into_iter().flat_map(|order| ["-c".to_owned(), order]).map(OsString::from).collect();
    postgres.psql("postgres", &words).context("making a database for the queries")?;
    for migration in migrations {
        postgres
            .psql(DATABASE, &["-f".into(), migration.clone().into()])
            .with_context(|| format!("applying {}", migration.display()))?;
    }
    Ok(postgres.url(DATABASE))
}

fn read(folder: &Path) -> Result<Descriptions> {
    if !folder.exists() {
        return Ok(Descriptions::new());
    }
    files_in(folder, "json")?
        .into_iter()
        .map(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            Ok((name, fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?))
        })
        .collect()
}

/// The files of a folder with this extension, in the order of their names.
fn files_in(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|is| is == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Files with query macros, made new in cargo's eyes so that it expands them once more. Dropped, they get their old
/// times back, so that other builds stay fresh.
struct Touched {
    files: Vec<(PathBuf, SystemTime)>,
}

impl Touched {
    fn files_with_queries(root: &Path) -> Result<Self> {
        let mut sources = Vec::new();
        for entry in fs::read_dir(root)? {
            let path = entry?.path();
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if path.is_dir()
                && !hidden
                && !path.ends_with("target")
                && !path.ends_with("web")
                && !path.ends_with("xtask")
            {
                collect_sources(&path, &mut sources)?;
            }
        }
        let mut touched = Self { files: Vec::new() };
        for path in sources {
            let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            if !MACROS.iter().any(|name| text.contains(name)) {
                continue;
            }
            let file = File::options().write(true).open(&path)?;
            let modified = file.metadata()?.modified()?;
            file.set_modified(SystemTime::now()).with_context(|| format!("touching {}", path.display()))?;
            touched.files.push((path, modified));
        }
        Ok(touched)
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        for (path, modified) in &self.files {
            // Left new, a file costs no more than one build.
            if let Ok(file) = File::options().write(true).open(path) {
                let _ = file.set_modified(*modified);
            }
        }
    }
}

fn collect_sources(folder: &Path, sources: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() && entry.file_name() != "node_modules" {
            collect_sources(&path, sources)?;
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptions(entries: &[(&str, &str)]) -> Descriptions {
        entries.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn every_kind_of_staleness_is_named() {
        let committed = descriptions(&[("same", "1"), ("gone", "{\"query\":\"SELECT\\n  1\"}"), ("changed", "1")]);
        let fresh = descriptions(&[("same", "1"), ("changed", "2"), ("new", "{\"query\":\"DELETE FROM x\"}")]);
        assert_eq!(
            differences(&committed, &fresh),
            [
                ".sqlx/changed differs ()",
                ".sqlx/new is missing (DELETE FROM x)",
                ".sqlx/gone has no query any more (SELECT 1)"
            ]
        );
        assert!(differences(&fresh, &fresh).is_empty());
    }
}
