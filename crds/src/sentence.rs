//! Turns serde's wording into sentences for people, and tells the kinds of errors apart.

use crate::manifest::ErrorCode;

/// What a deserialiser's message says: which kind, the field that it names itself, and a sentence.
pub struct Reading {
    pub code: ErrorCode,
    /// A last path segment that the message names and the path doesn't.
    pub field: Option<String>,
    pub message: String,
}

/// Reads the message of a serde error, without its position.
pub fn read(message: &str) -> Reading {
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let names = quoted(rest);
        let (name, known) = names.split_first().map_or(("", [].as_slice()), |(name, known)| (*name, known));
        let hint = closest(name, known).map_or_else(
            || if known.is_empty() { String::new() } else { format!(" Possible: {}.", known.join(", ")) },
            |hint| format!(" Did you mean {hint}?"),
        );
        return reading(ErrorCode::UnknownField, Some(name), format!("There is no such field.{hint}"));
    }
    if let Some(rest) = message.strip_prefix("missing field ") {
        return reading(ErrorCode::MissingField, quoted(rest).first().copied(), "This field is required.".to_owned());
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let names = quoted(rest);
        let (name, known) = names.split_first().map_or(("", [].as_slice()), |(name, known)| (*name, known));
        return reading(ErrorCode::BadValue, None, format!("{name:?} is not possible here; use {}.", known.join(", ")));
    }
    for prefix in ["invalid type: ", "invalid value: "] {
        if let Some((found, expected)) = message.strip_prefix(prefix).and_then(|rest| rest.rsplit_once(", expected ")) {
            let expected = plain(expected);
            return reading(ErrorCode::WrongType, None, format!("It must be {expected}, not {}.", plain(found)));
        }
    }
    if message.starts_with("duplicate ") {
        return reading(
            ErrorCode::DuplicateField,
            quoted(message).first().copied(),
            "It stands here twice.".to_owned(),
        );
    }
    reading(ErrorCode::NotYaml, None, format!("This is not readable as YAML: {message}."))
}

fn reading(code: ErrorCode, field: Option<&str>, message: String) -> Reading {
    Reading { code, field: field.filter(|field| !field.is_empty()).map(str::to_owned), message }
}

/// The texts between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// serde speaks of Rust types; a manifest's author doesn't.
fn plain(text: &str) -> String {
    match text {
        "unit value" => "empty".to_owned(),
        "map" => "a set of fields".to_owned(),
        "sequence" => "a list".to_owned(),
        "a sequence" => "a list".to_owned(),
        "u16" | "u32" | "u64" | "i32" | "i64" => "a whole number".to_owned(),
        text if text.starts_with("struct ") => "a set of fields".to_owned(),
        text => text.replace('`', ""),
    }
}

/// The known name that is one or two slips away.
fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| (slips(&name.to_lowercase(), &candidate.to_lowercase()), *candidate))
        .filter(|(distance, candidate)| *distance <= 2 && *distance < candidate.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance.
fn slips(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_gets_a_hint_and_a_stranger_the_list() {
        assert!(
            read("unknown field `handel`, expected one of `handle`, `owner`").message.ends_with("Did you mean handle?")
        );
        assert!(read("unknown field `zzz`, expected `owner`").message.ends_with("Possible: owner."));
    }

    #[test]
    fn distance_counts_slips() {
        assert_eq!([slips("", "ab"), slips("abc", "abc"), slips("kitten", "sitting")], [2, 0, 3]);
    }
}
