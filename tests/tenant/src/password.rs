//! Passwords: argon2id hashes, and the one path by which every login attempt goes.

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

use crate::config::PasswordCost;
use crate::error::Error;
use crate::store::PasswordHash;

/// Hashes a password with a fresh salt.
pub(crate) fn hash(password: &str, cost: PasswordCost) -> Result<PasswordHash, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Password(error.to_string());
    let params =
        Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|error| failed(&error))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2
        .hash_password(password.as_bytes())
        .map_err(|error| failed(&error))?;
    Ok(PasswordHash::new(hash.to_string()))
}

/// Compares a password with a hash, at the cost the hash names.
pub(crate) fn matches(password: &str, hash: &PasswordHash) -> bool {
    phc::PasswordHash::new(hash.expose()).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_matches() {
        let hash = hash("right", PasswordCost::LEAST).expect("hashes");
        assert!(hash.expose().starts_with("$argon2id$"));
        assert!(!matches("wrong", &hash));
        assert!(!matches("right", &PasswordHash::new("no hash".into())));
        assert!(matches("right", &hash));
    }
}
