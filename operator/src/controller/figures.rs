//! What the controller counts. Labels are words of ours: how an attempt ended, how a workspace is.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

use crate::{OperatorError, WorkspaceStatus};

/// One attempt at a workspace ended.
pub(super) fn attempted<T>(result: &Result<T, OperatorError>, took: Duration) {
    let reason = result.as_ref().err().map_or("Ok", OperatorError::reason);
    counter!("threadly_operator_attempts_total", "result" => reason).increment(1);
    histogram!("threadly_operator_attempt_seconds").record(took);
}

/// So many workspaces of a class go on without a manifest, until a person allows that they go.
pub(super) fn held(count: usize) {
    gauge!("threadly_operator_held_workspaces").set(count as f64);
}

/// How all workspaces are now.
pub(super) fn told(words: &[WorkspaceStatus]) {
    let count = |is: fn(&WorkspaceStatus) -> bool| words.iter().filter(|word| is(word)).count() as f64;
    gauge!("threadly_operator_workspaces", "state" => "ready").set(count(|word| word.ready));
    gauge!("threadly_operator_workspaces", "state" => "stalled").set(count(WorkspaceStatus::is_stalled));
    gauge!("threadly_operator_workspaces", "state" => "under-way").set(count(WorkspaceStatus::is_under_way));
}
