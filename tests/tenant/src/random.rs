//! Random identifiers, and the hashes under which secrets are kept.

use aws_lc_rs::{constant_time, digest, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A fresh 256-bit value in base64url, for codes, tokens, cookies and transactions.
pub(crate) fn secret() -> String {
    base64url(&bytes::<32>())
}

/// Fresh random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    rand::fill(&mut out).expect("the operating system gives random bytes");
    out
}

/// Twenty-four hexadecimal digits, the shape of an Auth0 database user's id.
pub(crate) fn hex24() -> String {
    bytes::<12>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A code a user can type, such as `BCDF-GHJK`: consonants alone, so that it spells no word
/// ([RFC 8628 §6.1](https://www.rfc-editor.org/rfc/rfc8628#section-6.1)).
pub(crate) fn user_code() -> String {
    let letters = b"BCDFGHJKLMNPQRSTVWXZ";
    let code: String = bytes::<8>()
        .iter()
        .map(|byte| char::from(letters[usize::from(*byte) % letters.len()]))
        .collect();
    let (head, tail) = code.split_at(4);
    format!("{head}-{tail}")
}

/// The key under which a secret is stored: its SHA-256, so the store alone cannot be replayed.
pub(crate) fn fingerprint(secret: &str) -> String {
    sha256(secret.as_bytes())
}

/// SHA-256 in base64url, which is also the `S256` code challenge of a verifier
/// ([RFC 7636 §4.2](https://www.rfc-editor.org/rfc/rfc7636#section-4.2)).
pub(crate) fn sha256(bytes: &[u8]) -> String {
    base64url(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// An HMAC-SHA-256 tag in base64url.
pub(crate) fn tag(key: &[u8], message: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    base64url(hmac::sign(&key, message.as_bytes()).as_ref())
}

/// Compares two secrets without telling by time where they differ.
pub(crate) fn same(left: &str, right: &str) -> bool {
    constant_time::verify_slices_are_equal(left.as_bytes(), right.as_bytes()).is_ok()
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_of_rfc_7636_appendix_b_comes_out() {
        assert_eq!(
            sha256(b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn secrets_differ_and_have_256_bits() {
        let (one, other) = (secret(), secret());
        assert_eq!(one.len(), 43);
        assert_ne!(one, other);
    }
}
