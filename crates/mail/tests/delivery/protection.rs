//! TLS and passwords.

use mail::{MailError, Mailer};
use testkit::servers::SmtpSink;

use crate::{
    args, plain,
    scripted::{Act, Scripted},
};

#[tokio::test]
async fn letters_go_by_starttls_and_by_tls_to_a_server_of_a_trusted_authority_only() -> anyhow::Result<()> {
    for sink in [SmtpSink::start_with_starttls().await?, SmtpSink::start_with_tls().await?] {
        let mut trusting = args(&sink.url());
        trusting.smtp_ca = Some(sink.authority());
        let letter = plain("ada@acme.example");
        // The system's authorities don't know it.
        let refused = Mailer::new(&args(&sink.url()))?.send(&letter).await.unwrap_err();
        assert!(matches!(&refused, MailError::Later(cause) if cause.contains("certificate")), "{refused}");
        let mailer = Mailer::new(&trusting)?;
        mailer.send(&letter).await?;
        mailer.send(&plain("grace@acme.example")).await?;
        sink.letter("ada@acme.example").await?;
        sink.letter("grace@acme.example").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_letter_and_no_password_where_tls_is_required() -> anyhow::Result<()> {
    let server = Scripted::usual().await?;
    let url = format!("smtp://ada:secret@{}?tls=required", server.address());
    let refused = Mailer::new(&args(&url))?.send(&plain("ada@acme.example")).await.unwrap_err();
    assert!(matches!(refused, MailError::Later(_)), "{refused}");
    let commands: Vec<String> = server.conversations().into_iter().flat_map(|told| told.commands).collect();
    assert!(commands.iter().all(|command| command.starts_with("EHLO") || command == "QUIT"), "{commands:?}");
    // Whoever only prefers TLS goes on.
    let url = format!("smtp://{}?tls=opportunistic", server.address());
    Mailer::new(&args(&url))?.send(&plain("ada@acme.example")).await?;
    Ok(())
}

#[tokio::test]
async fn a_password_comes_from_the_url_or_from_a_file_and_a_wrong_one_is_for_later() -> anyhow::Result<()> {
    // In base64: NUL, `ada@acme`, NUL, `p@ss+ü`.
    const PLAIN: &str = "AUTH PLAIN AGFkYUBhY21lAHBAc3Mrw7w=";
    let server = Scripted::usual().await?;
    let place = server.address();
    let in_url = args(&format!("smtp://ada%40acme:p%40ss+%C3%BC@{place}"));
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("password");
    std::fs::write(&file, "p@ss+ü\n")?;
    let mut in_file = args(&format!("smtp://ada%40acme@{place}"));
    in_file.smtp_password_file = Some(file);
    for args in [in_url, in_file] {
        Mailer::new(&args)?.send(&plain("ada@acme.example")).await?;
    }
    for conversation in server.conversations() {
        assert_eq!(conversation.commands[..2], ["EHLO threadly.example".to_owned(), PLAIN.to_owned()]);
    }
    let server = Scripted::start(|_, at| (at == "AUTH").then_some(Act::Say("535 5.7.8 no"))).await?;
    let wrong = args(&format!("smtp://ada:wrong@{}/host.threadly.example", server.address()));
    let refused = Mailer::new(&wrong)?.send(&plain("ada@acme.example")).await.unwrap_err();
    assert!(matches!(refused, MailError::Later(_)), "{refused}");
    assert!(!refused.to_string().contains("wrong"), "{refused}");
    assert_eq!(server.conversations()[0].commands[0], "EHLO host.threadly.example");
    Ok(())
}
