//! `cargo xtask test`, in a workspace so small that it holds one test: what a suite is given, and what is said of one
//! that can't run.

use std::fs;
use std::os::unix::fs::symlink;

use anyhow::{Context, Result, ensure};

use crate::alone;
use crate::clone::{Clone, PATIENCE};
use crate::network::proxy;

const PROBE: &str = r#"
fn main() {}

#[test]
fn everything_promised_is_there() {
    use std::io::{Read, Write};
    let value = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name}"));
    let place = |url: &str| url.rsplit(['/', '@']).find(|part| part.contains(':')).unwrap().to_owned();
    for name in ["THREADLY_TEST_POSTGRES", "THREADLY_TEST_KAFKA", "THREADLY_TEST_S3"] {
        std::net::TcpStream::connect(place(&value(name))).unwrap();
    }
    let mut store = std::net::TcpStream::connect(place(&value("THREADLY_TEST_S3"))).unwrap();
    store.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    store.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("200 OK"), "{answer}");
    assert!(value("THREADLY_TEST_S3_ACCESS_KEY").len() >= 16 && value("THREADLY_TEST_S3_SECRET_KEY").len() >= 32);
    let exists = |path: String| std::path::Path::new(&path).exists();
    assert!(exists(value("THREADLY_TEST_BIN") + "/probe"));
    assert!(exists(value("THREADLY_TEST_POSTGRES_BIN") + "/initdb"));
    assert!(exists(value("THREADLY_TEST_KAFKA_LIBS") + "/kafka_2.13-4.1.0.jar"));
    assert!(exists(value("THREADLY_TEST_JAVA")));
    assert!(exists(value("THREADLY_TEST_KUBERNETES") + "/kube-apiserver"));
    let mut aiosmtpd = std::process::Command::new(value("THREADLY_TEST_AIOSMTPD"));
    assert!(aiosmtpd.args(["-m", "aiosmtpd", "--version"]).status().unwrap().success());
    let mut schemathesis = std::process::Command::new(value("THREADLY_TEST_SCHEMATHESIS"));
    assert!(schemathesis.args(["-m", "schemathesis.cli", "--version"]).status().unwrap().success());
    assert!(!exists(value("KUBECONFIG")));
}
"#;

fn small_workspace() -> Result<Clone> {
    let clone = Clone::new()?;
    fs::write(clone.root().join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"probe\"]\n")?;
    let probe = clone.root().join("probe");
    fs::create_dir_all(probe.join("src"))?;
    fs::write(probe.join("Cargo.toml"), "[package]\nname = \"probe\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")?;
    fs::write(probe.join("src/main.rs"), PROBE)?;
    fs::create_dir_all(clone.root().join("web"))?;
    let target = clone.beside().join("target");
    Ok(clone.with("CARGO_TARGET_DIR", target.to_string_lossy()))
}

#[test]
fn the_suite_rust_gets_servers_that_answer_and_leaves_nothing_running() -> Result<()> {
    let clone = small_workspace()?;
    let assets = clone.beside().join("assets");
    fs::create_dir(&assets)?;
    // Given ones are handed on as they are; to build them would take minutes.
    for name in ["etcd", "kube-apiserver"] {
        symlink("/bin/true", assets.join(name))?;
    }
    let clone = clone.with("KUBEBUILDER_ASSETS", assets.to_string_lossy());
    let said = clone.run(&["test", "rust"])?.success()?;
    let row = said.lines().rfind(|line| line.starts_with("rust ")).context("the table's row")?;
    ensure!(row.split_ascii_whitespace().take(4).eq(["rust", "1", "0", "0"]), "{row}");
    ensure!(said.trim_end().ends_with("1 passed, 0 failed"), "{said}");
    for folder in ["test/postgres", "test/kafka", "test/seaweed"] {
        ensure!(!clone.state(folder).exists(), "{folder} is left");
    }
    for (program, folder) in [("weed", "test/seaweed"), ("java", "test/kafka"), ("postgres", "test/postgres")] {
        ensure!(clone.servers(program, folder)?.is_empty(), "{program} runs");
    }
    Ok(())
}

#[test]
fn a_suite_that_lacks_something_is_not_run_and_that_fails_in_ci() -> Result<()> {
    // A machine with little more than Python, and an index behind a proxy that refuses.
    let (proxy, asked) = proxy()?;
    let clone = small_workspace()?;
    let programs = clone.beside().join("programs");
    fs::create_dir(&programs)?;
    for name in ["setpriv", "env", "sh", "true"] {
        symlink(format!("/usr/bin/{name}"), programs.join(name))?;
    }
    let clone = clone
        .with("PATH", programs.to_string_lossy())
        .with("XDG_CACHE_HOME", clone_cache(&programs))
        .with("PIP_CONFIG_FILE", "/dev/null")
        .with("PIP_INDEX_URL", "https://index.example/simple")
        .with("PIP_FIND_LINKS", "")
        .with("https_proxy", &proxy)
        .with("CI", "true");
    let said = clone.run(&["test", "web"])?.failure()?;
    let row = said.lines().rfind(|line| line.starts_with("web ")).context("the table's row")?;
    ensure!(row.contains("NOT RUN: Node is missing"), "{row}");
    ensure!(row.ends_with("(a failure, since CI=true)"), "{row}");
    if row.contains("python3-venv") {
        alone::skip("the part about pip: this machine's Python makes no venv");
        return Ok(());
    }
    let request = asked.recv_timeout(PATIENCE).context("pip went past the proxy")?;
    ensure!(request.starts_with("CONNECT index.example:443"), "{request}");
    Ok(())
}

fn clone_cache(beside: &std::path::Path) -> String {
    beside.with_file_name("cache").to_string_lossy().into_owned()
}
