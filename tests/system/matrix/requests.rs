//! Every operation of the OpenAPI documents as a request that could be made: its example, with ids that mean something.

use anyhow::Context as _;
use domain::{ChannelId, MessageId, TeamId, UserId};
use reqwest::Method;
use serde_json::{Value, json};
use threadly_tests::house::House;
use uuid::Uuid;

/// Which process answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answers {
    Auth,
    Directory,
    Messages,
    Edge,
}

impl Answers {
    /// In the document.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Directory => "directory",
            Self::Messages => "messages",
            Self::Edge => "realtime",
        }
    }

    pub(super) fn base(self, house: &House) -> String {
        match self {
            Self::Auth => house.auth.url(),
            Self::Directory => house.directory.url(),
            Self::Messages => house.messages[0].url(),
            Self::Edge => house.edges[0].url(),
        }
    }
}

/// An operation of the API.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) answers: Answers,
    pub(super) method: Method,
    /// Below the workspace.
    path: String,
    example: Option<Value>,
}

/// What ids in paths and bodies stand for.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) channel: ChannelId,
    pub(super) message: MessageId,
    pub(super) team: TeamId,
    pub(super) invitation: Uuid,
    pub(super) bot: UserId,
    /// Somebody who is neither in the channel nor in the team.
    pub(super) other: UserId,
    /// A member on whom admins act.
    pub(super) victim: UserId,
}

/// Every operation of every document.
pub(super) fn operations() -> anyhow::Result<Vec<Operation>> {
    let documents = [
        (Answers::Auth, auth::openapi()),
        (Answers::Directory, directory::openapi()),
        (Answers::Messages, messages::openapi()),
        (Answers::Edge, realtime_edge::openapi()),
    ];
    let mut operations = Vec::new();
    for (answers, document) in documents {
        let document = serde_json::to_value(document)?;
        for (path, item) in document["paths"].as_object().context("no paths")? {
            for (method, operation) in item.as_object().context("no operations")? {
                let Some(id) = operation["operationId"].as_str() else { continue };
                let path = path.strip_prefix("/w/{handle}/v1").with_context(|| path.clone())?.to_owned();
                let method: Method = method.to_uppercase().parse()?;
                let example = example(&document, operation);
                operations.push(Operation { id: id.to_owned(), answers, method, path, example });
            }
        }
    }
    Ok(operations)
}

/// The example of a request's body: its own, its schema's, or made of its fields' examples.
fn example(document: &Value, operation: &Value) -> Option<Value> {
    let content = &operation["requestBody"]["content"]["application/json"];
    if !content["example"].is_null() {
        return Some(content["example"].clone());
    }
    let reference = content["schema"]["$ref"].as_str().or_else(|| {
        let nested = content["schema"]["oneOf"].as_array()?;
        nested.iter().find_map(|one| one["$ref"].as_str())
    })?;
    let schema = &document["components"]["schemas"][reference.rsplit('/').next()?];
    if !schema["example"].is_null() {
        return Some(schema["example"].clone());
    }
    let fields = schema["properties"].as_object()?;
    let given = fields.iter().filter(|(_, field)| !field["example"].is_null());
    Some(Value::Object(given.map(|(name, field)| (name.clone(), field["example"].clone())).collect()))
}

impl Operation {
    /// The path with everything filled in.
    pub(super) fn path(&self, subject: &Subject) -> String {
        let user = match self.id.as_str() {
            "putRole" | "deactivatePerson" | "reactivatePerson" | "erasePerson" | "deletePersonSessions" => {
                subject.victim
            }
            "putBot" => UserId::random(),
            "listBotTokens" | "putBotToken" | "deleteBotToken" => subject.bot,
            _ => subject.other,
        };
        // What is put is new, so that each asker would make one of their own.
        let fresh = |id: Uuid, makes: &str| if self.id == makes { Uuid::now_v7() } else { id };
        let path = self
            .path
            .replace("{channelId}", &fresh(subject.channel.0, "putChannel").to_string())
            .replace("{messageId}", &fresh(subject.message.0, "putMessage").to_string())
            .replace("{teamId}", &fresh(subject.team.0, "putTeam").to_string())
            .replace("{invitationId}", &fresh(subject.invitation, "putInvitation").to_string())
            .replace("{userId}", &user.to_string())
            .replace("{tokenId}", &Uuid::now_v7().to_string())
            .replace("{sessionId}", &Uuid::now_v7().to_string())
            .replace("{uploadId}", &Uuid::now_v7().to_string());
        if self.id == "openSocket" { "/socket".to_owned() } else { path }
    }

    /// The example, with fresh names where names are unique, and nobody else's ids.
    pub(super) fn body(&self, subject: &Subject) -> Option<Value> {
        let fresh = Uuid::now_v7();
        let mut body = self.example.clone()?;
        let fields = body.as_object_mut()?;
        for (name, value) in fields.iter_mut() {
            match name.as_str() {
                "userId" | "sessionId" => *value = json!(Uuid::now_v7()),
                "userIds" => *value = json!([subject.other]),
                "channels" | "teams" => *value = json!([]),
                "name" => *value = json!(format!("m {fresh}")),
                "email" if self.id == "register" || self.id == "putInvitation" => {
                    *value = json!(format!("m-{fresh}@people.example"));
                }
                // One name of many: it looks like nobody's.
                "displayName" => *value = json!("Matrix"),
                _ => {}
            }
        }
        if self.id == "putInvitation" {
            fields.insert("role".to_owned(), json!("member"));
        }
        Some(body)
    }
}
