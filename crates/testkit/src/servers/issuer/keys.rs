//! Keys of an issuer, and what they sign: also what no honest issuer would.

use std::str::FromStr;

use anyhow::{Context, bail};
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, EncodingKey};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PublicKeyData};
use rsa::{
    RsaPrivateKey,
    pkcs1::EncodeRsaPrivateKey,
    pkcs8::{EncodePublicKey, LineEnding},
    rand_core::OsRng,
    traits::PublicKeyParts,
};
use serde_json::{Value, json};

/// Bits of an RSA key that is nothing special.
const RSA_BITS: usize = 2_048;

/// A key that signs tokens.
#[derive(Clone)]
pub struct IssuerKey {
    algorithm: Algorithm,
    key: EncodingKey,
    jwk: Value,
    public_pem: Option<String>,
}

impl IssuerKey {
    /// A new one for this algorithm, by its name in tokens: RS*, PS*, ES256, ES384 or EdDSA.
    ///
    /// # Errors
    /// It is none of these.
    pub fn make(algorithm: &str) -> anyhow::Result<Self> {
        let parsed = Algorithm::from_str(algorithm).with_context(|| format!("no algorithm {algorithm}"))?;
        match parsed {
            Algorithm::ES256 => Self::elliptic(parsed, "P-256"),
            Algorithm::ES384 => Self::elliptic(parsed, "P-384"),
            Algorithm::EdDSA => Self::edwards(),
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => bail!("{algorithm} is no issuer's"),
            _ => Self::rsa(algorithm, RSA_BITS),
        }
    }

    /// An RSA key of so many bits.
    ///
    /// # Errors
    /// There is no such key, or it is not RSA's algorithm.
    pub fn rsa(algorithm: &str, bits: usize) -> anyhow::Result<Self> {
        let key = RsaPrivateKey::new(&mut OsRng, bits)?;
        let number = |number: &rsa::BigUint| BASE64URL_NOPAD.encode(&number.to_bytes_be());
        let public = json!({"kty": "RSA", "n": number(key.n()), "e": number(key.e())});
        let pem = key.to_public_key().to_public_key_pem(LineEnding::LF)?;
        let key = EncodingKey::from_rsa_der(key.to_pkcs1_der()?.as_bytes());
        let algorithm = Algorithm::from_str(algorithm)?;
        Ok(Self { public_pem: Some(pem), ..Self::named(algorithm, key, public) })
    }

    fn elliptic(algorithm: Algorithm, curve: &str) -> anyhow::Result<Self> {
        let of = if curve == "P-256" { &PKCS_ECDSA_P256_SHA256 } else { &PKCS_ECDSA_P384_SHA384 };
        let pair = KeyPair::generate_for(of)?;
        // Uncompressed: a four, and both coordinates.
        let point = pair.der_bytes().get(1..).context("a point")?;
        let (x, y) = point.split_at(point.len() / 2);
        let (x, y) = (BASE64URL_NOPAD.encode(x), BASE64URL_NOPAD.encode(y));
        let public = json!({"kty": "EC", "crv": curve, "x": x, "y": y});
        Ok(Self::named(algorithm, EncodingKey::from_ec_der(&pair.serialize_der()), public))
    }

    fn edwards() -> anyhow::Result<Self> {
        let key = SigningKey::from_bytes(&rand::random());
        let x = BASE64URL_NOPAD.encode(key.verifying_key().as_bytes());
        let key = EncodingKey::from_ed_der(key.to_pkcs8_der()?.as_bytes());
        Ok(Self::named(Algorithm::EdDSA, key, json!({"kty": "OKP", "crv": "Ed25519", "x": x})))
    }

    fn named(algorithm: Algorithm, key: EncodingKey, mut jwk: Value) -> Self {
        jwk["kid"] = json!(format!("key_{:016x}", rand::random::<u64>()));
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(format!("{algorithm:?}"));
        Self { algorithm, key, jwk, public_pem: None }
    }

    /// The same key as it would be if its public part said this too, or instead.
    #[must_use]
    pub fn saying(&self, changes: &Value) -> Self {
        Self { jwk: merged(&self.jwk, changes), ..self.clone() }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.jwk["kid"].as_str().unwrap_or_default()
    }

    /// Its public part, as issuers publish it.
    #[must_use]
    pub fn jwk(&self) -> &Value {
        &self.jwk
    }

    /// The public part of an RSA key as PEM text.
    #[must_use]
    pub fn public_pem(&self) -> Option<&str> {
        self.public_pem.as_deref()
    }

    /// The header of its tokens.
    #[must_use]
    pub fn header(&self) -> Value {
        json!({"alg": format!("{:?}", self.algorithm), "kid": self.id(), "typ": "JWT"})
    }

    /// A token with these claims.
    ///
    /// # Errors
    /// It can't be signed.
    pub fn sign(&self, claims: &Value) -> anyhow::Result<String> {
        self.sign_text(&self.header().to_string(), &claims.to_string())
    }

    /// A token whose header says this too, or instead.
    ///
    /// # Errors
    /// It can't be signed.
    pub fn sign_with(&self, header: &Value, claims: &Value) -> anyhow::Result<String> {
        self.sign_text(&merged(&self.header(), header).to_string(), &claims.to_string())
    }

    /// A token of exactly these texts.
    ///
    /// # Errors
    /// It can't be signed.
    pub fn sign_text(&self, header: &str, claims: &str) -> anyhow::Result<String> {
        let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, self.algorithm)?;
        Ok(format!("{message}.{signature}"))
    }

    /// A token with a signature by a shared secret.
    ///
    /// # Errors
    /// It can't be signed.
    pub fn sign_by_secret(&self, secret: &[u8], claims: &Value) -> anyhow::Result<String> {
        let shared = Self { algorithm: Algorithm::HS256, key: EncodingKey::from_secret(secret), ..self.clone() };
        shared.sign(claims)
    }
}

/// With the members of the second set or put in place; what is null there is taken away.
pub(super) fn merged(of: &Value, changes: &Value) -> Value {
    let mut all = of.as_object().cloned().unwrap_or_default();
    for (name, value) in changes.as_object().into_iter().flatten() {
        if value.is_null() {
            all.remove(name);
        } else {
            all.insert(name.clone(), value.clone());
        }
    }
    Value::Object(all)
}
