//! What can go wrong with e-mail, by what a sender does about it.

/// Why a letter was not handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// This installation sends no e-mail: `THREADLY_SMTP` is not set.
    #[error("this installation sends no e-mail")]
    Off,
    /// The address is none, or the server refused it or the letter for good. To try again would be of no use.
    #[error("the letter was refused for good: {0}")]
    Rejected(String),
    /// The server is away, slow, misconfigured, or refused for now. The same letter may go later.
    ///
    /// It may also have gone already: see [`Mailer::send`](crate::Mailer::send).
    #[error("e-mail can't be handed over now: {0}")]
    Later(String),
}

impl MailError {
    /// Stable, for problems and log lines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Off => "mail-off",
            Self::Rejected(_) => "mail-rejected",
            Self::Later(_) => "mail-unavailable",
        }
    }
}

/// A setting that can't be used; never shows a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MailSettingError(pub(crate) String);

impl MailSettingError {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// The whole chain in one line: the outermost says only that something failed.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    for cause in std::iter::successors(error.source(), |error| error.source()).map(ToString::to_string) {
        // Some repeat their cause in their own words.
        if !line.ends_with(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line
}
