//! Reading manifests from files: several documents of YAML, every error with its place and a sentence.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_norway::Deserializer;

use crate::{
    API_VERSION, annotations, sentence, validate, workspace::WorkspaceSpec, workspace_class::WorkspaceClassSpec,
};

/// A file larger than this is refused unread.
pub const MAX_FILE_BYTES: usize = 256 * 1024;
/// The namespace of a document that names none.
pub const DEFAULT_NAMESPACE: &str = "default";

/// One document, read and found valid.
#[derive(Clone, Debug, PartialEq)]
pub enum Manifest {
    /// A workspace.
    Workspace(Box<WorkspaceManifest>),
    /// A class.
    Class(Box<ClassManifest>),
}

/// A valid `Workspace` document.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkspaceManifest {
    /// The file's name, without its folder.
    pub file: String,
    /// The document's number in its file, from 1.
    pub document: u32,
    /// `metadata.namespace`, or [`DEFAULT_NAMESPACE`].
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// What is asked for.
    pub spec: WorkspaceSpec,
    /// The epoch of which missing data is given up, as [`annotations::ACCEPT_DATA_LOSS`] says.
    pub accepted_loss: Option<u32>,
}

/// The epoch that an object's annotations give up.
#[must_use]
pub fn accepted_loss(annotations: &BTreeMap<String, String>) -> Option<u32> {
    annotations.get(annotations::ACCEPT_DATA_LOSS)?.parse().ok()
}

impl WorkspaceManifest {
    /// `namespace/name`: which object this is, whatever its file is called.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// The handle that it asks for, by name or by default.
    #[must_use]
    pub fn handle(&self) -> &str {
        self.spec.handle.as_deref().unwrap_or(&self.name)
    }

    /// The name for people that it asks for.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.spec.display_name.as_deref().unwrap_or(&self.name)
    }
}

/// A valid `WorkspaceClass` document.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassManifest {
    /// The file's name, without its folder.
    pub file: String,
    /// The document's number in its file, from 1.
    pub document: u32,
    /// `metadata.name`.
    pub name: String,
    /// What is offered.
    pub spec: WorkspaceClassSpec,
}

/// The kinds of errors; stable, for statuses and tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The file can't be opened, or isn't text.
    Unreadable,
    /// The file exceeds [`MAX_FILE_BYTES`].
    TooLarge,
    /// The text isn't YAML.
    NotYaml,
    /// `apiVersion` or `kind` is none of ours.
    UnknownKind,
    /// A field that doesn't exist.
    UnknownField,
    /// A field given twice.
    DuplicateField,
    /// A required field is absent.
    MissingField,
    /// A value of another type.
    WrongType,
    /// A value out of its rule.
    BadValue,
    /// A name that is no DNS label.
    BadName,
    /// A handle that stands for the service itself.
    ReservedHandle,
}

impl ErrorCode {
    /// As a status reason.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "Unreadable",
            Self::TooLarge => "TooLarge",
            Self::NotYaml => "NotYaml",
            Self::UnknownKind => "UnknownKind",
            Self::UnknownField => "UnknownField",
            Self::DuplicateField => "DuplicateField",
            Self::MissingField => "MissingField",
            Self::WrongType => "WrongType",
            Self::BadValue => "BadValue",
            Self::BadName => "BadName",
            Self::ReservedHandle => "ReservedHandle",
        }
    }
}

