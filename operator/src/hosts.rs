//! Host names that workspaces ask for. Each is one workspace's: whoever asked first has it until they ask for it no more, or
//! are retained.

use std::collections::{BTreeMap, BTreeSet};

use crds::workspace_status::{HostState, HostStatus};
use domain::WorkspaceId;

pub(crate) mod store;

/// Which workspace has which name.
pub type Claims = BTreeMap<String, String>;

/// A workspace and a name.
pub type Claim = (String, String);

/// What is to be given back and what is to be claimed, where the workspaces in `asked` ask for these names and for no other.
/// What somebody has already is not claimed. Pure.
#[must_use]
pub fn changes(claims: &Claims, asked: &[(&WorkspaceId, &[String])]) -> (Vec<Claim>, Vec<Claim>) {
    let speaking: BTreeSet<&str> = asked.iter().map(|(id, _)| id.as_str()).collect();
    let wanted: BTreeSet<(&str, &str)> =
        asked.iter().flat_map(|(id, hosts)| hosts.iter().map(|host| (id.as_str(), host.as_str()))).collect();
    let given_back = claims.iter().filter(|(host, workspace)| {
        speaking.contains(workspace.as_str()) && !wanted.contains(&(workspace.as_str(), host.as_str()))
    });
    let given_back: Vec<Claim> = given_back.map(|(host, workspace)| (workspace.clone(), host.clone())).collect();
    let is_free = |host: &str| !claims.contains_key(host) || given_back.iter().any(|(_, given)| given == host);
    // In the order in which they came: of two that ask at once the older gets it.
    let claimed = asked.iter().flat_map(|(id, hosts)| hosts.iter().map(|host| (id.to_string(), host.clone())));
    let claimed = claimed.filter(|(_, host)| is_free(host)).collect();
    (given_back, claimed)
}

/// What became of the names that a workspace asks for. Nothing routes them in this version, so that none serves. Pure.
#[must_use]
pub fn states(claims: &Claims, id: Option<&WorkspaceId>, asked: &[String]) -> Vec<HostStatus> {
    let state = |host: &String| match claims.get(host) {
        Some(workspace) if id.is_none_or(|id| id.as_str() != workspace) => HostState::Taken,
        _ => HostState::Pending,
    };
    asked.iter().map(|host| HostStatus { name: host.clone(), state: state(host) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(workspace: &str, host: &str) -> Claim {
        (workspace.to_owned(), host.to_owned())
    }

    #[test]
    fn a_name_is_whose_asked_first_and_free_once_nobody_asks() {
        let (a, b): (WorkspaceId, WorkspaceId) = ("aaaaaaaaaaaa".parse().unwrap(), "bbbbbbbbbbbb".parse().unwrap());
        let (one, two) = (["one".to_owned()], ["two".to_owned()]);
        let nobody = Claims::new();
        let asked: [(&WorkspaceId, &[String]); 2] = [(&a, &one), (&b, &one)];
        assert_eq!(changes(&nobody, &asked), (vec![], vec![claim(a.as_str(), "one"), claim(b.as_str(), "one")]));

        let taken = Claims::from([claim("one", a.as_str())]);
        assert_eq!(changes(&taken, &asked), (vec![], vec![]));
        assert_eq!(states(&taken, Some(&a), &one)[0].state, HostState::Pending);
        assert_eq!(states(&taken, Some(&b), &one)[0].state, HostState::Taken);
        assert_eq!(states(&taken, None, &two)[0].state, HostState::Pending);

        let moved: [(&WorkspaceId, &[String]); 2] = [(&a, &two), (&b, &one)];
        let expected = (vec![claim(a.as_str(), "one")], vec![claim(a.as_str(), "two"), claim(b.as_str(), "one")]);
        assert_eq!(changes(&taken, &moved), expected);
        // Who says nothing, since it is paused, keeps what it has.
        assert_eq!(changes(&taken, &[(&b, &two[..])]), (vec![], vec![claim(b.as_str(), "two")]));
    }
}
