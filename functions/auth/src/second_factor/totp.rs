//! One-time codes by time (RFC 6238 over RFC 4226): HMAC-SHA-1, 6 digits, 30 s, which is what every authenticator app
//! computes. Twenty lines on the `hmac` crate, in place of a dependency that is mostly about URLs and pictures.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use sha1::Sha1;

/// Seconds of a step.
const STEP: u64 = 30;
/// Steps before and after the present one whose codes are taken: clocks of telephones are off, and people type slowly.
const WINDOW: u64 = 1;
/// Of a code.
const DIGITS: u32 = 6;
/// Bytes of a secret: as long as HMAC-SHA-1's output, as RFC 4226 recommends.
pub(crate) const SECRET_BYTES: usize = 20;

/// The step that is current at a time, in seconds since 1970.
fn step(now: u64) -> u64 {
    now / STEP
}

/// The code of a step.
fn code(secret: &[u8], step: u64) -> Option<u32> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    // RFC 4226, 5.3: the last nibble says where the four bytes stand.
    let at = usize::from(digest.last()? & 0xf);
    let bytes: [u8; 4] = digest.get(at..at + 4)?.try_into().ok()?;
    Some((u32::from_be_bytes(bytes) & 0x7fff_ffff) % 10_u32.pow(DIGITS))
}

/// The step that a code is of, among those that are taken now. Steps up to `last` were used.
pub(crate) fn matching_step(secret: &[u8], presented: u32, now: u64, last: u64) -> Option<u64> {
    let present = step(now);
    let window = present.saturating_sub(WINDOW)..=present.saturating_add(WINDOW);
    window.filter(|step| *step > last).find(|step| code(secret, *step) == Some(presented))
}

/// Six digits, read.
pub(crate) fn digits(text: &str) -> Option<u32> {
    let six = text.len() == DIGITS as usize && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| six)
}

/// The secret as people type it into an app.
pub(crate) fn text(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// What authenticator apps read from a picture (the Key URI Format): whose account, and where.
pub(crate) fn uri(secret: &[u8], workspace: &str, account: &str) -> String {
    let (issuer, account) = (encoded(workspace), encoded(account));
    format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", text(secret))
}

/// Percent-encoded: all but the unreserved characters of RFC 3986.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 6238, appendix B.
    const RFC: &[u8] = b"12345678901234567890";

    #[test]
    fn the_rfcs_codes_come_out() {
        let codes = [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130_u32),
        ];
        for (now, eight_digits) in codes {
            assert_eq!(code(RFC, step(now)), Some(eight_digits % 1_000_000), "{now}");
        }
    }

    #[test]
    fn a_code_is_good_for_its_step_and_the_ones_beside_it_and_never_twice() {
        let of_step = |step| code(RFC, step).unwrap();
        let now = 100 * STEP + 29;
        let steps = |last| [98, 99, 100, 101, 102].map(|step| matching_step(RFC, of_step(step), now, last));
        assert_eq!(steps(0), [None, Some(99), Some(100), Some(101), None]);
        assert_eq!(steps(100), [None, None, None, Some(101), None]);
        assert_eq!(steps(101), [None; 5]);
    }

    #[test]
    fn a_code_is_six_ascii_digits() {
        assert_eq!(digits("000042"), Some(42));
        for bad in ["", "42", "0000042", "00004a", " 00042", "+00042", "-00042", "٠٠٠٠٤٢"] {
            assert_eq!(digits(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn names_do_not_leave_their_place_in_the_uri() {
        let uri = uri(RFC, "A&B: C?", "ada+x@acme.example");
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let name = "A%26B%3A%20C%3F";
        assert_eq!(uri, format!("otpauth://totp/{name}:ada%2Bx%40acme.example?secret={secret}&issuer={name}"));
    }

    proptest! {
        #[test]
        fn no_code_is_taken_that_is_not_of_the_window(presented in 0_u32..1_000_000, now in 0_u64..1 << 40, last: u64) {
            if let Some(step) = matching_step(RFC, presented, now, last) {
                prop_assert!(step > last && step.abs_diff(now / STEP) <= WINDOW);
                prop_assert_eq!(code(RFC, step), Some(presented));
            }
        }

        #[test]
        fn any_name_makes_one_uri_of_ascii(workspace: String, account: String) {
            let uri = uri(RFC, &workspace, &account);
            prop_assert!(uri.is_ascii() && uri.matches(['?', '#', ' ', '\n']).count() == 1);
        }
    }
}