/// Why a document, or a whole file, can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ManifestError {
    /// The file's name, without its folder.
    pub file: String,
    /// The document's number in its file, from 1; absent if it concerns the whole file.
    pub document: Option<u32>,
    /// The line, where the reader knows it.
    pub line: Option<u32>,
    /// Which object it would be (`namespace/name`), where that much could be read.
    pub place: Option<String>,
    /// Path of the field, as `spec.signUp.mode`; empty if it concerns the whole document.
    pub field: String,
    /// Which kind of error.
    pub code: ErrorCode,
    /// A plain sentence.
    pub message: String,
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(document) = self.document {
            write!(f, ", document {document}")?;
        }
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if !self.field.is_empty() {
            write!(f, ", {}", self.field)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Reads a file's text. A valid document gives one `Ok`, an invalid one an `Err` per fault, an empty one nothing; one that
/// isn't YAML ends the reading, since where it ends can't be told.
#[must_use]
pub fn parse(file: &str, text: &str) -> Vec<Result<Manifest, ManifestError>> {
    let whole_file = |code, message: &str| {
        vec![Err(ManifestError {
            file: file.to_owned(),
            document: None,
            line: None,
            place: None,
            field: String::new(),
            code,
            message: message.to_owned(),
        })]
    };
    if text.len() > MAX_FILE_BYTES {
        return whole_file(ErrorCode::TooLarge, "The file is larger than 256 KiB.");
    }
    // An editor that truncates before it writes leaves this for a moment; taking it for "no workspaces" would retain them.
    if text.trim().is_empty() {
        return whole_file(ErrorCode::NotYaml, "The file is empty; remove it, or write a comment in it.");
    }
    let mut results = Vec::new();
    let documents = || Deserializer::from_str(text);
    for (document, ((peek, full), again)) in (1..).zip(documents().zip(documents()).zip(documents())) {
        let reader = Reader { file, document };
        match reader.header(peek) {
            Ok(None) => {}
            Ok(Some(header)) => results.extend(reader.document(&header, full, again)),
            Err(error) => {
                let fatal = error.code == ErrorCode::NotYaml;
                results.push(Err(error));
                if fatal {
                    break;
                }
            }
        }
    }
    results
}

/// What is read first, leniently, to know what the rest should be.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    api_version: Option<String>,
    kind: Option<String>,
    metadata: Option<HeaderMetadata>,
}

#[derive(Deserialize)]
struct HeaderMetadata {
    name: Option<String>,
    namespace: Option<String>,
}

impl Header {
    fn place(&self) -> Option<String> {
        let metadata = self.metadata.as_ref()?;
        let namespace = metadata.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE);
        metadata.name.as_ref().map(|name| format!("{namespace}/{name}"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document<Spec> {
    #[serde(rename = "apiVersion")]
    _api_version: IgnoredAny,
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    metadata: Metadata,
    spec: Spec,
    /// As `kubectl get -o yaml` writes it; nobody reads it from a file.
    #[serde(rename = "status")]
    _status: Option<IgnoredAny>,
}

/// `metadata` as a person writes it, and as `kubectl get -o yaml` does.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Metadata {
    name: String,
    namespace: Option<String>,
    #[serde(rename = "labels")]
    _labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(rename = "uid")]
    _uid: Option<IgnoredAny>,
    #[serde(rename = "resourceVersion")]
    _resource_version: Option<IgnoredAny>,
    #[serde(rename = "generation")]
    _generation: Option<IgnoredAny>,
    #[serde(rename = "creationTimestamp")]
    _creation_timestamp: Option<IgnoredAny>,
    #[serde(rename = "managedFields")]
    _managed_fields: Option<IgnoredAny>,
}

struct Reader<'a> {
    file: &'a str,
    document: u32,
}

