//! Noon: somebody comes whom an outside issuer vouches for.

use anyhow::{Context as _, ensure};
use serde_json::json;
use testkit::servers::issuer::{IssuerKey, now};

use super::{
    people::{Person, each, fresh, text},
    town::{PARTY, Town},
};

/// June, who has no password and comes with a token in the shape of Clerk's.
pub(super) async fn june(town: &Town) -> anyhow::Result<Person> {
    let globex = &town.globex;
    globex.act("June comes with a token of Globex's provider, is met for the first time, and says who she is");
    let mut june = globex.somebody("", "198.51.100.13", "June's laptop");
    vouched(town, &mut june)?;
    let me = june.get("/me").await?.is(200)?;
    june.id = text(&me["userId"])?;
    ensure!(me["role"] == "member", "{me}");
    june.patch("/me", json!({"displayName": "June", "timeZone": "America/New_York"})).await?.is(200)?;

    globex.act("Her token is good for a socket too, and its session is listed as any other");
    june.listens().await?;
    let sessions = june.get("/me/sessions").await?.is(200)?;
    ensure!(each(&sessions, "current") == [json!(true)], "{sessions}");

    globex.act("Her provider changes its keys, and she does not notice");
    town.issuer.rotate(&IssuerKey::make("ES256")?);
    vouched(town, &mut june)?;
    ensure!(june.get("/me").await?.is(200)?["userId"] == json!(june.id));

    globex.act(
        "June signs in by the provider's own page, from home, and is who she was; what went wrong there begins anew",
    );
    let meta = june.get("/meta").await?.is(200)?;
    ensure!(meta["issuers"][0]["signIn"] == true, "{meta}");
    town.issuer.person(json!({"sub": "user_june", "name": "June"}));
    let begin = json!({"issuer": town.issuer.url(), "redirectUri": "https://talk.globex.example/signed-in"});
    let stranger = globex.stranger();
    let begun = stranger.post("/auth/issuers/begin", begin).await?.is(200)?;
    let back = town.issuer.sign_in(begun["url"].as_str().context("no url")?)?;
    let mut returned = json!({"flow": begun["flow"], "sessionId": fresh()});
    let fields = returned.as_object_mut().context("an object")?;
    fields.extend(back.query_pairs().map(|(name, value)| (name.into_owned(), json!(value))));
    let session = stranger.post("/auth/issuers/finish", returned.clone()).await?.is(200)?;
    ensure!(session["user"]["userId"] == json!(june.id), "{session}");
    stranger.post("/auth/issuers/finish", returned).await?.refused(401, "sign-in-refused")?;

    globex.act("A token for another app, one of an hour ago, and a good one at Acme are worth nothing");
    let with = |token: String| Person { token, ..june.clone() };
    let token = |at: u64, party: &str| town.issuer.clerk_token(at, "user_june", "sess_1", party);
    with(token(now(), "https://evil.example")?).get("/me").await?.refused(401, "token-invalid")?;
    with(token(now() - 3_600, PARTY)?).get("/me").await?.refused(401, "token-expired")?;
    let at_acme = Person { company: town.acme.clone(), ..june.clone() };
    at_acme.get("/me").await?.refused(401, "token-invalid")?;
    at_acme.tries_to_listen().await?.err().context("it opens")?.refused(401, "token-invalid")?;
    Ok(june)
}

/// A new token, which is good for a minute.
pub(super) fn vouched(town: &Town, june: &mut Person) -> anyhow::Result<()> {
    june.token = town.issuer.clerk_token(now(), "user_june", "sess_1", PARTY)?;
    Ok(())
}
