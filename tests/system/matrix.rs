//! Authorisation: every endpoint × {no token, forged, expired, foreign workspace, non-member, member, author}.

use std::time::Duration;

use access::token::{Claims, Signer};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{SessionId, UserId};
use serde_json::json;
use testkit::{Answer, Host, Person, Socket, TestWorkspace, wait};
use threadly_tests::house::House;

use crate::endpoints::{Endpoint, Guard, Subject, all, base, documented};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
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
    /// Of the workspace, not of the private channel.
    OutsidePrivate,
    /// Of the workspace, not of the public channel.
    OutsidePublic,
    /// Of the channel, neither its admin nor the message's author.
    Member,
    /// The channel's admin and the message's author.
    Author,
}

const ASKERS: [Asker; 11] = [
    Asker::NoToken,
    Asker::Unsigned,
    Asker::SwappedKey,
    Asker::SymmetricKey,
    Asker::Tampered,
    Asker::Expired,
    Asker::Foreign,
    Asker::OutsidePrivate,
    Asker::OutsidePublic,
    Asker::Member,
    Asker::Author,
];

/// The one table of answers: `Ok` is any success, `Err` a problem's code.
fn expected(endpoint: &Endpoint, asker: Asker) -> Result<(), &'static str> {
    match (endpoint.guard, asker) {
        (Guard::Nobody, _) => match endpoint.operation {
            "signIn" => Err("wrong-credentials"),
            "redeemTicket" => Err("ticket-not-found"),
            "refreshSession" => Err("refresh-token-invalid"),
            _ => Ok(()),
        },
        (_, Asker::NoToken) => Err("token-missing"),
        (_, Asker::Expired) => Err("token-expired"),
        (_, Asker::Unsigned | Asker::SwappedKey | Asker::SymmetricKey | Asker::Tampered | Asker::Foreign) => {
            Err("token-invalid")
        }
        // Let in, they find no picture and no upload of theirs.
        (Guard::Workspace, _) if endpoint.operation == "getAvatar" => Err("avatar-not-found"),
        (Guard::Workspace, _) if endpoint.operation == "completeAvatar" => Err("upload-not-found"),
        (Guard::Workspace, _) | (_, Asker::Author) => Ok(()),
        (_, Asker::OutsidePrivate) => Err("channel-not-found"),
        (Guard::Visible, _) => Ok(()),
        (_, Asker::OutsidePublic) => Err("not-a-member"),
        (Guard::Author, Asker::Member) if endpoint.operation == "editMessage" => Err("not-the-author"),
        (Guard::Author, Asker::Member) => Err("not-an-admin"),
        (Guard::Channel, Asker::Member) if endpoint.operation == "deleteMember" => Err("not-an-admin"),
        (Guard::Channel, Asker::Member) => Ok(()),
    }
}

struct Scene {
    house: House,
    author: Person,
    member: Person,
    /// One for each kind of channel: each signs out at the end of its column.
    outsiders: [Person; 2],
    foreigner: Person,
    /// Somebody whom nobody has let in anywhere.
    other: Person,
}

async fn scene(host: Host) -> anyhow::Result<Scene> {
    let house = House::hosted(host, "matrix", 1).await?;
    let foreign: TestWorkspace = house.lab.workspace("foreign").await?;
    let auth = house.auth.url();
    let registered = wait::until("the second workspace is served", Duration::from_secs(10), async || {
        Person::register(&auth, &foreign.handle, "foreigner").await.ok()
    });
    let mut foreigner = registered.await?;
    foreigner.handle.clone_from(&house.workspace.handle);
    Ok(Scene {
        author: house.person("author").await?,
        member: house.person("member").await?,
        outsiders: [house.person("outside").await?, house.person("without").await?],
        other: house.person("other").await?,
        foreigner,
        house,
    })
}

impl Scene {
    /// The asker's way in: a person, whose token may be worth nothing.
    fn person(&self, asker: Asker) -> anyhow::Result<Person> {
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
            Asker::OutsidePrivate => self.outsiders[0].clone(),
            Asker::OutsidePublic => self.outsiders[1].clone(),
            Asker::Member => self.member.clone(),
            Asker::Author => self.author.clone(),
        })
    }

    /// A channel with a message in it, fresh for each cell.
    async fn subject(&self, asker: Asker, caller: UserId) -> anyhow::Result<Subject> {
        let visibility = if asker == Asker::OutsidePublic { "public" } else { "private" };
        let directory = self.house.directory.url();
        let channel = self.author.make_channel(&directory, visibility).await?;
        self.author.add_member(&directory, channel, self.member.id).await?;
        let (message, _) = self.author.post(&self.house.messages[0].url(), channel, "a message").await?;
        Ok(Subject { channel, message, other: self.other.id, caller })
    }
}

async fn every_endpoint_answers_every_asker_as_the_table_says(host: Host) -> anyhow::Result<()> {
    let endpoints = all();
    let mut rows: Vec<String> = endpoints.iter().map(|endpoint| endpoint.operation.to_owned()).collect();
    rows.sort();
    assert_eq!(rows, documented(), "every documented operation has one row in the table");

    let scene = scene(host).await?;
    let mut wrong = Vec::new();
    for asker in ASKERS {
        let person = scene.person(asker)?;
        let subject = scene.subject(asker, person.id).await?;
        for endpoint in &endpoints {
            let (found, expected) = (ask(&scene, &person, endpoint, &subject).await?, expected(endpoint, asker));
            if found.as_ref().map(|_| ()).map_err(String::as_str) != expected {
                wrong.push(format!("{} by {asker:?}: {found:?} instead of {expected:?}", endpoint.operation));
            }
        }
    }
    println!("{} endpoints × {} askers", endpoints.len(), ASKERS.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// The answer, as the table knows it.
async fn ask(
    scene: &Scene,
    person: &Person,
    endpoint: &Endpoint,
    subject: &Subject,
) -> anyhow::Result<Result<u16, String>> {
    let base = base(&scene.house, endpoint);
    if endpoint.operation == "openSocket" {
        return Ok(match Socket::try_open(&base, &person.handle, &person.token, None).await? {
            Ok(socket) => {
                socket.close().await;
                Ok(101)
            }
            Err(refused) => {
                let body = refused.into_body().unwrap_or_default();
                let problem: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
                Err(problem["code"].as_str().unwrap_or("no code").to_owned())
            }
        });
    }
    let Answer { status, json, .. } =
        person.request(endpoint.method.clone(), &base, &endpoint.path(subject), endpoint.body()).await?;
    if status.is_success() {
        return Ok(Ok(status.as_u16()));
    }
    Ok(Err(json["code"].as_str().unwrap_or("no code").to_owned()))
}

async fn a_signed_out_session_is_refused_everywhere_within_seconds(host: Host) -> anyhow::Result<()> {
    let house = House::hosted(host, "revoked", 1).await?;
    let ada = house.person("ada").await?;
    let directory = house.directory.url();
    ada.request(reqwest::Method::GET, &directory, "/me", None).await?.ok()?;
    ada.request(reqwest::Method::POST, &house.auth.url(), "/auth/sign-out", None).await?.ok()?;
    let refused = wait::until("the session is refused", Duration::from_secs(20), async || {
        let answer = ada.request(reqwest::Method::GET, &directory, "/me", None).await.ok()?;
        (answer.status == 401).then(|| answer.code().to_owned())
    });
    assert_eq!(refused.await?, "session-revoked");
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

on_both_hosts! {
    every_endpoint_answers_every_asker_as_the_table_says,
    a_signed_out_session_is_refused_everywhere_within_seconds,
}
