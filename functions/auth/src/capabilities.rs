//! What a client may rely on where `/v1/meta` lists it. A word is never taken back and never changes its meaning.

/// Each capability and what it means, in the order of their words.
pub(crate) const CAPABILITIES: [(&str, &str); 11] = [
    ("account-deactivation", "People and bots are deactivated and activated again."),
    ("account-erasure", "People are erased by owners and by themselves; their messages stay, without a name."),
    ("api-tokens", "People make tokens with scopes and an end for their programs."),
    ("avatars", "People have pictures, uploaded by presigned links."),
    ("bots", "Admins make bots, and tokens for them."),
    ("guests", "There are guests, who see the channels that they were let into and nothing else."),
    ("invitations", "People are invited by link and by e-mail."),
    ("read-your-writes", "`atLeast` on a channel's messages takes the position that a write answered."),
    ("roles", "Owners and admins change what people are."),
    ("socket-resume", "A socket goes on from a cursor without a gap."),
    ("threads", "A message may reply to another one."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_names_each_once() {
        assert!(CAPABILITIES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (word, meaning) in CAPABILITIES {
            assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{word}");
            assert!(meaning.ends_with('.'), "{word}");
        }
    }
}
