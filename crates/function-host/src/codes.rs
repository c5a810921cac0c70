//! Every code that a problem may have: with which status it comes, which functions give it, and what it means. A code that
//! is listed once keeps its meaning. `docs/problems.md` is made from this list, and so is `code` in the OpenAPI document.

use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

/// A code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// As `code` says it.
    pub word: &'static str,
    /// The statuses that it comes with; mostly one.
    pub statuses: &'static [u16],
    /// The functions that give it, by their tags in the OpenAPI document.
    pub by: &'static [&'static str],
    /// What it means, in a sentence.
    pub meaning: &'static str,
}

const AUTH: &[&str] = &["auth"];
const DIRECTORY: &[&str] = &["directory"];
const MESSAGES: &[&str] = &["messages"];
const REALTIME: &[&str] = &["realtime"];
/// Those that know people.
const ACCOUNTS: &[&str] = &["auth", "directory"];
/// Those that know channels.
const CHANNELS: &[&str] = &["directory", "messages"];
/// Those that change anything.
const WRITERS: &[&str] = &["auth", "directory", "messages"];
const EVERY: &[&str] = &["auth", "directory", "messages", "realtime"];

const fn code(
    word: &'static str,
    statuses: &'static [u16],
    by: &'static [&'static str],
    meaning: &'static str,
) -> Code {
    Code { word, statuses, by, meaning }
}

