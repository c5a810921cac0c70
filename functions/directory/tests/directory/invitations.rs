//! Invitations: by letter and by link, what they may offer, and taking them back.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{ChannelId, InvitationId, TeamId};
use serde_json::{Value, json};

use crate::stage::Stage;

fn fresh() -> String {
    format!("/invitations/{}", InvitationId::random())
}

#[tokio::test]
async fn a_link_tells_its_secret_and_a_retry_gets_another_for_the_same_link() -> Result<()> {
    let stage = Stage::new().await?;
    let (boss, other) = (stage.somebody("Boss", "admin").await?, stage.somebody("Other", "admin").await?);
    let channel = stage.channel(&boss, "lobby", "private").await?;
    let team = TeamId::random();
    stage.put(&boss, &format!("/teams/{team}"), json!({"name": "Visitors"})).await?.is(201);
    let path = fresh();
    let body = json!({"role": "guest", "channels": [channel, channel], "teams": [team], "maxUses": 3});
    let made = stage.put(&boss, &path, body.clone()).await?.is(201);
    let again = stage.put(&boss, &path, body.clone()).await?.is(200);
    let tokens = [&made, &again].map(|answer| answer["token"].as_str().unwrap().to_owned());
    assert!(tokens.iter().all(|token| token.len() == 43) && tokens[0] != tokens[1]);
    assert_eq!((&made["channels"], &made["uses"], &made["state"]), (&json!([channel]), &json!(0), &json!("open")));
    let ends: DateTime<Utc> = made["expiresAt"].as_str().unwrap().parse()?;
    let made_at: DateTime<Utc> = made["createdAt"].as_str().unwrap().parse()?;
    assert!((ends - made_at - TimeDelta::days(7)).abs() < TimeDelta::hours(1), "{made}");

    // Both secrets lead to it, and neither is stored.
    let mut connection = stage.pool.acquire().await?;
    for token in &tokens {
        let found = people::lock(&mut connection, people::Lock::Token(token), None).await?;
        assert_eq!(json!(found.id), made["invitationId"]);
    }
    drop(connection);
    let shown = stage.get(&other, &path).await?.is(200);
    assert_eq!((shown.get("token"), &shown["maxUses"]), (None, &json!(3)));
    let letters: i64 = sqlx::query_scalar("select count(*) from letters").fetch_one(&stage.pool).await?;
    assert_eq!(letters, 0);

    stage.put(&other, &path, body.clone()).await?.refused(409, "invitation-id-taken");
    let mut different = body.clone();
    different["maxUses"] = json!(4);
    stage.put(&boss, &path, different).await?.refused(409, "invitation-id-taken");
    for _ in 0..2 {
        stage.delete(&other, &path).await?.is(204);
    }
    assert_eq!(stage.get(&boss, &path).await?.is(200)["state"], "revoked");
    stage.put(&boss, &path, body).await?.refused(410, "invitation-revoked");
    Ok(())
}

#[tokio::test]
async fn an_address_is_written_to_once_and_tells_nobody_a_secret() -> Result<()> {
    let stage = Stage::new().await?;
    let boss = stage.somebody("Boss", "owner").await?;
    let (path, body) = (fresh(), json!({"email": "grace@acme.example", "role": "admin"}));
    let puts = (0..8).map(|_| stage.put(&boss, &path, body.clone()));
    let answers = futures::future::try_join_all(puts).await?;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(made == 1 && answers.iter().all(|answer| matches!(answer.status.as_u16(), 200 | 201)), "{answers:?}");
    assert!(answers.iter().all(|answer| answer.json["token"].is_null() && answer.json["maxUses"] == 1));
    let letters: Vec<(String, String, Value)> =
        sqlx::query_as("select kind, recipient, data from letters").fetch_all(&stage.pool).await?;
    let [(kind, recipient, data)] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!((kind.as_str(), recipient.as_str()), ("invitation", "grace@acme.example"));
    assert_eq!(data["data"]["invitation"], answers[0].json["invitationId"]);

    let email: String = sqlx::query_scalar("select email from users limit 1").fetch_one(&stage.pool).await?;
    let member = json!({"email": email.to_uppercase(), "role": "member"});
    let problem = stage.put(&boss, &fresh(), member).await?.refused(409, "already-a-member");
    assert_eq!(problem["field"], "email");
    Ok(())
}

