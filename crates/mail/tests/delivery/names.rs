//! Names that would like to be more than names.

use mail::{EmailChanged, Letter, MailError};
use testkit::servers::SmtpSink;

use crate::{invitation, mailer, outgoing, scripted::Scripted};

/// Each with what is left of it.
fn hostile() -> Vec<(String, String)> {
    let pair = |name: &str, left: &str| (name.to_owned(), left.to_owned());
    vec![
        pair("Eve\r\nBcc: all@acme.example", "Eve Bcc: all@acme.example"),
        pair("Eve\r\n\r\n<h1>Hello</h1>", "Eve <h1>Hello</h1>"),
        pair("Eve\r\n.\r\nMAIL FROM:<eve@evil.example>", "Eve . MAIL FROM:<eve@evil.example>"),
        pair("Eve\nX-Evil: 1", "Eve X-Evil: 1"),
        pair("Eve\rX-Evil: 1", "Eve X-Evil: 1"),
        pair("E\0ve", "E ve"),
        pair("Eve\u{2028}X-Evil: 1\u{2029}X", "Eve X-Evil: 1 X"),
        pair("Eve\u{85}X-Evil: 1", "Eve X-Evil: 1"),
        pair("Eve\u{202e}elpmaxe.live\u{202c}", "Eveelpmaxe.live"),
        pair("=?utf-8?q?Eve=0D=0AX-Evil:_1?=", "=?utf-8?q?Eve=0D=0AX-Evil:_1?="),
        pair("Eve\" <eve@evil.example>, \"", "Eve\" <eve@evil.example>, \""),
        pair("Eve\\", "Eve\\"),
        pair("(Eve", "(Eve"),
        pair("עדה", "עדה"),
        pair("<script>alert('Eve')</script>", "<script>alert('Eve')</script>"),
        (format!("Eve{}", "é".repeat(10_000)), format!("Eve{}…", "é".repeat(77))),
        (format!("Eve{}", "e".repeat(10_000)), format!("Eve{}…", "e".repeat(77))),
    ]
}

fn escaped(text: &str) -> String {
    let pairs = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];
    pairs.iter().fold(text.to_owned(), |text, (char, safe)| text.replace(*char, safe))
}

#[tokio::test]
async fn a_hostile_name_is_shown_as_text_and_adds_no_header_and_no_reader() -> anyhow::Result<()> {
    let sink = SmtpSink::start().await?;
    let mailer = mailer(&sink.url())?;
    for (number, (name, left)) in hostile().into_iter().enumerate() {
        let to = format!("reader{number}@acme.example");
        let mut letter = outgoing(&to, invitation(&mailer, &name)?);
        letter.workspace.clone_from(&name);
        letter.to_name = Some(name.clone());
        mailer.send(&letter).await?;
        let arrived = sink.letter(&to).await?;
        assert_eq!(arrived.to, [to], "{name:?}");
        // In headers, what only looks encoded is not decoded.
        let subject = format!("{left} invites you to {left}").replace("=?", "= ?");
        assert_eq!(arrived.subject, subject, "{name:?}");
        let names: Vec<&str> = arrived.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert!(!names.iter().any(|name| ["Bcc", "X-Evil"].contains(name)), "{name:?}: {names:?}");
        let sentence = format!("{left} invites you to join the workspace {left} on Threadly");
        assert!(arrived.text.contains(&sentence), "{name:?}: {}", arrived.text);
        let isolated = format!("<bdi>{}</bdi>", escaped(&left));
        assert!(arrived.html.contains(&format!("{isolated} invites you to join the workspace {isolated}")), "{name:?}");
        assert!(!arrived.html.contains("<script") && !arrived.html.contains("<h1"), "{name:?}");
    }
    Ok(())
}

#[tokio::test]
async fn no_byte_of_a_hostile_name_breaks_a_line_of_what_is_sent() -> anyhow::Result<()> {
    let server = Scripted::usual().await?;
    let mailer = mailer(&server.url())?;
    for (name, _) in hostile() {
        let mut letter = outgoing("ada@acme.example", invitation(&mailer, &name)?);
        letter.workspace.clone_from(&name);
        letter.to_name = Some(name);
        mailer.send(&letter).await?;
    }
    let (mut messages, mut recipients) = (0, 0);
    for conversation in server.conversations() {
        recipients += conversation.commands.iter().filter(|command| command.starts_with("RCPT")).count();
        for message in conversation.messages {
            messages += 1;
            let bare = message.replace("\r\n", "");
            assert!(!bare.contains(['\r', '\n', '\0']) && bare.is_ascii(), "{message}");
            assert!(message.lines().all(|line| line.len() <= 998), "{message}");
            let head = message.split_once("\r\n\r\n").unwrap().0;
            let names: Vec<&str> = head
                .split("\r\n")
                .filter(|line| !line.starts_with(' '))
                .map(|line| line.split_once(": ").unwrap().0)
                .collect();
            let mut sorted = names.clone();
            sorted.sort_unstable();
            let expected =
                ["Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"];
            assert_eq!(sorted, expected, "{head}");
        }
    }
    assert_eq!((messages, recipients), (hostile().len(), hostile().len()));
    Ok(())
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_for_good_before_anybody_is_asked() -> anyhow::Result<()> {
    // Nobody listens there.
    let mailer = mailer("smtp://127.0.0.1:9")?;
    for bad in [
        "",
        "ada",
        "@acme.example",
        "ada@",
        "ada@acme.example\r\nRCPT TO:<eve@evil.example>",
        "ada\r\n@acme.example",
        "\"ada\r\nX\"@acme.example",
        "\"ada lovelace\"@acme.example",
        "a\0da@acme.example",
        "ada@acme\u{2028}.example",
        "ada> SIZE=1@acme.example",
        "ada@acme.example>",
        "<ada@acme.example>",
        "ada@acme.example, eve@evil.example",
        "eve@evil.example,ada@acme.example",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        "ada@[::1]",
        "ada@2130706433",
        "ada@acme example",
        "ada@-acme.example/",
        &format!("{}@acme.example", "a".repeat(65)),
        &format!("ada@{}", "a.".repeat(200)),
    ] {
        let letter = outgoing(bad, Letter::EmailChanged(EmailChanged { old: bad.to_owned(), new: bad.to_owned() }));
        let refused = mailer.send(&letter).await.unwrap_err();
        assert!(matches!(refused, MailError::Rejected(_)), "{bad:?}: {refused}");
    }
    Ok(())
}
