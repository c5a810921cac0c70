//! Erasure: what goes, what stays, and who may.

use domain::{Role, TokenId};
use reqwest::{Method, StatusCode};
use serde_json::json;
use testkit::Host;

use crate::stage::{PASSWORD, Stage, answered, refused};

async fn nothing_of_the_person_is_left_but_what_they_said(host: Host) -> anyhow::Result<()> {
    let stage = Stage::hosted(host).await?;
    let (owner, member) = (stage.person(Role::Owner).await?, stage.registered().await?);
    let (id, email) = (member.id, &member.email);
    let channel = stage.channel(&owner, &[owner.id, id], "channel").await?;
    let direct = stage.channel(&owner, &[owner.id, id], "direct").await?;
    let team = stage.team(&owner, &[id]).await?;
    let invitation = stage.invitation(&owner, json!({"email": email.to_uppercase()})).await?;
    let body =
        json!({"name": "n", "scopes": ["messages:read"], "expiresAt": chrono::Utc::now() + chrono::TimeDelta::days(1)});
    answered(&stage.put(&member, &format!("/me/tokens/{}", TokenId::random()), Some(body)).await?, StatusCode::CREATED);
    for statement in [
        format!("update users set title = 't', about = 'a', time_zone = 'Europe/Berlin', status_emoji = 'e',
                 status_text = 's', avatar_digest = repeat('a', 64), avatar_type = 'image/png', avatar_length = 9 where id = '{id}'"),
        "update sessions set device = 'd', address = '192.0.2.1'".to_owned(),
        format!("insert into identities (issuer, subject, user_id) values ('https://issuer.example', 's', '{id}')"),
        format!("insert into second_factors (user_id, secret) values ('{id}', repeat('a', 20)::bytea)"),
        format!("insert into recovery_codes (user_id, code_hash) values ('{id}', 'c')"),
        format!("insert into sign_in_tickets (token_hash, email, role, expires_at) values ('t', '{email}', 'member', now())"),
        format!("insert into letters (id, kind, recipient, data) values (gen_random_uuid(), 'sign-up', '{email}', '{{}}'),
                 (gen_random_uuid(), 'email-changed', 'old@acme.example', '{{\"data\": {{\"user\": \"{id}\"}}}}')"),
        format!("insert into avatar_uploads (id, user_id, content_type, length, digest)
                 values (gen_random_uuid(), '{id}', 'image/png', 9, repeat('b', 64))"),
        format!("insert into sign_in_failures (key, failures) values ('code-of:{}', 1), ('network:192.0.2.1', 1)", member.session),
    ] {
        stage.run(&statement).await?;
    }

    // What failed on the account counts by its address, wherever it came from.
    for address in [email.clone(), email.to_uppercase()] {
        let body = json!({"email": address, "password": "wrong wrong wrong"});
        refused(&stage.ask("/auth/sign-in", body).await?, StatusCode::UNAUTHORIZED, "wrong-credentials");
    }
    assert!(stage.holds("select from sign_in_failures where key like 'pair:%'").await?);

    let path = format!("/people/{id}");
    for _ in 0..2 {
        answered(&stage.delete(&owner, &path).await?, StatusCode::NO_CONTENT);
    }
    stage.relayed().await?;
    let row = format!(
        "select from users where id = '{id}' and email is null and email_proved_at is null and title = '' and about = ''
         and display_name = 'Deleted person' and name_words @@ 'deleted'::tsquery and time_zone = 'UTC'
         and status_emoji = '' and status_text = '' and avatar_digest is null and avatar_type is null
         and avatar_length = 0 and erased_at is not null and not active and role = 'guest'"
    );
    assert!(stage.holds(&row).await?);
    for table in ["passwords", "second_factors", "recovery_codes", "identities", "api_tokens"] {
        assert!(!stage.holds(&format!("select from {table} where user_id = '{id}'")).await?, "{table}");
    }
    for nothing in [
        "select from refresh_tokens t join sessions s on s.id = t.session_id where s.user_id = 'ID'",
        "select from sessions where user_id = 'ID' and (revoked_at is null or device <> '' or address <> '')",
        "select from sign_in_tickets where email = 'EMAIL'",
        "select from letters where recipient = 'EMAIL' or data::text like '%ID%'",
        "select from invitations where lower(email) = 'EMAIL'",
        "select from team_members where user_id = 'ID' and active",
        "select from avatar_uploads where user_id = 'ID'",
        "select from sign_in_failures where key not like 'network:%'",
    ] {
        let query = nothing.replace("ID", &id.to_string()).replace("EMAIL", email);
        assert!(!stage.holds(&query).await?, "{query}");
    }
    for digest in ["a", "b"] {
        let left = format!("select from avatar_leftovers where user_id = '{id}' and digest = repeat('{digest}', 64)");
        assert!(stage.holds(&left).await?, "{left}");
    }
    assert!(!stage.is_in(channel, id).await?);
    assert!(stage.is_in(direct, id).await?);

    assert_eq!(stage.told("USER_CHANGED", id).await?.len(), 2);
    let changed = stage.told("USER_CHANGED", id).await?.pop().unwrap_or_default();
    assert_eq!((&changed["displayName"], &changed["active"]), (&json!("Deleted person"), &json!(false)));
    assert!(!changed.to_string().contains("Berlin"));
    assert_eq!(stage.told("CHANNEL_MEMBER_REMOVED", id).await?.len(), 2);
    assert_eq!(stage.told("TEAM_MEMBER_CHANGED", id).await?.first().map(|e| e["teamId"].clone()), Some(json!(team)));
    assert_eq!(stage.told("SESSION_REVOKED", id).await?.len(), 2);

    // The invitation has not become a link for everybody, and the address is free.
    refused(
        &stage.ask("/auth/invitation", json!({"token": invitation.1})).await?,
        StatusCode::GONE,
        "invitation-revoked",
    );
    let sign_in = json!({"email": email, "password": PASSWORD});
    refused(&stage.ask("/auth/sign-in", sign_in).await?, StatusCode::UNAUTHORIZED, "wrong-credentials");
    let refresh = stage.ask("/auth/refresh", json!({"refreshToken": member.refresh})).await?;
    refused(&refresh, StatusCode::UNAUTHORIZED, "refresh-token-invalid");
    assert_ne!(stage.sign_in_as(email, Role::Member).await?.id, id);

    // For good.
    refused(&stage.delete(&owner, &format!("{path}/deactivation")).await?, StatusCode::CONFLICT, "person-erased");
    refused(&stage.set_role(&owner, id, "owner").await?, StatusCode::CONFLICT, "person-erased");
    Ok(())
}

#[tokio::test]
async fn oneself_says_so_and_of_others_only_owners_decide() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (owner, admin, member) =
        (stage.person(Role::Owner).await?, stage.person(Role::Admin).await?, stage.person(Role::Member).await?);
    let path = format!("/people/{}", member.id);
    refused(&stage.delete(&admin, &path).await?, StatusCode::FORBIDDEN, "not-an-owner");
    refused(&stage.delete(&member, &format!("/people/{}", owner.id)).await?, StatusCode::FORBIDDEN, "not-an-owner");
    for query in ["", "?confirm=", "?confirm=yes", "?confirm=ada%40elsewhere.example"] {
        let answer = stage.delete(&member, &format!("{path}{query}")).await?;
        refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "confirmation-needed");
        assert_eq!(answer.json["field"], "confirm");
    }
    refused(&stage.delete(&member, &format!("{path}?force=1")).await?, StatusCode::BAD_REQUEST, "invalid-query");
    // An owner's token may administer, and erases nobody.
    let body = json!({"name": "n", "scopes": ["admin"], "expiresAt": chrono::Utc::now() + chrono::TimeDelta::days(1)});
    let minted = stage.put(&owner, &format!("/me/tokens/{}", TokenId::random()), Some(body)).await?.ok()?;
    let by_token = stage.send(Method::DELETE, &path, minted["secret"].as_str(), None, &[]).await?;
    refused(&by_token, StatusCode::FORBIDDEN, "session-needed");

    let sure = format!("{path}?confirm={}", member.email.to_uppercase());
    answered(&stage.delete(&member, &sure).await?, StatusCode::NO_CONTENT);
    refused(&stage.delete(&member, &sure).await?, StatusCode::UNAUTHORIZED, "session-revoked");
    answered(&stage.delete(&admin, &format!("/people/{}?confirm=Ada", admin.id)).await?, StatusCode::NO_CONTENT);
    Ok(())
}

on_both_hosts! {
    nothing_of_the_person_is_left_but_what_they_said,
}
