//! Pictures of people, from the announcement to the link, on every kind of object store that the run has.

mod leftovers;

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context as _;
use buckets::{Buckets, Upload};
use domain::UserId;
use reqwest::{Client, Method, StatusCode, redirect::Policy};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use testkit::{Answer, Host, Lab, Person, Process, Program, TestStore, TestWorkspace, wait};

const LIMIT: Duration = Duration::from_secs(60);
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a picture, as far as anybody looks";
const GIF: &[u8] = b"GIF89a another picture";

struct Scene {
    lab: Lab,
    workspace: TestWorkspace,
    auth: Process,
    directory: Process,
    buckets: Buckets,
}

impl Scene {
    async fn on(host: Host, store: TestStore) -> anyhow::Result<Self> {
        let lab = Lab::start_with(store).await?.on(host).await?;
        let workspace = lab.workspace("avatars").await?;
        Ok(Self {
            auth: lab.spawn(Program::Auth, "auth", "all").await?,
            directory: lab.spawn(Program::Directory, "directory", "all").await?,
            buckets: Buckets::connect(lab.store.config())?,
            lab,
            workspace,
        })
    }

    async fn person(&self, name: &str) -> anyhow::Result<Person> {
        Person::register(&self.auth.url(), &self.workspace.handle, name).await
    }

