//! What is asked and answered during the day: it is told as a transcript, judged answer by answer, and counted.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context as _, ensure};
use function_host::codes;
use reqwest::Method;
use serde_json::Value;

const DOCUMENT: &str = include_str!("../../../docs/openapi.json");
/// What stands before every path.
const BASE: &str = "/w/{handle}/v1";

/// More operations of one act are counted, not named.
const MOST_NAMED: usize = 12;

/// An operation of the document.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) id: String,
    /// Which function answers.
    pub(super) tag: String,
    pub(super) method: Method,
    /// Behind the workspace, with its parameters.
    pub(super) path: String,
    /// Whether it asks who somebody is.
    pub(super) asks: bool,
    pub(super) example: Option<Value>,
    /// The documented statuses, as `204` or `4XX`.
    statuses: BTreeSet<String>,
}

/// An answer, or a frame of a socket.
struct Said {
    company: String,
    operation: String,
    status: u16,
    text: String,
}

/// Everything that was said, and what is being done.
#[derive(Default)]
struct Pages {
    act: Option<String>,
    /// Operations of the act with their statuses, and how often.
    used: Vec<(String, u32)>,
    said: Vec<Said>,
    codes: BTreeSet<String>,
}

/// The book of one day.
pub(super) struct Ledger {
    host: &'static str,
    pub(super) operations: Vec<Operation>,
    pages: Mutex<Pages>,
}

impl Ledger {
    pub(super) fn new(host: &'static str) -> anyhow::Result<Self> {
        let document: Value = serde_json::from_str(DOCUMENT)?;
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().context("no paths")? {
            for (method, one) in item.as_object().context("no operations")? {
                let text =
                    |value: &Value| value.as_str().map(str::to_owned).with_context(|| format!("{method} {path}"));
                let security = one.get("security").unwrap_or(&document["security"]);
                operations.push(Operation {
                    id: text(&one["operationId"])?,
                    tag: text(&one["tags"][0])?,
                    method: method.to_uppercase().parse()?,
                    path: path.strip_prefix(BASE).context("a path outside of workspaces")?.to_owned(),
                    asks: security.as_array().is_some_and(|all| !all.is_empty()),
                    example: one["requestBody"]["content"]["application/json"].get("example").cloned(),
                    statuses: one["responses"].as_object().context("no answers")?.keys().cloned().collect(),
                });
            }
        }
        Ok(Self { host, operations, pages: Mutex::default() })
    }

    /// The operation that a request is of: of several, the one that says most of the path itself.
    pub(super) fn operation(&self, method: &Method, path: &str) -> anyhow::Result<&Operation> {
        let path = path.split('?').next().unwrap_or_default();
        let fits = self.operations.iter().filter(|one| one.method == *method && one.takes(path));
        fits.min_by_key(|one| one.path.matches('{').count()).with_context(|| format!("no operation: {method} {path}"))
    }

    /// Begins an act of the day.
    pub(super) fn act(&self, company: &str, sentence: &str) {
        self.tell();
        self.pages().act = Some(format!("{company:<7} {sentence}"));
    }

    /// Prints the act that was begun, with what was asked in it.
    fn tell(&self) {
        let mut pages = self.pages();
        let Some(act) = pages.act.take() else { return };
        let mut used = std::mem::take(&mut pages.used);
        if used.len() > MOST_NAMED {
            let all = used.len();
            used = by_status(used);
            used.insert(0, (format!("{all} operations"), 1));
        }
        let times = |(name, times): (String, u32)| if times == 1 { name } else { format!("{name} ×{times}") };
        let used: Vec<String> = used.into_iter().map(times).collect();
        println!("{:<6} {act}  [{}]", self.host, used.join(", "));
    }

    /// Judges and keeps an answer.
    pub(super) fn answered(
        &self,
        company: &str,
        operation: &Operation,
        status: u16,
        kind: &str,
        text: &str,
    ) -> anyhow::Result<()> {
        let mut pages = self.pages();
        let what = format!("{} {status}", operation.id);
        match pages.used.iter_mut().find(|(name, _)| *name == what) {
            Some((_, times)) => *times += 1,
            None => pages.used.push((what.clone(), 1)),
        }
        ensure!(status < 500, "{what}: {text}");
        ensure!(operation.documents(status), "{what} is not documented: {text}");
        if status >= 400 {
            ensure!(kind == "application/problem+json", "{what} is {kind}");
            let problem: Value = serde_json::from_str(text)?;
            let word = problem["code"].as_str().with_context(|| format!("{what} without a code"))?;
            let code = codes::find(word).with_context(|| format!("{what}: {word} is not in the list of codes"))?;
            ensure!(code.statuses.contains(&status), "{word} with {status}");
            ensure!(code.by.contains(&operation.tag.as_str()), "{word} of {}", operation.tag);
            pages.codes.insert(word.to_owned());
        }
        let (company, operation) = (company.to_owned(), operation.id.clone());
        pages.said.push(Said { company, operation, status, text: text.to_owned() });
        Ok(())
    }

    /// Keeps a frame that somebody's socket brought.
    pub(super) fn heard(&self, company: &str, text: &str) {
        let (company, text) = (company.to_owned(), text.to_owned());
        self.pages().said.push(Said { company, operation: "a socket".to_owned(), status: 101, text });
    }

