use dioxus_auth0::oidc::Challenge;
use dioxus_auth0::secret::{Nonce, State, Verifier};
use ring::digest::{SHA256, digest};

fn challenge_of(verifier: &Verifier) -> Challenge {
    let digest = digest(&SHA256, verifier.expose().as_bytes());
    Challenge::from_digest(digest.as_ref().try_into().unwrap())
}

/// <https://www.rfc-editor.org/rfc/rfc7636#appendix-B>
#[test]
fn the_vector_of_rfc_7636_appendix_b_holds() {
    let octets = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37,
        77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
    ];
    let verifier = Verifier::from_random(&octets);
    assert_eq!(
        verifier.expose(),
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
    assert_eq!(
        challenge_of(&verifier).as_str(),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
}

#[test]
fn a_verifier_has_43_unreserved_characters_whatever_the_bytes() {
    for byte in 0..=255 {
        let verifier = Verifier::from_random(&[byte; 32]);
        let text = verifier.expose();
        assert_eq!(text.len(), 43);
        assert!(
            text.bytes()
                .all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'),
            "{byte}"
        );
    }
}

#[test]
fn different_bytes_make_different_secrets() {
    let mut other = [7; 32];
    other[31] = 8;
    assert_ne!(State::from_random(&[7; 32]), State::from_random(&other));
    assert_ne!(Nonce::from_random(&[7; 32]), Nonce::from_random(&other));
    assert_ne!(
        Verifier::from_random(&[7; 32]),
        Verifier::from_random(&other)
    );
}
