//! What was read from a directory before, so that a broken edit, a half-written file or a rename takes nothing away. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use crds::{Manifest, ManifestError, WorkspaceManifest, manifest::parse};

use super::{Absence, Note, Snapshot};

/// A file as it was read: its text, or why there is none.
pub type Reading = Result<String, ManifestError>;

/// Remembers files between scans.
#[derive(Default)]
pub struct Memory {
    files: BTreeMap<String, Remembered>,
    next_age: u64,
    /// As of the scan before.
    places: HashSet<String>,
    blind: HashSet<String>,
    /// Places that went away just when files became unreadable: the files that may hold them.
    held: HashMap<String, HashSet<String>>,
    gone: HashSet<String>,
}

struct Remembered {
    age: u64,
    reading: Reading,
    /// What counts: what is valid now, and what was valid and can't be read now.
    manifests: Vec<WorkspaceManifest>,
    errors: Vec<ManifestError>,
    notes: Vec<Note>,
}

impl Memory {
    /// Takes in what a scan found, all files with their names. New files are given in the order of their age.
    pub fn take(&mut self, scan: Vec<(String, Reading)>) -> Snapshot {
        let names: HashSet<String> = scan.iter().map(|(name, _)| name.clone()).collect();
        self.files.retain(|name, _| names.contains(name));
        for (name, reading) in scan {
            self.remember(name, reading);
        }
        self.settle_absence();
        let mut files: Vec<&Remembered> = self.files.values().collect();
        files.sort_by_key(|file| file.age);
        let errors: Vec<ManifestError> = files.iter().flat_map(|file| file.errors.clone()).collect();
        Snapshot {
            manifests: files.iter().flat_map(|file| file.manifests.clone()).collect(),
            notes: files.iter().flat_map(|file| file.notes.clone()).collect(),
            absence: Absence {
                faulty: errors.iter().filter_map(|error| error.place.clone()).collect(),
                gone: self.gone.clone(),
                blind: !self.blind.is_empty(),
            },
            errors,
            ..Snapshot::default()
        }
    }

    fn remember(&mut self, name: String, reading: Reading) {
        if self.files.get(&name).is_some_and(|file| file.reading == reading) {
            return;
        }
        let before = self.files.remove(&name);
        let age = before.as_ref().map_or(self.next_age, |file| file.age);
        self.next_age = self.next_age.max(age + 1);
        let mut file = Remembered { age, manifests: Vec::new(), errors: Vec::new(), notes: Vec::new(), reading };
        let documents = match &file.reading {
            Ok(text) => parse(&name, text),
            Err(error) => vec![Err(error.clone())],
        };
        for document in documents {
            match document {
                Ok(Manifest::Workspace(manifest)) => file.manifests.push(*manifest),
                Ok(Manifest::Class(class)) => file.notes.push(Note {
                    file: name.clone(),
                    name: Some(class.name),
                    reason: "ClassIgnored",
                    message: "a directory has the one built-in class, whose backends are the program's; \
                              this document has no effect"
                        .to_owned(),
                }),
                Err(error) => file.errors.push(error),
            }
        }
        if !file.errors.is_empty() {
            let now: HashSet<String> = file.manifests.iter().map(WorkspaceManifest::place).collect();
            let kept = before.into_iter().flat_map(|before| before.manifests);
            file.manifests.extend(kept.filter(|manifest| !now.contains(&manifest.place())));
        }
        self.files.insert(name, file);
    }

    fn settle_absence(&mut self) {
        let places: HashSet<String> =
            self.files.values().flat_map(|file| file.manifests.iter().map(WorkspaceManifest::place)).collect();
        let unreadable =
            |file: &Remembered| file.manifests.is_empty() && file.errors.iter().any(|error| error.place.is_none());
        let blind: HashSet<String> =
            self.files.iter().filter(|(_, file)| unreadable(file)).map(|(name, _)| name.clone()).collect();
        let new_blind: HashSet<String> = blind.difference(&self.blind).cloned().collect();
        for place in self.places.difference(&places) {
            if new_blind.is_empty() {
                self.gone.insert(place.clone());
            } else {
                self.held.insert(place.clone(), new_blind.clone());
            }
        }
        // A held place is gone once each file that may have held it is readable, or gone itself, and doesn't name it.
        let settled: Vec<String> =
            self.held.iter().filter(|(_, files)| files.is_disjoint(&blind)).map(|(place, _)| place.clone()).collect();
        for place in settled {
            self.held.remove(&place);
            self.gone.insert(place);
        }
        self.gone.retain(|place| !places.contains(place));
        self.held.retain(|place, _| !places.contains(place));
        self.places = places;
        self.blind = blind;
    }
}

