//! Searching by name: each word that is asked for begins a word of the name, whatever its case and marks.

use domain::names::words;
use function_host::{Problem, page::PageQuery};
use serde::Deserialize;
use utoipa::IntoParams;

/// The longest search, in Unicode scalar values: a name's.
const MAX_CHARS: usize = domain::names::MAX_NAME_CHARS;
/// Finds nothing: no name has such a word.
const NOTHING: &str = "'-'";

/// What a reader of a list with names may ask for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// `nextCursor` of the page before.
    cursor: Option<String>,
    /// Items at most, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// Each of its words begins a word of the name; without letters and digits it finds nothing.
    #[param(max_length = 80, example = "ada")]
    q: Option<String>,
}

impl SearchQuery {
    pub(crate) fn parts(self) -> Result<(PageQuery, Option<String>), Problem> {
        Ok((PageQuery::of(self.cursor, self.limit), tsquery(self.q.as_deref())?))
    }
}

/// The query in Postgres's words (its manual, section 8.11.2); none if nothing is asked for.
///
/// # Errors
/// 400 `invalid-search`.
pub(crate) fn tsquery(q: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(q) = q.map(str::trim).filter(|q| !q.is_empty()) else { return Ok(None) };
    if q.chars().nth(MAX_CHARS).is_some() {
        let detail = format!("a search has at most {MAX_CHARS} characters");
        return Err(Problem::bad_request("invalid-search", detail).at("q"));
    }
    // Words are letters and digits only, so that nothing in them ends the quotes.
    let lexemes: Vec<String> = words(q).iter().map(|word| format!("'{word}':*")).collect();
    if lexemes.is_empty() { Ok(Some(NOTHING.to_owned())) } else { Ok(Some(lexemes.join(" & "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_asked_for_by_its_beginning_and_nothing_ends_the_quotes() {
        let query = |q: &str| tsquery(Some(q)).unwrap();
        assert_eq!(query("Ada  LOVE").as_deref(), Some("'ada':* & 'love':*"));
        assert_eq!(query("o'n\\e:*|!il").as_deref(), Some("'o':* & 'n':* & 'e':* & 'il':*"));
        assert_eq!(query("Zoë\0").as_deref(), Some("'zoe':*"));
        assert_eq!(query(" -- ").as_deref(), Some(NOTHING));
        assert_eq!(query("  "), None);
        assert_eq!(tsquery(None).unwrap(), None);
        assert!(tsquery(Some(&"x".repeat(80))).is_ok());
        assert_eq!(tsquery(Some(&"x".repeat(81))).unwrap_err().code(), "invalid-search");
    }
}
