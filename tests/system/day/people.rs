//! The ten, and whoever else comes by: each asks over HTTP from a place and a device of their own.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use reqwest::{Method, Request, header::HeaderMap};
use serde_json::{Value, json};
use testkit::{Socket, wait};
use uuid::Uuid;

use super::ledger::Ledger;

pub(super) const PASSWORD: &str = "correct horse battery";
/// For everything that becomes so on its own.
pub(super) const LIMIT: Duration = Duration::from_secs(30);
/// A client's.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// A company's way in: where each function answers, under its handle.
#[derive(Clone)]
pub(super) struct Company {
    pub(super) handle: String,
    pub(super) ledger: Arc<Ledger>,
    /// By the tags of the document.
    pub(super) bases: BTreeMap<&'static str, String>,
    pub(super) client: reqwest::Client,
}

/// Somebody, signed in or not.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) company: Company,
    pub(super) id: String,
    pub(super) email: String,
    pub(super) token: String,
    pub(super) refresh_token: String,
    /// Where they are, and on what.
    pub(super) place: &'static str,
    pub(super) device: &'static str,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    what: String,
    pub(super) status: u16,
    headers: HeaderMap,
    pub(super) json: Value,
}

impl Answer {
    /// The body, if this is the status.
    pub(super) fn is(self, status: u16) -> anyhow::Result<Value> {
        ensure!(self.status == status, "{} is answered {}, not {status}: {}", self.what, self.status, self.json);
        Ok(self.json)
    }

    pub(super) fn refused(self, status: u16, code: &str) -> anyhow::Result<()> {
        let found = (self.status, self.code());
        ensure!(found == (status, code), "{} is answered {found:?}, not {code}: {}", self.what, self.json);
        Ok(())
    }

    /// The problem's code, or "".
    pub(super) fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    pub(super) fn header(&self, name: &str) -> anyhow::Result<String> {
        let value = self.headers.get(name).with_context(|| format!("{} has no {name}", self.what))?;
        Ok(value.to_str()?.to_owned())
    }
}

/// A new id, as clients make them.
pub(super) fn fresh() -> String {
    Uuid::now_v7().to_string()
}

/// A text of a body.
pub(super) fn text(value: &Value) -> anyhow::Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("{value} is no text"))
}

/// A field of each item of a page.
pub(super) fn each(page: &Value, field: &str) -> Vec<Value> {
    page["items"].as_array().into_iter().flatten().map(|item| item[field].clone()).collect()
}

impl Company {
    /// Begins an act.
    pub(super) fn act(&self, sentence: &str) {
        self.ledger.act(&self.handle, sentence);
    }

    /// Somebody whom nobody knows.
    pub(super) fn stranger(&self) -> Person {
        Person {
            company: self.clone(),
            id: String::new(),
            email: String::new(),
            token: String::new(),
            refresh_token: String::new(),
            place: "203.0.113.66",
            device: "an unknown device",
        }
    }

    /// Somebody who is about to come in.
    pub(super) fn somebody(&self, email: &str, place: &'static str, device: &'static str) -> Person {
        Person { id: fresh(), email: email.to_owned(), place, device, ..self.stranger() }
    }
}

