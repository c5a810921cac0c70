//! The reference page of all settings, from the code that reads them; committed as `docs/configuration.md`.

use std::{env, fmt::Write, fs, path::PathBuf};

use clap::{Arg, Args, Command, CommandFactory};
use function_host::HostConfig;

use crate::config::Config;

#[test]
fn generated_configuration_reference_is_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let page = page();
    if env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "docs/configuration.md is stale: run `cargo xtask generate`");
}

fn page() -> String {
    let mut page = String::from(
        "# Configuration\n\nEvery setting is read once, at start, from its environment variable or its option. \
         This page is generated from the code.\n",
    );
    section(&mut page, "threadly: everything in one process", &Config::command());
    let host = HostConfig::augment_args(Command::new("host"));
    section(&mut page, "Every function, and the edge, as a process of its own", &host);
    section(&mut page, "auth, in addition", &auth::Config::augment_args(Command::new("auth")));
    section(&mut page, "directory, in addition", &buckets::S3Args::augment_args(Command::new("directory")));
    let edge = realtime_edge::EdgeConfig::augment_args(Command::new("edge"));
    section(&mut page, "realtime-edge, in addition", &edge);
    page
}

fn section(page: &mut String, title: &str, command: &Command) {
    let _ = write!(page, "\n## {title}\n\n| variable | option | default | meaning |\n|---|---|---|---|\n");
    for argument in command.get_arguments().filter(|argument| argument.get_env().is_some()) {
        let env = argument.get_env().unwrap_or_default().to_string_lossy().into_owned();
        let option = argument.get_long().map(|long| format!("`--{long}`")).unwrap_or_default();
        let _ = writeln!(page, "| `{env}` | {option} | {} | {} |", default(argument), meaning(argument));
    }
}

fn default(argument: &Arg) -> String {
    match argument.get_default_values() {
        [] if argument.is_required_set() => "needed".to_owned(),
        [] => "none".to_owned(),
        values => values.iter().map(|value| format!("`{}`", value.to_string_lossy())).collect::<Vec<_>>().join(" "),
    }
}

fn meaning(argument: &Arg) -> String {
    let help = argument.get_long_help().or_else(|| argument.get_help()).map(ToString::to_string).unwrap_or_default();
    let values: Vec<String> =
        argument.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    let values = if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
    format!("{}{values}", help.replace('\n', " "))
}
