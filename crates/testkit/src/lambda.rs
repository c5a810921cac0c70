//! AWS Lambda, as far as its own tools emulate it: the runtime API that functions ask for events, and the ways to send
//! them some. Each process takes one event at a time.

use std::{env, ffi::OsString, fs, time::Duration};

use anyhow::{Context, bail};
use nix::sys::signal::Signal;
use reqwest::StatusCode;
use serde_json::Value;
use tempfile::TempDir;

use crate::servers::{free_port, server::Server};

/// From start to the first answer, on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(60);
/// For an invocation: more than a function takes.
const INVOKE_LIMIT: Duration = Duration::from_secs(60);
/// It takes events for these only: the processes of a house, by their instance names.
const FUNCTIONS: [&str; 6] = ["auth", "directory", "messages", "messages-0", "messages-1", "projector"];

/// Where functions run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// As servers of their own.
    Hyper,
    /// On the emulator of AWS Lambda.
    Lambda,
}

/// Runs tests of functions on each of their hosts.
#[macro_export]
macro_rules! on_both_hosts {
    ($($test:ident),* $(,)?) => {
        mod on_hyper {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() -> anyhow::Result<()> {
                super::$test($crate::Host::Hyper).await
            })*
        }

        mod on_lambda {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() -> anyhow::Result<()> {
                super::$test($crate::Host::Lambda).await
            })*
        }
    };
}

/// The emulator; it ends when this is dropped.
pub struct Emulator {
    port: u16,
    client: reqwest::Client,
    folder: TempDir,
    _server: Server,
}

impl Emulator {
    /// Starts the emulator (`THREADLY_TEST_CARGO_LAMBDA`) on a free port, without any function.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn start() -> anyhow::Result<Self> {
        let program = env::var_os("THREADLY_TEST_CARGO_LAMBDA")
            .context("THREADLY_TEST_CARGO_LAMBDA is not set: run the tests with `cargo xtask test`")?;
        let (folder, port) = (tempfile::tempdir()?, free_port().await?);
        // It learns the functions' names from a project's programs, which it does not build.
        let mut manifest =
            "[package]\nname = \"functions\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n".to_owned();
        for name in FUNCTIONS {
            manifest.push_str(&format!("[[bin]]\nname = \"{name}\"\npath = \"main.rs\"\n"));
        }
        let manifest_path = folder.path().join("Cargo.toml");
        fs::write(&manifest_path, manifest)?;
        fs::write(folder.path().join("main.rs"), "fn main() {}\n")?;
        let words = format!("lambda watch --only-lambda-apis --disable-cors -A 127.0.0.1 -P {port} --manifest-path");
        let mut command = vec![program];
        command.extend(words.split(' ').map(OsString::from));
        command.push(manifest_path.into());
        let log = folder.path().join("log");
        let mut server = Server::new("the emulator of Lambda", command, log, false, Signal::SIGTERM);
        server.start()?;
        let client = reqwest::Client::builder().timeout(INVOKE_LIMIT).build()?;
        let nobody = format!("http://127.0.0.1:{port}/lambda-url/nobody/");
        server.answers(START_LIMIT, async || client.get(&nobody).send().await.is_ok()).await?;
        Ok(Self { port, client, folder, _server: server })
    }

    /// Where a function's requests go.
    #[must_use]
    pub fn url(&self, function: &str) -> String {
        format!("http://127.0.0.1:{}/lambda-url/{function}", self.port)
    }

    /// What Lambda tells a function's processes.
    ///
    /// # Errors
    /// The emulator takes no events for it.
    pub(crate) fn environment(&self, function: &str) -> anyhow::Result<Vec<(String, String)>> {
        if !FUNCTIONS.contains(&function) {
            bail!("the emulator knows no function {function}");
        }
        let settings = [
            ("AWS_LAMBDA_RUNTIME_API", format!("http://127.0.0.1:{}/.rt/{function}", self.port)),
            ("AWS_LAMBDA_FUNCTION_NAME", function.to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512".to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1".to_owned()),
            ("AWS_LAMBDA_LOG_STREAM_NAME", format!("2026/01/01/[1]{}", uuid::Uuid::new_v4().simple())),
        ];
        Ok(settings.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// Calls a function with an event, and waits for its answer.
    ///
    /// # Errors
    /// None comes.
    pub async fn invoke(&self, function: &str, event: &Value) -> anyhow::Result<(StatusCode, Value)> {
        self.invoker(function).invoke(event).await
    }

    /// The same for somebody else.
    #[must_use]
    pub fn invoker(&self, function: &str) -> Invoker {
        let url = format!("http://127.0.0.1:{}/2015-03-31/functions/{function}/invocations", self.port);
        Invoker { client: self.client.clone(), url }
    }

    /// What it has printed.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// Calls one function.
#[derive(Clone, Debug)]
pub struct Invoker {
    client: reqwest::Client,
    url: String,
}

impl Invoker {
    /// Calls it with an event, and waits for its answer.
    ///
    /// # Errors
    /// None comes.
    pub async fn invoke(&self, event: &Value) -> anyhow::Result<(StatusCode, Value)> {
        let answer = self.client.post(&self.url).json(event).send().await?;
        let status = answer.status();
        Ok((status, serde_json::from_slice(&answer.bytes().await?).unwrap_or(Value::Null)))
    }
}
