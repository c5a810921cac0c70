//! Tokens of outside issuers: verified by the keys that they publish, and known as somebody of the workspace. Who comes for
//! the first time is a stranger; letting them in is for whoever may write.

use std::{sync::Arc, time::Duration};

use chrono::DateTime;
use domain::{SessionId, UserId, WorkspaceId};
use issuers::{Identity, Issuer, Issuers, Refused};
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use tenancy::{Databases, Registry, TrustedIssuer, Workspace};
use uuid::Uuid;

use crate::{Denied, store, token::Unauthenticated};

/// A verified token is not verified anew for so long: then a key that its issuer has taken back no longer counts.
const VERIFIED: Duration = Duration::from_secs(60);
/// Who somebody is never changes; whether their session lives is a fact, read as other facts are.
const KNOWN: Duration = Duration::from_mins(10);
const CAPACITY: u64 = 20_000;
/// Sessions of a day, where the issuer names none: once somebody was signed out so often, it lasts until the next day.
const OF_A_DAY: u32 = 100;

/// Somebody whom a trusted issuer vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// Who they are to the issuer.
    pub identity: Identity,
    /// What the workspace says of the issuer.
    pub issuer: TrustedIssuer,
    /// When the token was issued, as far as it concerns signing out: never later than it was seen first, and long ago if
    /// it does not say.
    issued_at: u64,
}

/// Somebody who is known here, and by which session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
}

/// What is known of outside issuers' tokens. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct External {
    issuers: Issuers,
    databases: Arc<Databases>,
    verified: Cache<(WorkspaceId, [u8; 32]), Arc<Vouched>>,
    /// By the session and, where the issuer names none, when the token was issued.
    known: Cache<(WorkspaceId, SessionId, Option<u64>), Known>,
}

impl External {
    pub(crate) fn new(issuers: Issuers, databases: Arc<Databases>) -> Self {
        let kept = |time| Cache::builder().max_capacity(CAPACITY).time_to_live(time);
        Self {
            issuers,
            databases,
            verified: kept(VERIFIED).build(),
            known: Cache::builder().max_capacity(CAPACITY).time_to_live(KNOWN).build(),
        }
    }

    pub(crate) fn issuers(&self) -> &Issuers {
        &self.issuers
    }

    /// Whom a token is about, by one of the workspace's issuers.
    pub(crate) async fn verify(
        &self,
        registry: &Registry,
        workspace: &Workspace,
        issuer: &str,
        token: &str,
    ) -> Result<Arc<Vouched>, Denied> {
        let trusted = workspace.settings.issuers.iter().find(|trusted| trusted.issuer == issuer);
        let trusted = trusted.ok_or(Unauthenticated::Invalid)?;
        let now = registry.clock().now_seconds();
        let key = (workspace.id.clone(), Sha256::digest(token).into());
        if let Some(vouched) = self.verified.get(&key).filter(|vouched| vouched.issuer == *trusted) {
            return if vouched.identity.expires_at > now { Ok(vouched) } else { Err(Unauthenticated::Expired.into()) };
        }
        let settings = Issuer::try_from(trusted).map_err(|error| {
            tracing::error!(workspace = %workspace.id, issuer, %error, "a trusted issuer can't be used");
            Unauthenticated::Invalid
        })?;
        let identity = self.issuers.verify(&[settings], token, now).await.map_err(refused)?;
        let issued_at = identity.issued_at.unwrap_or_default().min(now);
        let vouched = Arc::new(Vouched { identity, issuer: trusted.clone(), issued_at });
        self.verified.insert(key, vouched.clone());
        Ok(vouched)
    }

    /// Who this is here; nobody yet, if they come for the first time. Their session is written down.
    pub(crate) async fn find(&self, workspace: &Workspace, vouched: &Vouched) -> Result<Option<Known>, Denied> {
        let of_a_day = vouched.identity.session.is_none().then_some(vouched.issued_at);
        let key = (workspace.id.clone(), session(&vouched.identity, 0), of_a_day);
        if let Some(known) = self.known.get(&key) {
            return Ok(Some(known));
        }
        let pool = self.databases.lease(workspace).await?;
        let Some(user) = store::identity(&pool, &vouched.identity.issuer, &vouched.identity.subject).await? else {
            return Ok(None);
        };
        let known = Known { user, session: begin(&pool, vouched, user).await? };
        self.known.insert(key, known);
        Ok(Some(known))
    }
}

/// Writes down the session that a token is of. Where the issuer names none, a session lasts until it is ended: a token that
/// was issued later is of the next one, so that signing out never locks out.
async fn begin(pool: &PgPool, vouched: &Vouched, user: UserId) -> sqlx::Result<SessionId> {
    let mut number = 0;
    loop {
        let session = session(&vouched.identity, number);
        let ended = store::begin_session(pool, session, user).await?;
        let later = ended.is_some_and(|at| i64::try_from(vouched.issued_at).is_ok_and(|issued| issued > at));
        if !later || vouched.identity.session.is_some() || number == OF_A_DAY {
            return Ok(session);
        }
        number += 1;
    }
}

/// A session there is one here, so that it is listed and can be ended; where the issuer names none, a day's tokens are one,
/// or several that are numbered.
fn session(identity: &Identity, number: u32) -> SessionId {
    let by_day = || {
        DateTime::from_timestamp(identity.expires_at.cast_signed(), 0)
            .map_or(String::new(), |at| at.date_naive().to_string())
    };
    let name = identity.session.clone().unwrap_or_else(by_day);
    let mut digest = Sha256::new();
    for part in [&identity.issuer, &identity.subject, &name] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    if number > 0 {
        digest.update(number.to_be_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.finalize()[..16]);
    SessionId(Uuid::new_v8(bytes))
}

fn refused(refused: Refused) -> Denied {
    match refused {
        Refused::Expired => Unauthenticated::Expired.into(),
        Refused::IssuerUnavailable(unavailable) => {
            tracing::warn!(%unavailable, "an outside issuer's keys can't be read");
            Denied::IssuerUnavailable
        }
        refused => {
            tracing::debug!(%refused, "an outside issuer's token is refused");
            Unauthenticated::Invalid.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_the_issuers_the_subjects_and_its_own() {
        let identity = |issuer: &str, subject: &str, session: Option<&str>, expires_at| Identity {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            session: session.map(str::to_owned),
            email: None,
            name: None,
            picture: None,
            expires_at,
            issued_at: None,
        };
        let session_of = session;
        let session = |identity: &Identity| session_of(identity, 0);
        let one = session(&identity("https://a", "u", Some("s"), 1));
        assert_eq!(one, session(&identity("https://a", "u", Some("s"), 2)));
        for other in [
            identity("https://a", "u", Some("t"), 1),
            identity("https://a", "us", Some(""), 1),
            identity("https://au", "", Some("s"), 1),
        ] {
            assert_ne!(one, session(&other));
        }
        let day = 86_400;
        assert_eq!(session(&identity("i", "u", None, 1)), session(&identity("i", "u", None, day - 1)));
        assert_ne!(session(&identity("i", "u", None, 1)), session(&identity("i", "u", None, day + 1)));
        let numbered = [0, 1, 2].map(|number| session_of(&identity("i", "u", None, 1), number));
        assert!(numbered[0] != numbered[1] && numbered[1] != numbered[2] && numbered[0] != numbered[2]);
    }
}
