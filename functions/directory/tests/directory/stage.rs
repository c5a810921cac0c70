//! A workspace with the directory in front of it, and people in it.

use anyhow::Context as _;
use domain::{ChannelId, Name, SessionId, UserId};
use reqwest::{
    Client, Method, StatusCode,
    header::{ETAG, HeaderMap, IF_MATCH, IF_NONE_MATCH},
};
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgConnectOptions};
use testkit::{Lab, Process, Program, TestWorkspace};

pub(crate) struct Stage {
    pub(crate) lab: Lab,
    pub(crate) workspace: TestWorkspace,
    pub(crate) pool: PgPool,
    directory: Process,
    client: Client,
}

/// Somebody with a token.
#[derive(Clone, Debug)]
pub(crate) struct Somebody {
    pub(crate) id: UserId,
    token: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

impl Answer {
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.json);
        self.json
    }

    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status.as_u16(), self.json["code"].as_str()), (status, Some(code)), "{}", self.json);
        self.json
    }

    pub(crate) fn tag(&self) -> String {
        String::from_utf8_lossy(self.headers[ETAG].as_bytes()).into_owned()
    }
}

impl Stage {
    pub(crate) async fn new() -> anyhow::Result<Self> {
        Self::with_settings(&json!({})).await
    }

    /// In a workspace whose manifest says this.
    pub(crate) async fn with_settings(settings: &Value) -> anyhow::Result<Self> {
        let lab = Lab::start().await?;
        let workspace = lab.workspace("directory").await?;
        let write = "update control.workspaces set settings = $1";
        sqlx::query(write).bind(settings).execute(&lab.control.pool).await?;
        let options: PgConnectOptions = lab.admin_url.parse()?;
        let pool = PgPool::connect_with(options.database(&workspace.id.database())).await?;
        let directory = lab.spawn(Program::Directory, "directory", "all").await?;
        Ok(Self { lab, workspace, pool, directory, client: Client::new() })
    }

    /// Somebody who has signed in.
    pub(crate) async fn somebody(&self, name: &str, role: &str) -> anyhow::Result<Somebody> {
        let (id, session) = (UserId::random(), SessionId::random());
        let parsed: Name = name.parse()?;
        let insert = "insert into users (id, email, display_name, name_key, name_words, role)
                      values ($1, $2, $3, $4, array_to_tsvector($5), $6)";
        sqlx::query(insert)
            .bind(id.0)
            .bind(format!("{id}@acme.example"))
            .bind(name)
            .bind(parsed.key())
            .bind(parsed.words())
            .bind(role)
            .execute(&self.pool)
            .await?;
        let open = "insert into sessions (id, user_id) values ($1, $2)";
        sqlx::query(open).bind(session.0).bind(id.0).execute(&self.pool).await?;
        let token = self.lab.signer.sign(&self.workspace.id, id, session)?;
        Ok(Somebody { id, token })
    }

    pub(crate) async fn ask(&self, who: &Somebody, method: &str, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.ask_if(who, method, path, body, None).await
    }

    pub(crate) async fn get(&self, who: &Somebody, path: &str) -> anyhow::Result<Answer> {
        self.ask(who, "GET", path, Value::Null).await
    }

    pub(crate) async fn put(&self, who: &Somebody, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.ask(who, "PUT", path, body).await
    }

    pub(crate) async fn delete(&self, who: &Somebody, path: &str) -> anyhow::Result<Answer> {
        self.ask(who, "DELETE", path, Value::Null).await
    }

    /// With a tag in `If-None-Match` of a GET, and in `If-Match` of everything else.
    pub(crate) async fn ask_if(
        &self,
        who: &Somebody,
        method: &str,
        path: &str,
        body: Value,
        tag: Option<&str>,
    ) -> anyhow::Result<Answer> {
        let url = format!("{}/w/{}/v1{path}", self.directory.url(), self.workspace.handle);
        let method = Method::from_bytes(method.as_bytes())?;
        let mut request = self.client.request(method.clone(), url).bearer_auth(&who.token);
        if !body.is_null() {
            request = request.json(&body);
        }
        if let Some(tag) = tag {
            request = request.header(if method == Method::GET { IF_NONE_MATCH } else { IF_MATCH }, tag);
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Ok(Answer { status, headers, json: serde_json::from_slice(&answer.bytes().await?).unwrap_or(Value::Null) })
    }

    pub(crate) async fn channel(&self, maker: &Somebody, name: &str, visibility: &str) -> anyhow::Result<ChannelId> {
        let id = ChannelId::random();
        let body = json!({"name": name, "visibility": visibility});
        self.put(maker, &format!("/channels/{id}"), body).await?.is(201);
        Ok(id)
    }

    pub(crate) async fn let_in(&self, who: &Somebody, channel: ChannelId, member: &Somebody) -> anyhow::Result<()> {
        self.put(who, &format!("/channels/{channel}/members/{}", member.id), Value::Null).await?.is(201);
        Ok(())
    }

    pub(crate) async fn run(&self, statement: &'static str, id: UserId) -> anyhow::Result<()> {
        sqlx::query(statement).bind(id.0).execute(&self.pool).await.context(statement)?;
        Ok(())
    }

    /// One field of all items of a list, over as many pages as it takes.
    pub(crate) async fn all(
        &self,
        who: &Somebody,
        path: &str,
        limit: usize,
        field: &str,
    ) -> anyhow::Result<Vec<String>> {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let mark = if path.contains('?') { '&' } else { '?' };
            let page = self.get(who, &format!("{path}{mark}limit={limit}{cursor}")).await?.is(200);
            let items = page["items"].as_array().context("items")?;
            found.extend(items.iter().map(|item| item[field].as_str().unwrap_or_default().to_owned()));
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(found),
            }
        }
    }
}
