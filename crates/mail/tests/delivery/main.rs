//! Letters on their way: to a real SMTP server, to one that refuses by a script, and into a folder.

mod letters;
mod names;
mod protection;
mod refusals;
mod reuse;
mod scripted;
mod settings;

use chrono::DateTime;
use mail::{Invitation, Letter, MailArgs, Mailer, Outgoing, PasswordChanged};
use uuid::Uuid;

/// Settings for a server, with limits that a test can wait for.
fn args(smtp: &str) -> MailArgs {
    let Ok(smtp) = smtp.parse();
    MailArgs {
        smtp: Some(smtp),
        smtp_password_file: None,
        smtp_ca: None,
        smtp_connect_seconds: 30,
        smtp_send_seconds: 30,
        mail_from: Some("Threadly <mail@threadly.example>".to_owned()),
        mail_links: Some("https://chat.threadly.example".to_owned()),
    }
}

fn mailer(smtp: &str) -> anyhow::Result<Mailer> {
    Ok(Mailer::new(&args(smtp))?)
}

/// A letter that needs nothing.
fn plain(to: &str) -> Outgoing {
    outgoing(to, Letter::PasswordChanged(PasswordChanged))
}

fn outgoing(to: &str, letter: Letter) -> Outgoing {
    let (to_name, workspace) = (Some("Ada Lovelace".to_owned()), "Acme".to_owned());
    Outgoing { id: Uuid::now_v7(), to: to.to_owned(), to_name, workspace, letter }
}

fn invitation(mailer: &Mailer, inviter: &str) -> anyhow::Result<Letter> {
    let link = mailer.links()?.invitation(&"acme".parse()?, "t0ken");
    Ok(Letter::Invitation(Invitation { inviter: inviter.to_owned(), link, expires: DateTime::UNIX_EPOCH }))
}
