//! Signing in by a workspace's own identity provider, and what comes of its tokens on routes and sockets.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::ConnectOptions as _;
use testkit::{Answer, Host, Lab, Person, Socket, servers::LocalIssuer, servers::issuer::now, wait};
use threadly_tests::house::House;
use uuid::Uuid;

const CLIENT: &str = "threadly";
const REDIRECT: &str = "https://talk.acme.example/signed-in";
const PARTY: &str = "https://talk.acme.example";
const LIMIT: Duration = Duration::from_secs(20);

struct Stage {
    house: House,
    issuer: LocalIssuer,
    nobody: Person,
}

impl Stage {
    /// A workspace with an issuer, which `settings` says more of.
    async fn new(host: Host, more: Value) -> anyhow::Result<Self> {
        let issuer = LocalIssuer::start().await?;
        let mut lab = Lab::start().await?.on(host).await?;
        let authority = std::env::temp_dir().join(format!("threadly-issuer-{}.pem", Uuid::now_v7()));
        std::fs::write(&authority, issuer.authority())?;
        lab.settings.push(("THREADLY_ISSUERS_CA".to_owned(), authority.display().to_string()));
        lab.settings.push(("THREADLY_ISSUERS_ALLOW_PRIVATE".to_owned(), issuer.address().to_owned()));
        let house = House::start_on(lab, "oidc", 1).await?;
        let mut trusted = json!({"issuer": issuer.url(), "clientId": CLIENT, "authorizedParties": [PARTY]});
        trusted.as_object_mut().context("an object")?.extend(more.as_object().cloned().unwrap_or_default());
        sqlx::query("update control.workspaces set settings = $2, sign_up_mode = 'Invitation' where id = $1")
            .bind(house.workspace.id.as_str())
            .bind(json!({"issuers": [trusted]}))
            .execute(&house.lab.control.pool)
            .await?;
        let nobody = Person {
            client: reqwest::Client::new(),
            handle: house.workspace.handle.clone(),
            id: domain::UserId::random(),
            email: String::new(),
            token: String::new(),
            refresh_token: String::new(),
        };
        let stage = Self { house, issuer, nobody };
        wait::until("the issuer is known", LIMIT, async || {
            let meta = stage.ask(Method::GET, "/meta", None).await.ok()?;
            (meta.json["issuers"][0]["signIn"] == true).then_some(())
        })
        .await?;
        Ok(stage)
    }

    /// Changes what the registry says of the workspace, as the operator does.
    async fn set(&self, change: &'static str) -> anyhow::Result<()> {
        sqlx::query(sqlx::AssertSqlSafe(format!("update control.workspaces set {change} where id = $1")))
            .bind(self.house.workspace.id.as_str())
            .execute(&self.house.lab.control.pool)
            .await?;
        Ok(())
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Answer> {
        self.nobody.request(method, &self.house.auth.url(), path, body).await
    }

    async fn begin(&self) -> anyhow::Result<Value> {
        let body = json!({"issuer": self.issuer.url(), "redirectUri": REDIRECT});
        self.ask(Method::POST, "/auth/issuers/begin", Some(body)).await?.ok()
    }

    /// The browser's way to the issuer and back.
    fn returned(&self, begun: &Value) -> anyhow::Result<Value> {
        let back = self.issuer.sign_in(begun["url"].as_str().context("no url")?)?;
        let mut body = json!({"flow": begun["flow"]});
        let fields = body.as_object_mut().context("an object")?;
        fields.extend(back.query_pairs().map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))));
        Ok(body)
    }

    async fn finish(&self, body: Value) -> anyhow::Result<Answer> {
        self.ask(Method::POST, "/auth/issuers/finish", Some(body)).await
    }

    /// The first answer about a token after each process has heard of the issuer.
    async fn first_sight(&self, token: impl Fn() -> anyhow::Result<String>) -> anyhow::Result<Answer> {
        wait::until("the issuer is known everywhere", LIMIT, async || {
            self.me(&token().ok()?).await.ok().filter(|answer| answer.code() != "token-invalid")
        })
        .await
    }

    async fn me(&self, token: &str) -> anyhow::Result<Answer> {
        let person = Person { token: token.to_owned(), ..self.nobody.clone() };
        person.request(Method::GET, &self.house.directory.url(), "/me", None).await
    }
}

