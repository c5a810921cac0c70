//! Which refusals are for good, and which letters may be sent again.

use anyhow::Context;
use mail::{MailError, Mailer};

use crate::{
    args, mailer, plain,
    scripted::{Act, Scripted},
};

/// Where the limits are not what the test is about.
const PATIENT: u64 = 60;

/// A step, and what is done there.
type Refusal = (&'static str, fn() -> Act);

/// What a letter comes to at a server that answers like this at one step.
async fn refused_at(step: &'static str, act: fn() -> Act, seconds: u64) -> anyhow::Result<MailError> {
    let server = Scripted::start(move |_, at| (at == step).then(act)).await?;
    let mut args = args(&server.url());
    args.smtp_send_seconds = seconds;
    args.smtp_connect_seconds = seconds;
    Mailer::new(&args)?.send(&plain("ada@acme.example")).await.err().context("it was taken")
}

#[tokio::test]
async fn a_5xx_about_the_reader_or_the_letter_is_for_good() -> anyhow::Result<()> {
    let refusals: [Refusal; 4] = [
        ("RCPT", || Act::Say("550 5.1.1 no such mailbox")),
        ("RCPT", || Act::Say("551 moved")),
        ("DATA", || Act::Say("554 no valid recipients")),
        (".", || Act::Say("554 5.7.1 this looks like spam")),
    ];
    for (step, act) in refusals {
        let error = refused_at(step, act, PATIENT).await?;
        assert!(matches!(&error, MailError::Rejected(cause) if cause.contains('5')), "{step}: {error}");
    }
    let error = refused_at("RCPT", || Act::Say("550 5.1.1 no such mailbox"), PATIENT).await?;
    assert!(error.to_string().contains("no such mailbox"), "{error}");
    assert_eq!(error.code(), "mail-rejected");
    Ok(())
}

#[tokio::test]
async fn a_4xx_and_whatever_is_about_us_or_the_server_is_for_later() -> anyhow::Result<()> {
    let refusals: [Refusal; 12] = [
        ("RCPT", || Act::Say("450 4.2.0 greylisted")),
        ("RCPT", || Act::Say("530 5.7.0 authentication required")),
        ("DATA", || Act::Say("421 shutting down")),
        (".", || Act::Say("452 4.3.1 no space")),
        ("MAIL", || Act::Say("451 try again")),
        ("MAIL", || Act::Say("550 5.7.1 you may not send as this")),
        ("CONNECT", || Act::Say("554 no service")),
        ("CONNECT", || Act::Say("421 too busy")),
        ("CONNECT", || Act::Say("HTTP/1.1 400 Bad Request")),
        ("EHLO", || Act::Say("550 who are you?")),
        ("RCPT", || Act::Say("nonsense")),
        ("MAIL", || Act::Cut),
    ];
    for (step, act) in refusals {
        let error = refused_at(step, act, PATIENT).await?;
        assert!(matches!(error, MailError::Later(_)), "{step}: {error}");
        assert_eq!(error.code(), "mail-unavailable");
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_hangs_or_cuts_at_any_step_costs_no_more_than_the_limits() -> anyhow::Result<()> {
    for step in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        for act in [|| Act::Hang, || Act::Cut] {
            let error = refused_at(step, act, 1).await?;
            assert!(matches!(error, MailError::Later(_)), "{step}: {error}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn nobody_at_the_port_and_a_name_of_nobody_are_for_later() -> anyhow::Result<()> {
    for url in ["smtp://127.0.0.1:9", "smtps://127.0.0.1:9", "smtp://nobody.invalid:25"] {
        let error = mailer(url)?.send(&plain("ada@acme.example")).await.unwrap_err();
        assert!(matches!(error, MailError::Later(_)), "{url}: {error}");
    }
    Ok(())
}

#[tokio::test]
async fn a_letter_that_was_taken_without_an_answer_is_sent_again_under_the_same_id() -> anyhow::Result<()> {
    // The first connection is cut before the 250 of a message that it has whole.
    let server = Scripted::start(|connection, at| (connection == 0 && at == ".").then_some(Act::Cut)).await?;
    let (mailer, letter) = (mailer(&server.url())?, plain("ada@acme.example"));
    let error = mailer.send(&letter).await.unwrap_err();
    assert!(matches!(error, MailError::Later(_)), "{error}");
    mailer.send(&letter).await?;
    let messages = server.messages();
    let id = format!("Message-ID: <{}@threadly.example>", letter.id);
    assert_eq!(messages.iter().filter(|message| message.contains(&id)).count(), 2, "{messages:#?}");
    Ok(())
}

#[tokio::test]
async fn a_server_without_smtputf8_refuses_such_an_address_for_good_and_no_other() -> anyhow::Result<()> {
    let server = Scripted::usual().await?;
    let mailer = mailer(&server.url())?;
    let error = mailer.send(&plain("jörg@acme.example")).await.unwrap_err();
    assert!(matches!(error, MailError::Rejected(_)), "{error}");
    mailer.send(&plain("ada@bücher.example")).await?;
    assert_eq!(server.messages().len(), 1);
    Ok(())
}
