//! Dusk: everybody tries what is the other company's. Nothing of it is there for them.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use chrono::{TimeDelta, Utc};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::people::{PASSWORD, Person, each, fresh, text};

/// What makes something new under whatever id it is given.
const MAKES: [&str; 5] = ["putChannel", "putTeam", "putInvitation", "putBot", "putToken"];

/// A company's owner and people, and one of everything that is theirs.
pub(super) struct Side<'a> {
    owner: &'a Person,
    people: Vec<Person>,
    /// By the names of paths' parameters.
    ids: BTreeMap<&'static str, String>,
    invitation: String,
    /// Tokens that are good here.
    tokens: Vec<String>,
}

impl<'a> Side<'a> {
    pub(super) async fn of(
        owner: &'a Person,
        people: &[&Person],
        channel: &str,
        message: &str,
    ) -> anyhow::Result<Self> {
        owner.company.act("The owner makes one more of everything, to see who else can reach it");
        let [team, token, bot, invitation] = [fresh(), fresh(), fresh(), fresh()];
        owner.put(&format!("/teams/{team}"), json!({"name": "Keepers"})).await?.is(201)?;
        owner.put(&format!("/bots/{bot}"), json!({"displayName": "Keeper"})).await?.is(201)?;
        let wanted = json!({"name": "key", "scopes": ["people:read"], "expiresAt": Utc::now() + TimeDelta::days(1)});
        let made = owner.put(&format!("/me/tokens/{token}"), wanted).await?.is(201)?;
        let link = owner.put(&format!("/invitations/{invitation}"), json!({"role": "member"})).await?.is(201)?;
        let picture =
            json!({"contentType": "image/gif", "length": 6, "sha256": HEXLOWER.encode(&Sha256::digest("GIF89a"))});
        let upload = owner.post("/me/avatar", picture).await?.is(201)?;
        let session = owner.get("/me/sessions").await?.is(200)?;
        let ids = BTreeMap::from([
            ("channelId", channel.to_owned()),
            ("messageId", message.to_owned()),
            ("userId", owner.id.clone()),
            ("teamId", team),
            ("tokenId", token),
            ("invitationId", invitation),
            ("uploadId", text(&upload["uploadId"])?),
            ("sessionId", text(&session["items"][0]["sessionId"])?),
        ]);
        let mut tokens: Vec<String> = people.iter().map(|person| person.token.clone()).collect();
        tokens.push(text(&made["secret"])?);
        let people = people.iter().copied().cloned().collect();
        Ok(Self { owner, people, ids, invitation: text(&link["token"])?, tokens })
    }

    /// More tokens that are good here.
    pub(super) fn with(mut self, tokens: &[String]) -> Self {
        self.tokens.extend_from_slice(tokens);
        self
    }

    /// What must never be read in another company's answers.
    pub(super) fn words(&self, domain: &str) -> Vec<String> {
        let ids = self.people.iter().map(|person| person.id.clone()).chain(self.ids.values().cloned());
        ids.chain([domain.to_owned()]).collect()
    }

    fn filled(&self, path: &str) -> anyhow::Result<String> {
        let fill = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => self.ids.get(name).cloned().with_context(|| format!("nothing of theirs is a {name}")),
            None => Ok(part.to_owned()),
        };
        Ok(path.split('/').map(fill).collect::<anyhow::Result<Vec<_>>>()?.join("/"))
    }
}

/// What somebody of one company finds of the other.
pub(super) async fn try_over(from: &Side<'_>, to: &Side<'_>) -> anyhow::Result<()> {
    tokens_open_nothing(from, to).await?;
    ids_name_nothing(from, to).await?;
    from.owner.company.act("The other company's links, refresh tokens, addresses and passwords are unknown here");
    let (nobody, theirs) = (from.owner.company.stranger(), json!({"token": to.invitation}));
    nobody.post("/auth/invitation", theirs.clone()).await?.refused(404, "invitation-not-found")?;
    from.owner.post("/me/invitations", theirs).await?.refused(404, "invitation-not-found")?;
    let refresh = json!({"refreshToken": to.owner.refresh_token});
    nobody.post("/auth/refresh", refresh).await?.refused(401, "refresh-token-invalid")?;
    let them = Person { email: to.owner.email.clone(), place: "203.0.113.80", ..nobody };
    them.sign_in(PASSWORD, Value::Null).await?.refused(401, "wrong-credentials")?;
    for list in ["/people", "/channels", "/teams", "/invitations", "/bots", "/conversations"] {
        let page = from.owner.get(&format!("{list}?limit=200")).await?.is(200)?.to_string();
        let found = to.ids.values().chain(to.people.iter().map(|person| &person.id)).find(|id| page.contains(*id));
        ensure!(found.is_none(), "{list}: {found:?}");
    }
    Ok(())
}

/// Every operation refuses the owner's token there, and some everybody's.
async fn tokens_open_nothing(from: &Side<'_>, to: &Side<'_>) -> anyhow::Result<()> {
    let company = &to.owner.company;
    company.act("Tokens of the other company are worth nothing here, whatever is asked");
    let there = |token: &str| Person { company: company.clone(), token: token.to_owned(), ..from.owner.clone() };
    let owner = there(&from.owner.token);
    for operation in company.ledger.operations.iter().filter(|one| one.asks && one.id != "openSocket") {
        let body = operation.example.clone().unwrap_or(Value::Null);
        let answer = owner.ask(operation.method.clone(), &to.filled(&operation.path)?, body, &[]).await?;
        answer.refused(401, "token-invalid")?;
    }
    for token in &from.tokens {
        there(token).get("/me").await?.refused(401, "token-invalid")?;
        there(token).get(&to.filled("/channels/{channelId}/messages")?).await?.refused(401, "token-invalid")?;
        there(token).tries_to_listen().await?.err().context("it opens")?.refused(401, "token-invalid")?;
    }
    Ok(())
}

/// Every operation that names something finds none of theirs.
async fn ids_name_nothing(from: &Side<'_>, to: &Side<'_>) -> anyhow::Result<()> {
    let owner = from.owner;
    owner.company.act("The other company's ids name nothing here, alone or beside one's own");
    for operation in owner.company.ledger.operations.iter().filter(|one| one.path.contains('{')) {
        if MAKES.contains(&operation.id.as_str()) {
            continue;
        }
        let body = operation.example.clone().unwrap_or(Value::Null);
        owner.ask(operation.method.clone(), &to.filled(&operation.path)?, body, &[]).await?.is(404)?;
    }
    let them = &to.owner.id;
    let (channel, team) = (from.filled("/channels/{channelId}/members")?, from.filled("/teams/{teamId}/members")?);
    owner.put(&format!("{channel}/{them}"), Value::Null).await?.refused(404, "person-not-found")?;
    owner.put(&format!("{team}/{them}"), Value::Null).await?.refused(404, "person-not-found")?;
    owner.post("/conversations", json!({"userIds": [them]})).await?.refused(404, "person-not-found")?;
    let body = json!({"role": "guest", "channels": [to.ids["channelId"]]});
    owner.put(&format!("/invitations/{}", fresh()), body).await?.refused(404, "channel-not-found")?;
    ensure!(!each(&owner.get("/people").await?.is(200)?, "userId").contains(&json!(them)));
    Ok(())
}
