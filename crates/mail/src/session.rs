//! One conversation with an SMTP server, and what its answers mean.

use lettre::transport::smtp::{
    Error,
    authentication::DEFAULT_MECHANISMS,
    client::AsyncSmtpConnection,
    commands::{Data, Mail, Rcpt},
    extension::{Extension, MailBodyParameter, MailParameter},
};

use crate::{
    MailError,
    error::causes,
    message::Ready,
    server::{Protection, Server},
};

/// Connects, protects the connection, and proves who we are. Whatever goes wrong is no fault of the letter, so it is
/// never refused for good.
pub(crate) async fn open(server: &Server) -> Result<AsyncSmtpConnection, MailError> {
    let place = (server.host.as_str(), server.port);
    let wrapped = match &server.protection {
        Protection::Wrapped(tls) => Some(tls.clone()),
        Protection::Plain | Protection::Opportunistic(_) | Protection::Required(_) => None,
    };
    let limit = Some(server.connect_limit);
    let mut connection = AsyncSmtpConnection::connect_tokio1(place, limit, &server.hello, wrapped, None)
        .await
        .map_err(|e| later("connecting", &e))?;
    let starttls = match &server.protection {
        Protection::Required(tls) => Some(tls),
        Protection::Opportunistic(tls) if connection.can_starttls() => Some(tls),
        Protection::Plain | Protection::Opportunistic(_) | Protection::Wrapped(_) => None,
    };
    if let Some(tls) = starttls {
        connection.starttls(tls.clone(), &server.hello).await.map_err(|e| later("STARTTLS", &e))?;
    }
    if let Some(credentials) = &server.credentials {
        connection.auth(DEFAULT_MECHANISMS, credentials).await.map_err(|e| later("signing in", &e))?;
    }
    Ok(connection)
}

/// Hands one message over. After an error the connection is of no more use.
pub(crate) async fn say(connection: &mut AsyncSmtpConnection, ready: &Ready) -> Result<(), MailError> {
    let parameters = parameters(connection, ready)?;
    // A sender that is refused is our own setting, whoever the letter is for.
    connection.command(Mail::new(Some(ready.from.clone()), parameters)).await.map_err(|e| later("MAIL", &e))?;
    connection.command(Rcpt::new(ready.to.clone(), Vec::new())).await.map_err(|e| judged("RCPT", &e))?;
    connection.command(Data).await.map_err(|e| judged("DATA", &e))?;
    connection.message(&ready.bytes).await.map_err(|e| judged("the message", &e))?;
    Ok(())
}

/// What the message needs of the server beyond ASCII. A server that lacks it never takes this letter.
fn parameters(connection: &AsyncSmtpConnection, ready: &Ready) -> Result<Vec<MailParameter>, MailError> {
    let offers = |extension| connection.server_info().supports_feature(extension);
    let (to, from): (&str, &str) = (ready.to.as_ref(), ready.from.as_ref());
    let mut parameters = Vec::new();
    if !(to.is_ascii() && from.is_ascii()) {
        if !offers(Extension::SmtpUtfEight) {
            return Err(MailError::Rejected("the server takes no address beyond ASCII".to_owned()));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !ready.bytes.is_ascii() {
        if !offers(Extension::EightBitMime) {
            return Err(MailError::Rejected("the server takes no message beyond ASCII".to_owned()));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(parameters)
}

/// An answer about the recipient or the message: 5xx is for good, unless it asks for a password, which is about us.
fn judged(doing: &str, error: &Error) -> MailError {
    let code = error.status().map_or(0, u16::from);
    if error.is_permanent() && !matches!(code, 530 | 534 | 535 | 538) {
        return MailError::Rejected(format!("{doing}: {}", causes(error)));
    }
    later(doing, error)
}

fn later(doing: &str, error: &Error) -> MailError {
    MailError::Later(format!("{doing}: {}", causes(error)))
}
