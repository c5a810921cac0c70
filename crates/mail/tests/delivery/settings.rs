//! Settings that can't be used are said at the start, without the password in them.

use clap::Parser;
use mail::{MailArgs, MailError, Mailer};

use crate::{args, plain};

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    mail: MailArgs,
}

#[tokio::test]
async fn without_a_server_mail_is_off_and_says_so() -> anyhow::Result<()> {
    for smtp in [None, Some("".parse()?)] {
        let mailer = Mailer::new(&MailArgs { smtp, ..args("") })?;
        assert!(!mailer.is_on());
        assert_eq!(mailer.links().unwrap_err(), MailError::Off);
        assert_eq!(mailer.send(&plain("ada@acme.example")).await.unwrap_err(), MailError::Off);
    }
    Ok(())
}

#[tokio::test]
async fn the_settings_parse_and_have_limits() {
    let program = |more: &[&str]| {
        let always = ["program", "--smtp", "smtps://u:p@mail.example", "--mail-from", "mail@threadly.example"];
        Program::try_parse_from(always.iter().chain(&["--mail-links", "https://chat.example"]).chain(more))
    };
    let args = program(&[]).unwrap().mail;
    assert_eq!((args.smtp_connect_seconds, args.smtp_send_seconds), (10, 60));
    assert!(Mailer::new(&args).unwrap().is_on());
    assert!(!format!("{args:?}").contains("u:p"), "{args:?}");
    assert!(program(&["--smtp-send-seconds", "0"]).is_err());
    assert!(program(&["--smtp-connect-seconds", "301"]).is_err());
}

#[tokio::test]
async fn a_setting_that_can_not_be_used_is_refused_and_no_password_is_shown() {
    for bad in [
        "nonsense",
        "http://u:secret@mail.example",
        "smtp://u:secret@",
        "smtp://u:secret@mail.example?tls=none",
        "smtp://u:secret@mail.example:port",
        "smtp://u@mail.example",
        "smtp://:secret@mail.example",
        "smtp://u:%FFsecret@mail.example",
        "smtp://u:secret@mail.example/a%20b",
        "file://host/folder",
    ] {
        let refused = Mailer::new(&args(bad)).unwrap_err().to_string();
        assert!(refused.starts_with("THREADLY_SMTP") && !refused.contains("secret"), "{bad}: {refused}");
    }
    for (from, links) in [
        (None, Some("https://chat.example")),
        (Some("mail@threadly.example"), None),
        (Some("Threadly"), Some("https://chat.example")),
        (Some("mail@127.0.0.1"), Some("https://chat.example")),
        (Some("mail@threadly.example"), Some("chat.example")),
    ] {
        let (mail_from, mail_links) = (from.map(str::to_owned), links.map(str::to_owned));
        let args = MailArgs { mail_from, mail_links, ..args("smtp://mail.example") };
        assert!(Mailer::new(&args).is_err(), "{from:?} {links:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    let with_ca = || MailArgs { smtp_ca: Some(file.clone()), ..args("smtps://mail.example") };
    assert!(Mailer::new(&with_ca()).is_err());
    std::fs::write(&file, "no certificate").unwrap();
    assert!(Mailer::new(&with_ca()).is_err());
}
