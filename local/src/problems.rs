//! The page of all problem codes, from the list that problems are made of; committed as `docs/problems.md`. And whether
//! that list is what the functions' sources say.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use function_host::codes::{CODES, Code, find, may_say};
use serde_json::Value;

/// Where each function's sources are, by its tag in the OpenAPI document.
const FUNCTIONS: [(&str, &str); 4] = [
    ("auth", "functions/auth/src"),
    ("directory", "functions/directory/src"),
    ("messages", "functions/messages/src"),
    ("realtime", "realtime-edge/src"),
];
/// What all of them have in common.
const SHARED: &str = "crates/function-host/src";
/// Words in the same files that are no codes: headers and their values, the name of a list.
const OTHER_WORDS: [&str; 4] = ["no-store", "ratelimit-policy", "team-members", "x-request-id"];

#[test]
fn generated_problem_codes_are_current() {
    let path = repository().join("docs/problems.md");
    let page = page();
    if env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "docs/problems.md is stale: run `cargo xtask generate`");
}

fn page() -> String {
    let mut page = String::from(
        "# Problem codes\n\nEvery error is a problem (RFC 9457, `application/problem+json`). Its `code` is for programs: it \
         keeps its meaning, and later versions may know further ones. Its `detail` is for people, and may change. With 429 \
         and 503 the header `Retry-After` says when to try again. This page is generated from the code.\n\n\
         *From* names the functions that give a code, by the tags of [the API](openapi.json).\n\n\
         | code | status | from | meaning |\n|---|---|---|---|\n",
    );
    for Code { word, statuses, by, meaning } in CODES {
        let statuses = statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        let by = if by.len() == FUNCTIONS.len() { "all".to_owned() } else { by.join(", ") };
        let _ = writeln!(page, "| `{word}` | {statuses} | {by} | {meaning} |");
    }
    page
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of each source file below a folder that speaks of problems, without comments and tests.
fn sources(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            if text.contains("Problem") && path.file_stem().is_none_or(|name| name != "codes") {
                texts.push(code.join("\n"));
            }
        }
    }
}

/// What stands in quotes there and is written as a code is: lower-case words with hyphens between them.
fn words(folder: &str) -> BTreeSet<String> {
    let mut texts = Vec::new();
    sources(&repository().join(folder), &mut texts);
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let quoted = texts.iter().flat_map(|text| text.lines()).flat_map(|line| line.split('"').skip(1));
    quoted.filter(|text| text.split('-').all(is_word)).map(str::to_owned).collect()
}

#[test]
fn the_list_names_every_code_that_the_sources_give_and_no_other() {
    let shared = words(SHARED);
    let own: BTreeMap<&str, BTreeSet<String>> = FUNCTIONS.map(|(tag, folder)| (tag, words(folder))).into();
    let all = own.values().flatten().chain(&shared);
    let unlisted: BTreeSet<&String> = all
        .filter(|word| word.contains('-') && find(word).is_none() && !OTHER_WORDS.contains(&word.as_str()))
        .collect();
    assert!(unlisted.is_empty(), "problem codes that are not in function_host::codes: {unlisted:?}");
    for Code { word, by, .. } in CODES {
        for (tag, words) in &own {
            let (says, may) = (words.contains(word), by.contains(tag));
            assert!(!says || may, "{tag} gives {word}: name it in the list");
            assert!(!may || says || shared.contains(word), "nothing of {tag} gives {word}");
        }
    }
}

#[test]
fn the_answers_of_the_document_name_codes_that_their_function_gives_with_their_status() {
    let document = serde_json::to_value(crate::openapi::document()).unwrap();
    let items = document["paths"].as_object().unwrap().values();
    let mut seen = 0;
    for operation in items.flat_map(|item| item.as_object().unwrap().values()) {
        let tag = operation["tags"][0].as_str().unwrap();
        let problems = operation["responses"].as_object().unwrap().iter();
        for (status, answer) in problems.filter(|(status, _)| status.starts_with(['4', '5'])) {
            for word in named(answer) {
                let code = find(word).unwrap_or_else(|| panic!("{}: {word} is no code", operation["operationId"]));
                let fits = (400..600).any(|one| of_class(one, status) && may_say(word, one));
                assert!(fits && code.by.contains(&tag), "{}: {word} with {status}", operation["operationId"]);
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

/// The words that an answer's description puts between backticks, but for its headers.
fn named(answer: &Value) -> impl Iterator<Item = &str> {
    let words = answer["description"].as_str().unwrap_or_default().split('`').skip(1).step_by(2);
    words.filter(|word| word.contains('-') && answer["headers"].get(word.to_lowercase()).is_none())
}

/// Whether a status is one that the document writes so: `404`, or `4XX`.
fn of_class(status: u16, written: &str) -> bool {
    let status = status.to_string();
    written == status || (written.ends_with("XX") && written.get(..1) == status.get(..1))
}