impl Reader<'_> {
    fn error(&self, place: Option<&str>, field: &str, code: ErrorCode, message: String) -> ManifestError {
        let (file, document) = (self.file.to_owned(), Some(self.document));
        let place = place.map(str::to_owned);
        ManifestError { file, document, line: None, place, field: field.to_owned(), code, message }
    }

    fn header(&self, document: Deserializer<'_>) -> Result<Option<Header>, ManifestError> {
        serde_path_to_error::deserialize(document).map_err(|error| self.wrong(None, &error))
    }

    fn document(
        &self,
        header: &Header,
        document: Deserializer<'_>,
        again: Deserializer<'_>,
    ) -> Vec<Result<Manifest, ManifestError>> {
        let place = header.place();
        let place = place.as_deref();
        let unknown =
            |field: &str, message: String| vec![Err(self.error(place, field, ErrorCode::UnknownKind, message))];
        match header.api_version.as_deref() {
            Some(API_VERSION) => {}
            Some(other) => return unknown("apiVersion", format!("{other:?} is not known here; use {API_VERSION}.")),
            None => return unknown("apiVersion", format!("This field is required; use {API_VERSION}.")),
        }
        match header.kind.as_deref() {
            Some("Workspace") => self.workspace(place, document, again),
            Some("WorkspaceClass") => self.class(place, document, again),
            Some(other) => unknown("kind", format!("{other:?} is not known here; use Workspace.")),
            None => unknown("kind", "This field is required; use Workspace.".to_owned()),
        }
    }

    fn workspace(
        &self,
        place: Option<&str>,
        text: Deserializer<'_>,
        again: Deserializer<'_>,
    ) -> Vec<Result<Manifest, ManifestError>> {
        let Document::<WorkspaceSpec> { metadata, spec, .. } = match self.typed(place, text, again) {
            Ok(document) => document,
            Err(error) => return vec![Err(error)],
        };
        let namespace = metadata.namespace.unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
        let violations = validate::workspace(&namespace, &metadata.name, &spec);
        if violations.is_empty() {
            let (file, document) = (self.file.to_owned(), self.document);
            let accepted_loss = accepted_loss(&metadata.annotations);
            let manifest = WorkspaceManifest { file, document, namespace, name: metadata.name, spec, accepted_loss };
            return vec![Ok(Manifest::Workspace(Box::new(manifest)))];
        }
        self.refused(place, violations)
    }

    fn class(
        &self,
        place: Option<&str>,
        text: Deserializer<'_>,
        again: Deserializer<'_>,
    ) -> Vec<Result<Manifest, ManifestError>> {
        let Document::<WorkspaceClassSpec> { metadata, spec, .. } = match self.typed(place, text, again) {
            Ok(document) => document,
            Err(error) => return vec![Err(error)],
        };
        let violations = validate::workspace_class(&metadata.name, &spec);
        if violations.is_empty() {
            let (file, document) = (self.file.to_owned(), self.document);
            return vec![Ok(Manifest::Class(Box::new(ClassManifest { file, document, name: metadata.name, spec })))];
        }
        self.refused(place, violations)
    }

    /// Reads twice: from the text, whose errors know their line, and from the tree, which unlike the text doesn't let an
    /// unquoted `7` pass for a string. The API server refuses that too, and both sources owe the same verdict.
    fn typed<T: DeserializeOwned>(
        &self,
        place: Option<&str>,
        text: Deserializer<'_>,
        again: Deserializer<'_>,
    ) -> Result<T, ManifestError> {
        serde_path_to_error::deserialize::<_, T>(text).map_err(|error| self.wrong(place, &error))?;
        let tree = serde_path_to_error::deserialize::<_, serde_norway::Value>(again)
            .map_err(|error| self.wrong(place, &error))?;
        serde_path_to_error::deserialize(tree).map_err(|error| self.wrong(place, &error))
    }

    fn refused(
        &self,
        place: Option<&str>,
        violations: Vec<validate::Violation>,
    ) -> Vec<Result<Manifest, ManifestError>> {
        violations.into_iter().map(|found| Err(self.error(place, &found.field, found.code, found.message))).collect()
    }

    fn wrong(&self, place: Option<&str>, error: &serde_path_to_error::Error<serde_norway::Error>) -> ManifestError {
        let line = error.inner().location().and_then(|location| u32::try_from(location.line()).ok());
        let whole = error.inner().to_string();
        // The reader repeats the path in front and the position behind; both have their own place in our error.
        let path = error.path().to_string();
        let message = match whole.split_once(": ") {
            Some((prefix, message)) if path.starts_with(prefix) => message,
            _ => &whole,
        };
        let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
        let reading = sentence::read(message);
        // Where a text stops being YAML, the path tells of the reader, not of the text.
        let mut field = if path == "." || reading.code == ErrorCode::NotYaml { String::new() } else { path };
        if let Some(last) = reading.field.filter(|last| field.rsplit('.').next() != Some(last.as_str())) {
            if !field.is_empty() {
                field.push('.');
            }
            field.push_str(&last);
        }
        ManifestError { line, ..self.error(place, &field, reading.code, reading.message) }
    }
}
