//! Later in the morning: people are asked in, by letter and by link.

use anyhow::ensure;
use serde_json::{Value, json};

use super::{
    people::{Company, PASSWORD, Person, each, fresh, text},
    town::Town,
};

/// Gus, who owns Globex, Hana, its admin, Ivo, and Kim, a guest of the channel that is named last.
pub(super) async fn globex(town: &Town) -> anyhow::Result<([Person; 4], String)> {
    let globex = &town.globex;
    globex.act("Gus comes in by the operator's link, and owns Globex");
    let mut gus = globex.somebody("gus@globex.example", "198.51.100.10", "Gus's laptop");
    let ticket = town.first_ticket(globex, &gus.email).await?;
    let body = json!({"ticket": ticket, "password": PASSWORD, "displayName": "Gus"});
    gus.enter(&gus.post("/auth/redeem", body).await?.is(200)?)?;

    globex.act("Gus invites Hana to be an admin, twice, and she gets one letter; an address is one line");
    let hana = globex.somebody("hana@globex.example", "198.51.100.11", "Hana's laptop");
    let (invitation, body) = (fresh(), json!({"email": hana.email, "role": "admin"}));
    gus.put(&format!("/invitations/{invitation}"), body.clone()).await?.is(201)?;
    gus.put(&format!("/invitations/{invitation}"), body).await?.is(200)?;
    let injected = json!({"email": "x@globex.example\r\nBcc: all@globex.example", "role": "member"});
    gus.put(&format!("/invitations/{}", fresh()), injected).await?.refused(422, "email-invalid")?;
    let secret = town.secret(&hana.email, "Gus invites you to Globex", "invitation").await?;

    globex.act("Hana looks at her invitation, and accepts it; sent again, it opens no second account");
    let seen = hana.post("/auth/invitation", json!({"token": secret})).await?.is(200)?;
    ensure!(seen["workspace"] == "Globex" && seen["inviter"] == "Gus" && seen["role"] == "admin", "{seen}");
    let hana = accept(hana, &secret, "Hana").await?;
    let known = gus.get(&format!("/invitations/{invitation}")).await?.is(200)?;
    ensure!(known["state"] == "used" && known["uses"] == 1, "{known}");
    ensure!(town.letters(&hana.email)? == 1);

    globex.act("Hana makes a link for one; Ivo comes by it and proves his address, the next one is too late");
    let made = link(&hana, json!({"role": "member"})).await?;
    let ivo = globex.somebody("ivo@globex.example", "198.51.100.12", "Ivo's laptop");
    let ivo = accept(ivo, &made, "Ivo").await?;
    let ticket = json!({"ticket": town.secret(&ivo.email, "Confirm your e-mail address", "verify").await?});
    ivo.post("/auth/verify-email", ticket).await?.is(204)?;
    too_late(globex, &made, "invitation-used").await?;

    globex.act("A link that was taken back lets nobody in");
    let id = fresh();
    let made = hana.put(&format!("/invitations/{id}"), json!({"role": "member"})).await?.is(201)?;
    hana.delete(&format!("/invitations/{id}")).await?.is(204)?;
    too_late(globex, &text(&made["token"])?, "invitation-revoked").await?;

    globex.act("Kim is invited as a guest to the lobby, and sees the lobby and nothing else");
    let (lobby, attic) = (fresh(), fresh());
    for (id, name) in [(&lobby, "lobby"), (&attic, "attic")] {
        let body = json!({"name": name, "visibility": "public"});
        hana.put(&format!("/channels/{id}"), body).await?.is(201)?;
    }
    let kim = guest(town, &hana, "kim@globex.example", "198.51.100.14", &lobby).await?;
    ensure!(each(&kim.get("/channels").await?.is(200)?, "name") == [json!("lobby")]);
    kim.get(&format!("/channels/{attic}")).await?.refused(404, "channel-not-found")?;
    kim.put(&format!("/channels/{}", fresh()), json!({"name": "my own", "visibility": "private"}))
        .await?
        .refused(403, "not-for-guests")?;
    let page = hana.get("/invitations?limit=2").await?.is(200)?;
    let rest = format!("/invitations?limit=200&cursor={}", text(&page["nextCursor"])?);
    let states = [each(&page, "state"), each(&hana.get(&rest).await?.is(200)?, "state")].concat();
    ensure!(states == ["used", "revoked", "used", "used"], "{states:?}");
    Ok(([gus, hana, ivo, kim], lobby))
}

