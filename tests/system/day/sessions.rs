//! The evening: people sign in on other devices, and lose some.

use anyhow::ensure;
use serde_json::{Value, json};

use super::{
    people::{PASSWORD, Person, each},
    town::Town,
};

pub(super) async fn sessions(town: &Town, ben: &Person, cleo: &mut Person, dan: &Person) -> anyhow::Result<()> {
    let acme = &town.acme;
    acme.act("Dan signs in on a telephone elsewhere, is told by letter, and sees both devices and where they are");
    let phone = dan.on("Dan's telephone", "203.0.113.77").await?;
    town.letter(&dan.email, "A new device signed in to Acme").await?;
    let listed = dan.get("/me/sessions").await?.is(200)?;
    ensure!(each(&listed, "device") == ["Dan's telephone", "Dan's laptop"], "{listed}");
    ensure!(each(&listed, "address") == ["203.0.113.77", "192.0.2.13"], "{listed}");
    ensure!(each(&listed, "current") == [json!(false), json!(true)], "{listed}");

    acme.act("The telephone is lost; Dan ends its session, and within seconds it is out everywhere");
    let lost = listed["items"][0]["sessionId"].as_str().unwrap_or_default().to_owned();
    dan.delete(&format!("/me/sessions/{lost}")).await?.is(204)?;
    phone.is_out("session-revoked").await?;

    acme.act("Dan signs out everywhere but here");
    let tablet = dan.on("Dan's tablet", "192.0.2.13").await?;
    dan.delete("/me/sessions").await?.is(204)?;
    tablet.is_out("session-revoked").await?;
    ensure!(each(&dan.get("/me/sessions").await?.is(200)?, "device") == ["Dan's laptop"]);

    acme.act("Ben signs Cleo out of everything, and she comes in again");
    ben.delete(&format!("/people/{}/sessions", cleo.id)).await?.is(204)?;
    cleo.is_out("session-revoked").await?;
    *cleo = cleo.on("Cleo's laptop", "192.0.2.12").await?;

    acme.act("Cleo renews her session twice; somebody uses her old refresh token later, and ends the session for both");
    let old = json!({"refreshToken": cleo.refresh_token});
    for _ in 0..2 {
        let refresh = json!({"refreshToken": cleo.refresh_token});
        cleo.enter(&cleo.clone().post("/auth/refresh", refresh).await?.is(200)?)?;
    }
    town.a_minute_passes(acme).await?;
    acme.stranger().post("/auth/refresh", old).await?.refused(401, "refresh-token-reused")?;
    cleo.is_out("session-revoked").await?;
    *cleo = cleo.on("Cleo's laptop", "192.0.2.12").await?;
    Ok(())
}

/// Guesses at a password make the guesser wait, and nobody else.
pub(super) async fn guesses(ada: &Person) -> anyhow::Result<()> {
    let acme = &ada.company;
    acme.act("Somebody guesses at Ada's password until they have to wait; Ada signs in at home meanwhile");
    let guesser = Person { email: ada.email.clone(), ..acme.stranger() };
    let mut tries = 0;
    let waits = loop {
        let answer = guesser.sign_in("password", Value::Null).await?;
        if answer.status == 429 {
            break answer;
        }
        answer.refused(401, "wrong-credentials")?;
        tries += 1;
        ensure!(tries < 20, "nobody waits");
    };
    ensure!(waits.code() == "too-many-attempts" && waits.header("retry-after")?.parse::<u32>()? > 0, "{waits:?}");
    let home = ada.on("Ada's tablet", ada.place).await?;
    home.post("/auth/sign-out", Value::Null).await?.is(204)?;
    home.is_out("session-revoked").await?;
    ada.sign_in(PASSWORD, Value::Null).await?.is(200)?;
    Ok(())
}