    async fn ask(&self, person: &Person, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Answer> {
        person.request(method, &self.directory.url(), path, body).await
    }

    async fn announce(&self, person: &Person, kind: &str, content: &[u8]) -> anyhow::Result<Value> {
        self.ask(person, Method::POST, "/me/avatar", Some(announced(kind, content))).await?.ok()
    }

    async fn complete(&self, person: &Person, upload: &Value) -> anyhow::Result<Answer> {
        let id = upload["uploadId"].as_str().context("no uploadId")?;
        self.ask(person, Method::POST, &format!("/me/avatar/{id}"), None).await
    }

    /// Everything in a row.
    async fn set(&self, person: &Person, kind: &str, content: &[u8]) -> anyhow::Result<Value> {
        let upload = self.announce(person, kind, content).await?;
        assert_eq!(put(&upload, content).await?, StatusCode::OK);
        self.complete(person, &upload).await?.ok()
    }

    /// Puts something that was not announced where a picture was, as only whoever has the store's key can.
    async fn smuggle(&self, person: &Person, upload: &Value, content: &[u8]) -> anyhow::Result<()> {
        let id = upload["uploadId"].as_str().context("no uploadId")?;
        let sha256 = Sha256::digest(content).into();
        let other = Upload { content_type: "image/png", length: u32::try_from(content.len())?, sha256: &sha256 };
        let key = format!("incoming/{}/{id}", person.id);
        let link = self.buckets.presign_put(&self.workspace.id.bucket(), &key, &other, LIMIT).await?;
        assert_eq!(put(&json!({"url": link.url, "headers": link.headers}), content).await?, StatusCode::OK);
        Ok(())
    }

    /// The version of the person's record.
    async fn version(&self, person: &Person) -> anyhow::Result<i64> {
        let options = self.lab.control.server().clone().database(&self.workspace.id.database());
        let mut database = <sqlx::PgConnection as sqlx::Connection>::connect_with(&options).await?;
        let version = sqlx::query_scalar("select version from users where id = $1").bind(person.id.0);
        Ok(version.fetch_one(&mut database).await?)
    }

    async fn is_kept(&self, user: UserId, content: &[u8]) -> anyhow::Result<bool> {
        let key = format!("avatars/{user}/{}", digest(content));
        Ok(self.buckets.head(&self.workspace.id.bucket(), &key).await?.is_some())
    }
}

fn digest(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn announced(kind: &str, content: &[u8]) -> Value {
    json!({"contentType": kind, "length": content.len(), "sha256": digest(content)})
}

/// Puts a content as an announcement's answer says.
async fn put(upload: &Value, content: &[u8]) -> anyhow::Result<StatusCode> {
    let headers: BTreeMap<String, String> = serde_json::from_value(upload["headers"].clone())?;
    let mut request = Client::new().put(upload["url"].as_str().context("no url")?).body(content.to_vec());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    Ok(request.send().await?.status())
}

async fn a_picture_is_put_completed_and_shown_to_others_and_to_nobody_else(host: Host) -> anyhow::Result<()> {
    for store in TestStore::every()? {
        let scene = Scene::on(host, store).await?;
        let (ada, bob) = (scene.person("ada").await?, scene.person("bob").await?);
        assert_eq!(
            scene.ask(&bob, Method::GET, &format!("/people/{}", ada.id), None).await?.ok()?["avatar"],
            Value::Null
        );
        let before = scene.version(&ada).await?;
        let avatar = scene.set(&ada, "image/png", PNG).await?;
        assert_eq!(avatar["digest"], digest(PNG));
        assert_eq!(scene.version(&ada).await?, before + 1);

        let channel = ada.make_channel(&scene.directory.url(), "public").await?;
        let members = scene.ask(&ada, Method::GET, &format!("/channels/{channel}/members"), None).await?.ok()?;
        let people = scene.ask(&bob, Method::GET, "/people", None).await?.ok()?;
        let listed =
            people["items"].as_array().and_then(|items| items.iter().find(|one| one["userId"] == json!(ada.id)));
        let one = scene.ask(&bob, Method::GET, &format!("/people/{}", ada.id), None).await?.ok()?;
        let me = scene.ask(&ada, Method::GET, "/me", None).await?.ok()?;
        for found in
            [&members["items"][0]["avatar"], &listed.context("Ada is listed")?["avatar"], &one["avatar"], &me["avatar"]]
        {
            assert_eq!(*found, avatar);
        }

        let strict = Client::builder().redirect(Policy::none()).build()?;
        let path = avatar["url"].as_str().context("no url")?;
        let url = format!("{}{path}", scene.directory.url());
        let answer = strict.get(&url).bearer_auth(&bob.token).send().await?;
        assert_eq!(answer.status(), StatusCode::FOUND);
        let link = answer.headers()["location"].to_str()?.to_owned();
        let shown = Client::new().get(&link).send().await?;
        assert_eq!(shown.status(), StatusCode::OK);
        assert_eq!(shown.headers()["content-type"], "image/png");
        assert_eq!(shown.headers()["content-disposition"], "inline; filename=\"avatar.png\"");
        assert_eq!(shown.bytes().await?.as_ref(), PNG);
        assert!(link.contains("X-Amz-Expires=60"), "{link}");
        assert_eq!(strict.get(&url).send().await?.status(), StatusCode::UNAUTHORIZED);

        let missing = scene.ask(&ada, Method::GET, &format!("/people/{}/avatar", bob.id), None).await?;
        assert_eq!((missing.status, missing.code()), (StatusCode::NOT_FOUND, "avatar-not-found"));
    }
    Ok(())
}

async fn what_is_not_as_announced_becomes_nobodys_picture(host: Host) -> anyhow::Result<()> {
    for store in TestStore::every()? {
        let scene = Scene::on(host, store).await?;
        let (ada, eve) = (scene.person("ada").await?, scene.person("eve").await?);

        let upload = scene.announce(&ada, "image/png", PNG).await?;
        let early = scene.complete(&ada, &upload).await?;
        assert_eq!((early.status, early.code()), (StatusCode::CONFLICT, "upload-incomplete"));
        let same_length: Vec<u8> = PNG.iter().rev().copied().collect();
        for (content, what) in [(same_length.as_slice(), "another content"), (&PNG[1..], "another length")] {
            let status = put(&upload, content).await?;
            assert!(!status.is_success(), "{what}: {status}");
        }
        assert_eq!(scene.complete(&ada, &upload).await?.code(), "upload-incomplete");
        assert_eq!(put(&upload, PNG).await?, StatusCode::OK);
        let stolen = scene.complete(&eve, &upload).await?;
        assert_eq!((stolen.status, stolen.code()), (StatusCode::NOT_FOUND, "upload-not-found"));

        let lie = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
        let upload = scene.announce(&eve, "image/png", lie).await?;
        assert_eq!(put(&upload, lie).await?, StatusCode::OK);
        let answer = scene.complete(&eve, &upload).await?;
        assert_eq!((answer.status, answer.code()), (StatusCode::UNPROCESSABLE_ENTITY, "avatar-type-differs"));
        for (smuggled, code) in [(&PNG[1..], "avatar-length-differs"), (&same_length, "avatar-checksum-differs")] {
            let upload = scene.announce(&eve, "image/png", PNG).await?;
            scene.smuggle(&eve, &upload, smuggled).await?;
            let answer = scene.complete(&eve, &upload).await?;
            assert_eq!((answer.status, answer.code()), (StatusCode::UNPROCESSABLE_ENTITY, code));
        }
        let me = scene.ask(&eve, Method::GET, "/me", None).await?.ok()?;
        assert_eq!((me["avatar"].clone(), scene.version(&eve).await?), (Value::Null, 1));
    }
    Ok(())
}

async fn what_can_be_no_picture_is_refused_when_it_is_announced(host: Host) -> anyhow::Result<()> {
    let scene = Scene::on(host, TestStore::start()?).await?;
    let ada = scene.person("ada").await?;
    let good = announced("image/png", PNG);
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    for (body, status, code, field) in [
        (with("contentType", json!("image/svg+xml")), 422, "avatar-type-unsupported", "contentType"),
        (with("contentType", json!("text/html")), 422, "avatar-type-unsupported", "contentType"),
        (with("length", json!(0)), 422, "avatar-empty", "length"),
        (with("length", json!(1_048_577)), 422, "avatar-too-large", "length"),
        (with("length", json!(-1)), 400, "invalid-field", "length"),
        (with("sha256", json!("not a checksum")), 422, "checksum-malformed", "sha256"),
        (with("key", json!("avatars/mine")), 400, "unknown-field", "key"),
    ] {
        let answer = scene.ask(&ada, Method::POST, "/me/avatar", Some(body.clone())).await?;
        let found = (answer.status.as_u16(), answer.code(), answer.json["field"].as_str().unwrap_or_default());
        assert_eq!(found, (status, code, field), "{body}");
    }
    let unknown = json!({"uploadId": UserId::random()});
    assert_eq!(scene.complete(&ada, &unknown).await?.code(), "upload-not-found");
    let malformed = scene.ask(&ada, Method::POST, "/me/avatar/none", None).await?;
    assert_eq!((malformed.status, malformed.code()), (StatusCode::BAD_REQUEST, "invalid-path"));

    // What was announced too long ago is over, and open announcements are few.
    let upload = scene.announce(&ada, "image/png", PNG).await?;
    assert_eq!(put(&upload, PNG).await?, StatusCode::OK);
    let options = scene.lab.control.server().clone().database(&scene.workspace.id.database());
    let mut database = <sqlx::PgConnection as sqlx::Connection>::connect_with(&options).await?;
    sqlx::query("update avatar_uploads set created_at = created_at - interval '61 minutes'")
        .execute(&mut database)
        .await?;
    let late = scene.complete(&ada, &upload).await?;
    assert_eq!((late.status, late.code()), (StatusCode::CONFLICT, "upload-expired"));
    let mut taken = 0;
    let many = loop {
        let answer = scene.ask(&ada, Method::POST, "/me/avatar", Some(good.clone())).await?;
        if !answer.status.is_success() || taken > 50 {
            break answer;
        }
        taken += 1;
    };
    assert_eq!((many.status, many.code()), (StatusCode::TOO_MANY_REQUESTS, "too-many-uploads"));
    Ok(())
}

async fn retries_change_nothing_and_replaced_pictures_leave_the_bucket(host: Host) -> anyhow::Result<()> {
    for store in TestStore::every()? {
        let scene = Scene::on(host, store).await?;
        let ada = scene.person("ada").await?;
        let upload = scene.announce(&ada, "image/png", PNG).await?;
        assert_eq!(put(&upload, PNG).await?, StatusCode::OK);
        let tries = (0..6).map(|_| scene.complete(&ada, &upload));
        for answer in futures::future::join_all(tries).await {
            assert_eq!(answer?.ok()?["digest"], digest(PNG));
        }
        assert_eq!(scene.version(&ada).await?, 2);
        let again = scene.complete(&ada, &upload).await?;
        assert_eq!((again.status, again.json["digest"].as_str()), (StatusCode::OK, Some(digest(PNG).as_str())));
        // The same picture by another upload is no news.
        scene.set(&ada, "image/png", PNG).await?;
        assert_eq!(scene.version(&ada).await?, 2);

        let second = scene.set(&ada, "image/gif", GIF).await?;
        assert_eq!((second["digest"].as_str(), scene.version(&ada).await?), (Some(digest(GIF).as_str()), 3));
        let gone = async |content: &[u8]| {
            let what = "what nobody has any more is deleted";
            wait::until(what, LIMIT, async || {
                scene.is_kept(ada.id, content).await.is_ok_and(|kept| !kept).then_some(())
            })
            .await
        };
        gone(PNG).await?;
        assert!(scene.is_kept(ada.id, GIF).await?);
        // Of the first upload nothing is left; its retry brings nothing back.
        scene.complete(&ada, &upload).await?.ok()?;
        let me = scene.ask(&ada, Method::GET, "/me", None).await?.ok()?;
        assert_eq!(me["avatar"], second);

        for _ in 0..2 {
            assert_eq!(scene.ask(&ada, Method::DELETE, "/me/avatar", None).await?.status, StatusCode::NO_CONTENT);
        }
        assert_eq!(scene.version(&ada).await?, 4);
        gone(GIF).await?;
        scene.set(&ada, "image/png", PNG).await?;
        assert!(scene.is_kept(ada.id, PNG).await?);
    }
    Ok(())
}

async fn a_picture_that_is_swapped_back_and_forth_is_always_there(host: Host) -> anyhow::Result<()> {
    let scene = Scene::on(host, TestStore::start()?).await?;
    let ada = scene.person("ada").await?;
    let swap = async |kind: &str, content: &[u8]| {
        for _ in 0..5 {
            scene.set(&ada, kind, content).await?;
        }
        anyhow::Ok(())
    };
    futures::future::try_join(swap("image/png", PNG), swap("image/gif", GIF)).await?;
    let me = scene.ask(&ada, Method::GET, "/me", None).await?.ok()?;
    let content = if me["avatar"]["digest"] == digest(PNG) { PNG } else { GIF };
    assert!(scene.is_kept(ada.id, content).await?);
    Ok(())
}

async fn without_its_object_store_the_directory_goes_on_but_for_pictures(host: Host) -> anyhow::Result<()> {
    let mut scene = Scene::on(host, TestStore::embedded()?).await?;
    let ada = scene.person("ada").await?;
    let old = scene.set(&ada, "image/gif", GIF).await?;
    let upload = scene.announce(&ada, "image/png", PNG).await?;
    assert_eq!(put(&upload, PNG).await?, StatusCode::OK);
    scene.lab.store.stop();
    let answer = scene.complete(&ada, &upload).await?;
    assert_eq!((answer.status, answer.code()), (StatusCode::SERVICE_UNAVAILABLE, "buckets-unavailable"));
    assert!(answer.headers.contains_key("retry-after"));
    assert_eq!(scene.ask(&ada, Method::GET, "/me", None).await?.ok()?["avatar"], old);
    ada.make_channel(&scene.directory.url(), "private").await?;
    scene.ask(&ada, Method::GET, "/people", None).await?.ok()?;

    scene.lab.store.restart()?;
    let completed = scene.complete(&ada, &upload).await?.ok()?;
    assert_eq!(completed["digest"], digest(PNG));
    assert!(scene.is_kept(ada.id, PNG).await?);
    // Taking a picture away needs no object store.
    scene.lab.store.stop();
    assert_eq!(scene.ask(&ada, Method::DELETE, "/me/avatar", None).await?.status, StatusCode::NO_CONTENT);
    assert_eq!(scene.ask(&ada, Method::GET, "/me", None).await?.ok()?["avatar"], Value::Null);
    Ok(())
}

async fn a_directory_that_was_told_of_no_object_store_says_so(host: Host) -> anyhow::Result<()> {
    let mut lab = Lab::start().await?.on(host).await?;
    lab.settings.push(("THREADLY_S3_URL".to_owned(), String::new()));
    let workspace = lab.workspace("bucketless").await?;
    let auth = lab.spawn(Program::Auth, "auth", "all").await?;
    let directory = lab.spawn(Program::Directory, "directory", "all").await?;
    let ada = Person::register(&auth.url(), &workspace.handle, "ada").await?;
    let body = Some(announced("image/png", PNG));
    let answer = ada.request(Method::POST, &directory.url(), "/me/avatar", body).await?;
    assert_eq!((answer.status, answer.code()), (StatusCode::SERVICE_UNAVAILABLE, "buckets-unavailable"));
    ada.request(Method::GET, &directory.url(), "/me", None).await?.ok()?;
    Ok(())
}

on_both_hosts! {
    a_picture_is_put_completed_and_shown_to_others_and_to_nobody_else,
    what_is_not_as_announced_becomes_nobodys_picture,
    what_can_be_no_picture_is_refused_when_it_is_announced,
    retries_change_nothing_and_replaced_pictures_leave_the_bucket,
    a_picture_that_is_swapped_back_and_forth_is_always_there,
    without_its_object_store_the_directory_goes_on_but_for_pictures,
    a_directory_that_was_told_of_no_object_store_says_so,
}