async fn people_sign_in_by_their_own_provider(host: Host) -> anyhow::Result<()> {
    let stage = Stage::new(host, json!({"admits": "Anyone"})).await?;
    stage
        .issuer
        .person(json!({"sub": "grace", "name": "Grace", "email": "grace@acme.example", "email_verified": true}));
    let begun = stage.begin().await?;
    let returned = stage.returned(&begun)?;
    let session = stage.finish(returned.clone()).await?.ok()?;
    let me = stage.me(session["accessToken"].as_str().context("no token")?).await?.ok()?;
    assert_eq!((&me["displayName"], &me["email"]), (&json!("Grace"), &json!("grace@acme.example")));

    // The code is good once; what was sealed is no access token, and belongs to one state.
    assert_eq!(stage.finish(returned).await?.code(), "sign-in-refused");
    assert_eq!(stage.me(begun["flow"].as_str().unwrap_or_default()).await?.code(), "token-invalid");
    let begun = stage.begin().await?;
    let mut stolen = stage.returned(&begun)?;
    stolen["state"] = json!("another");
    assert_eq!(stage.finish(stolen).await?.code(), "sign-in-refused");
    let mut exchanged = stage.returned(&begun)?;
    exchanged["flow"] = stage.begin().await?["flow"].clone();
    assert_eq!(stage.finish(exchanged).await?.code(), "sign-in-refused");

    let again = stage.finish(stage.returned(&stage.begin().await?)?).await?.ok()?;
    assert_eq!(again["user"]["userId"], me["userId"], "issuer and subject are who somebody is");
    let elsewhere = json!({"issuer": "https://id.elsewhere.example", "redirectUri": REDIRECT});
    let refused = stage.ask(Method::POST, "/auth/issuers/begin", Some(elsewhere)).await?;
    assert_eq!(refused.code(), "sign-in-not-offered");
    Ok(())
}

async fn an_outside_token_is_good_on_routes_and_sockets_until_its_session_is_ended(host: Host) -> anyhow::Result<()> {
    let stage = Stage::new(host, json!({"admits": "Anyone"})).await?;
    let token = || stage.issuer.clerk_token(now(), "user_1", "sess_1", PARTY);
    let edge = stage.house.edges[0].url();
    let first = stage.first_sight(token).await?.ok()?;
    let Ok(socket) = Socket::try_open(&edge, &stage.nobody.handle, &token()?, None).await? else {
        anyhow::bail!("the socket was refused");
    };
    socket.close().await;
    let person = Person { token: token()?, ..stage.nobody.clone() };
    let auth = stage.house.auth.url();
    let listed = person.request(Method::GET, &auth, "/me/sessions", None).await?.ok()?;
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "{listed}");
    person.request(Method::POST, &auth, "/auth/sign-out", None).await?.ok()?;
    wait::until("the session is refused, with any of its tokens", LIMIT, async || {
        let answer = stage.me(&token().ok()?).await.ok()?;
        (answer.code() == "session-revoked").then_some(())
    })
    .await?;
    let another = stage.issuer.clerk_token(now(), "user_1", "sess_2", PARTY)?;
    assert_eq!(stage.me(&another).await?.ok()?["userId"], first["userId"]);
    for (wrong, why) in [
        (stage.issuer.clerk_token(now(), "user_1", "sess_2", "https://evil.example")?, "another party"),
        (stage.issuer.clerk_token(now() - 3_600, "user_1", "sess_2", PARTY)?, "an hour old"),
    ] {
        let answer = stage.me(&wrong).await?;
        assert!(["token-invalid", "token-expired"].contains(&answer.code()), "{why}: {answer:?}");
    }
    Ok(())
}

