//! The controller's knowledge as statuses.

use std::collections::{BTreeMap, HashSet};

use crds::{ManifestError, WorkspaceManifest, workspace::Limits};

use super::{Controller, attempt::Problem};
use crate::{
    WorkspaceStatus,
    admission::{self, Refusal},
    hosts,
    plan::Registration,
    status::{Details, HELD, PROVISIONING, Part, PartState, READY, UPDATING},
};

impl Controller {
    /// One entry per manifest, and one per fault that is not about a workspace listed already.
    pub(super) fn report(&self) -> Vec<WorkspaceStatus> {
        let manifests = &self.snapshot.manifests;
        let mut told = vec![false; self.snapshot.errors.len()];
        let mut report: Vec<WorkspaceStatus> = manifests
            .iter()
            .enumerate()
            .map(|(index, manifest)| {
                let mut status = self.workspace(manifest, self.refusals.get(index).and_then(Option::as_ref));
                let place = manifest.place();
                // A broken edit: the workspace goes on, and its entry says what is wrong with the file.
                let about = |error: &ManifestError| error.file == manifest.file && error.place.as_ref() == Some(&place);
                for (error, told) in self.snapshot.errors.iter().zip(&mut told) {
                    if about(error) && !*told {
                        *told = true;
                        status.reason = error.code.as_str().to_owned();
                        status.message = format!("{error} It goes on as it was before this edit.");
                        break;
                    }
                }
                status
            })
            .collect();
        let faults = self.snapshot.errors.iter().zip(told).filter(|(_, told)| !told);
        report.extend(faults.map(|(error, _)| self.fault(error)));
        report.extend(self.held());
        report.extend(self.snapshot.notes.iter().map(|note| WorkspaceStatus {
            file: note.file.clone(),
            place: None,
            name: note.name.clone(),
            handle: None,
            id: None,
            ready: false,
            reason: note.reason.to_owned(),
            message: note.message.clone(),
            details: Details::default(),
        }));
        report.sort_by(|left, right| {
            (&left.file, &left.place, &left.message).cmp(&(&right.file, &right.place, &right.message))
        });
        report
    }

    fn workspace(&self, manifest: &WorkspaceManifest, refusal: Option<&Refusal>) -> WorkspaceStatus {
        let place = manifest.place();
        let tracked = self.tracked.get(&place);
        // A younger manifest of the same name says nothing about the older one's workspace, nor does another tenant's.
        let younger = refusal.is_some_and(Refusal::is_about_another);
        let row = self.rows.get(&place).filter(|_| !younger);
        let problem = tracked.and_then(|tracked| tracked.problem.as_ref());
        let ready = row.is_some_and(serves) && !problem.is_some_and(|problem| problem.breaks);
        // What is away for all of a class, the class says; who has nothing to wait for goes on.
        let waits = !ready || row.is_none_or(|row| asks_for_change(manifest, row));
        let refusal = refusal.filter(|refusal| waits || !refusal.is_of_class());
        let problem = problem.filter(|problem| waits || !problem.outage);
        let (reason, message) = match (refusal, problem) {
            (Some(refusal), _) => (refusal.reason, in_file(&manifest.file, ", ", &refusal.to_string())),
            (None, Some(problem)) => (problem.reason, in_file(&manifest.file, ": ", &problem.message)),
            (None, None) if ready && tracked.is_some_and(|tracked| tracked.differs(row)) => {
                (UPDATING, "It is being changed as its manifest says.".to_owned())
            }
            (None, None) if ready => (READY, "Everything is in order.".to_owned()),
            (None, None) => (PROVISIONING, "Its topics, its database and its bucket are being made.".to_owned()),
        };
        WorkspaceStatus {
            file: manifest.file.clone(),
            place: Some(place),
            name: Some(manifest.name.clone()),
            handle: Some(row.map_or_else(|| manifest.handle().to_owned(), |row| row.spec.handle.to_string())),
            id: row.map(|row| row.id.clone()),
            ready,
            reason: reason.to_owned(),
            message,
            details: self.details(manifest, row, refusal, problem),
        }
    }

    fn details(
        &self,
        manifest: &WorkspaceManifest,
        row: Option<&Registration>,
        refusal: Option<&Refusal>,
        problem: Option<&Problem>,
    ) -> Details {
        let passing = |refusal: &Refusal| matches!(refusal.reason, "Paused" | PROVISIONING) || refusal.is_passing();
        let refused = refusal.is_some_and(|refusal| !passing(refusal));
        Details {
            object: self.snapshot.objects.get(&manifest.place()).cloned(),
            class: row.map(|row| row.spec.class_name.clone()),
            epoch: row.map_or(0, |row| row.epoch),
            schema_version: row.map_or(0, |row| row.schema_version),
            suspended: row.map_or(manifest.spec.suspended, |row| row.spec.suspended),
            paused: manifest.spec.paused,
            hosts: Some(hosts::states(&self.hosts, row.map(|row| &row.id), &manifest.spec.hosts)),
            parts: parts(row, problem),
            stalled: refused || problem.is_some_and(|problem| problem.stalled),
        }
    }

