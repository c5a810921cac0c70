//! An issuer's keys (RFC 7517), of which those are kept that can verify.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use crate::{Algorithm, Unavailable};

/// Keys of one issuer.
const MAX_KEYS: usize = 100;
/// Bits of an RSA key: shorter ones are broken soon, longer ones cost too much.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=4_096;

/// The keys that an issuer has now.
pub(crate) struct KeySet(Vec<Key>);

struct Key {
    id: String,
    /// What it is for.
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// What a set has for a token.
pub(crate) enum Found<'a> {
    Key(&'a DecodingKey),
    /// It has the key, for something else.
    OtherUse,
    Nothing,
}

#[derive(Deserialize)]
struct Written {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// The private part: who publishes it shares the key with everybody.
    d: Option<IgnoredAny>,
}

impl KeySet {
    /// Reads a set, and leaves out what can verify nothing here.
    ///
    /// # Errors
    /// It is no set, or too large a one.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Unavailable> {
        let written: Written = serde_json::from_slice(body).map_err(|_| Unavailable::Document("is no set of keys"))?;
        if written.keys.len() > MAX_KEYS {
            return Err(Unavailable::Document("has more than 100 keys"));
        }
        let read = |key| serde_json::from_value::<Jwk>(key).ok().and_then(Key::of);
        Ok(Self(written.keys.into_iter().filter_map(read).collect()))
    }

    pub(crate) fn find(&self, id: &str, algorithm: Algorithm) -> Found<'_> {
        let mut named = self.0.iter().filter(|key| key.id == id).peekable();
        if named.peek().is_none() {
            return Found::Nothing;
        }
        let fit = named.find(|key| key.algorithms.contains(&algorithm));
        fit.map_or(Found::OtherUse, |key| Found::Key(&key.key))
    }
}

impl Key {
    fn of(jwk: Jwk) -> Option<Self> {
        let verifies = jwk.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        let signs = jwk.usage.as_ref().is_none_or(|usage| usage == "sig");
        if !verifies || !signs || jwk.d.is_some() {
            return None;
        }
        let (algorithms, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => (Algorithm::RSA.to_vec(), rsa(&bytes(jwk.n)?, &bytes(jwk.e)?)?),
            ("EC", Some("P-256")) => (vec![Algorithm::ES256], ec(&bytes(jwk.x)?, &bytes(jwk.y)?, 32)?),
            ("EC", Some("P-384")) => (vec![Algorithm::ES384], ec(&bytes(jwk.x)?, &bytes(jwk.y)?, 48)?),
            ("OKP", Some("Ed25519")) => {
                let point = bytes(jwk.x).filter(|point| point.len() == 32)?;
                (vec![Algorithm::EdDSA], DecodingKey::from_ed_der(&point))
            }
            _ => return None,
        };
        let algorithms = match jwk.alg {
            None => algorithms,
            Some(name) => vec![Algorithm::named(&name).filter(|named| algorithms.contains(named))?],
        };
        Some(Self { id: jwk.kid, algorithms, key })
    }
}