#[tokio::test]
async fn only_admins_invite_and_only_owners_those_who_administer() -> Result<()> {
    let stage = Stage::new().await?;
    let owner = stage.somebody("Olga", "owner").await?;
    let (admin, member) = (stage.somebody("Adam", "admin").await?, stage.somebody("Mia", "member").await?);
    let guest = stage.somebody("Gus", "guest").await?;
    let ask = |role: &str| json!({"email": format!("{}@acme.example", TeamId::random()), "role": role});
    let path = fresh();
    for person in [&member, &guest] {
        stage.put(person, &path, ask("member")).await?.refused(403, "not-an-admin");
        stage.get(person, &path).await?.refused(403, "not-an-admin");
        stage.get(person, "/invitations").await?.refused(403, "not-an-admin");
        stage.delete(person, &path).await?.refused(403, "not-an-admin");
    }
    stage.put(&admin, &fresh(), ask("owner")).await?.refused(403, "not-an-owner");
    stage.put(&admin, &fresh(), ask("admin")).await?.refused(403, "not-an-owner");
    stage.put(&admin, &fresh(), ask("member")).await?.is(201);
    stage.put(&owner, &fresh(), ask("owner")).await?.is(201);
    stage.get(&admin, &path).await?.refused(404, "invitation-not-found");
    stage.delete(&admin, &path).await?.refused(404, "invitation-not-found");
    Ok(())
}

#[tokio::test]
async fn an_invitation_leads_only_where_its_maker_may_lead() -> Result<()> {
    let stage = Stage::new().await?;
    let (boss, ada) = (stage.somebody("Boss", "admin").await?, stage.somebody("Ada", "member").await?);
    let (open, secret) =
        (stage.channel(&ada, "open", "public").await?, stage.channel(&ada, "secret", "private").await?);
    let old = stage.channel(&boss, "old", "public").await?;
    stage.put(&boss, &format!("/channels/{old}/archive"), Value::Null).await?.is(200);
    let talk = stage.ask(&boss, "POST", "/conversations", json!({"userIds": [ada.id]})).await?.is(201);
    let ended = TeamId::random();
    stage.put(&boss, &format!("/teams/{ended}"), json!({"name": "Ended"})).await?.is(201);
    stage.delete(&boss, &format!("/teams/{ended}")).await?.is(204);
    let cases = [
        (json!({"role": "guest", "channels": [open, secret]}), 404, "channel-not-found", "channels[1]"),
        (json!({"role": "guest", "channels": [ChannelId::random()]}), 404, "channel-not-found", "channels[0]"),
        (json!({"role": "member", "channels": [old]}), 403, "channel-archived", "channels[0]"),
        (json!({"role": "member", "channels": [talk["channelId"]]}), 403, "conversation-fixed", "channels[0]"),
        (json!({"role": "member", "teams": [ended]}), 404, "team-not-found", "teams[0]"),
        (json!({"role": "guest"}), 422, "guest-needs-a-channel", "channels"),
        (json!({"role": "admin"}), 422, "role-needs-an-address", "role"),
        (json!({"role": "member", "maxUses": 1001}), 422, "max-uses-invalid", "maxUses"),
        (json!({"role": "member", "email": "a@b", "maxUses": 2}), 422, "max-uses-invalid", "maxUses"),
        (json!({"role": "member", "expiresAt": "2001-01-01T00:00:00Z"}), 422, "expiry-invalid", "expiresAt"),
        (json!({"role": "member", "expiresAt": "2099-01-01T00:00:00Z"}), 422, "expiry-invalid", "expiresAt"),
        (json!({"role": "member", "email": "a@b\r\nBcc: eve@evil.example"}), 422, "email-invalid", "email"),
        (json!({"role": "member", "email": "a@b,eve@evil.example"}), 422, "email-invalid", "email"),
        (
            json!({"role": "member", "channels": (0..51).map(|_| ChannelId::random()).collect::<Vec<_>>()}),
            422,
            "too-many-places",
            "channels",
        ),
        (json!({"role": "king"}), 400, "invalid-field", "role"),
    ];
    for (body, status, code, field) in cases {
        assert_eq!(stage.put(&boss, &fresh(), body).await?.refused(status, code)["field"], field);
    }
    let kept: i64 = sqlx::query_scalar("select count(*) from invitations").fetch_one(&stage.pool).await?;
    assert_eq!(kept, 0);
    let in_a_month = Utc::now() + TimeDelta::days(30);
    let body = json!({"role": "guest", "channels": [open], "expiresAt": in_a_month});
    let path = fresh();
    stage.put(&boss, &path, body.clone()).await?.is(201);
    stage.put(&boss, &path, body).await?.is(200);
    Ok(())
}

