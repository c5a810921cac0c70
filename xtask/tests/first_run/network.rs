//! No network, and a network behind a proxy.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use anyhow::{Context, Result, ensure};

use crate::alone;
use crate::clone::{Clone, PATIENCE, finish};
use crate::shared::with_own_kafka;

/// A proxy that refuses everything and tells what it was asked for.
pub fn proxy() -> Result<(String, Receiver<String>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let (sender, asked) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut line = String::new();
            if BufReader::new(stream).read_line(&mut line).is_ok() && sender.send(line).is_err() {
                return;
            }
        }
    });
    Ok((url, asked))
}

#[test]
fn the_second_run_needs_no_network() -> Result<()> {
    let Some((_, unshare)) = alone::unshare(&["--net"]) else { return Ok(()) };
    if !alone::has("ip") {
        return Ok(());
    }
    let clone = Clone::new()?;
    let first = clone.up()?;
    ensure!(first.contains("Plan\n") && first.contains("disk ") && first.contains("Steps: install "), "{first}");
    clone.down()?;
    // Servers of one network namespace can be asked only there, hence one script.
    let script = r#"PATH=$PATH:/usr/sbin:/sbin ip link set lo up || exit 1
        "$XTASK" up --detach --servers-only && "$XTASK" status; "$XTASK" down"#;
    let xtask = clone.xtask(&[]);
    let mut alone = std::process::Command::new(unshare[0]);
    alone.args(&unshare[1..]).args(["sh", "-c", script]).current_dir(clone.root());
    alone.envs(xtask.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("XTASK", xtask.get_program());
    for name in ["THREADLY_POSTGRES_URL", "THREADLY_KAFKA"] {
        alone.env_remove(name);
    }
    let said = finish(alone, "up without a network")?.success()?;
    ensure!(said.contains("kafka     ready on 127.0.0.1:"), "{said}");
    ensure!(said.contains("Stopped postgres") && said.contains("Stopped kafka"), "{said}");
    Ok(())
}

#[test]
fn maven_is_handed_the_proxy_and_a_failed_download_is_tried_again_and_never_believed() -> Result<()> {
    if !alone::has("mvn") {
        return Ok(());
    }
    let (proxy, asked) = proxy()?;
    let clone = with_own_kafka()?;
    let cache = clone.beside().join("cache");
    // What a killed download, and a disk that was full, may have left.
    let jars = cache.join("threadly/kafka-4.1.0");
    fs::create_dir_all(&jars)?;
    fs::write(jars.join("kafka_2.13-4.1.0.jar"), "")?;
    fs::create_dir_all(cache.join("threadly/kafka-4.1.0.new/libs"))?;
    let repository = format!("-Dmaven.repo.local={}", clone.beside().join("m2").display());
    let clone = clone
        .with("XDG_CACHE_HOME", cache.to_string_lossy())
        .with("MAVEN_OPTS", repository)
        .with("HTTPS_PROXY", &proxy)
        .with("https_proxy", &proxy)
        .with("http_proxy", &proxy)
        .with("no_proxy", "localhost,127.0.0.1");
    let said = clone.run(&["up", "--detach", "--servers-only"])?.failure()?;
    ensure!(said.contains("to fetch    Kafka's jars through Maven, 43 MB"), "{said}");
    ensure!(said.contains("trying again (2 of 3)") && said.contains("trying again (3 of 3)"), "{said}");
    ensure!(said.contains("fetching Kafka (43 MB) failed") && said.contains("maven.log"), "{said}");
    ensure!(fs::metadata(jars.join("kafka_2.13-4.1.0.jar"))?.len() == 0, "nothing was taken for complete");
    let request = asked.recv_timeout(PATIENCE).context("Maven went past the proxy")?;
    ensure!(request.starts_with("CONNECT ") || request.starts_with("GET "), "{request}");
    Ok(())
}
