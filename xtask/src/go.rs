//! Programs that come as Go modules: built from source by a wrapper module that pins everything.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::interrupt::Interrupt;
use crate::missing::Missing;
use crate::paths::StateDir;
use crate::screen::say;
use crate::{commands, programs, wheels};

/// What the wrapper modules ask of the language.
const LANGUAGE: &str = "1.26.0";
const TRIES: u32 = 3;
/// Without symbols, which nobody here looks at.
const SMALL: &str = "-s -w";

/// Programs of one module.
#[derive(Debug)]
pub struct Module<'a> {
    /// As people know it.
    pub name: &'a str,
    /// Its path and version.
    pub path: &'a str,
    pub version: &'a str,
    /// Modules that its own `go.mod` looks for beside itself, and their version.
    pub beside: (&'a [&'a str], &'a str),
    /// The packages of the programs.
    pub packages: &'a [&'a str],
    /// Variables of the linker: name and value.
    pub variables: Vec<(String, String)>,
    /// The program's file name, if it is not the package's: for one package only.
    pub output: Option<&'a str>,
}

impl Module<'_> {
    /// Builds the programs into the folder `output`. `folder` is for the wrapper module, and for the sources and
    /// intermediate files, 4 GB for Kubernetes, which nobody needs afterwards.
    pub fn build(&self, folder: &Path, output: &Path, state: &StateDir, interrupt: &Interrupt) -> Result<()> {
        let go = find()?;
        fs::create_dir_all(folder)?;
        fs::write(folder.join("go.mod"), self.wrapper())?;
        // A folder that is there gets the programs under their own names.
        let output = self.output.map_or_else(|| output.to_path_buf(), |name| output.join(name));
        for turn in 1..=TRIES {
            let mut build = commands::command(&go.path);
            build.args(["build", "-mod=mod", "-trimpath", "-buildvcs=false", "-ldflags", &self.linker_flags(), "-o"]);
            build.arg(&output).args(self.packages).current_dir(folder);
            // Static programs need neither a C compiler now nor a C library later. Go knows its own root; the
            // variable may name another Go's.
            build.env("CGO_ENABLED", "0").env("GOWORK", "off").env_remove("GOROOT");
            build.env("GOCACHE", folder.join("cache")).env("GOMODCACHE", folder.join("modules"));
            // Else its folders could not be removed.
            build.env("GOFLAGS", "-modcacherw");
            match commands::run_logged(build, &state.log("go"), &format!("building {}", self.name), Some(interrupt)) {
                Ok(()) => break,
                Err(error) if turn == TRIES || interrupt.raised() => return Err(error),
                Err(_) => say!("  building {} failed, trying again ({} of {TRIES})", self.name, turn + 1),
            }
        }
        Ok(())
    }

    /// The text of the wrapper's `go.mod`.
    fn wrapper(&self) -> String {
        let mut text = format!("module wrapper\n\ngo {LANGUAGE}\n\nrequire {} {}\n", self.path, self.version);
        let (modules, version) = self.beside;
        for module in modules {
            text += &format!("replace {module} => {module} {version}\n");
        }
        text
    }

    fn linker_flags(&self) -> String {
        let variables = self.variables.iter().map(|(name, value)| format!(" -X {name}={value}"));
        std::iter::once(SMALL.to_owned()).chain(variables).collect()
    }
}

/// Go, from the Python index if the machine has none that is new enough. Fetches into the cache: not to be called by
/// somebody who has its lock.
pub fn fetch(state: &StateDir, interrupt: &Interrupt) -> Result<()> {
    if programs::go().is_none() {
        wheels::GO.fetch(state, interrupt)?;
    }
    Ok(())
}

fn find() -> Result<programs::Found> {
    let (major, minor) = programs::OLDEST_GO;
    programs::go()
        .with_context(|| format!("no Go of version {major}.{minor} or later"))
        .context(Missing("Go".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module() -> Module<'static> {
        Module {
            name: "X",
            path: "example.org/x",
            version: "v1.2.3",
            beside: (&["example.org/a", "example.org/b"], "v0.2.3"),
            packages: &["example.org/x/cmd/x"],
            variables: vec![("example.org/a.version".into(), "v1.2.3".into())],
            output: None,
        }
    }

    #[test]
    fn the_wrapper_pins_the_module_and_what_it_looks_for_beside_itself() {
        let text = "module wrapper\n\ngo 1.26.0\n\nrequire example.org/x v1.2.3\n\
                    replace example.org/a => example.org/a v0.2.3\nreplace example.org/b => example.org/b v0.2.3\n";
        assert_eq!(module().wrapper(), text);
    }

    #[test]
    fn the_linker_leaves_symbols_out_and_sets_the_variables() {
        assert_eq!(module().linker_flags(), "-s -w -X example.org/a.version=v1.2.3");
        assert_eq!(Module { variables: Vec::new(), ..module() }.linker_flags(), "-s -w");
    }
}