    /// Whether nothing that a company was ever told has one of these words in it.
    pub(super) fn keeps_from(&self, company: &str, words: &[String]) -> anyhow::Result<()> {
        let pages = self.pages();
        for said in pages.said.iter().filter(|said| said.company == company) {
            let found = words.iter().find(|word| said.text.contains(word.as_str()));
            let what = (&said.operation, said.status);
            ensure!(found.is_none(), "{company} was told of {found:?} by {what:?}: {}", said.text);
        }
        Ok(())
    }

    /// Ends the day: every operation has succeeded at least once, but for those that are named with a reason.
    pub(super) fn close(&self) -> anyhow::Result<()> {
        self.tell();
        let pages = self.pages();
        let good = pages.said.iter().filter(|said| (100..400).contains(&said.status));
        let good: BTreeSet<&str> = good.map(|said| said.operation.as_str()).collect();
        let all = self.operations.iter().map(|one| one.id.as_str());
        let missing: Vec<&str> = all.filter(|id| !good.contains(id)).collect();
        let mut statuses: BTreeMap<u16, u32> = BTreeMap::new();
        for said in &pages.said {
            *statuses.entry(said.status).or_default() += 1;
        }
        let mut counts = String::new();
        for (status, count) in statuses {
            write!(counts, " {status} ×{count}")?;
        }
        let used = self.operations.iter().filter(|one| good.contains(one.id.as_str())).count();
        let (host, asked) = (self.host, pages.said.len());
        println!("{host:<6} {used} of {} operations, {asked} answers and frames:{counts}", self.operations.len());
        let words: Vec<&str> = pages.codes.iter().map(String::as_str).collect();
        println!("{host:<6} {} of {} problem codes: {}", words.len(), codes::CODES.len(), words.join(" "));
        ensure!(missing.is_empty(), "the day used every operation but {missing:?}");
        Ok(())
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often each status came.
fn by_status(used: Vec<(String, u32)>) -> Vec<(String, u32)> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for (what, times) in used {
        *counts.entry(what.split(' ').next_back().unwrap_or_default().to_owned()).or_default() += times;
    }
    counts.into_iter().collect()
}

impl Drop for Ledger {
    /// The act in which the day broke off is told too.
    fn drop(&mut self) {
        self.tell();
    }
}

impl Operation {
    fn takes(&self, path: &str) -> bool {
        let (mut own, mut asked) = (self.path.split('/'), path.split('/'));
        loop {
            match (own.next(), asked.next()) {
                (None, None) => return true,
                (Some(part), Some(asked)) if part == asked || part.starts_with('{') => {}
                _ => return false,
            }
        }
    }

    fn documents(&self, status: u16) -> bool {
        self.statuses.contains(&status.to_string()) || self.statuses.contains(&format!("{}XX", status / 100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(company: &str, id: &str, status: u16, text: &str) -> (Ledger, anyhow::Result<()>) {
        let ledger = Ledger::new("test").unwrap();
        let operation = ledger.operations.iter().find(|one| one.id == id).unwrap().clone();
        let kind = if status < 400 { "application/json" } else { "application/problem+json" };
        let judged = ledger.answered(company, &operation, status, kind, text);
        (ledger, judged)
    }

    #[test]
    fn an_answer_is_documented_and_no_trouble_of_ours_and_its_code_is_one_that_its_function_gives() {
        let judged = |id: &str, status: u16, text: &str| told("acme", id, status, text).1.is_ok();
        assert!(judged("getMe", 200, "{}") && judged("getMe", 401, r#"{"code": "token-invalid"}"#));
        assert!(!judged("getMe", 202, "{}"), "another status");
        assert!(!judged("getMe", 503, r#"{"code": "database-busy"}"#), "trouble");
        assert!(!judged("getMe", 401, r#"{"code": "token-odd"}"#), "no code");
        assert!(!judged("getMe", 403, r#"{"code": "token-invalid"}"#), "another's status");
        assert!(!judged("putMessage", 401, r#"{"code": "wrong-code"}"#), "another function's code");
    }

    #[test]
    fn a_word_of_the_other_company_is_found() {
        let (ledger, _) = told("acme", "getMe", 200, r#"{"email": "gus@globex.example"}"#);
        assert!(ledger.keeps_from("acme", &["globex.example".to_owned()]).is_err());
        assert!(ledger.keeps_from("globex", &["globex.example".to_owned()]).is_ok());
    }

    #[test]
    fn a_day_is_over_once_every_operation_was_used_and_one_that_only_failed_was_not() {
        let ledger = Ledger::new("test").unwrap();
        let say = |id: &str, status: u16| {
            let (company, operation) = ("acme".to_owned(), id.to_owned());
            ledger.pages().said.push(Said { company, operation, status, text: String::new() });
        };
        let (last, others) = ledger.operations.split_last().unwrap();
        others.iter().for_each(|one| say(&one.id, 200));
        assert!(ledger.close().is_err(), "{} is missing", last.id);
        say(&last.id, 401);
        assert!(ledger.close().is_err(), "{} only failed", last.id);
        say(&last.id, 200);
        assert!(ledger.close().is_ok());
    }

    #[test]
    fn a_path_is_of_the_operation_that_says_most_of_it() {
        let ledger = Ledger::new("test").unwrap();
        let id = |path: &str| ledger.operation(&Method::DELETE, path).map(|one| one.id.clone()).ok();
        assert_eq!(id("/me/sessions").as_deref(), Some("endOtherSessions"));
        assert_eq!(id("/people/1?confirm=a").as_deref(), Some("erasePerson"));
        assert_eq!(id("/nothing"), None);
    }
}
