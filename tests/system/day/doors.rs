//! Early: the doors open. Acme's people come in by its rules, which change while they do.

use anyhow::ensure;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::wait;

use super::{
    people::{LIMIT, PASSWORD, Person, fresh},
    town::Town,
};

/// Ada, who owns Acme, and Ben, Cleo and Dan.
pub(super) async fn acme(town: &Town) -> anyhow::Result<[Person; 4]> {
    let acme = &town.acme;
    acme.act("A visitor reads what Acme is, and that everybody may come in this morning");
    let visitor = acme.stranger();
    let meta = visitor.get("/meta").await?;
    let tag = meta.header("etag")?;
    ensure!(!meta.header("ratelimit-policy")?.is_empty() && !meta.header("ratelimit")?.is_empty());
    let meta = meta.is(200)?;
    ensure!(meta["displayName"] == "Acme" && meta["signUp"]["mode"] == "open", "{meta}");
    ensure!(meta["capabilities"].as_array().is_some_and(|words| words.contains(&json!("api-tokens"))), "{meta}");
    visitor.ask(Method::GET, "/meta", Value::Null, &[("if-none-match", &tag)]).await?.is(304)?;
    let keys = visitor.get("/auth/jwks").await?.is(200)?;
    ensure!(keys["keys"][0]["crv"] == "Ed25519", "{keys}");

    acme.act("Ada comes in by the operator's link, and owns Acme; her answer was lost, and she asks again");
    let mut ada = acme.somebody("ada@acme.example", "192.0.2.10", "Ada's laptop");
    let ticket = town.first_ticket(acme, &ada.email).await?;
    let body = json!({"ticket": ticket, "password": PASSWORD, "displayName": "Ada", "sessionId": fresh()});
    ada.post("/auth/redeem", body.clone()).await?.is(200)?;
    let session = ada.post("/auth/redeem", body).await?.is(200)?;
    ensure!(session["user"]["role"] == "owner", "{session}");
    ada.enter(&session)?;

    let ben = ben(town).await?;
    acme.act("The operator lets in only who has an address of acme.example; to type one in is not enough");
    town.acme_admits("{mode: Domain, domains: [acme.example]}").await?;
    wait::until("Acme's rule is another", LIMIT, async || {
        let meta = visitor.get("/meta").await.ok()?.is(200).ok()?;
        (meta["signUp"] == json!({"mode": "domain", "domains": ["acme.example"]})).then_some(())
    })
    .await?;
    let typed = json!({"userId": fresh(), "email": "typed@acme.example", "password": PASSWORD, "displayName": "Typed"});
    visitor.post("/auth/register", typed).await?.refused(403, "email-proof-needed")?;
    visitor.post("/auth/sign-up", json!({"email": "stranger@elsewhere.example"})).await?.is(202)?;

    acme.act("Cleo and Dan ask for a letter, and come in by its link");
    let cleo = by_letter(town, acme.somebody("cleo@acme.example", "192.0.2.12", "Cleo's laptop"), "Cleo").await?;
    let dan = by_letter(town, acme.somebody("dan@acme.example", "192.0.2.13", "Dan's laptop"), "Dan").await?;
    ensure!(town.letters("stranger@elsewhere.example")? == 0);
    Ok([ada, ben, cleo, dan])
}

async fn ben(town: &Town) -> anyhow::Result<Person> {
    let acme = &town.acme;
    acme.act("Ben registers twice over a bad line, loses the letter, asks for another, and proves his address");
    let mut ben = acme.somebody("ben@acme.example", "192.0.2.11", "Ben's laptop");
    let body = json!({"userId": ben.id, "email": ben.email, "password": PASSWORD, "displayName": "Ben",
                      "sessionId": fresh()});
    ben.post("/auth/register", body.clone()).await?.is(201)?;
    let session = ben.post("/auth/register", body.clone()).await?.is(200)?;
    ben.enter(&session)?;
    let another = json!({"userId": fresh(), "email": ben.email, "password": PASSWORD, "displayName": "Another"});
    acme.stranger().post("/auth/register", another).await?.refused(409, "email-taken")?;
    ben.post("/me/email-verification", Value::Null).await?.is(202)?;
    let ticket = json!({"ticket": town.secret(&ben.email, "Confirm your e-mail address", "verify").await?});
    for _ in 0..2 {
        ben.post("/auth/verify-email", ticket.clone()).await?.is(204)?;
    }
    Ok(ben)
}

async fn by_letter(town: &Town, mut person: Person, name: &str) -> anyhow::Result<Person> {
    person.post("/auth/sign-up", json!({"email": person.email})).await?.is(202)?;
    let ticket = town.secret(&person.email, "Your link to Acme", "ticket").await?;
    let body = json!({"ticket": ticket, "password": PASSWORD, "displayName": name});
    let session = person.post("/auth/redeem", body.clone()).await?.is(200)?;
    ensure!(session["user"]["role"] == "member", "{session}");
    person.enter(&session)?;
    person.company.stranger().post("/auth/redeem", body).await?.refused(410, "ticket-used")?;
    Ok(person)
}
