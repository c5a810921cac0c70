//! Somebody who uses a workspace over HTTP.

use std::time::Duration;

use anyhow::{Context, bail};
use domain::{ChannelId, MessageId, Position, UserId};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use crate::{Socket, wait};

/// Everybody's.
const PASSWORD: &str = "correct horse battery";

/// How long an unused connection is kept.
const KEEP_IDLE: Duration = Duration::from_secs(3);
/// For a server that is busy.
const REGISTER_LIMIT: Duration = Duration::from_secs(30);

/// An HTTP answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, null if it is no JSON.
    pub json: Value,
}

impl Answer {
    /// The problem's code, or "".
    #[must_use]
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    /// The body of a success.
    ///
    /// # Errors
    /// It was none.
    pub fn ok(self) -> anyhow::Result<Value> {
        if self.status.is_success() {
            return Ok(self.json);
        }
        bail!("{}: {}", self.status, self.json)
    }
}

/// A signed-in person. Each function may have a base URL of its own; cloned handles share the session.
#[derive(Clone, Debug)]
pub struct Person {
    /// Keeps connections.
    pub client: reqwest::Client,
    /// The workspace's name in URLs.
    pub handle: String,
    /// Who.
    pub id: UserId,
    /// As registered.
    pub email: String,
    /// The current access token.
    pub token: String,
    /// What renews it.
    pub refresh_token: String,
}

impl Person {
    /// Registers somebody called `name`.
    ///
    /// # Errors
    /// It is refused.
    pub async fn register(auth: &str, handle: &str, name: &str) -> anyhow::Result<Self> {
        // Less than servers keep idle connections: one that ends just as it is used would be an error of nobody's.
        let client = reqwest::Client::builder().pool_idle_timeout(KEEP_IDLE).build()?;
        let id = UserId::random();
        let email = format!("{name}-{}@people.example", id.0.simple());
        let body = json!({"userId": id, "email": email, "password": PASSWORD, "displayName": name});
        let url = format!("{auth}/w/{handle}/v1/auth/register");
        // A server that is busy says so, one that has not heard of a new workspace hears of it in a moment, and a person
        // tries again.
        let session = wait::until("a registration", REGISTER_LIMIT, async || {
            let tried = async { read(client.post(&url).json(&body).send().await?).await };
            match tried.await {
                Ok(answer) if answer.status == StatusCode::SERVICE_UNAVAILABLE => None,
                Ok(answer) if answer.code() == "workspace-not-found" => None,
                answer => Some(answer),
            }
        });
        let session = session.await??.ok().context("register")?;
        let text = |field: &str| session[field].as_str().map(str::to_owned).with_context(|| format!("no {field}"));
        let (token, refresh_token) = (text("accessToken")?, text("refreshToken")?);
        Ok(Self { client, handle: handle.to_owned(), id, email, token, refresh_token })
    }

    /// Signs in once more, on another device.
    ///
    /// # Errors
    /// Nothing answers.
    pub async fn sign_in(&self, auth: &str) -> anyhow::Result<Answer> {
        let body = json!({"email": self.email, "password": PASSWORD});
        self.request(Method::POST, auth, "/auth/sign-in", Some(body)).await
    }

    /// A request to `{base}/w/{handle}/v1{path}`.
    ///
    /// # Errors
    /// Nothing answers.
    pub async fn request(&self, method: Method, base: &str, path: &str, body: Option<Value>) -> anyhow::Result<Answer> {
        let url = format!("{base}/w/{}/v1{path}", self.handle);
        let mut request = self.client.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        read(request.send().await?).await
    }

    /// Makes a channel; its maker is in it.
    ///
    /// # Errors
    /// It is refused.
    pub async fn make_channel(&self, directory: &str, visibility: &str) -> anyhow::Result<ChannelId> {
        let id = ChannelId::random();
        let body = json!({"name": format!("c-{}", id.0.simple()), "visibility": visibility});
        self.request(Method::PUT, directory, &format!("/channels/{id}"), Some(body)).await?.ok()?;
        Ok(id)
    }

    /// Lets somebody into a channel.
    ///
    /// # Errors
    /// It is refused.
    pub async fn add_member(&self, directory: &str, channel: ChannelId, member: UserId) -> anyhow::Result<()> {
        let path = format!("/channels/{channel}/members/{member}");
        self.request(Method::PUT, directory, &path, None).await?.ok()?;
        Ok(())
    }

    /// Takes somebody out of a channel.
    ///
    /// # Errors
    /// It is refused.
    pub async fn remove_member(&self, directory: &str, channel: ChannelId, member: UserId) -> anyhow::Result<()> {
        let path = format!("/channels/{channel}/members/{member}");
        self.request(Method::DELETE, directory, &path, None).await?.ok()?;
        Ok(())
    }

    /// Posts, once.
    ///
    /// # Errors
    /// Nothing answers.
    pub async fn try_post(
        &self,
        messages: &str,
        channel: ChannelId,
        id: MessageId,
        text: &str,
    ) -> anyhow::Result<Answer> {
        let path = format!("/channels/{channel}/messages/{id}");
        self.request(Method::PUT, messages, &path, Some(json!({"text": text}))).await
    }

    /// Posts, and gets its place.
    ///
    /// # Errors
    /// It is refused.
    pub async fn post(&self, messages: &str, channel: ChannelId, text: &str) -> anyhow::Result<(MessageId, Position)> {
        let id = MessageId::random();
        let written = self.try_post(messages, channel, id, text).await?.ok()?;
        Ok((id, written["position"].as_str().context("no position")?.parse()?))
    }

    /// The whole history of a channel, oldest first, including at least `at_least`.
    ///
    /// # Errors
    /// It is refused.
    pub async fn history(
        &self,
        messages: &str,
        channel: ChannelId,
        at_least: Option<&str>,
    ) -> anyhow::Result<Vec<Value>> {
        let (mut items, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let mut path = format!("/channels/{channel}/messages?limit=200");
            if let Some(cursor) = &cursor {
                path.push_str(&format!("&cursor={cursor}"));
            }
            if let Some(at_least) = at_least {
                path.push_str(&format!("&atLeast={at_least}"));
            }
            let page = self.request(Method::GET, messages, &path, None).await?.ok()?;
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            cursor = page["nextCursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                items.reverse();
                return Ok(items);
            }
        }
    }

    /// Opens a socket, resuming from a cursor if one is given.
    ///
    /// # Errors
    /// It is refused.
    pub async fn connect(&self, edge: &str, cursor: Option<&str>) -> anyhow::Result<Socket> {
        Socket::open(edge, &self.handle, &self.token, cursor).await
    }
}

async fn read(response: reqwest::Response) -> anyhow::Result<Answer> {
    let (status, headers) = (response.status(), response.headers().clone());
    let json = serde_json::from_slice(&response.bytes().await?).unwrap_or(Value::Null);
    Ok(Answer { status, headers, json })
}
