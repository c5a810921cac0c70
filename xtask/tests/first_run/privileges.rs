//! Root, who may not run Postgres, and everybody else, who may not install it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use nix::unistd::User;

use crate::alone::{self, is_root};
use crate::clone::Clone;
use crate::shared::with_own_postgres;

/// A clone of the user `nobody`.
fn of_nobody() -> Result<(Clone, u32, Vec<String>)> {
    let user = User::from_name("nobody")?.context("every Unix has a nobody")?;
    let (uid, gid) = (user.uid.as_raw(), user.gid.as_raw());
    let clone = with_own_postgres()?;
    // Root's folders may be closed to others.
    let program = clone.beside().join("program");
    fs::copy(env!("CARGO_BIN_EXE_xtask"), &program)?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    fs::set_permissions(clone.beside(), fs::Permissions::from_mode(0o755))?;
    let home = clone.beside().join("home");
    fs::create_dir(&home)?;
    for folder in [clone.root(), home.clone()] {
        chown(folder, Some(uid), Some(gid))?;
    }
    let become_nobody =
        ["setpriv".to_owned(), format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".into()];
    let clone = clone
        .of_program(&program)
        .with("HOME", home.to_string_lossy())
        .with("XDG_CACHE_HOME", home.join("cache").to_string_lossy());
    Ok((clone, uid, become_nobody.to_vec()))
}

fn owner_of(pid: i32) -> Result<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:")).context("every process has a user")?;
    Ok(line.split_ascii_whitespace().next().context("a user is a number")?.parse()?)
}

#[test]
fn an_ordinary_user_gets_servers_of_their_own() -> Result<()> {
    if !is_root() {
        return Ok(());
    }
    let (clone, uid, become_nobody) = of_nobody()?;
    let words: Vec<&str> = become_nobody.iter().map(String::as_str).collect();
    let clone = clone.within(&words);
    clone.up()?;
    ensure!(owner_of(clone.pid("postgres")?)? == uid);
    let mode = fs::metadata(clone.root().join(".threadly"))?.permissions().mode() & 0o777;
    ensure!(mode == 0o700, "{mode:o}");
    ensure!(clone.sql("SELECT 1")?.trim() == "1");
    clone.down()?;
    Ok(())
}

#[test]
fn who_may_not_install_is_told_the_exact_line_and_the_other_ways() -> Result<()> {
    if !is_root() {
        return Ok(());
    }
    let Some((_, unshare)) = alone::unshare(&["--mount"]) else { return Ok(()) };
    let (clone, _, become_nobody) = of_nobody()?;
    // A machine without Postgres, and without a sudo that asks for nothing.
    let script = r#"for place in /usr/lib/postgresql; do [ ! -d $place ] || mount -t tmpfs none $place; done
        [ ! -e /usr/bin/sudo ] || mount --bind /bin/false /usr/bin/sudo
        exec "$@""#;
    let mut words = unshare;
    words.extend(["sh", "-c", script, "sh"]);
    words.extend(become_nobody.iter().map(String::as_str));
    let clone = clone.within(&words).with("PATH", "/usr/bin:/bin");
    let said = clone.run(&["up", "--detach", "--servers-only"])?.failure()?;
    ensure!(said.contains("to install  Postgres, about 50 MB (Debian package postgresql)"), "{said}");
    let line = "sudo apt-get update && sudo DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
                postgresql\n";
    ensure!(said.contains(line), "{said}");
    ensure!(said.contains("THREADLY_POSTGRES_URL=postgres://") && said.contains("compose"), "{said}");
    Ok(())
}

#[test]
fn root_without_namespaces_lets_a_service_user_keep_the_data_elsewhere() -> Result<()> {
    if !is_root() {
        return Ok(());
    }
    let clone = with_own_postgres()?;
    // As in a container whose seccomp profile forbids it.
    let programs = clone.beside().join("programs");
    fs::create_dir(&programs)?;
    fs::write(programs.join("unshare"), "#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n")?;
    fs::set_permissions(programs.join("unshare"), fs::Permissions::from_mode(0o755))?;
    let path = format!("{}:{}", programs.display(), std::env::var("PATH")?);
    let clone = clone.with("PATH", path);
    clone.up()?;
    ensure!(owner_of(clone.pid("postgres")?)? != 0);
    ensure!(!clone.state("postgres").exists());
    let elsewhere = PathBuf::from(fs::read_to_string(clone.state("postgres.elsewhere"))?);
    ensure!(elsewhere.join("postgres/PG_VERSION").exists(), "{}", elsewhere.display());
    ensure!(!elsewhere.join("password.new").exists());
    clone.sql("CREATE TABLE kept ()")?;
    clone.down()?;
    clone.up()?;
    ensure!(clone.sql("SELECT to_regclass('kept') IS NOT NULL")?.trim() == "t");
    clone.run(&["reset", "--yes"])?.success()?;
    ensure!(!elsewhere.exists(), "reset left {}", elsewhere.display());
    Ok(())
}
