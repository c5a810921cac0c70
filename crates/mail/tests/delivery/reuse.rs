//! Connections that serve several letters, and those that must not.

use std::time::Duration;

use futures::future::join_all;
use mail::{MailError, Mailer};
use testkit::wait;
use tokio::time::timeout;

use crate::{
    args, mailer, plain,
    scripted::{Act, Scripted},
};

const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn letters_that_follow_each_other_share_connections_and_idle_ones_say_goodbye() -> anyhow::Result<()> {
    let server = Scripted::usual().await?;
    let mailer = mailer(&server.url())?;
    for number in 0..20 {
        mailer.send(&plain(&format!("reader{number}@acme.example"))).await?;
    }
    assert_eq!(server.messages().len(), 20);
    assert!(server.conversations().len() < 20, "{:#?}", server.conversations());
    wait::until("all connections are closed", LIMIT, async || {
        server.conversations().iter().all(|conversation| conversation.closed).then_some(())
    })
    .await?;
    assert!(server.conversations().iter().all(|conversation| conversation.commands.ends_with(&["QUIT".to_owned()])));
    // And then again.
    mailer.send(&plain("late@acme.example")).await?;
    Ok(())
}

#[tokio::test]
async fn many_letters_at_once_take_turns() -> anyhow::Result<()> {
    let server = Scripted::usual().await?;
    let mailer = mailer(&server.url())?;
    let letters: Vec<_> = (0..40).map(|number| plain(&format!("reader{number}@acme.example"))).collect();
    for sent in join_all(letters.iter().map(|letter| mailer.send(letter))).await {
        sent?;
    }
    let messages = server.messages();
    for letter in &letters {
        assert!(messages.iter().any(|message| message.contains(&letter.id.to_string())), "{}", letter.to);
    }
    assert!((1..=4).contains(&server.most_at_once()), "{}", server.most_at_once());
    Ok(())
}

#[tokio::test]
async fn a_connection_whose_letter_was_given_up_serves_no_other() -> anyhow::Result<()> {
    let server = Scripted::start(|connection, at| (connection < 2 && at == ".").then_some(Act::Hang)).await?;
    let mut args = args(&server.url());
    args.smtp_send_seconds = 1;
    let mailer = Mailer::new(&args)?;
    // Once by our own limit, once by a caller who goes away.
    let late = mailer.send(&plain("one@acme.example")).await.unwrap_err();
    assert!(matches!(late, MailError::Later(_)), "{late}");
    let given_up = plain("two@acme.example");
    let sending = mailer.send(&given_up);
    let reached =
        wait::until("the second letter is there", LIMIT, async || (server.messages().len() == 2).then_some(()));
    tokio::select! {
        sent = sending => anyhow::bail!("{sent:?}"),
        reached = reached => reached?,
    }
    mailer.send(&plain("three@acme.example")).await?;
    let conversations = server.conversations();
    assert_eq!(conversations.len(), 3, "{conversations:#?}");
    assert_eq!(conversations[2].messages.len(), 1);
    wait::until("the two are closed", LIMIT, async || {
        server.conversations()[..2].iter().all(|conversation| conversation.closed).then_some(())
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_connection_that_the_server_closed_meanwhile_is_noticed() -> anyhow::Result<()> {
    let server = Scripted::start(|connection, at| (connection == 0 && at == "NOOP").then_some(Act::Cut)).await?;
    let mailer = mailer(&server.url())?;
    mailer.send(&plain("one@acme.example")).await?;
    mailer.send(&plain("two@acme.example")).await?;
    assert_eq!(server.messages().len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_mailer_that_is_gone_leaves_no_connection() -> anyhow::Result<()> {
    let server = Scripted::usual().await?;
    let mailer = mailer(&server.url())?;
    mailer.send(&plain("one@acme.example")).await?;
    drop(mailer);
    let closed = wait::until("it is closed", LIMIT, async || {
        server.conversations().iter().all(|conversation| conversation.closed).then_some(())
    });
    timeout(LIMIT, closed).await?
}
