//! Kafka's jars: fetched through Maven into the cache.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::interrupt::Interrupt;
use crate::screen::say;
use crate::{commands, downloads, programs};

const FOLDER: &str = "kafka-4.1.0";
/// Of the download.
pub const MEGABYTES: u32 = 43;
const POM: &str = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.threadly</groupId><artifactId>kafka-jars</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.1.0</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version></dependency>
  </dependencies>
</project>
"#;
/// Named in full: a bare `dependency:` would be another version with every Maven.
const COPY_GOAL: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
/// What a complete folder must hold.
const PROOF: [&str; 3] = ["kafka_2.13-4.1.0.jar", "kafka-clients-4.1.0.jar", "log4j-slf4j-impl-2.24.3.jar"];

const TRIES: u32 = 3;

/// The folder of the jars, if it is complete.
pub fn folder() -> Result<PathBuf> {
    let folder = downloads::place(FOLDER)?;
    if complete(&folder) { Ok(folder) } else { bail!("Kafka's jars are not in {}", folder.display()) }
}

/// Fetches the jars unless another clone has.
pub fn fetch(log: &Path, interrupt: &Interrupt) -> Result<()> {
    let fill = |temporary: &Path| -> Result<PathBuf> {
        let maven = programs::maven().context("Maven (`mvn`) was not found")?;
        fs::write(temporary.join("pom.xml"), POM)?;
        for turn in 1..=TRIES {
            let mut command = commands::command(&maven);
            // -C: a checksum that differs is an error. -U: what failed a minute ago is asked for again.
            command.args(["-B", "-ntp", "-C", "-U"]).args(proxies(|name| std::env::var(name).ok()));
            command.args([COPY_GOAL, "-DincludeScope=runtime", "-DoutputDirectory=libs"]).current_dir(temporary);
            match commands::run_logged(command, log, &format!("fetching Kafka ({MEGABYTES} MB)"), Some(interrupt)) {
                Ok(()) => break,
                Err(error) if turn == TRIES || interrupt.raised() => return Err(error),
                Err(_) => say!("  fetching Kafka failed, trying again ({} of {TRIES})", turn + 1),
            }
        }
        let libs = temporary.join("libs");
        if !complete(&libs) {
            bail!("Maven said that it fetched Kafka, but {} is not complete", libs.display());
        }
        Ok(libs)
    };
    downloads::fetch(FOLDER, interrupt, complete, fill)?;
    Ok(())
}

fn complete(folder: &Path) -> bool {
    PROOF.iter().all(|jar| fs::metadata(folder.join(jar)).is_ok_and(|file| file.len() > 0))
}

/// Maven reads no proxy variables: hand them on in its own way, which newer versions want to be told to look at.
fn proxies(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let either =
        |name: &str| variable(name).or_else(|| variable(&name.to_uppercase())).filter(|value| !value.is_empty());
    let mut words = Vec::new();
    for scheme in ["http", "https"] {
        let Some(url) = either(&format!("{scheme}_proxy")) else { continue };
        let place = url.split_once("://").map_or(&*url, |(_, place)| place).trim_end_matches('/');
        let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
        let (host, port) = place.rsplit_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
        words.push(format!("-D{scheme}.proxyHost={host}"));
        words.extend(port.map(|port| format!("-D{scheme}.proxyPort={port}")));
    }
    if words.is_empty() {
        return words;
    }
    if let Some(list) = either("no_proxy") {
        let hosts: Vec<String> = list.split(',').map(str::trim).filter(|host| !host.is_empty()).map(bypassed).collect();
        words.push(format!("-Dhttp.nonProxyHosts={}", hosts.join("|")));
    }
    words.push("-Daether.connector.http.useSystemProperties=true".to_owned());
    words.push("-Daether.transport.http.useSystemProperties=true".to_owned());
    words
}

/// `.example.com` means every host below it.
fn bypassed(host: &str) -> String {
    if host.starts_with('.') { format!("*{host}") } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(variables: &[(&str, &str)]) -> Vec<String> {
        proxies(|wanted| variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn proxies_are_handed_on_in_mavens_way() {
        let words = words(&[
            ("HTTPS_PROXY", "http://user:pass@proxy.example:3128/"),
            ("http_proxy", "proxy.example"),
            ("no_proxy", "localhost, .corp.example"),
        ]);
        assert_eq!(
            words[..4],
            [
                "-Dhttp.proxyHost=proxy.example",
                "-Dhttps.proxyHost=proxy.example",
                "-Dhttps.proxyPort=3128",
                "-Dhttp.nonProxyHosts=localhost|*.corp.example"
            ]
        );
    }

    #[test]
    fn without_a_proxy_maven_is_told_nothing() {
        assert!(words(&[("no_proxy", "localhost"), ("https_proxy", "")]).is_empty());
    }
}
