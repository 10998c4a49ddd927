//! What is done with each module, and how it must end.

use crate::host::{Profile, UNANSWERED};

/// One module, as every host runs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) id: &'static str,
    pub(crate) profile: Profile,
    pub(crate) steps: Steps,
    pub(crate) end: End,
}

/// What the user does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Steps {
    /// Logs in; the app calls userinfo, and in the plan of FAPI its API.
    LogIn,
    /// The same twice.
    LogInTwice,
    /// Logs in; the app refreshes and calls userinfo.
    Refresh,
    /// Logs in; the app calls its API twice.
    CallTwice,
    /// Logs in and out.
    LogOut,
}

/// How it must end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Well,
    /// The claims, too, that userinfo must have brought.
    WellWith(&'static [&'static str]),
    /// Keys are fetched so often, and all goes well.
    WellWithKeys(usize),
    Refused(Refused),
}

/// What must be refused, and as what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused {
    pub(crate) at: At,
    /// The code of the error.
    pub(crate) code: &'static str,
    /// What its messages must say.
    pub(crate) why: &'static str,
}

/// The answer that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// The metadata: nobody leaves for the provider.
    Metadata,
    /// The authorization response.
    Answer,
    /// The authorization response, for a `state` that is not the one of the login: where the machine waits for it, what
    /// comes is no answer and the wait goes on.
    State,
    /// The ID token of the login.
    Login,
    /// Userinfo.
    Userinfo,
    /// The ID token of a refresh.
    Refresh,
}

impl Refused {
    /// Whether a failure is this one.
    pub(crate) fn is(&self, code: &str, why: &str) -> bool {
        let waits = self.at == At::State && code == UNANSWERED;
        waits || code == self.code && why.contains(self.why)
    }
}

const OIDC: &str = "oidcc-client-test";

pub(crate) fn all() -> Vec<Case> {
    let mut all: Vec<Case> = OIDC_CASES
        .iter()
        .map(|(id, steps, end)| case(id, Profile::OpenId, *steps, *end))
        .collect();
    let fapi = FAPI_CASES
        .iter()
        .map(|(id, steps, end)| case(id, Profile::Fapi, *steps, *end));
    all.extend(fapi);
    assert!(
        all.iter()
            .all(|case| case.profile == Profile::Fapi || case.id.starts_with(OIDC))
    );
    all
}

fn case(id: &'static str, profile: Profile, steps: Steps, end: End) -> Case {
    Case {
        id,
        profile,
        steps,
        end,
    }
}

const fn refused(at: At, code: &'static str, why: &'static str) -> End {
    End::Refused(Refused { at, code, why })
}

const fn lied(why: &'static str) -> End {
    refused(At::Login, "invalid_id_token", why)
}

use End::{Well, WellWith, WellWithKeys};
use Steps::{CallTwice, LogIn, LogInTwice, LogOut, Refresh};

const METADATA: End = refused(At::Metadata, "protocol_error", "INVALID");

const OIDC_CASES: &[(&str, Steps, End)] = &[
    ("oidcc-client-test", LogIn, Well),
    (
        "oidcc-client-test-invalid-iss",
        LogIn,
        lied("as claim \"iss\""),
    ),
    (
        "oidcc-client-test-missing-sub",
        LogIn,
        lied("a claim \"sub\""),
    ),
    (
        "oidcc-client-test-invalid-aud",
        LogIn,
        lied("as claim \"aud\""),
    ),
    (
        "oidcc-client-test-missing-iat",
        LogIn,
        lied("a claim \"iat\""),
    ),
    ("oidcc-client-test-kid-absent-single-jwks", LogIn, Well),
    ("oidcc-client-test-kid-absent-multiple-jwks", LogIn, Well),
    ("oidcc-client-test-idtoken-sig-rs256", LogIn, Well),
    (
        "oidcc-client-test-idtoken-sig-none",
        LogIn,
        lied("found \"none\""),
    ),
    (
        "oidcc-client-test-invalid-sig-rs256",
        LogIn,
        lied("a signature of none of its keys"),
    ),
    (
        "oidcc-client-test-userinfo-invalid-sub",
        LogIn,
        refused(At::Userinfo, "protocol_error", "userinfo_endpoint"),
    ),
    (
        "oidcc-client-test-nonce-invalid",
        LogIn,
        lied("the nonce of this login"),
    ),
    (
        "oidcc-client-test-scope-userinfo-claims",
        LogIn,
        WellWith(&["name", "email", "phone_number", "address"]),
    ),
    ("oidcc-client-test-discovery-openid-config", LogIn, Well),
    ("oidcc-client-test-discovery-jwks-uri-keys", LogIn, Well),
    (
        "oidcc-client-test-discovery-issuer-mismatch",
        LogIn,
        METADATA,
    ),
    (
        "oidcc-client-test-signing-key-rotation-just-before-signing",
        LogIn,
        WellWithKeys(2),
    ),
    (
        "oidcc-client-test-signing-key-rotation",
        LogInTwice,
        WellWithKeys(2),
    ),
    ("oidcc-client-test-refresh-token", Refresh, Well),
    (
        "oidcc-client-test-refresh-token-invalid-issuer",
        Refresh,
        refused(At::Refresh, "invalid_id_token", "as claim \"iss\""),
    ),
    (
        "oidcc-client-test-refresh-token-invalid-sub",
        Refresh,
        refused(At::Refresh, "invalid_id_token", "as claim \"sub\""),
    ),
    ("oidcc-client-test-rp-init-logout", LogOut, Well),
    ("oidcc-client-test-rp-init-logout-other-state", LogOut, Well),
    ("oidcc-client-test-rp-init-logout-no-state", LogOut, Well),
    (
        "oidcc-client-test-missing-aud",
        LogIn,
        lied("a claim \"aud\""),
    ),
    ("oidcc-client-test-nonce-unless-code-flow", LogIn, Well),
    (
        "oidcc-client-test-invalid-sig-hs256",
        LogIn,
        lied("found \"HS256\""),
    ),
    (
        "oidcc-client-test-invalid-sig-es256",
        LogIn,
        lied("found \"ES256\""),
    ),
    ("oidcc-client-test-userinfo-bearer-header", LogIn, Well),
];

