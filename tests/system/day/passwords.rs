//! The evening: passwords, addresses and one-time codes.

use anyhow::{Context as _, ensure};
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use testkit::servers::issuer::now;

use super::{
    people::{PASSWORD, Person, text},
    town::Town,
};

const ANOTHER: &str = "another horse battery";

/// Dan ends with another password.
pub(super) async fn passwords(town: &Town, dan: &mut Person) -> anyhow::Result<()> {
    let acme = &town.acme;
    acme.act("Dan changes his password, which takes the old one, and is told by letter");
    let change = |current: &str| json!({"currentPassword": current, "newPassword": ANOTHER});
    dan.put("/me/password", change("wrong wrong wrong")).await?.refused(403, "wrong-password")?;
    let short = json!({"currentPassword": PASSWORD, "newPassword": "short"});
    dan.put("/me/password", short).await?.refused(422, "password-too-short")?;
    for _ in 0..2 {
        dan.put("/me/password", change(PASSWORD)).await?.is(204)?;
    }
    town.letter(&dan.email, "Your password for Acme was changed").await?;
    dan.sign_in(PASSWORD, Value::Null).await?.refused(401, "wrong-credentials")?;
    dan.sign_in(ANOTHER, Value::Null).await?.is(200)?;

    acme.act("Dan forgets it at once; a letter lets him choose a new one, and he is out on all other devices");
    let before = dan.clone();
    let stranger = acme.stranger();
    for email in [&dan.email, "nobody@acme.example"] {
        stranger.post("/auth/forgot-password", json!({"email": email})).await?.is(202)?;
    }
    let ticket = town.secret(&dan.email, "Choose a new password for Acme", "reset").await?;
    let body = json!({"ticket": ticket, "password": PASSWORD});
    let nobody = Person { token: String::new(), ..dan.clone() };
    dan.enter(&nobody.post("/auth/reset-password", body.clone()).await?.is(200)?)?;
    nobody.post("/auth/reset-password", body).await?.refused(410, "ticket-used")?;
    before.is_out("session-revoked").await?;
    ensure!(town.letters("nobody@acme.example")? == 0);
    Ok(())
}

/// Cleo has another address from now on.
pub(super) async fn addresses(town: &Town, cleo: &mut Person) -> anyhow::Result<()> {
    let acme = &town.acme;
    acme.act("Cleo changes her address: the new one proves itself, and the old one is told");
    let (old, new) = (cleo.email.clone(), "cleo.smith@acme.example");
    cleo.put("/me/email", json!({"email": new, "password": PASSWORD})).await?.is(202)?;
    let ticket = json!({"ticket": town.secret(new, "Confirm your e-mail address", "verify").await?});
    acme.stranger().post("/auth/verify-email", ticket.clone()).await?.refused(401, "token-missing")?;
    cleo.post("/auth/verify-email", ticket).await?.is(204)?;
    let told = town.letter(&old, "Your e-mail address for Acme was changed").await?;
    ensure!(told.text.contains(new), "{}", told.text);
    cleo.sign_in(PASSWORD, Value::Null).await?.refused(401, "wrong-credentials")?;
    new.clone_into(&mut cleo.email);
    cleo.sign_in(PASSWORD, Value::Null).await?.is(200)?;
    Ok(())
}

/// Cleo has a second factor for a while.
pub(super) async fn second_factor(cleo: &Person) -> anyhow::Result<()> {
    let acme = &cleo.company;
    acme.act("Cleo begins a second factor and confirms it by her app's first code");
    let begun = cleo.post("/me/second-factor", json!({"password": PASSWORD})).await?.is(200)?;
    let secret = text(&begun["secret"])?;
    let confirmed = cleo.put("/me/second-factor", json!({"code": code(&secret, 0)?})).await?.is(200)?;
    let recovery = confirmed["recoveryCodes"].as_array().context("recovery codes")?.clone();
    let state = cleo.get("/me/second-factor").await?.is(200)?;
    ensure!(state == json!({"enabled": true, "recoveryCodesLeft": 10}), "{state}");

    acme.act("She signs in by password and the next code, or by a recovery code, each once");
    cleo.sign_in(PASSWORD, Value::Null).await?.refused(401, "second-factor-needed")?;
    let next = code(&secret, 1)?;
    cleo.sign_in(PASSWORD, json!({"code": next})).await?.is(200)?;
    cleo.sign_in(PASSWORD, json!({"code": next})).await?.refused(401, "wrong-code")?;
    cleo.sign_in(PASSWORD, json!({"code": recovery[0]})).await?.is(200)?;
    cleo.sign_in(PASSWORD, json!({"code": recovery[0]})).await?.refused(401, "wrong-code")?;

    acme.act("She prints new recovery codes, the old ones are worth nothing, and turns it all off again");
    let renewed = cleo.post("/me/recovery-codes", json!({"password": PASSWORD})).await?.is(200)?;
    let remove = |code: &Value| json!({"password": PASSWORD, "code": code});
    cleo.post("/me/second-factor/removal", remove(&recovery[1])).await?.refused(401, "wrong-code")?;
    cleo.post("/me/second-factor/removal", remove(&renewed["recoveryCodes"][0])).await?.is(204)?;
    cleo.sign_in(PASSWORD, Value::Null).await?.is(200)?;
    Ok(())
}

/// What an authenticator app shows `steps` from now (RFC 6238).
fn code(secret: &str, steps: i64) -> anyhow::Result<String> {
    let step = (now() / 30).saturating_add_signed(steps);
    let mut mac = Hmac::<Sha1>::new_from_slice(&BASE32_NOPAD.decode(secret.as_bytes())?)?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 0xf);
    let number = u32::from_be_bytes(digest[offset..offset + 4].try_into()?) & 0x7fff_ffff;
    Ok(format!("{:06}", number % 1_000_000))
}
