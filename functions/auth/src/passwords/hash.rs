//! argon2 itself, in memory that is handed in.

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, Version,
    password_hash::{
        Error as HashError,
        phc::{Output, ParamsString, Salt},
    },
};

use super::memory::Blocks;

/// A password's hash with a salt of its own, in the PHC string format.
pub(super) fn hash(params: &Params, password: &str, blocks: &mut Blocks) -> Result<String, HashError> {
    let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
    let salt = Salt::new(&rand::random::<[u8; 16]>())?;
    let argon2 = Argon2::new(algorithm, version, params.clone());
    let hash = PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: ParamsString::try_from(params)?,
        salt: Some(salt),
        hash: Some(output(&argon2, password, &salt, blocks)?),
    };
    Ok(hash.to_string())
}

/// Whether a password is the stored one, by the parameters that stand there.
pub(super) fn verify(stored: &str, password: &str, blocks: &mut Blocks) -> Result<bool, HashError> {
    let stored = PasswordHash::new(stored).map_err(|_| HashError::EncodingInvalid)?;
    let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else { return Err(HashError::EncodingInvalid) };
    let algorithm = Algorithm::try_from(stored.algorithm.as_str())?;
    let version = stored.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&stored)?);
    // `Output` compares in constant time.
    Ok(output(&argon2, password, &salt, blocks)? == expected)
}

fn output(argon2: &Argon2<'_>, password: &str, salt: &Salt, blocks: &mut Blocks) -> Result<Output, HashError> {
    let mut bytes = [0; Output::MAX_LENGTH];
    let length = argon2.params().output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let bytes = bytes.get_mut(..length).ok_or(HashError::OutputSize)?;
    let blocks = blocks.at_least(argon2.params().block_count());
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, bytes, blocks)?;
    Ok(Output::new(bytes)?)
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher as _, PasswordVerifier as _};

    use super::*;

    #[test]
    fn hashes_are_argon2s_own_and_used_memory_changes_none() {
        let params = Params::new(64, 2, 1, None).unwrap();
        let mut blocks = Blocks::default();
        let ours = hash(&params, "correct horse", &mut blocks).unwrap();
        let parsed = PasswordHash::new(&ours).unwrap();
        assert_eq!(Argon2::default().verify_password(b"correct horse", &parsed), Ok(()));
        let other = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(128, 3, 1, None).unwrap());
        let theirs = other.hash_password(b"correct horse").unwrap().to_string();
        for stored in [&ours, &theirs, &ours] {
            assert_eq!(verify(stored, "correct horse", &mut blocks), Ok(true), "{stored}");
            assert_eq!(verify(stored, "correct hors", &mut blocks), Ok(false), "{stored}");
        }
    }
}