fn bytes(text: Option<String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<DecodingKey> {
    let (modulus, exponent) = (without_zeros(modulus), without_zeros(exponent));
    let bits = (modulus.len() * 8).checked_sub(usize::try_from(modulus.first()?.leading_zeros()).ok()?)?;
    let odd = exponent.last().is_some_and(|last| last % 2 == 1);
    let sensible = odd && exponent != [1] && exponent.len() <= 4;
    (RSA_BITS.contains(&bits) && sensible).then(|| DecodingKey::from_rsa_raw_components(modulus, exponent))
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

fn ec(x: &[u8], y: &[u8], length: usize) -> Option<DecodingKey> {
    let whole = x.len() == length && y.len() == length;
    // Uncompressed, SEC 1, 2.3.3.
    whole.then(|| DecodingKey::from_ec_der(&[&[4], x, y].concat()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(keys: &Value) -> Result<KeySet, Unavailable> {
        KeySet::parse(json!({"keys": keys}).to_string().as_bytes())
    }

    fn rsa_key(bytes: usize) -> Value {
        let modulus = URL_SAFE_NO_PAD.encode(vec![0xff; bytes]);
        json!({"kty": "RSA", "kid": "a", "use": "sig", "n": modulus, "e": "AQAB"})
    }

    fn algorithms(key: Value, changes: &Value) -> Vec<Algorithm> {
        let mut key = key;
        for (name, value) in changes.as_object().unwrap() {
            key[name] = value.clone();
        }
        let set = set(&json!([key])).unwrap();
        Algorithm::ALL.into_iter().filter(|of| matches!(set.find("a", *of), Found::Key(_))).collect()
    }

    #[test]
    fn a_key_verifies_what_it_is_for_and_nothing_else() {
        let none: [Algorithm; 0] = [];
        let rsa = rsa_key(256);
        assert_eq!(algorithms(rsa.clone(), &json!({})), Algorithm::RSA);
        assert_eq!(algorithms(rsa.clone(), &json!({"alg": "PS256"})), [Algorithm::PS256]);
        assert_eq!(algorithms(rsa.clone(), &json!({"key_ops": ["verify"]})), Algorithm::RSA);
        for change in [
            json!({"alg": "ES256"}),
            json!({"alg": "HS256"}),
            json!({"alg": "none"}),
            json!({"alg": "RSA-OAEP"}),
            json!({"use": "enc"}),
            json!({"key_ops": ["encrypt"]}),
            json!({"d": "AQAB"}),
            json!({"e": "AQ"}),
            json!({"e": "Ag"}),
            json!({"e": ""}),
            json!({"e": "AQAAAAAB"}),
            json!({"n": ""}),
            json!({"n": "!"}),
            json!({"kty": "oct", "k": "AQAB"}),
            json!({"kid": null}),
        ] {
            assert_eq!(algorithms(rsa.clone(), &change), none, "{change}");
        }
        let point = |length| URL_SAFE_NO_PAD.encode(vec![7; length]);
        let ec = json!({"kty": "EC", "kid": "a", "crv": "P-256", "x": point(32), "y": point(32)});
        assert_eq!(algorithms(ec.clone(), &json!({})), [Algorithm::ES256]);
        assert_eq!(
            algorithms(ec.clone(), &json!({"crv": "P-384", "x": point(48), "y": point(48)})),
            [Algorithm::ES384]
        );
        for change in
            [json!({"crv": "P-384"}), json!({"crv": "secp256k1"}), json!({"x": point(31)}), json!({"y": null})]
        {
            assert_eq!(algorithms(ec.clone(), &change), none, "{change}");
        }
        let ed = json!({"kty": "OKP", "kid": "a", "crv": "Ed25519", "x": point(32)});
        assert_eq!(algorithms(ed.clone(), &json!({})), [Algorithm::EdDSA]);
        assert_eq!(algorithms(ed.clone(), &json!({"alg": "Ed25519"})), [Algorithm::EdDSA]);
        for change in [json!({"crv": "Ed448"}), json!({"crv": "X25519"}), json!({"x": point(31)})] {
            assert_eq!(algorithms(ed.clone(), &change), none, "{change}");
        }
    }

    #[test]
    fn short_and_very_long_rsa_keys_are_left_out() {
        let none: [Algorithm; 0] = [];
        for (bytes, usable) in [(128, false), (255, false), (256, true), (512, true), (513, false)] {
            let found = algorithms(rsa_key(bytes), &json!({}));
            assert_eq!(found, if usable { &Algorithm::RSA[..] } else { &none }, "{bytes}");
        }
        // Zeros before it make it no longer.
        let padded = URL_SAFE_NO_PAD.encode([vec![0; 128], vec![0xff; 128]].concat());
        assert_eq!(algorithms(rsa_key(256), &json!({"n": padded})), none);
    }

    #[test]
    fn one_bad_key_spoils_no_other() {
        let odd = json!([null, 7, {"kty": "new"}, {"kid": "a"}, rsa_key(256)]);
        assert!(matches!(set(&odd).unwrap().find("a", Algorithm::RS256), Found::Key(_)));
    }

    #[test]
    fn a_set_of_too_many_keys_is_no_set() {
        assert!(set(&json!(vec![rsa_key(256); 100])).is_ok());
        assert!(set(&json!(vec![rsa_key(256); 101])).is_err());
        for body in ["", "[]", "{}", "<html>", r#"{"keys":{}}"#, r#"{"keys":[]"#] {
            assert!(KeySet::parse(body.as_bytes()).is_err(), "{body}");
        }
    }
}
