//! Verifying a token of an outside issuer.

use crate::{
    Identity, Issuer, Issuers, Refused,
    token::{Claims, Token},
};

/// Seconds that an issuer's clock may be off ours.
pub const SKEW_SECONDS: u64 = 30;

impl Issuers {
    /// Whom the token is about: signed by one of those trusted, for us, and valid now (seconds since 1970, by the clock
    /// that the caller goes by).
    ///
    /// Waits for the issuer only where its keys aren't known or a key is new, and then at most 8 s.
    ///
    /// # Errors
    /// See [`Refused`].
    pub async fn verify(&self, trusted: &[Issuer], token: &str, now: u64) -> Result<Identity, Refused> {
        let token = Token::parse(token)?;
        let issuer = trusted.iter().find(|issuer| issuer.url() == token.claims.iss).ok_or(Refused::UnknownIssuer)?;
        self.check_signature(issuer, &token).await?;
        check_audience(issuer, &token.claims)?;
        check_time(&token.claims, now)?;
        check_session(&token.claims)?;
        Ok(Identity::of(token.claims))
    }
}

/// RFC 7519, 4.1.3: a token that names whom it is for is for nobody else. One that names nobody, as Clerk's, must come
/// from a party that we know.
fn check_audience(issuer: &Issuer, claims: &Claims) -> Result<(), Refused> {
    let ours = match &claims.aud {
        Some(audience) => audience.names().iter().any(|name| issuer.audiences().contains(name)),
        None => claims.azp.as_ref().is_some_and(|party| issuer.authorized_parties().contains(party)),
    };
    if ours { Ok(()) } else { Err(Refused::WrongAudience) }
}

pub(crate) fn check_time(claims: &Claims, now: u64) -> Result<(), Refused> {
    if now >= claims.exp.0.saturating_add(SKEW_SECONDS) {
        return Err(Refused::Expired);
    }
    let begins = [&claims.nbf, &claims.iat].into_iter().flatten().map(|date| date.0).max().unwrap_or_default();
    if begins > now.saturating_add(SKEW_SECONDS) { Err(Refused::NotYetValid) } else { Ok(()) }
}

/// Clerk's tokens say so where somebody has signed in but must do more before he is let in.
fn check_session(claims: &Claims) -> Result<(), Refused> {
    let pending = claims.sts.as_ref().is_some_and(|status| status == "pending");
    if pending { Err(Refused::SessionPending) } else { Ok(()) }
}
