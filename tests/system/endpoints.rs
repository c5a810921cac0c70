//! Every operation of the API, with a request that a member of the channel may make.

use domain::{ChannelId, MessageId, UserId};
use reqwest::Method;
use serde_json::{Value, json};
use threadly_tests::house::House;
use utoipa::openapi::OpenApi;

/// Which process answers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answers {
    Auth,
    Directory,
    Messages,
    Edge,
}

/// Which kind of resource decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Nobody is asked who they are.
    Nobody,
    /// Anybody of the workspace.
    Workspace,
    /// Anybody of the workspace sees a public channel, members a private one.
    Visible,
    /// Members of the channel only.
    Channel,
    /// The author of the message, in the channel.
    Author,
}

/// An operation of the API.
pub(crate) struct Endpoint {
    pub operation: &'static str,
    pub answers: Answers,
    pub method: Method,
    /// `{c}` a channel, `{m}` a message in it, `{new}` a fresh id, `{u}` a person who is not in it, `{me}` the caller.
    pub path: &'static str,
    pub guard: Guard,
    body: Option<Value>,
}

/// What placeholders stand for.
pub(crate) struct Subject {
    pub channel: ChannelId,
    pub message: MessageId,
    pub other: UserId,
    pub caller: UserId,
}

impl Endpoint {
    /// The path with everything filled in.
    pub fn path(&self, subject: &Subject) -> String {
        self.path
            .replace("{c}", &subject.channel.to_string())
            .replace("{m}", &subject.message.to_string())
            .replace("{new}", &MessageId::random().to_string())
            .replace("{u}", &subject.other.to_string())
            .replace("{me}", &subject.caller.to_string())
    }

    /// The body, with a fresh name where names are unique.
    pub fn body(&self) -> Option<Value> {
        let mut body = self.body.clone()?;
        if let Some(name) = body.get_mut("name") {
            *name = json!(format!("m-{}", ChannelId::random()));
        }
        Some(body)
    }
}

/// The one table: an operation of the OpenAPI documents without a row here fails the matrix.
pub(crate) fn all() -> Vec<Endpoint> {
    use Answers::{Auth, Directory, Edge, Messages};
    use Guard::{Author, Channel, Nobody, Visible, Workspace};
    let row =
        |operation, answers, method, path, guard, body| Endpoint { operation, answers, method, path, guard, body };
    let (get, put, post) = (|| Method::GET, || Method::PUT, || Method::POST);
    let (patch, delete) = (|| Method::PATCH, || Method::DELETE);
    let text = || Some(json!({"text": "by the matrix"}));
    let person = || {
        let id = UserId::random();
        let email = format!("{id}@people.example");
        Some(json!({"userId": id, "email": email, "password": "correct horse battery", "displayName": "Matrix"}))
    };
    let channel = || Some(json!({"name": "fresh each time", "visibility": "public"}));
    let avatar = || Some(json!({"contentType": "image/png", "length": 8, "sha256": "0".repeat(64)}));
    let login = || Some(json!({"email": "nobody@people.example", "password": "correct horse battery"}));
    vec![
        row("register", Auth, post(), "/auth/register", Nobody, person()),
        row("signIn", Auth, post(), "/auth/sign-in", Nobody, login()),
        row("redeemTicket", Auth, post(), "/auth/redeem", Nobody, Some(json!({"ticket": "x".repeat(43)}))),
        row("refreshSession", Auth, post(), "/auth/refresh", Nobody, Some(json!({"refreshToken": "x".repeat(43)}))),
        row("getJwks", Auth, get(), "/auth/jwks", Nobody, None),
        row("getMe", Directory, get(), "/me", Workspace, None),
        row("listPeople", Directory, get(), "/people", Workspace, None),
        row("getPerson", Directory, get(), "/people/{me}", Workspace, None),
        row("getAvatar", Directory, get(), "/people/{me}/avatar", Workspace, None),
        row("beginAvatar", Directory, post(), "/me/avatar", Workspace, avatar()),
        row("completeAvatar", Directory, post(), "/me/avatar/{new}", Workspace, None),
        row("deleteAvatar", Directory, delete(), "/me/avatar", Workspace, None),
        row("listChannels", Directory, get(), "/channels", Workspace, None),
        row("putChannel", Directory, put(), "/channels/{new}", Workspace, channel()),
        row("getChannel", Directory, get(), "/channels/{c}", Visible, None),
        row("listMembers", Directory, get(), "/channels/{c}/members", Visible, None),
        row("putMember", Directory, put(), "/channels/{c}/members/{u}", Channel, None),
        row("deleteMember", Directory, delete(), "/channels/{c}/members/{u}", Channel, None),
        row("putMessage", Messages, put(), "/channels/{c}/messages/{new}", Channel, text()),
        row("listMessages", Messages, get(), "/channels/{c}/messages", Channel, None),
        row("listThread", Messages, get(), "/channels/{c}/messages/{m}/thread", Channel, None),
        row("editMessage", Messages, patch(), "/channels/{c}/messages/{m}", Author, text()),
        row("deleteMessage", Messages, delete(), "/channels/{c}/messages/{m}", Author, None),
        row("openSocket", Edge, get(), "/socket", Workspace, None),
        // Last, since the caller's session ends here.
        row("signOut", Auth, post(), "/auth/sign-out", Workspace, None),
    ]
}

/// The process that answers an endpoint.
pub(crate) fn base(house: &House, endpoint: &Endpoint) -> String {
    match endpoint.answers {
        Answers::Auth => house.auth.url(),
        Answers::Directory => house.directory.url(),
        Answers::Messages => house.messages[0].url(),
        Answers::Edge => house.edges[0].url(),
    }
}

/// Every operation id of every document.
pub(crate) fn documented() -> Vec<String> {
    let documents: [OpenApi; 4] =
        [auth::openapi(), directory::openapi(), messages::openapi(), realtime_edge::openapi()];
    let items = documents.into_iter().flat_map(|document| document.paths.paths.into_values());
    let operations = items.flat_map(|item| [item.get, item.put, item.post, item.delete, item.patch]);
    let mut ids: Vec<String> = operations.flatten().filter_map(|operation| operation.operation_id).collect();
    ids.sort();
    ids
}
