//! Debian packages: installed when missing, without starting a daemon on the user's machine.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::missing::Missing;
use crate::{commands, given, programs};

/// Run by root. No daemon of the packages is started, now (policy-rc.d) or at the next boot (no Postgres cluster is
/// made); both settings are taken back at the end, and an owner's own policy is left as it is.
const SCRIPT: &str = r#"
set -eu
# A half-configured package stops every later apt run: let dpkg end whatever happens at the terminal.
trap '' INT HUP TERM
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
policy=/usr/sbin/policy-rc.d
mark='made by cargo xtask'
cluster=/etc/postgresql-common/createcluster.d/threadly-xtask.conf
ours=
if [ ! -e "$policy" ] || grep -q "$mark" "$policy"; then
    ours=1
    printf '#!/bin/sh\n# %s\nexit 101\n' "$mark" > "$policy"
    chmod 755 "$policy"
fi
mkdir -p "${cluster%/*}"
echo 'create_main_cluster = false' > "$cluster"
trap '[ -z "$ours" ] || rm -f "$policy"; rm -f "$cluster"; rmdir --ignore-fail-on-non-empty "${cluster%/*}"' EXIT
apt='apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3'
# dpkg itself waits for nobody: its code 2 is another one's lock, 1 a package that it could not configure.
left=150
heal=
until dpkg --configure -a; do
    if [ $? -ne 2 ] || [ "$left" -eq 0 ]; then heal=1; break; fi
    left=$((left - 1))
    sleep 2
done
# Nor does `update` wait, and a repository of the owner's that is gone must not be in the way of ours.
left=60
while ! said=$($apt update 2>&1); do
    case "$said" in *'Could not get lock'*) ;; *) break ;; esac
    [ "$left" -gt 0 ] || break
    left=$((left - 1))
    sleep 5
done
echo "$said"
[ -z "$heal" ] || $apt install -y --fix-broken
$apt install -y --no-install-recommends "$@"
"#;

/// Handed on to apt, which `sudo` would otherwise run without them.
const PROXIES: [&str; 6] = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

/// Installs the packages, or fails with the line that a person can run.
pub fn install(packages: &[&str], log: &Path) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    install_now(packages, log).map_err(|error| error.context(Missing(packages.join(", "))))
}

fn install_now(packages: &[&str], log: &Path) -> Result<()> {
    let mut words = way_to_root(packages)?;
    words.push("env".into());
    for name in PROXIES {
        if let Ok(value) = std::env::var(name) {
            words.push(format!("{name}={value}"));
        }
    }
    words.extend(["sh", "-c", SCRIPT, "xtask-apt"].map(str::to_owned));
    words.extend(packages.iter().map(|&package| package.to_owned()));
    let mut command = commands::command(&words[0]);
    command.args(&words[1..]).current_dir("/");
    commands::run_logged(command, log, &format!("installing {}", packages.join(", ")), None)
        .with_context(|| format!("try it by hand: `{}`", by_hand(packages)))
}

fn way_to_root(packages: &[&str]) -> Result<Vec<String>> {
    if programs::on_path("apt-get").is_none() {
        bail!(
            "this machine has no apt-get to install it: install it in its own way, then try again{}",
            other_ways(packages)
        );
    }
    if nix::unistd::geteuid().is_root() {
        return Ok(Vec::new());
    }
    if programs::on_path("sudo").is_some()
        && commands::output(Command::new("sudo").args(["-n", "true"]), Duration::from_secs(10)).is_ok()
    {
        return Ok(vec!["sudo".into(), "-n".into()]);
    }
    bail!("only root may install it. Run this, then try again:\n\n  {}\n{}", by_hand(packages), other_ways(packages))
}

/// For somebody who can't install: servers from elsewhere need neither Postgres nor Java here.
fn other_ways(packages: &[&str]) -> String {
    const OF_SERVERS: [&str; 3] = ["postgresql", "default-jre-headless", "maven"];
    if !packages.iter().any(|package| OF_SERVERS.contains(package)) {
        return String::new();
    }
    format!(
        "\nOther ways: name servers that run elsewhere, and nothing is installed for them,\n\n  \
         {}=postgres://USER:PASSWORD@HOST:5432/postgres {}=HOST:9092 cargo xtask up\n\n\
         or start both in containers with `docker compose up --detach` (compose.yaml says how to name them).\n",
        given::POSTGRES,
        given::KAFKA
    )
}

fn by_hand(packages: &[&str]) -> String {
    format!(
        "sudo apt-get update && sudo DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_for_a_person_names_every_package() {
        assert!(by_hand(&["postgresql", "maven"]).ends_with("--no-install-recommends postgresql maven"));
    }

    #[test]
    fn servers_from_elsewhere_are_offered_only_instead_of_servers() {
        assert!(other_ways(&["maven"]).contains("THREADLY_KAFKA=HOST:9092"));
        assert_eq!(other_ways(&["chromium"]), "");
    }
}