/// Eve, a guest of Acme's channel for the press, which is named last.
pub(super) async fn press(town: &Town, ada: &Person, cleo: &Person) -> anyhow::Result<(Person, String)> {
    let acme = &town.acme;
    acme.act("Eve, of another domain, is invited as a guest to Acme's channel for the press");
    let press = fresh();
    let body = json!({"name": "press", "visibility": "private"});
    ada.put(&format!("/channels/{press}"), body).await?.is(201)?;
    let eve = guest(town, ada, "eve@studio.example", "203.0.113.5", &press).await?;

    acme.act("Cleo is in already, and uses a link that leads into the same channel, twice");
    let made = link(ada, json!({"role": "member", "channels": [press]})).await?;
    for _ in 0..2 {
        let joined = cleo.post("/me/invitations", json!({"token": made})).await?.is(200)?;
        ensure!(joined == json!({"userId": cleo.id, "role": "member"}), "{joined}");
    }
    let seen = cleo.get(&format!("/channels/{press}")).await?.is(200)?;
    ensure!(seen["membership"] == "member", "{seen}");
    Ok((eve, press))
}

/// The sixth at Globex.
pub(super) async fn there_is_no_room(town: &Town, hana: &Person) -> anyhow::Result<()> {
    town.globex.act("A sixth person finds that Globex is full");
    let made = link(hana, json!({"role": "member"})).await?;
    let sixth = town.globex.somebody("sixth@globex.example", "198.51.100.15", "a laptop");
    let body = json!({"token": made, "userId": sixth.id, "email": sixth.email, "password": PASSWORD,
                      "displayName": "Sixth"});
    sixth.post("/auth/accept-invitation", body).await?.refused(403, "workspace-full")
}

async fn guest(town: &Town, by: &Person, email: &str, place: &'static str, channel: &str) -> anyhow::Result<Person> {
    let body = json!({"email": email, "role": "guest", "channels": [channel]});
    by.put(&format!("/invitations/{}", fresh()), body).await?.is(201)?;
    let secret = town.secret(email, "invites you", "invitation").await?;
    let name = email.split('@').next().unwrap_or_default();
    let name = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
    accept(by.company.somebody(email, place, "a guest's tablet"), &secret, &name).await
}

/// The secret of a new link.
async fn link(by: &Person, body: Value) -> anyhow::Result<String> {
    let made = by.put(&format!("/invitations/{}", fresh()), body).await?.is(201)?;
    text(&made["token"])
}

async fn accept(mut person: Person, secret: &str, name: &str) -> anyhow::Result<Person> {
    let body = json!({"token": secret, "userId": person.id, "email": person.email, "password": PASSWORD,
                      "displayName": name, "sessionId": fresh()});
    person.post("/auth/accept-invitation", body.clone()).await?.is(201)?;
    let session = person.post("/auth/accept-invitation", body).await?.is(200)?;
    person.enter(&session)?;
    Ok(person)
}

async fn too_late(company: &Company, secret: &str, code: &str) -> anyhow::Result<()> {
    let late = company.somebody("late@elsewhere.example", "203.0.113.9", "a telephone");
    late.post("/auth/invitation", json!({"token": secret})).await?.refused(410, code)?;
    let body = json!({"token": secret, "userId": late.id, "email": late.email, "password": PASSWORD,
                      "displayName": "Late"});
    late.post("/auth/accept-invitation", body).await?.refused(410, code)
}