impl Person {
    /// A request to a path of the workspace's; no body is null.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> anyhow::Result<Answer> {
        let Company { handle, ledger, bases, client } = &self.company;
        let operation = ledger.operation(&method, path)?;
        let base = bases.get(operation.tag.as_str()).with_context(|| format!("nobody answers {}", operation.tag))?;
        let mut request = client.request(method, format!("{base}/w/{handle}/v1{path}")).timeout(ANSWER_LIMIT);
        request = request.header("x-forwarded-for", self.place).header("user-agent", self.device);
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request: Request = request.build()?;
        let answer = client.execute(request).await.with_context(|| operation.id.clone())?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await?;
        let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        ledger.answered(handle, operation, status, kind, &text)?;
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { what: operation.id.clone(), status, headers, json })
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.ask(Method::GET, path, Value::Null, &[]).await
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.ask(Method::PUT, path, body, &[]).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.ask(Method::POST, path, body, &[]).await
    }

    pub(super) async fn patch(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.ask(Method::PATCH, path, body, &[]).await
    }

    pub(super) async fn delete(&self, path: &str) -> anyhow::Result<Answer> {
        self.ask(Method::DELETE, path, Value::Null, &[]).await
    }

    /// Is in from now on, by the session of this answer.
    pub(super) fn enter(&mut self, session: &Value) -> anyhow::Result<()> {
        self.id = text(&session["user"]["userId"])?;
        self.token = text(&session["accessToken"])?;
        self.refresh_token = text(&session["refreshToken"])?;
        Ok(())
    }

    /// Signs in by password once more, with more in the body.
    pub(super) async fn sign_in(&self, password: &str, more: Value) -> anyhow::Result<Answer> {
        let mut body = json!({"email": self.email, "password": password});
        body.as_object_mut().context("an object")?.extend(more.as_object().cloned().unwrap_or_default());
        let nobody = Self { token: String::new(), ..self.clone() };
        nobody.post("/auth/sign-in", body).await
    }

    /// The same person on another device.
    pub(super) async fn on(&self, device: &'static str, place: &'static str) -> anyhow::Result<Self> {
        let mut other = Self { device, place, ..self.clone() };
        let session = other.sign_in(PASSWORD, Value::Null).await?.is(200)?;
        other.enter(&session)?;
        Ok(other)
    }

    /// Waits until every function refuses the token, with this code.
    pub(super) async fn is_out(&self, code: &str) -> anyhow::Result<()> {
        for path in ["/me", "/me/sessions", &format!("/channels/{}/messages", fresh())] {
            let what = format!("{path} refuses with {code}");
            wait::until(&what, LIMIT, async || match self.get(path).await {
                Ok(answer) => (answer.status == 401 && answer.code() == code).then_some(Ok(())),
                Err(error) => Some(Err(error)),
            })
            .await??;
        }
        self.tries_to_listen().await?.err().context("the socket opens still")?.refused(401, code)
    }

    /// Opens a socket, or is refused.
    pub(super) async fn tries_to_listen(&self) -> anyhow::Result<Result<Ear, Answer>> {
        let Company { handle, ledger, bases, .. } = &self.company;
        let operation = ledger.operation(&Method::GET, "/socket")?;
        let base = bases.get(operation.tag.as_str()).context("nobody holds sockets")?;
        let (status, kind, body) = match Socket::try_open(base, handle, &self.token, None).await? {
            Ok(socket) => {
                ledger.answered(handle, operation, 101, "", "")?;
                return Ok(Ok(Ear { socket, company: self.company.clone() }));
            }
            Err(refused) => {
                let kind = refused.headers().get("content-type").and_then(|kind| kind.to_str().ok());
                let kind = kind.unwrap_or_default().to_owned();
                (refused.status().as_u16(), kind, refused.into_body().unwrap_or_default())
            }
        };
        let said = String::from_utf8(body)?;
        ledger.answered(handle, operation, status, &kind, &said)?;
        let (what, headers) = (operation.id.clone(), HeaderMap::new());
        Ok(Err(Answer { what, status, headers, json: serde_json::from_str(&said)? }))
    }

    pub(super) async fn listens(&self) -> anyhow::Result<Ear> {
        match self.tries_to_listen().await? {
            Ok(mut ear) => {
                ear.hears(|frame| frame["type"] == "ready").await?;
                Ok(ear)
            }
            Err(refused) => refused.is(101).map(|_| unreachable!("it was refused")),
        }
    }
}

/// An open socket.
pub(super) struct Ear {
    socket: Socket,
    company: Company,
}

impl Ear {
    /// The first frame that is meant; all before it are heard too.
    pub(super) async fn hears(&mut self, meant: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        loop {
            let frame = self.socket.next(LIMIT).await?.json;
            self.company.ledger.heard(&self.company.handle, &frame.to_string());
            if meant(&frame) {
                return Ok(frame);
            }
        }
    }
}
