//! What an invitation may offer.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use domain::{ChannelId, Email, Role, TeamId};
use function_host::Problem;

/// How long it is good if nothing is said, and at most.
const LIFETIME: TimeDelta = TimeDelta::days(7);
const LONGEST: TimeDelta = TimeDelta::days(30);
/// A client's clock may be ahead.
const LEEWAY: TimeDelta = TimeDelta::minutes(5);
/// Uses of a link at most.
pub(crate) const MOST_USES: i32 = 1_000;
/// Channels, and teams, at most.
pub(crate) const MOST_PLACES: usize = 50;

/// To whom, what they are to be, and where they find themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// Whoever has the link without one.
    pub email: Option<Email>,
    pub role: Role,
    /// Each once, as they were named.
    pub channels: Vec<ChannelId>,
    pub teams: Vec<TeamId>,
    pub expires_at: DateTime<Utc>,
    /// Whether the client has said when it ends, so that a retry says the same.
    pub is_term_given: bool,
    pub max_uses: i32,
}

/// An offer as a client makes it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub email: Option<String>,
    pub role: Role,
    pub channels: Vec<ChannelId>,
    pub teams: Vec<TeamId>,
    pub expires_at: Option<DateTime<Utc>>,
    pub max_uses: Option<i32>,
}

impl Asked {
    /// The offer, if it is one.
    ///
    /// # Errors
    /// 422 `email-invalid`, `max-uses-invalid`, `expiry-invalid`, `too-many-places`, `guest-needs-a-channel`,
    /// `role-needs-an-address`.
    pub(crate) fn check(self, now: DateTime<Utc>) -> Result<Offer, Problem> {
        let Self { email, role, channels, teams, expires_at, max_uses } = self;
        let email = email.as_deref().map(str::parse::<Email>).transpose()?;
        let refuse = |code, detail: &str, field: &str| Err(Problem::unprocessable(code, detail).at(field));
        if email.is_none() && role.administers() {
            let detail = "whoever administers is invited by e-mail address, not by a link that anybody may pass on";
            return refuse("role-needs-an-address", detail, "role");
        }
        let max_uses = max_uses.unwrap_or(1);
        if email.is_some() && max_uses != 1 {
            return refuse("max-uses-invalid", "an invitation to an address is used once", "maxUses");
        }
        if !(1..=MOST_USES).contains(&max_uses) {
            return refuse("max-uses-invalid", "a link is used 1 to 1,000 times", "maxUses");
        }
        // As exactly as Postgres keeps it.
        let term = expires_at.map(|end| end.trunc_subsecs(6));
        if term.is_some_and(|end| end <= now || end > now + LONGEST + LEEWAY) {
            return refuse("expiry-invalid", "an invitation ends in the future, and within 30 days", "expiresAt");
        }
        let (channels, teams) = (each_once(channels), each_once(teams));
        for (places, field) in [(channels.len(), "channels"), (teams.len(), "teams")] {
            if places > MOST_PLACES {
                return refuse("too-many-places", "an invitation leads to at most 50 channels and 50 teams", field);
            }
        }
        if role == Role::Guest && channels.is_empty() {
            return refuse("guest-needs-a-channel", "a guest is invited to a channel at least", "channels");
        }
        let expires_at = term.unwrap_or(now + LIFETIME);
        Ok(Offer { email, role, channels, teams, expires_at, is_term_given: term.is_some(), max_uses })
    }
}

fn each_once<T: PartialEq>(ids: Vec<T>) -> Vec<T> {
    ids.into_iter().fold(Vec::new(), |mut kept, id| {
        if !kept.contains(&id) {
            kept.push(id);
        }
        kept
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        let (channels, teams) = (vec![ChannelId::random()], Vec::new());
        Asked { email: None, role: Role::Guest, channels, teams, expires_at: None, max_uses: None }
    }

    #[test]
    fn an_offer_that_says_little_is_a_link_for_one_for_a_week() {
        let now = Utc::now();
        let offer = asked().check(now).unwrap();
        assert_eq!((offer.max_uses, offer.expires_at - now), (1, TimeDelta::days(7)));
        let twice = vec![asked().channels[0]; 3];
        assert_eq!(Asked { channels: twice, ..asked() }.check(now).unwrap().channels.len(), 1);
    }

    #[test]
    fn each_limit_of_an_offer_has_its_code() {
        let now = Utc::now();
        let mail = || Some("ada@acme.example".to_owned());
        let link = |uses| Asked { max_uses: Some(uses), ..asked() };
        let until = |end| Asked { expires_at: Some(end), ..asked() };
        let many = (0..51).map(|_| TeamId::random()).collect();
        let cases = [
            (link(0), "max-uses-invalid"),
            (link(1_001), "max-uses-invalid"),
            (Asked { email: mail(), max_uses: Some(2), ..asked() }, "max-uses-invalid"),
            (Asked { email: Some("ada@acme.example\r\nBcc: x@y".to_owned()), ..asked() }, "email-invalid"),
            (until(now), "expiry-invalid"),
            (until(now + TimeDelta::days(31)), "expiry-invalid"),
            (until(DateTime::<Utc>::MAX_UTC), "expiry-invalid"),
            (Asked { teams: many, ..asked() }, "too-many-places"),
            (Asked { channels: Vec::new(), ..asked() }, "guest-needs-a-channel"),
            (Asked { role: Role::Admin, ..asked() }, "role-needs-an-address"),
        ];
        for (asked, code) in cases {
            assert_eq!(asked.clone().check(now).unwrap_err().code(), code, "{asked:?}");
        }
        assert!(Asked { role: Role::Owner, email: mail(), ..asked() }.check(now).is_ok());
        assert!(link(1_000).check(now).is_ok() && until(now + TimeDelta::days(30)).check(now).is_ok());
    }
}