/// All of them, in the order of their words.
pub const CODES: [Code; 158] = [
    code("account-deactivated", &[403], EVERY, "The caller's account is deactivated."),
    code(
        "address-unproved",
        &[403],
        EVERY,
        "An account has the address that the issuer vouches for, and has not proved it.",
    ),
    code("already-a-member", &[409], DIRECTORY, "Somebody here has the address that is invited."),
    code("avatar-checksum-differs", &[422], DIRECTORY, "What was uploaded has another checksum than was announced."),
    code("avatar-empty", &[422], DIRECTORY, "A picture has at least one byte."),
    code("avatar-length-differs", &[422], DIRECTORY, "What was uploaded has another length than was announced."),
    code("avatar-not-found", &[404], DIRECTORY, "This person has no picture."),
    code("avatar-too-large", &[422], DIRECTORY, "A picture has at most 1 MiB."),
    code("avatar-type-differs", &[422], DIRECTORY, "What was uploaded is not of the type that was announced."),
    code("avatar-type-unsupported", &[422], DIRECTORY, "A picture is PNG, JPEG, GIF or WebP."),
    code("body-too-large", &[413], WRITERS, "The body is larger than `maxBodyBytes` of `/v1/meta`."),
    code("body-unreadable", &[400], WRITERS, "The body did not arrive whole."),
    code("bot-deactivated", &[409], AUTH, "This bot is deactivated; activate it first."),
    code("bot-not-found", &[404], AUTH, "There is no bot with this id."),
    code("bot-role-fixed", &[409], AUTH, "A bot is a member, always."),
    code("buckets-unavailable", &[503], DIRECTORY, "The store of pictures does not answer."),
    code("busy", &[503], AUTH, "Too many people sign in now."),
    code("channel-archived", &[403], CHANNELS, "This channel is archived: it can be read, and nothing changes in it."),
    code("channel-id-reserved", &[422], DIRECTORY, "Ids of version 8 are conversations'; make one of version 7."),
    code("channel-name-taken", &[409], DIRECTORY, "Another channel has this name, or one that looks the same."),
    code("channel-not-found", &[404], CHANNELS, "There is no such channel, or the caller may not know of it."),
    code("checksum-malformed", &[422], DIRECTORY, "A checksum is a SHA-256 as 64 hexadecimal digits."),
    code(
        "confirmation-needed",
        &[422],
        AUTH,
        "To erase one's own account `confirm` names one's address or display name.",
    ),
    code("control-character", &[422], DIRECTORY, "This text has characters that are not seen."),
    code("conversation-alone", &[422], DIRECTORY, "A conversation has somebody else in it."),
    code(
        "conversation-fixed",
        &[403],
        DIRECTORY,
        "A conversation's members are always the same, and it has no properties.",
    ),
    code("conversation-too-large", &[422], DIRECTORY, "A conversation has at most nine people."),
    code("database-busy", &[503], EVERY, "The workspace's database has no connection free."),
    code("database-unavailable", &[503], EVERY, "The workspace's database does not answer."),
    code("email-invalid", &[422], ACCOUNTS, "This is no e-mail address that letters go to."),
    code("email-needed", &[422], AUTH, "This invitation is a link for everybody: an address must come with it."),
    code(
        "email-proof-needed",
        &[403],
        AUTH,
        "The workspace admits proved addresses only: ask for a letter by `signUp`.",
    ),
    code("email-taken", &[409], AUTH, "Somebody has this address."),
    code("event-too-large", &[413], WRITERS, "The event is larger than the log takes."),
    code("expires-in-the-past", &[422], AUTH, "A token ends in the future."),
    code("expires-too-late", &[422], AUTH, "A token ends within a year."),
    code("expiry-invalid", &[422], DIRECTORY, "An invitation ends in the future, and within 30 days."),
    code("going-away", &[503], EVERY, "This process is ending; another one answers."),
    code("guest-needs-a-channel", &[422], DIRECTORY, "A guest is invited to a channel at least."),
    code("internal", &[500], EVERY, "Something went wrong here; it has been logged."),
    code("invalid-cursor", &[400], EVERY, "This is no cursor that this list, or this workspace's socket, has given."),
    code("invalid-field", &[400], WRITERS, "A field of the body has another type or form; `field` says which."),
    code("invalid-json", &[400], WRITERS, "The body is no JSON."),
    code("invalid-limit", &[400], WRITERS, "A page's limit is 1 to 200."),
    code("invalid-path", &[400], WRITERS, "An id in the path is none."),
    code("invalid-query", &[400], EVERY, "The query has a parameter that is unknown, or of another form."),
    code("invalid-search", &[400], DIRECTORY, "A search is longer than any name."),
    code("invitation-expired", &[410], ACCOUNTS, "This invitation's time is over."),
    code("invitation-for-another", &[403], AUTH, "This invitation was sent to another address."),
    code("invitation-id-taken", &[409], DIRECTORY, "This id names another invitation; make a new one."),
    code("invitation-not-found", &[404], ACCOUNTS, "There is no such invitation."),
    code("invitation-revoked", &[410], ACCOUNTS, "This invitation was taken back."),
    code("invitation-used", &[410], ACCOUNTS, "This invitation was used as often as it may be."),
    code("issuer-unavailable", &[503], EVERY, "The issuer of the token, or of the sign-in, does not answer."),
    code("last-owner", &[409], AUTH, "This is the last active owner; make somebody else an owner first."),
    code("log-unavailable", &[503], EVERY, "The workspace's log does not answer."),
    code("mail-off", &[409], AUTH, "This installation sends no e-mail."),
    code("max-uses-invalid", &[422], DIRECTORY, "A link is used 1 to 1,000 times, an invitation to an address once."),
    code("message-deleted", &[410], MESSAGES, "The message was deleted."),
    code("message-id-taken", &[409], MESSAGES, "This id names another message of the channel; make a new one."),
    code("message-not-found", &[404], MESSAGES, "There is no such message."),
    code("method-not-allowed", &[405], EVERY, "This path does not take this method."),
    code("name-control-character", &[422], ACCOUNTS, "A name is one line, without characters that are not seen."),
    code("name-empty", &[422], ACCOUNTS, "A name has at least one character that is seen."),
    code(
        "name-looks-taken",
        &[409],
        ACCOUNTS,
        "Somebody has a name that looks just like this one and is not the same.",
    ),
    code("name-too-long", &[422], ACCOUNTS, "A name has at most 80 characters."),
    code("no-such-path", &[404], EVERY, "There is nothing at this path."),
    code("no-such-purpose", &[404], WRITERS, "To the clock alone: this version knows no such work."),
    code("not-a-lead", &[403], DIRECTORY, "Only leads of the team, and admins, may."),
    code("not-a-member", &[403], CHANNELS, "Only members of the channel may."),
    code(
        "not-admitted",
        &[403],
        EVERY,
        "The workspace's rule lets nobody in whom this issuer vouches for in this way.",
    ),
    code("not-an-admin", &[403], WRITERS, "Only admins may."),
    code("not-an-owner", &[403], ACCOUNTS, "Only owners may."),
    code("not-done-yet", &[503], WRITERS, "To the clock alone: ask again."),
    code("not-for-guests", &[403], DIRECTORY, "Guests may not."),
    code("not-json", &[415], WRITERS, "A body is sent as `content-type: application/json`."),
    code("not-ready", &[503], EVERY, "This process waits for its servers."),
    code("not-the-author", &[403], MESSAGES, "Only the author may."),
    code(
        "outcome-unknown",
        &[503],
        WRITERS,
        "Whether it was done is not known: retry with the same id, it is done at most once.",
    ),
    code(
        "parent-is-a-reply",
        &[422],
        MESSAGES,
        "A reply can't be replied to; reply to the message that began the thread.",
    ),
    code("parent-not-found", &[404], MESSAGES, "There is no such message to reply to."),
    code("password-needed", &[422], AUTH, "This account has a password, which is needed here."),
    code("password-too-long", &[422], AUTH, "A password has at most 128 characters."),
    code("password-too-short", &[422], AUTH, "A password has at least 10 characters."),
    code("person-erased", &[409], AUTH, "This person was erased, for good."),
    code(
        "person-not-found",
        &[404],
        ACCOUNTS,
        "There is no such person, or not for what is asked: a deactivated one joins nothing.",
    ),
    code("posting-restricted", &[403], MESSAGES, "Only admins may post in this channel."),
    code(
        "projection-behind",
        &[503],
        MESSAGES,
        "The message may have been posted a moment ago and can't be looked up yet.",
    ),
    code("purpose-control-character", &[422], DIRECTORY, "A channel's purpose has no characters that are not seen."),
    code("purpose-too-long", &[422], DIRECTORY, "A channel's purpose has at most 500 characters."),
    code("rate-limited", &[429], EVERY, "The caller asks faster than anybody may."),
    code("redirect-uri-too-long", &[422], AUTH, "A redirect URI has at most 512 bytes."),
    code("refresh-token-expired", &[401], AUTH, "This refresh token's time is over; sign in again."),
    code("refresh-token-invalid", &[401], AUTH, "This is no refresh token of this workspace."),
    code(
        "refresh-token-reused",
        &[401],
        AUTH,
        "This refresh token was used before, so its session has ended; sign in again.",
    ),
    code("role-needs-an-address", &[422], DIRECTORY, "Whoever administers is invited by address, not by a link."),
    code("scope-missing", &[403], EVERY, "The token's scopes don't cover this."),
    code("scope-not-allowed", &[403], AUTH, "The scope `admin` is for tokens of admins."),
    code("scopes-empty", &[422], AUTH, "A token needs a scope."),
    code("second-factor-needed", &[401], AUTH, "The password is right; the account needs a one-time code too."),
    code("second-factor-not-begun", &[409], AUTH, "There is no second factor; begin one first."),
    code("second-factor-on", &[409], AUTH, "The second factor is on already."),
    code(
        "second-factor-set",
        &[403],
        EVERY,
        "An account with a second factor has the address that the issuer vouches for; it is linked to nobody.",
    ),
    code("session-id-taken", &[409], AUTH, "This id names another session; make a new one."),
    code("session-needed", &[403], AUTH, "Only somebody who has signed in may, no API token."),
    code("session-not-found", &[404], AUTH, "The caller never had such a session."),
    code("session-revoked", &[401], EVERY, "The session was signed out, or the API token ended."),
    code("sign-in-not-offered", &[404], AUTH, "Nobody signs in to this workspace by this issuer."),
    code("sign-in-refused", &[401], AUTH, "The issuer did not confirm this sign-in; begin again."),
    code("sign-up-not-allowed", &[403], AUTH, "The workspace does not admit this address without an invitation."),
    code("status-empty", &[422], DIRECTORY, "A status has an emoji, a text or both."),
    code("status-over", &[422], DIRECTORY, "A status ends in the future."),
    code("team-name-taken", &[409], DIRECTORY, "Another team has this name, or one that looks the same."),
    code("team-not-found", &[404], DIRECTORY, "There is no such team, or the caller may not know of it."),
    code("text-control-character", &[422], MESSAGES, "A message has no control characters but tab and line feed."),
    code("text-empty", &[422], MESSAGES, "A message says something."),
    code("text-too-long", &[422], MESSAGES, "A message has at most `maxMessageChars` of `/v1/meta`."),
    code("ticket-expired", &[410], AUTH, "The time of the letter's link is over."),
    code("ticket-for-another", &[403], AUTH, "The letter is about another account than the caller's."),
    code("ticket-not-found", &[404], AUTH, "There is no such ticket, or not for this."),
    code("ticket-outdated", &[410], AUTH, "The ticket is for an address that the account does not have any more."),
    code("ticket-used", &[410], AUTH, "The letter's link was used."),
    code("time-zone-unknown", &[422], DIRECTORY, "A time zone is a name of the IANA database."),
    code("token-expired", &[401], EVERY, "The access token's time is over; refresh it."),
    code("token-id-taken", &[409], AUTH, "This id names another token, or one whose secret was shown; make a new one."),
    code("token-invalid", &[401], EVERY, "The token is worth nothing in this workspace."),
    code("token-missing", &[401], EVERY, "There is no token in the request."),
    code("token-not-found", &[404], AUTH, "There is no such API token."),
    code("too-long", &[422], DIRECTORY, "This text is too long."),
    code(
        "too-many-attempts",
        &[429],
        AUTH,
        "That failed too often; it may be tried again after `Retry-After` seconds.",
    ),
    code("too-many-bots", &[409], AUTH, "The workspace has as many bots as it may have."),
    code("too-many-channels", &[409], DIRECTORY, "The workspace has as many channels as it may have."),
    code("too-many-conversations", &[409], DIRECTORY, "The caller has opened as many conversations as anybody may."),
    code(
        "too-many-invitations",
        &[429],
        DIRECTORY,
        "Too many invitations were sent by e-mail, to the address or from the workspace; wait.",
    ),
    code("too-many-places", &[422], DIRECTORY, "An invitation leads to at most 50 channels and 50 teams."),
    code(
        "too-many-sockets",
        &[429, 503],
        REALTIME,
        "The caller, or the process (503), has as many open sockets as it may have.",
    ),
    code("too-many-teams", &[409], DIRECTORY, "The workspace has as many teams as it may have."),
    code("too-many-tokens", &[409], AUTH, "There are 50 live tokens already; end one of them first."),
    code("too-many-uploads", &[429], DIRECTORY, "Too many pictures were announced today."),
    code("too-slow", &[503], EVERY, "The answer took too long."),
    code(
        "topic-control-character",
        &[422],
        DIRECTORY,
        "A channel's topic is one line, without characters that are not seen.",
    ),
    code("topic-too-long", &[422], DIRECTORY, "A channel's topic has at most 250 characters."),
    code("unknown-field", &[400], WRITERS, "The body has a field that is not known here; `field` says which."),
    code("upload-expired", &[409], DIRECTORY, "The upload's time is over; announce the picture again."),
    code("upload-incomplete", &[409], DIRECTORY, "Nothing was uploaded yet."),
    code("upload-not-found", &[404], DIRECTORY, "The caller has announced no such upload."),
    code("user-id-taken", &[409], AUTH, "This id names somebody else; make a new one."),
    code("version-mismatch", &[412], ACCOUNTS, "There is another version than `If-Match` names; read it again."),
    code("websocket-required", &[426], REALTIME, "This path takes a WebSocket's handshake only."),
    code("workspace-full", &[403], EVERY, "The workspace has as many members as it may have."),
    code("workspace-not-found", &[404], EVERY, "There is no such workspace."),
    code("workspace-rate-limited", &[429], MESSAGES, "The workspace posts as fast as it may."),
    code("workspace-storage-full", &[403], DIRECTORY, "The workspace holds as many bytes as it may."),
    code("workspace-suspended", &[403], EVERY, "The workspace is suspended."),
    code("workspace-upgrading", &[503], EVERY, "The workspace's database is being upgraded."),
    code("wrong-code", &[401], AUTH, "The one-time code is wrong, or was used."),
    code("wrong-credentials", &[401], AUTH, "The address or the password is wrong; which of them is not told."),
    code("wrong-password", &[403], AUTH, "This is not the account's password."),
];