    /// A document that gives no workspace; if there is one from before, it goes on.
    fn fault(&self, error: &ManifestError) -> WorkspaceStatus {
        let unclaimed = error.place.as_ref().filter(|place| !self.claims(place));
        let row = unclaimed.and_then(|place| self.rows.get(place));
        let goes_on = if row.is_some() { " The workspace goes on as it was." } else { "" };
        WorkspaceStatus {
            file: error.file.clone(),
            place: error.place.clone(),
            name: error.place.as_deref().map(name),
            handle: row.map(|row| row.spec.handle.to_string()),
            id: row.map(|row| row.id.clone()),
            ready: row.is_some_and(serves),
            reason: error.code.as_str().to_owned(),
            message: format!("{error}{goes_on}"),
            details: Details {
                object: error.place.as_ref().and_then(|place| self.snapshot.objects.get(place).cloned()),
                class: row.map(|row| row.spec.class_name.clone()),
                epoch: row.map_or(0, |row| row.epoch),
                schema_version: row.map_or(0, |row| row.schema_version),
                suspended: row.is_some_and(|row| row.spec.suspended),
                paused: false,
                hosts: None,
                parts: parts(row, None),
                stalled: true,
            },
        }
    }

    /// Workspaces that no readable manifest names, and that go on: some file can't be read that may, or too many of their
    /// class have vanished at once.
    fn held(&self) -> impl Iterator<Item = WorkspaceStatus> {
        let absence = &self.snapshot.absence;
        let claimed: HashSet<String> = self.snapshot.manifests.iter().map(WorkspaceManifest::place).collect();
        let classes = self.held.borrow().clone();
        let held = move |place: &String, row: &Registration| {
            if claimed.contains(place) || absence.faulty.contains(place) {
                return None;
            }
            if !absence.is_certain(place) {
                return Some("No readable manifest names it; it goes on, since one that can't be read may.");
            }
            let vanished = classes.contains_key(&row.spec.class_name) && !self.wanted.contains(place);
            vanished
                .then_some("It vanished together with many others; it goes on until a person says that it is meant.")
        };
        self.rows.iter().filter_map(move |(place, row)| held(place, row).map(|message| (place, row, message))).map(
            |(place, row, message)| WorkspaceStatus {
                file: String::new(),
                place: Some(place.clone()),
                name: Some(name(place)),
                handle: Some(row.spec.handle.to_string()),
                id: Some(row.id.clone()),
                ready: serves(row),
                reason: HELD.to_owned(),
                message: message.to_owned(),
                details: Details { class: Some(row.spec.class_name.clone()), ..Details::default() },
            },
        )
    }

    fn claims(&self, place: &str) -> bool {
        self.snapshot.manifests.iter().any(|manifest| manifest.place() == place)
    }
}

/// Functions serve a workspace once it is ready, and at the schema version that they know.
const fn serves(row: &Registration) -> bool {
    row.ready && row.schema_version == schema::workspace::VERSION
}

/// Whether a manifest says something that its row does not say yet, of what may change in place.
fn asks_for_change(manifest: &WorkspaceManifest, row: &Registration) -> bool {
    let (asked, is) = (&manifest.spec, &row.spec);
    is.display_name != manifest.display_name()
        || is.owner_email != asked.owner.email
        || is.sign_up_mode != asked.sign_up.mode
        || is.sign_up_domains != asked.sign_up.domains
        || is.suspended != asked.suspended
        || is.settings.issuers != admission::issuers(asked)
        || asked.limits.as_ref().is_some_and(|limits| !has(&is.settings.limits, limits))
}

/// Whether a row has the limits that a manifest names; the others are its class's.
fn has(is: &tenancy::Limits, asked: &Limits) -> bool {
    let storage = asked.storage.as_deref().and_then(crds::validate::storage_bytes);
    asked.members.is_none_or(|members| is.members == Some(members))
        && storage.is_none_or(|bytes| is.storage_bytes == Some(bytes))
        && asked.messages_per_second.is_none_or(|rate| is.messages_per_second == Some(rate))
}

/// A sentence about a manifest, with its file if it stands in one.
fn in_file(file: &str, between: &str, sentence: &str) -> String {
    if file.is_empty() { format!("{sentence}.") } else { format!("{file}{between}{sentence}.") }
}

/// How each part is: what a problem is about, and of a ready workspace all the others in order.
fn parts(row: Option<&Registration>, problem: Option<&Problem>) -> BTreeMap<Part, PartState> {
    let base = if row.is_some_and(serves) { PartState::InOrder } else { PartState::Pending };
    let mut parts: BTreeMap<Part, PartState> = Part::ALL.into_iter().map(|part| (part, base)).collect();
    if let Some((problem, part)) = problem.and_then(|problem| Some((problem, problem.part?))) {
        let away = problem.reason == "BackendUnreachable";
        parts.insert(part, if away { PartState::Unknown } else { PartState::Faulty });
    }
    parts
}

/// The last part of a place.
fn name(place: &str) -> String {
    place.rsplit('/').next().unwrap_or(place).to_owned()
}
