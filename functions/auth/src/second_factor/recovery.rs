//! Codes for whoever has lost the telephone: ten, each good once, shown once. Only digests are stored.

use data_encoding::BASE32_NOPAD;
use domain::UserId;
use sha2::{Digest, Sha256};

/// How many there are.
const CODES: usize = 10;
/// Random bytes of each: with 80 bits, no dump of the digests gives one back.
const BYTES: usize = 10;
/// Characters between two hyphens.
const GROUP: usize = 4;

/// Fresh codes, as people write them down.
pub(crate) fn make() -> Vec<String> {
    (0..CODES).map(|_| written(&rand::random::<[u8; BYTES]>())).collect()
}

fn written(bytes: &[u8]) -> String {
    let text = BASE32_NOPAD.encode(bytes).to_lowercase();
    let groups: Vec<String> =
        text.as_bytes().chunks(GROUP).map(|group| String::from_utf8_lossy(group).into()).collect();
    groups.join("-")
}

/// What is stored of a code; `None` if the text is none. Case, hyphens and spaces don't matter.
pub(crate) fn digest(user: UserId, text: &str) -> Option<Vec<u8>> {
    let plain: String = text.chars().filter(|char| !matches!(char, '-' | ' ')).take(64).collect();
    let bytes = BASE32_NOPAD.decode(plain.to_uppercase().as_bytes()).ok().filter(|bytes| bytes.len() == BYTES)?;
    Some(Sha256::new().chain_update(user.0.as_bytes()).chain_update(bytes).finalize().to_vec())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ten_codes_differ_and_are_known_however_they_are_typed() {
        let (user, codes) = (UserId::random(), make());
        let digests: HashSet<Vec<u8>> = codes.iter().map(|code| digest(user, code).unwrap()).collect();
        assert_eq!(digests.len(), CODES);
        let code = &codes[0];
        assert_eq!(code.len(), 19);
        for typed in [code.to_uppercase(), code.replace('-', ""), code.replace('-', " "), format!(" {code} ")] {
            assert_eq!(digest(user, &typed), digest(user, code));
        }
        assert_ne!(digest(UserId::random(), code), digest(user, code));
    }

    #[test]
    fn what_is_no_code_has_no_digest() {
        for bad in ["", "123456", "aaaa-aaaa-aaaa-aaa", "aaaa-aaaa-aaaa-aaaaa", "aaaa-aaaa-aaaa-aaa1", "ä"] {
            assert_eq!(digest(UserId::random(), bad), None, "{bad:?}");
        }
    }
}