/// The code of this word.
#[must_use]
pub fn find(word: &str) -> Option<&'static Code> {
    CODES.binary_search_by(|code| code.word.cmp(word)).ok().and_then(|place| CODES.get(place))
}

/// Whether a problem may say this word with this status.
#[must_use]
pub fn may_say(word: &str, status: u16) -> bool {
    find(word).is_some_and(|code| code.statuses.contains(&status))
}

/// `code` in the OpenAPI document.
pub(crate) fn schema() -> Object {
    let text = "For programs: stable, with one meaning for ever, explained in `docs/problems.md`. A later version may know \
                further ones.";
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(text))
        .enum_values(Some(CODES.map(|code| code.word)))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_each_code_is_one_word_of_some_function_with_a_meaning() {
        assert!(CODES.windows(2).all(|pair| pair[0].word < pair[1].word));
        for Code { word, statuses, by, meaning } in CODES {
            assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{word}");
            assert!(!statuses.is_empty() && statuses.iter().all(|status| (400..600).contains(status)), "{word}");
            assert!(!by.is_empty() && by.iter().all(|tag| EVERY.contains(tag)), "{word}");
            assert!(meaning.ends_with('.') && !meaning.contains('|'), "{word}");
        }
    }

    #[test]
    fn a_word_is_found_and_goes_with_its_statuses_only() {
        assert_eq!(find("busy").map(|code| code.by), Some(AUTH));
        assert_eq!(find("bus"), None);
        assert!(may_say("too-many-sockets", 429) && may_say("too-many-sockets", 503));
        assert!(!may_say("busy", 500) && !may_say("bus", 503));
    }
}
