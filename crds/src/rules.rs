//! The rules that the API server checks by CEL, beside what a schema says by itself. They are attached to the generated
//! schemas, since items of lists can carry rules there too. Their twins for files are in [`crate::validate`].

use serde_json::{Value, json};

mod retained_workspace;
mod workspace;
mod workspace_class;

pub use retained_workspace::retained_workspace;
pub use workspace::workspace;
pub use workspace_class::workspace_class;

/// RE2 for a DNS label.
const DNS_LABEL: &str = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";
/// RE2 for at least two DNS labels.
const DNS_NAME: &str = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

/// One rule of CEL and where it stands.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The schema that it is attached to, as `spec.hosts[]`; empty for the root.
    pub at: &'static str,
    body: Value,
}

impl Rule {
    /// A rule with a fixed sentence.
    fn new(at: &'static str, rule: impl Into<String>, message: &str) -> Self {
        Self { at, body: json!({"rule": rule.into(), "message": message}) }
    }

    /// A rule for a text whose sentence begins with what it found there.
    fn quoting(at: &'static str, rule: impl Into<String>, behind: &str) -> Self {
        Self::new(at, rule, &format!("The value {behind}")).says(format!("'\"' + self + '\" {}'", escaped(behind)))
    }

    /// A regular expression that the whole text must match.
    fn matching(at: &'static str, pattern: &str, behind: &str) -> Self {
        Self::quoting(at, format!("self.matches({})", raw(pattern)), behind)
    }

    /// The sentence is made by CEL.
    fn says(mut self, expression: impl Into<String>) -> Self {
        self.body["messageExpression"] = expression.into().into();
        self
    }

    /// The fault is told of a field below, as `.domains`.
    fn of(mut self, field: &str) -> Self {
        self.body["fieldPath"] = field.into();
        self
    }

    /// The value is good by itself but can't be had now.
    fn forbidden(mut self) -> Self {
        self.body["reason"] = "FieldValueForbidden".into();
        self
    }
}

/// Attaches rules to a schema. Answers the place that doesn't exist, if one doesn't.
///
/// # Errors
/// A rule's place is not in the schema.
pub fn attach(schema: &mut Value, rules: Vec<Rule>) -> Result<(), &'static str> {
    for rule in rules {
        let place = find(schema, rule.at).and_then(Value::as_object_mut).ok_or(rule.at)?;
        if let Value::Array(list) = place.entry("x-kubernetes-validations").or_insert_with(|| json!([])) {
            list.push(rule.body);
        }
    }
    Ok(())
}

/// The schema at a path such as `spec.hosts[]`.
pub fn find<'a>(schema: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('.').filter(|name| !name.is_empty()).try_fold(schema, |schema, name| {
        let (name, is_item) = name.strip_suffix("[]").map_or((name, false), |name| (name, true));
        let property = schema.get_mut("properties")?.get_mut(name)?;
        if is_item { property.get_mut("items") } else { Some(property) }
    })
}

/// A raw string of CEL.
fn raw(text: &str) -> String {
    format!("r'{text}'")
}

/// Text for between single quotes of CEL.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('\'', r"\'")
}

/// A label's two rules: its form; its length is the schema's.
fn label(at: &'static str) -> Rule {
    Rule::matching(at, DNS_LABEL, crate::refusals::NOT_A_NAME)
}

/// The name of an object must be a label, though the API server would let it be a subdomain. Its form needs no pattern: the
/// API server has seen to all but the dots.
fn label_of_object() -> [Rule; 2] {
    let dots = format!("'\"' + self.metadata.name + '\" {}'", escaped(crate::refusals::NOT_A_NAME));
    [
        // The length can't be told: the API server would count its text as unbounded.
        Rule::new("", "self.metadata.name.size() <= 63", crate::refusals::NAME_TOO_LONG).of(".metadata.name"),
        Rule::new("", "!self.metadata.name.contains('.')", &format!("It {}", crate::refusals::NOT_A_NAME))
            .says(dots)
            .of(".metadata.name"),
    ]
}

/// A size within what a comparison of quantities can bear.
fn size(at: &'static str) -> Rule {
    let rule = "self.matches('^[1-9][0-9]*(Ki|Mi|Gi|Ti|Pi)?$') && quantity(self).compareTo(quantity('1Ei')) <= 0";
    Rule::quoting(at, rule, crate::refusals::NOT_A_SIZE)
}
