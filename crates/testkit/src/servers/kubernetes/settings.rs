//! What the programs of an API server are told.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;

pub(super) const ADMIN: &str = "admin";
/// As a real cluster names them.
pub(super) const CONTROLLERS: &str = "system:kube-controller-manager";
const MASTERS: &str = "system:masters";

const CERTIFICATES: &str = "certificates";
const TOKENS: &str = "tokens.csv";
const AUDIT_POLICY: &str = "audit-policy.json";
pub(super) const AUDIT_LOG: &str = "audit.log";
const KUBECONFIGS: &str = "kubeconfigs";

/// The server makes this pair at its start and puts the authority's certificate behind its own.
const CERTIFICATE: &str = "apiserver.crt";
const KEY: &str = "apiserver.key";

/// One line of the token file.
pub(super) struct User {
    pub name: &'static str,
    pub groups: &'static [&'static str],
    pub token: String,
}

/// The known users, with new tokens.
pub(super) fn users() -> Vec<User> {
    let known: [(_, &[_]); 6] = [
        (ADMIN, &[MASTERS]),
        (CONTROLLERS, &[MASTERS]),
        ("platform", &["platform-team"]),
        ("tenant-a", &["tenants"]),
        ("tenant-b", &["tenants"]),
        ("operator", &[]),
    ];
    known.map(|(name, groups)| User { name, groups, token: format!("{:032x}", rand::random::<u128>()) }).into()
}

/// Writes what the server reads at its start.
pub(super) fn write(folder: &Path, users: &[User]) -> std::io::Result<()> {
    fs::create_dir_all(folder.join(CERTIFICATES))?;
    fs::write(folder.join(TOKENS), token_file(users))?;
    fs::write(folder.join(AUDIT_POLICY), audit_policy())
}

/// Token, name, id, groups.
fn token_file(users: &[User]) -> String {
    let lines = users.iter().map(|user| format!("{},{1},{1},\"{2}\"\n", user.token, user.name, user.groups.join(",")));
    lines.collect()
}

/// Who did what to which object, once it was answered, without what the server asks itself and the controllers' reads.
fn audit_policy() -> String {
    json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            {"level": "None", "users": ["system:apiserver"]},
            {"level": "None", "users": [CONTROLLERS], "verbs": ["get", "list", "watch"]},
            {"level": "Metadata"},
        ],
    })
    .to_string()
}

/// `https://127.0.0.1:port`.
pub(super) fn url(port: u16) -> String {
    format!("https://127.0.0.1:{port}")
}

/// Writes a kubeconfig of a user's and answers its path.
pub(super) fn kubeconfig(
    folder: &Path,
    port: u16,
    users: &[User],
    user: &str,
    groups: &[&str],
) -> anyhow::Result<PathBuf> {
    let known = users.iter().find(|known| known.name == user && (groups.is_empty() || known.groups == groups));
    let rights = match known {
        Some(known) => json!({"token": known.token}),
        None => {
            let admin = users.iter().find(|known| known.name == ADMIN).map(|admin| &admin.token);
            json!({"token": admin, "as": user, "as-groups": groups})
        }
    };
    let content = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": {
            "server": url(port),
            "certificate-authority": folder.join(CERTIFICATES).join(CERTIFICATE),
        }}],
        "users": [{"name": user, "user": rights}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": user, "namespace": "default"}}],
    });
    let place = folder.join(KUBECONFIGS);
    fs::create_dir_all(&place)?;
    // Any text may be a name or a group, and only some may be a file's name.
    let name: Vec<String> = [user].iter().chain(groups).map(|word| file_name(word)).collect();
    let path = place.join(format!("{}.json", name.join("+")));
    fs::write(&path, content.to_string())?;
    Ok(path)
}

/// Each text another name.
fn file_name(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") }).collect()
}

/// Unless it is `durable`, etcd keeps nothing over a crash of the machine, and is quick for it.
pub(super) fn etcd(client: u16, peer: u16, durable: bool) -> String {
    let sync = if durable { "" } else { "--unsafe-no-fsync" };
    let (client, peer) = (format!("http://127.0.0.1:{client}"), format!("http://127.0.0.1:{peer}"));
    format!(
        "--name=test --listen-client-urls={client} --advertise-client-urls={client} --listen-peer-urls={peer} \
         --initial-advertise-peer-urls={peer} --initial-cluster=test={peer} {sync}"
    )
}

