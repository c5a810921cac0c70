//! The rules of a `Workspace`.

use super::{DNS_NAME, Rule, escaped, label, label_of_object, raw, size};
use crate::{refusals as say, validate::RESERVED_HANDLES};

/// One @ between printable ASCII and a domain.
const EMAIL: &str = r"^[!#-+\--;=?A-~]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$";
const ISSUER: &str = r"^https://[A-Za-z0-9.:\[\]-]+(/[^\s?#]*)?$";

/// Every rule of a `Workspace`, in the order in which a person would read its fields.
#[must_use]
pub fn workspace() -> Vec<Rule> {
    let mut rules = Vec::from(label_of_object());
    rules.extend(identity());
    rules.extend(texts());
    rules.push(Rule::new("spec.hosts", "self.all(host, self.exists_one(other, other == host))", say::HOST_TWICE));
    rules.push(Rule::matching("spec.hosts[]", DNS_NAME, say::NOT_A_HOST_NAME));
    rules.extend(sign_up());
    rules.push(Rule::new("spec.issuers[].issuer", format!("self.matches({})", raw(ISSUER)), say::NOT_AN_ISSUER));
    rules.push(Rule::new(
        "spec.issuers[]",
        "size(self.?audiences.orValue([])) + size(self.?authorizedParties.orValue([])) > 0",
        say::FOR_ANYBODY,
    ));
    rules.push(size("spec.limits.storage"));
    rules.push(
        Rule::new(
            "spec",
            "self.?credentials.?generation.orValue(0) >= oldSelf.?credentials.?generation.orValue(0)",
            say::GENERATION_FALLS,
        )
        .of(".credentials.generation")
        .forbidden(),
    );
    rules.push(Rule::matching("spec.restore.retainedWorkspace", "^[a-z2-7]{12}$", say::NOT_A_WORKSPACE_ID));
    rules
}

/// What never changes. These rules stand on the parent, since one on the field itself isn't asked when the field goes.
fn identity() -> Vec<Rule> {
    let bound = "!has(self.status) || !has(self.status.className) || !has(self.spec.className) || \
                 self.spec.className == self.status.className";
    let handle = "(has(self.spec.handle) ? self.spec.handle : self.metadata.name) == \
                  (has(oldSelf.spec.handle) ? oldSelf.spec.handle : oldSelf.metadata.name)";
    let class = "!has(oldSelf.className) || (has(self.className) && self.className == oldSelf.className)";
    let restore = "!has(self.restore) || (has(oldSelf.restore) && self.restore == oldSelf.restore)";
    vec![
        Rule::new("", bound, say::CLASS_IS_BOUND).of(".spec.className").forbidden(),
        Rule::new("", handle, say::HANDLE_CHANGES).of(".spec.handle").forbidden(),
        Rule::new("spec", class, say::CLASS_CHANGES).of(".className").forbidden(),
        Rule::new("spec", "self.isolation == oldSelf.isolation", say::ISOLATION_CHANGES).of(".isolation").forbidden(),
        Rule::new("spec", restore, say::RESTORE_LATE).of(".restore").forbidden(),
    ]
}

fn texts() -> Vec<Rule> {
    let reserved =
        RESERVED_HANDLES.iter().map(|handle| format!("'{}'", escaped(handle))).collect::<Vec<_>>().join(", ");
    let sentence = |name: &str| format!("'The handle \"' + {name} + '\" is reserved; choose another.'");
    let one_line = r"self.matches(r'[^\p{Z}\p{Cc}]') && !self.matches(r'\p{Cc}')";
    let by_name = format!("has(self.spec.handle) || !(self.metadata.name in [{reserved}])");
    vec![
        Rule::new("", by_name, "This handle is reserved; choose another.")
            .says(sentence("self.metadata.name"))
            .of(".metadata.name"),
        label("spec.className"),
        label("spec.handle"),
        Rule::new("spec.handle", format!("!(self in [{reserved}])"), "This handle is reserved; choose another.")
            .says(sentence("self")),
        Rule::new("spec.displayName", one_line, say::NOT_ONE_LINE),
        Rule::matching("spec.owner.email", EMAIL, say::NOT_AN_EMAIL),
    ]
}

fn sign_up() -> Vec<Rule> {
    let some = "self.mode != 'Domain' || (has(self.domains) && self.domains.size() > 0)";
    let none = "self.mode == 'Domain' || !has(self.domains) || self.domains.size() == 0";
    vec![
        Rule::new("spec.signUp", some, say::DOMAIN_MISSING).of(".domains"),
        Rule::new("spec.signUp", none, say::DOMAIN_WITHOUT_MODE).of(".domains"),
        Rule::matching("spec.signUp.domains[]", DNS_NAME, say::NOT_A_DOMAIN),
    ]
}