#[tokio::test]
async fn invitations_are_listed_the_newest_first_with_what_became_of_them() -> Result<()> {
    let stage = Stage::new().await?;
    let boss = stage.somebody("Boss", "admin").await?;
    let mut ids = Vec::new();
    for _ in 0..4 {
        let id = InvitationId::random();
        stage.put(&boss, &format!("/invitations/{id}"), json!({"role": "member"})).await?.is(201);
        ids.insert(0, id.to_string());
    }
    for limit in [1, 3, 4] {
        assert_eq!(stage.all(&boss, "/invitations", limit, "invitationId").await?, ids);
    }
    for (statement, id) in [
        ("update invitations set uses = max_uses where id = $1::uuid", &ids[0]),
        ("update invitations set expires_at = now() where id = $1::uuid", &ids[1]),
    ] {
        sqlx::query(statement).bind(id).execute(&stage.pool).await?;
    }
    stage.delete(&boss, &format!("/invitations/{}", ids[2])).await?.is(204);
    assert_eq!(stage.all(&boss, "/invitations", 2, "state").await?, ["used", "expired", "revoked", "open"]);
    for (id, code) in [(&ids[0], "invitation-used"), (&ids[1], "invitation-expired"), (&ids[2], "invitation-revoked")] {
        stage.put(&boss, &format!("/invitations/{id}"), json!({"role": "member"})).await?.refused(410, code);
    }
    Ok(())
}

#[tokio::test]
async fn whoever_is_being_deactivated_makes_no_invitation_any_more() -> Result<()> {
    let stage = Stage::new().await?;
    let boss = stage.somebody("Boss", "admin").await?;
    let path = fresh();
    let mut deactivation = stage.pool.begin().await?;
    sqlx::query("update users set active = false where id = $1").bind(boss.id.0).execute(&mut *deactivation).await?;
    let (refused, ended) = tokio::join!(stage.put(&boss, &path, json!({"role": "member"})), async {
        testkit::wait::until("the invitation waits", std::time::Duration::from_secs(20), async || {
            let waits = "select exists(select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')";
            let waits: bool = sqlx::query_scalar(waits).fetch_one(&stage.pool).await.ok()?;
            waits.then_some(())
        })
        .await?;
        deactivation.commit().await?;
        anyhow::Ok(())
    });
    ended?;
    refused?.refused(403, "account-deactivated");
    let kept: i64 = sqlx::query_scalar("select count(*) from invitations").fetch_one(&stage.pool).await?;
    assert_eq!(kept, 0);
    Ok(())
}

#[tokio::test]
async fn a_stranger_gets_few_invitations_a_day_and_a_workspace_sends_so_many() -> Result<()> {
    let stage = Stage::new().await?;
    let boss = stage.somebody("Boss", "admin").await?;
    let invite = |email: &str| json!({"email": email, "role": "member"});
    let written = async || -> Result<i64> {
        Ok(sqlx::query_scalar("select count(*) from letters").fetch_one(&stage.pool).await?)
    };
    // Each under an id of its own, and taken back at once; all at the same time.
    let ask = async |email: &'static str| -> Result<u16> {
        let path = fresh();
        let mut answer = stage.put(&boss, &path, invite(email)).await?;
        // A slow machine says that it is busy; the same is asked again.
        while answer.status == 503 {
            answer = stage.put(&boss, &path, invite(email)).await?;
        }
        stage.delete(&boss, &path).await?;
        if answer.status == 429 {
            assert_eq!(
                (answer.json["code"].as_str(), &answer.json["field"]),
                (Some("too-many-invitations"), &json!("email"))
            );
            assert!(answer.headers.contains_key("retry-after"));
        }
        Ok(answer.status.as_u16())
    };
    let asked =
        ["grace@acme.example", "GRACE@acme.example", "Grace@Acme.example", "grace@acme.example", "grace@acme.example"];
    let mut statuses = futures::future::try_join_all(asked.map(&ask)).await?;
    statuses.sort_unstable();
    assert_eq!((statuses, written().await?), (vec![201, 201, 201, 429, 429], 3));

    let many = "insert into invitations (id, email, role, created_by, expires_at)
                select gen_random_uuid(), n || '@acme.example', 'member', $1, now() from generate_series(4, 999) n";
    stage.run(many, boss.id).await?;
    let last = fresh();
    stage.put(&boss, &last, invite("last@acme.example")).await?.is(201);
    assert_eq!(ask("one-more@acme.example").await?, 429);
    // A retry is answered, and links are no letters.
    stage.put(&boss, &last, invite("last@acme.example")).await?.is(200);
    stage.put(&boss, &fresh(), json!({"role": "member"})).await?.is(201);
    stage
        .run("update invitations set created_at = created_at - interval '1 day' where created_by = $1", boss.id)
        .await?;
    assert_eq!((ask("grace@acme.example").await?, written().await?), (201, 5));
    Ok(())
}
