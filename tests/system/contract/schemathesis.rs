//! Schemathesis asks the house what its OpenAPI document allows, and what it does not.

use std::{collections::BTreeMap, fmt, fs, ops::AddAssign, process::Stdio, time::Duration};

use anyhow::Context;
use serde_json::Value;
use tokio::{process::Command, time::timeout};

use super::{
    ENDS_THE_CALLER,
    house::{HANDLE, Single},
};

/// Examples per operation that are proper beside other tests.
pub(super) const CI_EXAMPLES: u32 = 8;
/// One run.
const LIMIT: Duration = Duration::from_secs(1_200);

/// What is looked for in every answer.
///
/// Left out is `positive_data_acceptance`: no schema says that a cursor must come from the page before, an address be
/// free, a person be a member, so that much of what it allows is rightly refused. So are the checks that need operations
/// with links between them: `use_after_free`, `ensure_resource_availability`, `object_level_authorization`.
const CHECKS: [&str; 10] = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
];

/// One run over the document.
pub(super) struct Pass<'a> {
    pub(super) token: &'a str,
    /// What stands under the ids of paths, by parameter; others are made up.
    pub(super) ids: &'a BTreeMap<String, String>,
    pub(super) phases: &'a str,
    pub(super) seed: u32,
    /// Per operation and phase, at most.
    pub(super) examples: u32,
    /// Only the operations of [`ENDS_THE_CALLER`], or all others.
    pub(super) ends_the_caller: bool,
}

/// What came of runs.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) requests: u64,
    operations: u64,
    runs: u32,
    pub(super) failures: Vec<String>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requests, operations, runs, failures } = self;
        write!(
            f,
            "schemathesis: {requests} requests in {runs} runs, {operations} operations in one, {} failures",
            failures.len()
        )
    }
}

impl AddAssign for Summary {
    fn add_assign(&mut self, more: Self) {
        self.requests += more.requests;
        self.operations = self.operations.max(more.operations);
        self.runs += more.runs;
        self.failures.extend(more.failures);
    }
}

/// Runs it.
pub(super) async fn run(house: &Single, document: &Value, pass: &Pass<'_>) -> anyhow::Result<Summary> {
    let python = std::env::var("THREADLY_TEST_SCHEMATHESIS").context("THREADLY_TEST_SCHEMATHESIS is not set")?;
    let file = |name: &str| house.folder().join(name);
    let (openapi, settings, report) = (file("openapi.json"), file("schemathesis.toml"), file("report.json"));
    fs::write(&openapi, document.to_string())?;
    let ids = pass.ids.iter().map(|(name, id)| format!("\"path.{name}\" = \"{id}\"\n"));
    fs::write(&settings, format!("[parameters]\n\"path.handle\" = \"{HANDLE}\"\n{}", ids.collect::<String>()))?;
    let _ = fs::remove_file(&report);

    let mut command = Command::new(python);
    command.args(["-m", "schemathesis.cli", "--config-file"]).arg(&settings).arg("run").arg(&openapi);
    command.args(["--url", &house.url(), "--header", &format!("Authorization: Bearer {}", pass.token)]);
    command.args(["--checks", &CHECKS.join(","), "--phases", pass.phases, "--max-redirects", "0"]);
    command.args(["--seed", &pass.seed.to_string(), "--max-examples", &pass.examples.to_string()]);
    command.args(["--continue-on-failure", "--no-shrink", "--request-timeout", "30", "--warnings", "off"]);
    command.arg("--report-json-path").arg(&report);
    for (id, _) in ENDS_THE_CALLER {
        command.args([if pass.ends_the_caller { "--include-operation-id" } else { "--exclude-operation-id" }, id]);
    }
    // It keeps a folder of what it has seen where it is.
    command.current_dir(house.folder()).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(LIMIT, command.output()).await.context("schemathesis does not end")??;
    let said = String::from_utf8_lossy(&output.stdout);
    let found: Value = fs::read(&report)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .with_context(|| format!("no report: {said}{}", String::from_utf8_lossy(&output.stderr)))?;
    let faulty = !output.status.success() || found["complete"] != true;
    let summary = Summary {
        requests: found["test_cases"]["generated"].as_u64().context("no count")?,
        operations: found["operations"]["tested"].as_u64().unwrap_or_default(),
        runs: 1,
        failures: if faulty { vec![said.into_owned()] } else { Vec::new() },
    };
    println!("seed {}, {}: {summary}", pass.seed, pass.phases);
    Ok(summary)
}