#[cfg(test)]
mod tests {
    use crds::ErrorCode;

    use super::*;

    fn good(name: &str) -> Reading {
        Ok(format!(
            "apiVersion: threadly.dev/v1alpha1\nkind: Workspace\nmetadata: {{name: {name}}}\nspec: {{owner: {{email: a@b.example}}}}\n"
        ))
    }

    fn file(name: &str, reading: Reading) -> (String, Reading) {
        (name.to_owned(), reading)
    }

    fn names(snapshot: &Snapshot) -> Vec<&str> {
        snapshot.manifests.iter().map(|manifest| manifest.name.as_str()).collect()
    }

    #[test]
    fn a_broken_edit_keeps_what_was_there() {
        let mut memory = Memory::default();
        memory.take(vec![file("a.yaml", good("one"))]);
        let unreadable = ManifestError {
            file: "a.yaml".into(),
            document: None,
            line: None,
            place: None,
            field: String::new(),
            code: ErrorCode::Unreadable,
            message: "no".into(),
        };
        for broken in [Ok("][".into()), Ok(String::new()), Ok("x: 1\n".into()), Err(unreadable)] {
            let snapshot = memory.take(vec![file("a.yaml", broken)]);
            assert_eq!((names(&snapshot), snapshot.errors.len()), (vec!["one"], 1));
        }
        let snapshot = memory.take(vec![file("a.yaml", good("two"))]);
        assert_eq!(names(&snapshot), ["two"]);
        assert!(snapshot.absence.is_certain("default/one"));
    }

    #[test]
    fn a_removed_file_is_an_absence_even_beside_a_file_that_was_always_broken() {
        let mut memory = Memory::default();
        let snapshot = memory.take(vec![file("a.yaml", good("one")), file("z.yaml", Ok("][".into()))]);
        assert!(!snapshot.absence.is_certain("default/other"), "z.yaml may hold it");
        let snapshot = memory.take(vec![file("z.yaml", Ok("][".into()))]);
        assert!(snapshot.absence.is_certain("default/one"));
    }

    #[test]
    fn a_file_renamed_and_broken_at_once_removes_nothing_until_it_is_readable() {
        let mut memory = Memory::default();
        memory.take(vec![file("a.yaml", good("one"))]);
        let snapshot = memory.take(vec![file("b.yaml", Ok("][".into()))]);
        assert!(!snapshot.absence.is_certain("default/one"));
        let snapshot = memory.take(vec![file("b.yaml", good("one"))]);
        assert_eq!(names(&snapshot), ["one"]);
        memory.take(vec![file("c.yaml", Ok("][".into()))]);
        let snapshot = memory.take(vec![]);
        assert!(snapshot.absence.is_certain("default/one"));
    }

    #[test]
    fn a_faulty_document_holds_the_place_that_it_names() {
        let mut memory = Memory::default();
        let faulty = good("one").map(|text| text + "nonsense: 1\n");
        let snapshot = memory.take(vec![file("a.yaml", faulty)]);
        assert!(!snapshot.absence.is_certain("default/one"));
        assert!(snapshot.absence.is_certain("default/two"));
    }

    #[test]
    fn files_keep_their_age_when_they_change() {
        let mut memory = Memory::default();
        memory.take(vec![file("z.yaml", good("zed"))]);
        memory.take(vec![file("a.yaml", good("one")), file("z.yaml", good("zed"))]);
        let snapshot = memory.take(vec![file("a.yaml", good("one")), file("z.yaml", good("zulu"))]);
        assert_eq!(names(&snapshot), ["zulu", "one"]);
    }
}
