//! The way out.

use std::{fmt, sync::Arc};

use lettre::message::Mailbox;
use url::Url;
use uuid::Uuid;

use crate::{
    Letter, Links, MailArgs, MailError, MailSettingError, SmtpUrl, folder::Folder, line::Line, message, pool::Pool,
    server::Server,
};

/// One letter to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Names the letter, whenever it is sent: its Message-ID. One that is tried again keeps it.
    pub id: Uuid,
    /// The address, as it was typed.
    pub to: String,
    /// What the reader is called, if that is known.
    pub to_name: Option<String>,
    /// What the workspace is called.
    pub workspace: String,
    /// What it says.
    pub letter: Letter,
}

/// Sends letters; one for a process's whole life, shared by its clones.
#[derive(Clone)]
pub struct Mailer(Option<Arc<On>>);

struct On {
    transport: Transport,
    from: Mailbox,
    links: Links,
}

enum Transport {
    Smtp(Pool),
    Folder(Folder),
}

impl Mailer {
    /// Reads the settings, and connects to nothing yet. Without `THREADLY_SMTP` it is off.
    ///
    /// # Errors
    /// A setting that can't be used, or is missing beside another.
    pub fn new(args: &MailArgs) -> Result<Self, MailSettingError> {
        let Some(smtp) = args.smtp.as_ref().map(SmtpUrl::expose).filter(|url| !url.is_empty()) else {
            return Ok(Self(None));
        };
        let (Some(from), Some(links)) = (&args.mail_from, &args.mail_links) else {
            return Err(MailSettingError::new("THREADLY_SMTP needs THREADLY_MAIL_FROM and THREADLY_MAIL_LINKS"));
        };
        let (from, links) = (sender(from)?, Links::new(links)?);
        let url =
            Url::parse(smtp).map_err(|error| MailSettingError::new(format!("THREADLY_SMTP can't be used: {error}")))?;
        let transport = match url.scheme() {
            "file" => {
                let path = url.to_file_path().map_err(|()| {
                    MailSettingError::new("THREADLY_SMTP can't be used: a folder is written file:///its/path")
                })?;
                Transport::Folder(Folder::new(path))
            }
            _ => Transport::Smtp(Pool::new(Server::new(args, &url, from.email.domain())?)),
        };
        Ok(Self(Some(Arc::new(On { transport, from, links }))))
    }

    /// Whether letters are sent at all.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Makes links for letters.
    ///
    /// # Errors
    /// [`MailError::Off`].
    pub fn links(&self) -> Result<&Links, MailError> {
        self.0.as_ref().map(|on| &on.links).ok_or(MailError::Off)
    }

    /// Hands one letter over to the SMTP server, which then is the one to deliver it. Tries once, for at most the
    /// time-out for connecting, twice the one for sending (once of it for a free connection), and some seconds.
    ///
    /// Hand-over is at least once, for a caller who tries again after [`MailError::Later`]: where the connection breaks
    /// or the time is up after the whole letter was sent and before the server's answer, the server may have taken it.
    /// What is sent again under the same [`Outgoing::id`] has the same Message-ID, by which many mailboxes show it
    /// once. So every letter must be harmless to read twice: a link in it works as often as its token allows, and a
    /// letter that counts or adds up something is none that this crate should have. The future may be dropped at any
    /// time, with the same outcome as a time-out.
    ///
    /// # Errors
    /// [`MailError::Off`]; [`MailError::Rejected`]: the address is none, or the server answered 5xx about it or about
    /// the message; [`MailError::Later`]: everything else.
    pub async fn send(&self, outgoing: &Outgoing) -> Result<(), MailError> {
        let on = self.0.as_ref().ok_or(MailError::Off)?;
        let ready = message::make(&on.from, outgoing)?;
        match &on.transport {
            Transport::Smtp(pool) => pool.send(&ready).await,
            Transport::Folder(folder) => folder.write(outgoing.id, outgoing.letter.kind(), &ready.bytes).await,
        }
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = self.0.as_ref().map(|on| on.from.to_string());
        f.debug_struct("Mailer").field("from", &from).finish_non_exhaustive()
    }
}

/// `Threadly <threadly@example.com>`, or the address alone.
fn sender(text: &str) -> Result<Mailbox, MailSettingError> {
    let refused = |why: String| MailSettingError::new(format!("THREADLY_MAIL_FROM can't be used: {why}"));
    let mailbox: Mailbox = text.trim().parse().map_err(|error| refused(format!("{error}")))?;
    let address = message::address(mailbox.email.as_ref()).map_err(refused)?;
    Ok(Mailbox::new(mailbox.name.map(|name| Line::name(&name).as_str().to_owned()), address))
}
