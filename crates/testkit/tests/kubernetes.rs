//! The API server that tests get is a real one.

use std::{
    fs,
    net::TcpStream,
    path::Path,
    process::Output,
    time::{Duration, Instant},
};

use serde_json::Value;
use testkit::servers::OwnKubernetes;

const LIMIT: Duration = Duration::from_secs(60);

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Processes whose command line names the folder.
fn processes_of(folder: &Path) -> anyhow::Result<Vec<String>> {
    let folder = folder.to_string_lossy();
    let lines = fs::read_dir("/proc")?.flatten().filter_map(|entry| {
        // One that ends meanwhile has none.
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    Ok(lines.filter(|line| line.contains(&*folder)).collect())
}

/// User, verb and the answer's code of what was asked of the config maps in `first`.
fn audited(log: &Path) -> anyhow::Result<Vec<(String, String, u64)>> {
    let text = fs::read_to_string(log)?;
    let events: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let about =
        |event: &&Value| event["objectRef"]["resource"] == "configmaps" && event["objectRef"]["namespace"] == "first";
    let code = |event: &Value| event["responseStatus"]["code"].as_u64().unwrap_or_default();
    let asked = events.iter().filter(about);
    Ok(asked.map(|event| (word(&event["user"]["username"]), word(&event["verb"]), code(event))).collect())
}

#[test]
fn a_server_of_a_tests_own_keeps_objects_refuses_strangers_and_ends_with_the_test() {
    let folder = tempfile::tempdir().unwrap();
    // By a thread that ends: the server must not end with it.
    let kubernetes = std::thread::scope(|scope| scope.spawn(|| OwnKubernetes::start(folder.path())).join());
    let kubernetes = kubernetes.unwrap().unwrap();
    let admin = |args: &[&str], stdin| {
        let output = kubernetes.kubectl(kubernetes.kubeconfig(), args, stdin).unwrap();
        assert!(output.status.success(), "{args:?}: {}", said(&output));
        said(&output)
    };

    admin(&["create", "namespace", "first"], None);
    let map = r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "map"}, "data": {"key": "kept"}}"#;
    admin(&["apply", "--namespace=first", "--filename=-"], Some(map));
    let get = ["get", "configmap", "map", "--namespace=first", "--output=jsonpath={.data.key}"];
    assert_eq!(admin(&get, None), "kept");
    let versions: Value = serde_json::from_str(&admin(&["version", "--output=json"], None)).unwrap();
    assert_eq!(versions["serverVersion"]["major"], "1", "{versions}");

    // A user of the token file, and one whom admin acts for.
    let (tenant, stranger) =
        (kubernetes.kubeconfig_for("tenant-a", &[]), kubernetes.kubeconfig_for("eve", &["guests"]));
    for (name, config) in [("tenant-a", tenant.unwrap()), ("eve", stranger.unwrap())] {
        let refused = kubernetes.kubectl(&config, &get, None).unwrap();
        assert_eq!(refused.status.code(), Some(1));
        assert!(said(&refused).contains(&format!("User \"{name}\" cannot get resource \"configmaps\"")), "{refused:?}");
    }
    let whoami = kubernetes.kubeconfig_for("platform", &[]).unwrap();
    let whoami = kubernetes.kubectl(&whoami, &["auth", "whoami", "--output=json"], None).unwrap();
    let whoami: Value = serde_json::from_slice(&whoami.stdout).unwrap();
    assert_eq!(whoami["status"]["userInfo"]["username"], "platform");
    assert_eq!(whoami["status"]["userInfo"]["groups"], serde_json::json!(["platform-team", "system:authenticated"]));

    let audited = audited(kubernetes.audit_log()).unwrap();
    let has = |user: &str, verb: &str, code| audited.contains(&(user.to_owned(), verb.to_owned(), code));
    assert!(has("admin", "create", 201) && has("tenant-a", "get", 403), "{audited:?}");

    // Service accounts have names and tokens of their own.
    if kubernetes.has_controllers() {
        let token = admin(&["create", "token", "default", "--namespace=first"], None);
        let me = kubernetes.kubeconfig_for("nobody", &[]).unwrap();
        let text = fs::read_to_string(&me).unwrap();
        let mut config: Value = serde_json::from_str(&text).unwrap();
        config["users"][0]["user"] = serde_json::json!({"token": token.trim()});
        fs::write(&me, config.to_string()).unwrap();
        let refused = said(&kubernetes.kubectl(&me, &get, None).unwrap());
        assert!(refused.contains("User \"system:serviceaccount:first:default\" cannot get"), "{refused}");
        // An empty namespace goes by itself; one with objects needs the controllers.
        admin(&["delete", "namespace", "first", "--wait=false"], None);
        let deadline = Instant::now() + LIMIT;
        while !admin(&["get", "namespace", "first", "--ignore-not-found"], None).is_empty() {
            assert!(Instant::now() < deadline, "the namespace is still there");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    let place = kubernetes.url().trim_start_matches("https://").to_owned();
    TcpStream::connect(&place).unwrap();
    let count = if kubernetes.has_controllers() { 3 } else { 2 };
    assert_eq!(processes_of(folder.path()).unwrap().len(), count);
    drop(kubernetes);
    assert_eq!(processes_of(folder.path()).unwrap(), [""; 0]);
    TcpStream::connect(&place).unwrap_err();
}

#[test]
fn one_that_cannot_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    // etcd's data folder is a file.
    fs::write(folder.path().join("etcd"), "").unwrap();
    let error = OwnKubernetes::start(folder.path()).err().unwrap();
    let text = format!("{error:#}");
    let its_folder = folder.path().join("etcd");
    assert!(text.contains("etcd ended with exit status") && text.contains(&*its_folder.to_string_lossy()), "{text}");
    assert_eq!(processes_of(folder.path()).unwrap(), [""; 0]);
}
