//! What arrives at a real server.

use chrono::{TimeZone, Utc};
use domain::ids::Handle;
use mail::{
    AccountDeactivated, ApproachOfTakenAddress, EmailChanged, Letter, NewDevice, PasswordChanged, ResetPassword,
    SignInLink, VerifyEmail,
};
use testkit::servers::SmtpSink;

use crate::{args, invitation, mailer, outgoing, plain};

#[tokio::test]
async fn every_kind_arrives_as_text_and_html_and_says_which_workspace_and_why() -> anyhow::Result<()> {
    let sink = SmtpSink::start().await?;
    let mailer = mailer(&sink.url())?;
    let (links, acme) = (mailer.links()?, "acme".parse::<Handle>()?);
    let when = Utc.with_ymd_and_hms(2031, 2, 3, 4, 5, 6).unwrap();
    let (device, place) = ("Firefox on Linux".to_owned(), Some("Oslo".to_owned()));
    let (old, new) = ("ada@old.example".to_owned(), "ada@new.example".to_owned());
    // Each with what only it says.
    let kinds = [
        (Letter::VerifyEmail(VerifyEmail { link: links.verify_email(&acme, "t1") }), "/w/acme/#verify=t1"),
        (Letter::ResetPassword(ResetPassword { link: links.reset_password(&acme, "t2") }), "/w/acme/#reset=t2"),
        (Letter::PasswordChanged(PasswordChanged), "The password of your account"),
        (invitation(&mailer, "Grace")?, "/w/acme/#invitation=t0ken"),
        (Letter::SignInLink(SignInLink { link: links.sign_in(&acme, "t3") }), "/w/acme/#ticket=t3"),
        (Letter::NewDevice(NewDevice { device, place, when }), "3 February 2031, 04:05 UTC"),
        (Letter::EmailChanged(EmailChanged { old, new }), "ada@new.example"),
        (Letter::AccountDeactivated(AccountDeactivated), "signed out on all devices"),
        (Letter::ApproachOfTakenAddress(ApproachOfTakenAddress), "tried to sign up"),
    ];
    for (kind, own) in kinds {
        let to = format!("{}@acme.example", kind.kind());
        mailer.send(&outgoing(&to, kind)).await?;
        let letter = sink.letter(&to).await?;
        let (text, html) = (&letter.text, &letter.html);
        assert!(text.contains(own) && html.contains(own), "{to}: {own}\n{text}\n{html}");
        assert!(letter.subject.contains("Acme"), "{to}: {}", letter.subject);
        for body in [text, html] {
            let why = body.split_once("You got this letter because").unwrap_or_else(|| panic!("{to}: why?\n{body}")).1;
            assert!(why.contains("Acme") && why.contains("on Threadly"), "{to}: {why}");
        }
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en\""), "{to}: {html}");
        assert!(html.contains("content=\"light dark\""), "{to}: {html}");
        for absent in ["<table", "<img", "<script", "<link", "<style"] {
            assert!(!html.contains(absent), "{to}: {absent}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_headers_say_who_when_which_letter_and_that_nobody_wrote_it() -> anyhow::Result<()> {
    let sink = SmtpSink::start().await?;
    let letter = plain("ada@acme.example");
    mailer(&sink.url())?.send(&letter).await?;
    let arrived = sink.letter("ada@acme.example").await?;
    assert_eq!(arrived.from, "mail@threadly.example");
    let header = |name| arrived.header(name).unwrap_or_else(|| panic!("{name}: {:?}", arrived.headers));
    assert_eq!(header("From"), "Threadly <mail@threadly.example>");
    assert_eq!(header("To"), "\"Ada Lovelace\" <ada@acme.example>");
    assert_eq!(header("Subject"), "Your password for Acme was changed");
    assert_eq!(header("Message-ID"), format!("<{}@threadly.example>", letter.id));
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert!(header("Content-Type").starts_with("multipart/alternative"));
    chrono::DateTime::parse_from_rfc2822(header("Date"))?;
    Ok(())
}

#[tokio::test]
async fn a_letter_sent_again_has_the_same_message_id() -> anyhow::Result<()> {
    let sink = SmtpSink::start().await?;
    let (mailer, letter) = (mailer(&sink.url())?, plain("ada@acme.example"));
    mailer.send(&letter).await?;
    mailer.send(&letter).await?;
    let arrived = sink.letters("ada@acme.example", 2).await?;
    assert_eq!(arrived[0].header("Message-ID"), arrived[1].header("Message-ID"));
    Ok(())
}

#[tokio::test]
async fn an_address_beyond_ascii_is_reached_by_its_domain_in_ascii() -> anyhow::Result<()> {
    let sink = SmtpSink::start().await?;
    let mailer = mailer(&sink.url())?;
    mailer.send(&plain("ada@bücher.example")).await?;
    sink.letter("ada@xn--bcher-kva.example").await?;
    // The server offers SMTPUTF8.
    mailer.send(&plain("jörg@acme.example")).await?;
    sink.letter("jörg@acme.example").await?;
    Ok(())
}

#[tokio::test]
async fn a_server_that_was_away_is_reached_when_it_is_back() -> anyhow::Result<()> {
    let mut sink = SmtpSink::start().await?;
    let mailer = mailer(&sink.url())?;
    mailer.send(&plain("one@acme.example")).await?;
    sink.kill().await?;
    let refused = mailer.send(&plain("two@acme.example")).await.unwrap_err();
    assert!(matches!(refused, mail::MailError::Later(_)), "{refused}");
    sink.restart().await?;
    mailer.send(&plain("two@acme.example")).await?;
    sink.letter("two@acme.example").await?;
    sink.letter("one@acme.example").await?;
    Ok(())
}

#[tokio::test]
async fn a_folder_gets_each_letter_once_as_a_file_for_its_owner_alone() -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("not yet/there");
    let url = format!("file://{}", path.display().to_string().replace(' ', "%20"));
    let mailer = mail::Mailer::new(&args(&url))?;
    let letter = plain("ada@acme.example");
    mailer.send(&letter).await?;
    mailer.send(&letter).await?;
    let files: Vec<_> =
        std::fs::read_dir(&path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    assert_eq!(files, [path.join(format!("{}.password-changed.eml", letter.id))]);
    assert_eq!(std::fs::metadata(&files[0])?.permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&files[0])?;
    assert!(text.contains("\r\nSubject: Your password for Acme was changed\r\n"), "{text}");
    Ok(())
}