async fn who_is_vouched_for_comes_in_by_the_workspaces_rule(host: Host) -> anyhow::Result<()> {
    let stage = Stage::new(host, json!({"audiences": ["threadly"]})).await?;
    let token = |subject: &str, email: &str, verified: bool| {
        let more = json!({"email": email, "email_verified": verified, "name": subject});
        stage.issuer.token(now(), subject, "threadly", &more)
    };
    let refused = stage.first_sight(|| token("ann", "ann@acme.example", true)).await?;
    assert_eq!(refused.code(), "not-admitted");
    stage.set("sign_up_mode = 'Domain', sign_up_domains = '{acme.example}'").await?;
    let ann = wait::until("the rule is another", LIMIT, async || {
        stage.me(&token("ann", "ann@acme.example", true).ok()?).await.ok()?.ok().ok()
    })
    .await?;
    assert_eq!(ann["role"], "member");
    for (subject, email, verified) in [("bob", "bob@acme.example", false), ("eve", "eve@evil.example", true)] {
        assert_eq!(stage.me(&token(subject, email, verified)?).await?.code(), "not-admitted", "{subject}");
    }
    // An address that is proved is the same person's at every issuer's subject; one that is not links nobody.
    let linked = stage.me(&token("ann-again", "ANN@acme.example", true)?).await?.ok()?;
    assert_eq!(linked["userId"], ann["userId"]);
    Ok(())
}

async fn an_issuers_word_is_worth_a_proved_address_and_no_more(host: Host) -> anyhow::Result<()> {
    let stage = Stage::new(host, json!({"admits": "Anyone"})).await?;
    stage.set("sign_up_mode = 'Open'").await?;
    wait::until("the house is open", LIMIT, async || {
        let meta = stage.ask(Method::GET, "/meta", None).await.ok()?;
        (meta.json["signUp"]["mode"] == "open").then_some(())
    })
    .await?;
    let server = stage.house.lab.control.server().clone().database(&stage.house.workspace.id.database());
    let mut database = server.connect().await?;
    let (eve, ann) = (stage.house.person("eve").await?, stage.house.person("ann").await?);
    let come = async |email: &str| {
        stage.issuer.person(json!({"sub": email, "name": "Somebody", "email": email, "email_verified": true}));
        stage.finish(stage.returned(&stage.begin().await?)?).await
    };
    // Eve has only typed the address in: whoever has it takes the account over.
    let session = come(&eve.email).await?.ok()?;
    assert_eq!(session["user"]["userId"], json!(eve.id));
    assert_eq!(eve.sign_in(&stage.house.auth.url()).await?.code(), "wrong-credentials");

    // Ann has a second factor, which a mailbox is no substitute for.
    sqlx::query("update users set email_proved_at = now() where id = $1").bind(ann.id.0).execute(&mut database).await?;
    sqlx::query("insert into second_factors (user_id, secret, confirmed_at) values ($1, $2, now())")
        .bind(ann.id.0)
        .bind(vec![7_u8; 20])
        .execute(&mut database)
        .await?;
    assert_eq!(come(&ann.email).await?.code(), "second-factor-set");

    // Renewed while the issuer is trusted, and no longer.
    let renew = async |session: &Value| {
        stage.ask(Method::POST, "/auth/refresh", Some(json!({"refreshToken": session["refreshToken"]}))).await
    };
    let session = renew(&session).await?.ok()?;
    sqlx::query("update sessions set created_at = now() - interval '8 days' where issuer is not null")
        .execute(&mut database)
        .await?;
    assert_eq!(renew(&session).await?.code(), "refresh-token-expired");
    sqlx::query("update sessions set created_at = now() where issuer is not null").execute(&mut database).await?;
    let session = renew(&session).await?.ok()?;
    stage.set("settings = '{}'").await?;
    wait::until("the issuer is gone", LIMIT, async || {
        let meta = stage.ask(Method::GET, "/meta", None).await.ok()?;
        (meta.json["issuers"] == json!([])).then_some(())
    })
    .await?;
    assert_eq!(renew(&session).await?.code(), "refresh-token-expired");
    Ok(())
}

on_both_hosts! {
    an_issuers_word_is_worth_a_proved_address_and_no_more,
    people_sign_in_by_their_own_provider,
    an_outside_token_is_good_on_routes_and_sockets_until_its_session_is_ended,
    who_is_vouched_for_comes_in_by_the_workspaces_rule,
}
