//! A letter as a message of RFC 5322.

use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use url::Host;

use crate::{MailError, Outgoing, content::plain, html, line::Line, text};

/// A message that is ready to go.
#[derive(Debug)]
pub(crate) struct Ready {
    pub from: Address,
    pub to: Address,
    /// Lines end in CRLF.
    pub bytes: Vec<u8>,
}

/// Everything that a person chose goes through [`Line`]; addresses go through lettre's types. So no header, and no
/// command of SMTP, can hold a line break that is not ours.
pub(crate) fn make(from: &Mailbox, outgoing: &Outgoing) -> Result<Ready, MailError> {
    let to = address(&outgoing.to).map_err(MailError::Rejected)?;
    let name = outgoing.to_name.as_deref().map(|name| unencoded(Line::name(name).as_str()));
    let content = outgoing.letter.content(&Line::name(&outgoing.workspace));
    let unbuilt = |error: &dyn std::error::Error| MailError::Rejected(format!("no message can be made: {error}"));

    // Named here, since lettre would read them back from the headers.
    let envelope = Envelope::new(Some(from.email.clone()), vec![to.clone()]).map_err(|error| unbuilt(&error))?;
    let mut message = Message::builder()
        .envelope(envelope)
        .from(from.clone())
        .to(Mailbox::new(name, to.clone()))
        .subject(unencoded(&plain(&content.subject)))
        .message_id(Some(format!("<{}@{}>", outgoing.id, from.email.domain())))
        .date_now()
        .multipart(MultiPart::alternative_plain_html(text::render(&content), html::render(&content)))
        .map_err(|error| unbuilt(&error))?;
    // RFC 3834: nobody's holiday notice is an answer to this.
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    message.headers_mut().insert_raw(HeaderValue::new(automatic, "auto-generated".to_owned()));
    Ok(Ready { from: from.email.clone(), to, bytes: message.formatted() })
}

/// A text that no reader takes for an encoded word of RFC 2047, in which whatever a name must not hold could hide.
fn unencoded(text: &str) -> String {
    text.replace("=?", "= ?")
}

/// An address by lettre's rules, at a domain in ASCII. Numbers instead of a domain are refused: only somebody who wants
/// to reach our own network has such an address.
pub(crate) fn address(text: &str) -> Result<Address, String> {
    let refused = |why: &str| format!("this is no e-mail address: {why}");
    let (user, domain) = text.trim().rsplit_once('@').ok_or_else(|| refused("it has no @"))?;
    let domain = match Host::parse(domain) {
        Ok(Host::Domain(domain)) => domain,
        Ok(_) => return Err(refused("it has no domain")),
        Err(error) => return Err(refused(&error.to_string())),
    };
    if user.chars().any(|char| char.is_control() || char.is_whitespace()) {
        return Err(refused("it has spaces"));
    }
    Address::new(user, domain).map_err(|error| refused(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{EmailChanged, Letter};

    fn made(to: &str, name: &str) -> Result<Ready, MailError> {
        let letter = Letter::EmailChanged(EmailChanged { old: name.to_owned(), new: to.to_owned() });
        let (to, workspace) = (to.to_owned(), name.to_owned());
        let from = "Threadly <mail@threadly.example>".parse().unwrap();
        make(&from, &Outgoing { id: Uuid::nil(), to, to_name: Some(name.to_owned()), workspace, letter })
    }

    fn header_names(bytes: &[u8]) -> Vec<String> {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(!text.replace("\r\n", "").contains(['\r', '\n', '\0']), "{text}");
        let head = text.split_once("\r\n\r\n").unwrap().0;
        let names = head.split("\r\n").filter(|line| !line.starts_with(' '));
        let mut names: Vec<String> = names.map(|line| line.split_once(": ").unwrap().0.to_owned()).collect();
        names.sort_unstable();
        names
    }

    /// Pieces that mean something in a header, in SMTP or in HTML, and any others between them.
    fn nasty() -> impl Strategy<Value = String> {
        let pieces = [
            "\r\n", "\n", "\r", "\0", ": ", "\"", "\\", "<", ">", "@", ",", ";", "=?", "?=", "\u{2028}", ".", "ü", "a",
            " ",
        ];
        let piece =
            prop_oneof![3 => proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
        proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_name_adds_a_header_or_breaks_a_line(name in nasty()) {
            let ready = made("ada@acme.example", &name).unwrap();
            let expected =
                ["Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"];
            prop_assert_eq!(header_names(&ready.bytes), expected);
            prop_assert!(ready.bytes.is_ascii());
        }

        #[test]
        fn an_address_is_refused_or_is_one_word_of_smtp(user in nasty(), domain in nasty()) {
            for text in [format!("{user}@{domain}"), format!("{user}@acme.example"), format!("\"{user}\"@acme.example")] {
                match made(&text, "Ada") {
                    Err(error) => prop_assert!(matches!(error, MailError::Rejected(_)), "{}", error),
                    Ok(ready) => {
                        let to: &str = ready.to.as_ref();
                        prop_assert!(!to.contains(|char: char| char.is_control() || char.is_whitespace()), "{to:?}");
                        prop_assert!(ready.to.domain().is_ascii() && !ready.to.domain().contains(['<', '>', '@']), "{to:?}");
                        prop_assert_eq!(header_names(&ready.bytes).len(), 8);
                    }
                }
            }
        }
    }
}