pub(super) fn etcd_files(folder: &Path) -> Vec<OsString> {
    vec![option("--data-dir=", folder.join("etcd"))]
}

/// `accounts`: whether there are controllers that make the service accounts which pods are refused without.
pub(super) fn api_server(etcd: u16, port: u16, accounts: bool) -> String {
    let refused = if accounts { "" } else { "--disable-admission-plugins=ServiceAccount" };
    format!(
        "--etcd-servers=http://127.0.0.1:{etcd} --bind-address=127.0.0.1 --advertise-address=127.0.0.1 \
         --secure-port={port} --service-cluster-ip-range=10.96.0.0/16 --endpoint-reconciler-type=none \
         --authorization-mode=RBAC --service-account-issuer=https://kubernetes.default.svc --allow-privileged=true \
         --audit-log-maxsize=2048 --profiling=false {refused}"
    )
}

/// Its own key signs the service accounts' tokens too: one pair that it makes by itself is enough for a test.
pub(super) fn api_server_files(folder: &Path) -> Vec<OsString> {
    let certificates = folder.join(CERTIFICATES);
    let key = certificates.join(KEY);
    vec![
        option("--cert-dir=", certificates),
        option("--service-account-key-file=", key.clone()),
        option("--service-account-signing-key-file=", key),
        option("--token-auth-file=", folder.join(TOKENS)),
        option("--audit-policy-file=", folder.join(AUDIT_POLICY)),
        option("--audit-log-path=", folder.join(AUDIT_LOG)),
    ]
}

/// One of its kind needs no election, and nobody asks it anything.
pub(super) const CONTROLLERS_FLAGS: &str = "--leader-elect=false --secure-port=0 --profiling=false";

pub(super) fn controllers_files(folder: &Path, kubeconfig: &Path) -> Vec<OsString> {
    let certificates = folder.join(CERTIFICATES);
    vec![
        option("--kubeconfig=", kubeconfig.to_path_buf()),
        option("--root-ca-file=", certificates.join(CERTIFICATE)),
        option("--service-account-private-key-file=", certificates.join(KEY)),
    ]
}

fn option(name: &str, path: PathBuf) -> OsString {
    let mut option = OsString::from(name);
    option.push(path);
    option
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_user_comes_with_his_own_token_and_anybody_else_as_admin_who_acts_for_him() {
        let folder = tempfile::tempdir().unwrap();
        let users = users();
        let read = |user: &str, groups: &[&str]| -> serde_json::Value {
            let path = kubeconfig(folder.path(), 1, &users, user, groups).unwrap();
            let text = fs::read_to_string(path).unwrap();
            serde_json::from_str::<serde_json::Value>(&text).unwrap()["users"][0]["user"].clone()
        };
        let token = |name: &str| json!(users.iter().find(|user| user.name == name).unwrap().token);
        assert_eq!(read("tenant-a", &[]), json!({"token": token("tenant-a")}));
        assert_eq!(read("tenant-a", &["tenants"]), json!({"token": token("tenant-a")}));
        let other = json!({"token": token("admin"), "as": "tenant-a", "as-groups": ["guests"]});
        assert_eq!(read("tenant-a", &["guests"]), other);
        assert_eq!(read("eve", &[]), json!({"token": token("admin"), "as": "eve", "as-groups": []}));
    }

    #[test]
    fn no_two_users_share_a_token_or_a_file() {
        let users = users();
        let mut tokens: Vec<&str> = users.iter().map(|user| &*user.token).collect();
        tokens.sort_unstable();
        tokens.dedup();
        assert_eq!(tokens.len(), users.len());
        assert_ne!(file_name("a:b"), file_name("a/b"));
        assert_ne!(file_name("a%2fb"), file_name("a/b"));
    }

    #[test]
    fn the_token_file_is_what_the_server_reads() {
        let users = [User { name: "eve", groups: &["x", "y:z"], token: "t".into() }];
        assert_eq!(token_file(&users), "t,eve,eve,\"x,y:z\"\n");
    }
}
