//! Authorisation: every operation of the API × everybody who might ask. What is expected stands in one table,
//! `matrix/answers.txt`: a row an operation, in the order in which they are asked; a column an asker.

mod requests;
mod scene;

use std::{collections::BTreeSet, fmt::Write as _, time::Duration};

use anyhow::{Context as _, ensure};
use function_host::codes;
use reqwest::Method;
use testkit::{Host, Person, Socket, wait};
use threadly_tests::house::House;

use requests::{Operation, Subject, operations};
use scene::{Asker, COLUMNS, REFUSED, Scene};

/// `ok` is any success; another word is a problem's code.
const TABLE: &str = include_str!("matrix/answers.txt");
/// In the first column: nobody is asked who they are, and everybody gets this answer.
const OPEN: &str = "open:";

/// A row of the table.
struct Row {
    operation: String,
    /// Of an operation that asks nobody who they are.
    open: Option<String>,
    answers: Vec<String>,
}

fn table() -> anyhow::Result<Vec<Row>> {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut words = line.split_whitespace().map(str::to_owned);
            let operation = words.next().context("a row has a name")?;
            let answers: Vec<String> = words.collect();
            if let Some(open) = answers.first().and_then(|first| first.strip_prefix(OPEN)) {
                return Ok(Row { operation, open: Some(open.to_owned()), answers: Vec::new() });
            }
            ensure!(answers.len() == COLUMNS.len(), "{operation} has {} answers", answers.len());
            Ok(Row { operation, open: None, answers })
        })
        .collect()
}

async fn every_operation_answers_every_asker_as_the_table_says(host: Host) -> anyhow::Result<()> {
    let (operations, rows) = (operations()?, table()?);
    let documented: BTreeSet<&str> = operations.iter().map(|operation| operation.id.as_str()).collect();
    let expected: BTreeSet<&str> = rows.iter().map(|row| row.operation.as_str()).collect();
    assert_eq!(documented, expected, "every documented operation has one row in the table");
    let find = |row: &Row| operations.iter().find(|operation| operation.id == row.operation);
    let rows: Vec<(&Row, &Operation)> = rows.iter().filter_map(|row| Some((row, find(row)?))).collect();

    let scene = Scene::new(host).await?;
    let mut found: Vec<Vec<String>> = vec![Vec::new(); rows.len()];
    for asker in COLUMNS {
        let (person, subject) = (scene.enter(asker).await?, scene.subject(asker).await?);
        for ((row, operation), found) in rows.iter().zip(&mut found) {
            if row.open.is_none() {
                found.push(ask(&scene.house, &person, operation, &subject).await?);
            }
        }
    }
    let mut wrong = String::new();
    for ((row, _), found) in rows.iter().zip(&found).filter(|((row, _), found)| row.answers != **found) {
        writeln!(wrong, "{} {}", row.operation, found.join(" "))?;
    }
    assert!(wrong.is_empty(), "answers that are not the table's ({COLUMNS:?}):\n{wrong}");

    let mut wrong = String::new();
    for asker in REFUSED {
        let subject = scene.subject(asker).await?;
        for (row, operation) in &rows {
            let expected = match (&row.open, asker) {
                (Some(open), Asker::NoToken | Asker::Foreign) => open,
                // Guesses are slowed down, whoever makes them.
                (Some(_), _) => continue,
                (None, Asker::NoToken) => "token-missing",
                (None, Asker::Expired) => "token-expired",
                (None, _) => "token-invalid",
            };
            let found = ask(&scene.house, &scene.person(asker)?, operation, &subject).await?;
            if found != expected {
                writeln!(wrong, "{} by {asker:?}: {found} instead of {expected}", row.operation)?;
            }
        }
    }
    println!("{} operations × {} askers", rows.len(), COLUMNS.len() + REFUSED.len());
    assert!(wrong.is_empty(), "{wrong}");
    Ok(())
}

/// The answer, as the table knows it.
async fn ask(house: &House, person: &Person, operation: &Operation, subject: &Subject) -> anyhow::Result<String> {
    let base = operation.answers.base(house);
    if operation.id == "openSocket" {
        return Ok(match Socket::try_open(&base, &person.handle, &person.token, None).await? {
            Ok(socket) => {
                socket.close().await;
                "ok".to_owned()
            }
            Err(refused) => {
                let body = refused.into_body().unwrap_or_default();
                let problem: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
                problem["code"].as_str().unwrap_or("no-code").to_owned()
            }
        });
    }
    let (path, body) = (operation.path(subject), operation.body(subject));
    let answer = person.request(operation.method.clone(), &base, &path, body).await?;
    if answer.status.is_success() {
        return Ok("ok".to_owned());
    }
    Ok(answer.json["code"].as_str().unwrap_or("no-code").to_owned())
}

async fn a_signed_out_session_is_refused_everywhere_within_seconds(host: Host) -> anyhow::Result<()> {
    let house = House::hosted(host, "revoked", 1).await?;
    let ada = house.person("ada").await?;
    let directory = house.directory.url();
    ada.request(Method::GET, &directory, "/me", None).await?.ok()?;
    ada.request(Method::POST, &house.auth.url(), "/auth/sign-out", None).await?.ok()?;
    let refused = wait::until("the session is refused", Duration::from_secs(20), async || {
        let answer = ada.request(Method::GET, &directory, "/me", None).await.ok()?;
        (answer.status == 401).then(|| answer.code().to_owned())
    });
    assert_eq!(refused.await?, "session-revoked");
    Ok(())
}

#[test]
fn every_answer_of_the_table_is_a_success_or_a_code_that_the_operations_function_gives() -> anyhow::Result<()> {
    let operations = operations()?;
    for row in table()? {
        let operation = operations.iter().find(|one| one.id == row.operation).context("a row of no operation")?;
        let words = row.answers.iter().chain(&row.open).filter(|word| *word != "ok");
        for word in words {
            let code = codes::find(word).with_context(|| format!("{}: {word} is no code", row.operation))?;
            assert!(code.by.contains(&operation.answers.tag()), "{}: {word}", row.operation);
        }
    }
    Ok(())
}

on_both_hosts! {
    every_operation_answers_every_asker_as_the_table_says,
    a_signed_out_session_is_refused_everywhere_within_seconds,
}
