//! Who asks, and what they ask about.

use std::time::Duration;

use access::token::{Claims, Signer};
use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Scope, SessionId, TeamId, UserId};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{
    Host, Lab, Person,
    servers::{LocalIssuer, issuer::now},
    wait,
};
use threadly_tests::house::House;
use uuid::Uuid;

use super::requests::Subject;

/// What the outside issuer's tokens are for.
const PARTY: &str = "https://talk.acme.example";

/// Who asks. All but the outsiders are in the channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    NoToken,
    /// `alg: none`.
    Unsigned,
    /// Signed by a key that nobody knows, under a known key's id.
    SwappedKey,
    /// HMAC with the public key as the secret.
    SymmetricKey,
    /// A good signature over other claims.
    Tampered,
    Expired,
    /// Somebody of another workspace.
    Foreign,
    Guest,
    /// A member who is not in the private channel.
    Outside,
    /// A member who is not in the public channel.
    Passer,
    Member,
    /// The channel's admin, the team's lead and the message's author.
    Author,
    Admin,
    Owner,
    /// An owner who is not in the private channel.
    Apart,
    /// The owner's API token that may only read.
    Reader,
    /// The owner's API token with every scope.
    Writer,
    /// A member by an outside issuer's token.
    External,
}

/// Those of whom nobody is let in.
pub(super) const REFUSED: [Asker; 7] = [
    Asker::NoToken,
    Asker::Unsigned,
    Asker::SwappedKey,
    Asker::SymmetricKey,
    Asker::Tampered,
    Asker::Expired,
    Asker::Foreign,
];

/// The columns of the table.
pub(super) const COLUMNS: [Asker; 11] = [
    Asker::Guest,
    Asker::Outside,
    Asker::Passer,
    Asker::Member,
    Asker::External,
    Asker::Author,
    Asker::Admin,
    Asker::Owner,
    Asker::Apart,
    Asker::Reader,
    Asker::Writer,
];

pub(super) struct Scene {
    pub(super) house: House,
    issuer: LocalIssuer,
    author: Person,
    owner: Person,
    /// In the order in which they were made: guest, outside, passer, member, admin, owner apart.
    people: [Person; 6],
    external: UserId,
    foreigner: Person,
    /// Somebody whom nobody has let in anywhere.
    other: Person,
    tokens: [String; 2],
    bot: UserId,
}

impl Scene {
    pub(super) async fn new(host: Host) -> anyhow::Result<Self> {
        let issuer = LocalIssuer::start().await?;
        let mut lab = Lab::start().await?.on(host).await?;
        let authority = std::env::temp_dir().join(format!("threadly-issuer-{}.pem", Uuid::now_v7()));
        std::fs::write(&authority, issuer.authority())?;
        lab.settings.push(("THREADLY_ISSUERS_CA".to_owned(), authority.display().to_string()));
        lab.settings.push(("THREADLY_ISSUERS_ALLOW_PRIVATE".to_owned(), issuer.address().to_owned()));
        let house = House::start_on(lab, "matrix", 1).await?;
        let settings = json!({"issuers": [
            {"issuer": issuer.url(), "authorizedParties": [PARTY], "admits": "Anyone"},
        ]});
        sqlx::query("update control.workspaces set settings = $2 where id = $1")
            .bind(house.workspace.id.as_str())
            .bind(settings)
            .execute(&house.lab.control.pool)
            .await?;

        let foreign = house.lab.workspace("foreign").await?;
        let mut foreigner = Person::register(&house.auth.url(), &foreign.handle, "foreigner").await?;
        foreigner.handle.clone_from(&house.workspace.handle);
        let names = ["guest", "outside", "passer", "member", "admin", "apart"];
        let mut people = Vec::new();
        for name in names {
            people.push(house.person(name).await?);
        }
        let people: [Person; 6] = people.try_into().map_err(|_| anyhow::anyhow!("six were made"))?;
        let (author, owner) = (house.person("author").await?, house.person("owner").await?);
        for (person, role) in [(&people[0], "guest"), (&people[4], "admin"), (&people[5], "owner"), (&owner, "owner")] {
            set_role(&house, person, role).await?;
        }
        let mut scene = Self {
            other: house.person("other").await?,
            external: UserId::random(),
            tokens: [String::new(), String::new()],
            bot: UserId::random(),
            issuer,
            author,
            owner,
            people,
            foreigner,
            house,
        };
        scene.external = scene.meet_external().await?;
        scene.tokens = [
            scene.api_token(&[Scope::PeopleRead, Scope::ChannelsRead, Scope::MessagesRead]).await?,
            scene.api_token(&Scope::ALL).await?,
        ];
        let path = format!("/bots/{}", scene.bot);
        let body = json!({"displayName": "Builds"});
        scene.owner.request(Method::PUT, &scene.house.auth.url(), &path, Some(body)).await?.ok()?;
        Ok(scene)
    }

    /// An outside issuer's subject is one of the workspace's people from the first request on.
    async fn meet_external(&self) -> anyhow::Result<UserId> {
        let directory = self.house.directory.url();
        let met = wait::until("the outside issuer is trusted", Duration::from_secs(20), async || {
            let person = Person { token: self.external_token().ok()?, ..self.author.clone() };
            person.request(Method::GET, &directory, "/me", None).await.ok()?.ok().ok()
        });
        let me = met.await?;
        Ok(me["userId"].as_str().context("no user id")?.parse()?)
    }

    fn external_token(&self) -> anyhow::Result<String> {
        self.issuer.clerk_token(now(), "user_1", "sess_1", PARTY)
    }

