//! Keys and certificates that end with a test.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// A server's key and certificate, by an authority of its own. All as PEM text.
pub struct Identity {
    /// The authority's certificate.
    pub authority: String,
    /// The server's key.
    pub key: String,
    /// The server's certificate.
    pub certificate: String,
}

impl Identity {
    /// A new one.
    ///
    /// # Errors
    /// No randomness.
    pub fn make() -> anyhow::Result<Self> {
        Self::of(&["127.0.0.1"])
    }

    /// The same for names.
    ///
    /// # Errors
    /// No randomness.
    pub fn of(names: &[&str]) -> anyhow::Result<Self> {
        let (authority, issuer) = issuer()?;
        let key = KeyPair::generate()?;
        let mut server = CertificateParams::new(names.iter().copied().map(str::to_owned).collect::<Vec<_>>())?;
        server.distinguished_name.push(DnType::CommonName, "a server of a test");
        let certificate = server.signed_by(&key, &issuer)?;
        Ok(Self { authority, key: key.serialize_pem(), certificate: certificate.pem() })
    }
}

/// The certificate of an authority that no server has anything from, as PEM text.
///
/// # Errors
/// No randomness.
pub fn authority() -> anyhow::Result<String> {
    Ok(issuer()?.0)
}

fn issuer() -> anyhow::Result<(String, Issuer<'static, KeyPair>)> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.distinguished_name.push(DnType::CommonName, "an authority of a test");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    let key = KeyPair::generate()?;
    let certificate = authority.self_signed(&key)?;
    Ok((certificate.pem(), Issuer::new(authority, key)))
}
