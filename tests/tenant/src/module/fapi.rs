//! The modules of FAPI 2.0.

use crate::dpop::DpopNonces;
use crate::fault::Mutation;
use crate::module::catalogue::{append, module, remove};
use crate::module::{Module, Spoil, Twist};

/// The FAPI 2.0 Security Profile, Final: pushed requests, `iss` in every answer, tokens bound to a key, decoys in the key set.
pub(super) fn all() -> Vec<Module> {
    vec![
        strict(
            "fapi2-security-profile-final-client-test-happy-path",
            "demands DPoP nonces everywhere",
            "logs in and calls the resource",
            None,
        ),
        module(
            "fapi2-security-profile-final-client-test-happy-path-no-dpop-nonce",
            "demands DPoP nonces nowhere",
            "logs in and calls the resource",
            [Twist::Pushed, Twist::ResponseIss, Twist::Decoys],
        ),
        strict(
            "fapi2-security-profile-final-client-test-discovery-issuer-mismatch",
            "appends `INVALID` to the issuer of the metadata",
            "stops: no authorization request",
            Some(Twist::DiscoveryIssuer),
        ),
        strict(
            "fapi2-security-profile-final-client-test-invalid-iss",
            "appends `1` to the iss of the ID token",
            "refuses the ID token; nothing is sent after it",
            Some(Twist::Login(append("iss"))),
        ),
        strict(
            "fapi2-security-profile-final-client-test-missing-iss",
            "leaves iss out of the ID token",
            "refuses the ID token; nothing is sent after it",
            Some(Twist::Login(remove("iss"))),
        ),
        strict(
            "fapi2-security-profile-final-client-test-invalid-aud",
            "appends `1` to the aud of the ID token",
            "refuses the ID token; nothing is sent after it",
            Some(Twist::Login(append("aud"))),
        ),
        strict(
            "fapi2-security-profile-final-client-test-missing-aud",
            "leaves aud out of the ID token",
            "refuses the ID token; nothing is sent after it",
            Some(Twist::Login(remove("aud"))),
        ),
        strict(
            "fapi2-security-profile-final-client-test-missing-exp",
            "leaves exp out of the ID token",
            "refuses the ID token; nothing is sent after it",
            Some(Twist::Login(remove("exp"))),
        ),
        strict(
            "fapi2-security-profile-final-client-test-invalid-expired-exp",
            "lets the ID token have expired six minutes ago",
            "refuses the ID token; nothing is sent after it",
            Some(Twist::Login(Mutation::Expired(360))),
        ),
        strict(
            "fapi2-security-profile-final-client-test-invalid-nonce",
            "appends `1` to the nonce of the ID token",
            "refuses the ID token; nothing is sent after it",
            Some(Twist::Login(append("nonce"))),
        ),
        strict(
            "fapi2-security-profile-final-client-test-missing-nonce",
            "leaves nonce out of the ID token",
            "refuses the ID token; nothing is sent after it",
            Some(Twist::Login(remove("nonce"))),
        ),
        strict(
            "fapi2-security-profile-final-client-test-invalid-secondary-aud",
            "names another client beside this one in aud, and no azp",
            "refuses the ID token; nothing is sent after it",
            Some(Twist::Login(Mutation::Listed(
                "aud".into(),
                vec!["another-client".into()],
            ))),
        ),
        strict(
            "fapi2-security-profile-final-client-test-valid-aud-as-array",
            "names this client in an array of one aud",
            "logs in",
            Some(Twist::Login(Mutation::Listed("aud".into(), Vec::new()))),
        ),
        strict(
            "fapi2-security-profile-final-client-test-invalid-null-alg",
            "does not sign the ID token: alg none",
            "refuses the ID token; nothing is sent after it",
            Some(Twist::Login(Mutation::Unsigned)),
        ),
        strict(
            "fapi2-security-profile-final-client-test-invalid-alternate-alg",
            "signs the ID token by ES256, with a key it publishes for that",
            "refuses the ID token; nothing is sent after it",
            Some(Twist::Login(Mutation::SignedEs256)),
        ),
        strict(
            "fapi2-security-profile-final-client-test-invalid-authorization-response-iss",
            "appends `1` to the iss of the answer",
            "refuses the answer: no token request",
            Some(Twist::AnswerIss(Spoil::Appended)),
        ),
        strict(
            "fapi2-security-profile-final-client-test-remove-authorization-response-iss",
            "leaves the iss it has promised out of the answer",
            "refuses the answer: no token request",
            Some(Twist::AnswerIss(Spoil::Removed)),
        ),
        strict(
            "fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-state-fails",
            "appends `1` to the state of the answer",
            "refuses the answer: no token request",
            Some(Twist::AnswerState(Spoil::Appended)),
        ),
        strict(
            "fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-missing-state-fails",
            "leaves the state out of the answer",
            "refuses the answer: no token request",
            Some(Twist::AnswerState(Spoil::Removed)),
        ),
        strict(
            "fapi2-security-profile-final-client-test-token-endpoint-response-without-expires_in",
            "does not say how long the access token lives",
            "logs in and calls the resource",
            Some(Twist::NoExpiresIn),
        ),
        strict(
            "fapi2-security-profile-final-client-test-token-type-case-insensitivity",
            "answers with the token type `dpOp`",
            "logs in and calls the resource",
            Some(Twist::TokenTypeCase),
        ),
        strict(
            "fapi2-security-profile-final-client-test-rs-dpop-auth-scheme-case-insensitivity",
            "demands a nonce of the resource by the scheme `dpOp`",
            "repeats the call with the nonce",
            Some(Twist::SchemeCase),
        ),
        strict(
            "fapi2-security-profile-final-client-refresh-token-test",
            "refuses two calls of the resource with 401, and rotates refresh tokens",
            "refreshes each time with the newest refresh token and calls again",
            Some(Twist::ResourceRefuses),
        ),
    ]
}

/// A module of FAPI: its twists stand beside what all of them have in common.
fn strict(
    id: &'static str,
    provider: &'static str,
    required: &'static str,
    twist: Option<Twist>,
) -> Module {
    let everywhere = DpopNonces {
        token: true,
        resources: true,
        renewed: true,
    };
    let common = [
        Twist::Pushed,
        Twist::ResponseIss,
        Twist::Decoys,
        Twist::Nonces(everywhere),
    ];
    module(id, provider, required, common.into_iter().chain(twist))
}
