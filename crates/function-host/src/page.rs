//! Keyset pagination: a cursor is the last key of a page, opaque to clients, and of one list only.

use std::{fmt::Display, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Problem;

/// Items of a page that asks for no number.
pub const DEFAULT_LIMIT: i64 = 50;
/// Items of a page at most.
pub const MAX_LIMIT: i64 = 200;
/// A longer cursor is none of ours.
const MAX_CURSOR_BYTES: usize = 1_024;

/// What a reader of a list may ask for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `nextCursor` of the page before.
    cursor: Option<String>,
    /// Items at most, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// A list that has pages; its name keeps cursors of other lists out.
#[derive(Clone, Copy, Debug)]
pub struct List(pub &'static str);

impl PageQuery {
    /// For lists that may be asked for more: such a query has these two fields too.
    #[must_use]
    pub const fn of(cursor: Option<String>, limit: Option<i64>) -> Self {
        Self { cursor, limit }
    }

    /// The checked limit.
    ///
    /// # Errors
    /// 400 `invalid-limit`.
    pub fn limit(&self) -> Result<i64, Problem> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if (1..=MAX_LIMIT).contains(&limit) {
            return Ok(limit);
        }
        Err(Problem::bad_request("invalid-limit", "limit is 1 to 200").at("limit"))
    }

    /// The key that the page starts after, if it is not the first.
    ///
    /// # Errors
    /// 400 `invalid-cursor`.
    pub fn after<K: FromStr>(&self, list: List) -> Result<Option<K>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        decode(list, cursor)
            .map(Some)
            .ok_or_else(|| Problem::bad_request("invalid-cursor", "this is no nextCursor of this list").at("cursor"))
    }
}

/// Cuts rows, read with a limit of one more than `limit`, to a page, and says where the next one starts.
pub fn cut<T, K: Display>(list: List, mut rows: Vec<T>, limit: i64, key: impl Fn(&T) -> K) -> (Vec<T>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| encode(list, &key(last)));
    (rows, next)
}

fn encode(list: List, key: &impl Display) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}:{key}", list.0))
}

fn decode<K: FromStr>(list: List, cursor: &str) -> Option<K> {
    if cursor.len() > MAX_CURSOR_BYTES {
        return None;
    }
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let key = text.strip_prefix(list.0)?.strip_prefix(':')?;
    // No key of ours has one, and Postgres refuses NUL.
    if key.is_empty() || key.contains(char::is_control) {
        return None;
    }
    key.parse().ok()
}

#[cfg(test)]
mod tests {
    use domain::UserId;

    use super::*;

    const CHANNELS: List = List("channels");
    const MEMBERS: List = List("members");
    const PEOPLE: List = List("people");

    fn query(cursor: &str) -> PageQuery {
        PageQuery { cursor: Some(cursor.to_owned()), limit: None }
    }

    #[test]
    fn a_cursor_names_the_last_key_of_a_full_page_and_the_last_page_has_none() {
        let users: Vec<UserId> = (0..3).map(|_| UserId::random()).collect();
        let (page, next) = cut(PEOPLE, users.clone(), 2, |user| *user);
        assert_eq!(page, users[..2]);
        assert_eq!(query(&next.unwrap()).after::<UserId>(PEOPLE).unwrap(), Some(users[1]));
        assert_eq!(cut(PEOPLE, users, 3, |user| *user).1, None);
    }

    #[test]
    fn foreign_cursors_are_refused() {
        let of_another_list = encode(MEMBERS, &UserId::random());
        let of_a_foreign_key = encode(PEOPLE, &"ada");
        let with_nul = encode(CHANNELS, &"a\0b");
        let empty = encode(CHANNELS, &"");
        assert!(query(&with_nul).after::<String>(CHANNELS).is_err());
        assert!(query(&empty).after::<String>(CHANNELS).is_err());
        for cursor in [&of_another_list, &of_a_foreign_key, "", "*", "s42", "cGVvcGxlOg", &"A".repeat(2_000)] {
            let problem = query(cursor).after::<UserId>(PEOPLE).unwrap_err();
            assert_eq!((problem.code(), problem.field()), ("invalid-cursor", Some("cursor")), "{cursor}");
        }
    }

    #[test]
    fn the_limit_is_1_to_200() {
        for (limit, expected) in
            [(None, Some(50)), (Some(1), Some(1)), (Some(200), Some(200)), (Some(0), None), (Some(201), None)]
        {
            assert_eq!(PageQuery { cursor: None, limit }.limit().ok(), expected);
        }
    }
}
