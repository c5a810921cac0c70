//! `threadly dead-letters`: what could not be projected, shown and appended once more.

use std::io::Write;

use chrono::SecondsFormat;
use event_log::{
    EventLog,
    dead_letters::{Letter, list, redrive},
};
use sqlx::PgPool;

use crate::{
    config::{Config, DeadLetters},
    tools::Tools,
};

/// Bytes of a record that the list shows.
const SHOWN: usize = 120;

/// Runs the command.
pub async fn run(config: &Config, command: &DeadLetters) -> anyhow::Result<()> {
    let tools = Tools::connect(config).await?;
    match command {
        DeadLetters::List { workspace } => {
            for workspace in tools.workspaces(workspace.as_ref())? {
                let pool = tools.databases.lease(&workspace).await?;
                for letter in all(&pool).await? {
                    show(workspace.handle.as_str(), &letter)?;
                }
            }
        }
        DeadLetters::Redrive { workspace, numbers } => {
            let workspace = tools.workspace(workspace)?;
            let pool = tools.databases.lease(&workspace).await?;
            let numbers = if numbers.is_empty() { waiting(&pool).await? } else { numbers.clone() };
            let log = EventLog::connect(config.log("command")?)?;
            for number in numbers {
                let position = redrive(&log, &workspace, &pool, number).await?;
                writeln!(std::io::stdout(), "{number} is in the log once more, at {position}")?;
            }
        }
    }
    Ok(())
}

async fn all(pool: &PgPool) -> sqlx::Result<Vec<Letter>> {
    let mut letters: Vec<Letter> = Vec::new();
    loop {
        let page = list(pool, letters.last().map_or(0, |letter| letter.id)).await?;
        if page.is_empty() {
            return Ok(letters);
        }
        letters.extend(page);
    }
}

async fn waiting(pool: &PgPool) -> sqlx::Result<Vec<i64>> {
    let letters = all(pool).await?;
    Ok(letters.into_iter().filter(|letter| letter.redriven_at.is_none()).map(|letter| letter.id).collect())
}

fn show(handle: &str, letter: &Letter) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let time = letter.rejected_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let Letter { id, projection, topic, position, reason, detail, .. } = letter;
    writeln!(out, "{handle} {id}  {time}  {topic} {position}, passed over by {projection}: {reason}, {detail}")?;
    let text = String::from_utf8_lossy(&letter.value);
    let shown: String = text.chars().take(SHOWN).flat_map(char::escape_default).collect();
    writeln!(out, "    {} bytes: {shown}", letter.value.len())?;
    if let Some(at) = letter.redriven_at {
        writeln!(out, "    appended once more {}", at.to_rfc3339_opts(SecondsFormat::Secs, true))?;
    }
    Ok(())
}