const FAPI_CASES: &[(&str, Steps, End)] = &[
    (
        "fapi2-security-profile-final-client-test-happy-path",
        LogIn,
        Well,
    ),
    (
        "fapi2-security-profile-final-client-test-happy-path-no-dpop-nonce",
        LogIn,
        Well,
    ),
    (
        "fapi2-security-profile-final-client-test-discovery-issuer-mismatch",
        LogIn,
        METADATA,
    ),
    (
        "fapi2-security-profile-final-client-test-invalid-iss",
        LogIn,
        lied("as claim \"iss\""),
    ),
    (
        "fapi2-security-profile-final-client-test-missing-iss",
        LogIn,
        lied("a claim \"iss\""),
    ),
    (
        "fapi2-security-profile-final-client-test-invalid-aud",
        LogIn,
        lied("as claim \"aud\""),
    ),
    (
        "fapi2-security-profile-final-client-test-missing-aud",
        LogIn,
        lied("a claim \"aud\""),
    ),
    (
        "fapi2-security-profile-final-client-test-missing-exp",
        LogIn,
        lied("a claim \"exp\""),
    ),
    (
        "fapi2-security-profile-final-client-test-invalid-expired-exp",
        LogIn,
        lied("one that expired at"),
    ),
    (
        "fapi2-security-profile-final-client-test-invalid-nonce",
        LogIn,
        lied("the nonce of this login"),
    ),
    (
        "fapi2-security-profile-final-client-test-missing-nonce",
        LogIn,
        lied("a claim \"nonce\""),
    ),
    (
        "fapi2-security-profile-final-client-test-invalid-secondary-aud",
        LogIn,
        lied("a claim \"azp\""),
    ),
    (
        "fapi2-security-profile-final-client-test-valid-aud-as-array",
        LogIn,
        Well,
    ),
    (
        "fapi2-security-profile-final-client-test-invalid-null-alg",
        LogIn,
        lied("found \"none\""),
    ),
    (
        "fapi2-security-profile-final-client-test-invalid-alternate-alg",
        LogIn,
        lied("found \"ES256\""),
    ),
    (
        "fapi2-security-profile-final-client-test-invalid-authorization-response-iss",
        LogIn,
        refused(At::Answer, "invalid_callback", "the callback of issuer"),
    ),
    (
        "fapi2-security-profile-final-client-test-remove-authorization-response-iss",
        LogIn,
        refused(At::Answer, "invalid_callback", "a parameter \"iss\""),
    ),
    (
        "fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-state-fails",
        LogIn,
        refused(At::State, "invalid_callback", "no login with this state"),
    ),
    (
        "fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-missing-state-fails",
        LogIn,
        refused(At::State, "invalid_callback", "a parameter \"state\""),
    ),
    (
        "fapi2-security-profile-final-client-test-token-endpoint-response-without-expires_in",
        LogIn,
        Well,
    ),
    (
        "fapi2-security-profile-final-client-test-token-type-case-insensitivity",
        LogIn,
        Well,
    ),
    (
        "fapi2-security-profile-final-client-test-rs-dpop-auth-scheme-case-insensitivity",
        LogIn,
        Well,
    ),
    (
        "fapi2-security-profile-final-client-refresh-token-test",
        CallTwice,
        Well,
    ),
];