    async fn api_token(&self, scopes: &[Scope]) -> anyhow::Result<String> {
        let body =
            json!({"name": "matrix", "scopes": scopes, "expiresAt": chrono::Utc::now() + chrono::TimeDelta::days(1)});
        let path = format!("/me/tokens/{}", Uuid::now_v7());
        let made = self.owner.request(Method::PUT, &self.house.auth.url(), &path, Some(body)).await?.ok()?;
        Ok(made["secret"].as_str().context("no secret")?.to_owned())
    }

    /// The asker's way in: a person, whose token may be worth nothing.
    pub(super) fn person(&self, asker: Asker) -> anyhow::Result<Person> {
        let with = |token: String| Person { token, ..self.author.clone() };
        let claims = |exp: i64| Claims {
            iss: "threadly".to_owned(),
            aud: self.house.workspace.id.to_string(),
            sub: self.author.id,
            sid: SessionId::random(),
            iat: 0,
            exp: u64::try_from(chrono::Utc::now().timestamp() + exp).unwrap_or_default(),
        };
        let signer = &self.house.lab.signer;
        let body = serde_json::to_vec(&claims(600))?;
        let header = |alg: &str| json!({"alg": alg, "typ": "JWT", "kid": signer.kid()}).to_string();
        let parts = |alg: &str| format!("{}.{}", URL_SAFE_NO_PAD.encode(header(alg)), URL_SAFE_NO_PAD.encode(&body));
        Ok(match asker {
            Asker::NoToken => with(String::new()),
            Asker::Unsigned => with(format!("{}.", parts("none"))),
            Asker::SwappedKey => {
                let stranger = Signer::from_seed(&[1; 32])?.sign_claims(&claims(600))?;
                let signature = stranger.rsplit('.').next().unwrap_or_default();
                with(format!("{}.{signature}", parts("EdDSA")))
            }
            Asker::SymmetricKey => {
                let signature = URL_SAFE_NO_PAD.encode(hmac_sha256(signer.public_key(), parts("HS256").as_bytes()));
                with(format!("{}.{signature}", parts("HS256")))
            }
            Asker::Tampered => {
                let signature = self.author.token.rsplit('.').next().unwrap_or_default();
                with(format!("{}.{signature}", parts("EdDSA")))
            }
            Asker::Expired => with(signer.sign_claims(&claims(-60))?),
            Asker::Foreign => self.foreigner.clone(),
            Asker::Guest => self.people[0].clone(),
            Asker::Outside => self.people[1].clone(),
            Asker::Passer => self.people[2].clone(),
            Asker::Member => self.people[3].clone(),
            Asker::Admin => self.people[4].clone(),
            Asker::Apart => self.people[5].clone(),
            Asker::Author => self.author.clone(),
            Asker::Owner => self.owner.clone(),
            Asker::Reader => Person { token: self.tokens[0].clone(), ..self.owner.clone() },
            Asker::Writer => Person { token: self.tokens[1].clone(), ..self.owner.clone() },
            Asker::External => Person { id: self.external, ..with(self.external_token()?) },
        })
    }

    /// The same on a device of their own, as the last operation of a column signs it out.
    pub(super) async fn enter(&self, asker: Asker) -> anyhow::Result<Person> {
        let person = self.person(asker)?;
        if matches!(asker, Asker::Reader | Asker::Writer | Asker::External) {
            return Ok(person);
        }
        let session = person.sign_in(&self.house.auth.url()).await?.ok()?;
        let token = session["accessToken"].as_str().context("no access token")?.to_owned();
        Ok(Person { token, ..person })
    }

    /// A channel with a message in it, a team, an invitation and somebody to act on, fresh for each column.
    pub(super) async fn subject(&self, asker: Asker) -> anyhow::Result<Subject> {
        let visibility = if asker == Asker::Passer { "public" } else { "private" };
        let directory = self.house.directory.url();
        // Whom a column before signed out everywhere has to come in anew.
        let (author, owner) = (self.enter(Asker::Author).await?, self.enter(Asker::Owner).await?);
        let channel = author.make_channel(&directory, visibility).await?;
        for inside in [self.people[0].id, self.people[3].id, self.people[4].id, self.owner.id, self.external] {
            author.add_member(&directory, channel, inside).await?;
        }
        let (message, _) = author.post(&self.house.messages[0].url(), channel, "a message").await?;
        let team = TeamId::random();
        let body = json!({"name": format!("Team {team}"), "description": ""});
        author.request(Method::PUT, &directory, &format!("/teams/{team}"), Some(body)).await?.ok()?;
        let invitation = Uuid::now_v7();
        let body: Value = json!({"role": "member"});
        let path = format!("/invitations/{invitation}");
        owner.request(Method::PUT, &directory, &path, Some(body)).await?.ok()?;
        let victim = self.house.person("victim").await?;
        Ok(Subject { channel, message, team, invitation, bot: self.bot, other: self.other.id, victim: victim.id })
    }
}

/// As the platform's first owner is made: nobody in the workspace could.
async fn set_role(house: &House, person: &Person, role: &str) -> anyhow::Result<()> {
    let server = house.lab.control.server().clone().database(&house.workspace.id.database());
    let pool = sqlx::PgPool::connect_with(server).await?;
    sqlx::query("update users set role = $2 where id = $1").bind(person.id.0).bind(role).execute(&pool).await?;
    pool.close().await;
    Ok(())
}

/// RFC 2104 over SHA-256, as an attacker would compute it.
fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        block.iter_mut().zip(key).for_each(|(pad, key)| *pad ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}
