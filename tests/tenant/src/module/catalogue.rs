//! What each module does, as data.

use crate::fault::Mutation;
use crate::module::{Module, Spoil, Twist, fapi};

pub(super) fn all() -> Vec<Module> {
    [basic(), config(), refresh(), more(), fapi::all()].concat()
}

pub(super) fn module(
    id: &'static str,
    provider: &'static str,
    required: &'static str,
    twists: impl IntoIterator<Item = Twist>,
) -> Module {
    Module {
        id,
        provider,
        required,
        twists: twists.into_iter().collect(),
    }
}

pub(super) fn append(claim: &str) -> Mutation {
    Mutation::Append(claim.to_owned())
}

pub(super) fn remove(claim: &str) -> Mutation {
    Mutation::Remove(claim.to_owned())
}

/// The code flow of the plan for Basic relying parties.
fn basic() -> Vec<Module> {
    vec![
        module(
            "oidcc-client-test",
            "does everything right",
            "logs in and calls userinfo",
            [],
        ),
        module(
            "oidcc-client-test-invalid-iss",
            "appends `1` to the iss of the ID token",
            "refuses the ID token; nothing is sent after it",
            [Twist::Login(append("iss"))],
        ),
        module(
            "oidcc-client-test-missing-sub",
            "leaves sub out of the ID token",
            "refuses the ID token; nothing is sent after it",
            [Twist::Login(remove("sub"))],
        ),
        module(
            "oidcc-client-test-invalid-aud",
            "appends `1` to the aud of the ID token",
            "refuses the ID token; nothing is sent after it",
            [Twist::Login(append("aud"))],
        ),
        module(
            "oidcc-client-test-missing-iat",
            "leaves iat out of the ID token",
            "refuses the ID token; nothing is sent after it",
            [Twist::Login(remove("iat"))],
        ),
        module(
            "oidcc-client-test-kid-absent-single-jwks",
            "names no kid in the ID token and publishes one key",
            "logs in",
            [Twist::Login(Mutation::NoKid)],
        ),
        module(
            "oidcc-client-test-kid-absent-multiple-jwks",
            "names no kid in the ID token and publishes two keys for RS256",
            "tries both and logs in, or refuses",
            [Twist::SecondKey, Twist::Login(Mutation::NoKid)],
        ),
        module(
            "oidcc-client-test-idtoken-sig-rs256",
            "signs the ID token by RS256",
            "logs in",
            [],
        ),
        module(
            "oidcc-client-test-idtoken-sig-none",
            "does not sign the ID token: alg none",
            "refuses the ID token; nothing is sent after it",
            [Twist::Login(Mutation::Unsigned)],
        ),
        module(
            "oidcc-client-test-invalid-sig-rs256",
            "alters the bytes of the signature",
            "refuses the ID token; nothing is sent after it",
            [Twist::Login(Mutation::BadSignature)],
        ),
        module(
            "oidcc-client-test-userinfo-invalid-sub",
            "appends `1` to the sub of userinfo",
            "logs in and refuses the userinfo; nobody else appears",
            [Twist::UserinfoSub],
        ),
        module(
            "oidcc-client-test-nonce-invalid",
            "appends `1` to the nonce of the ID token",
            "refuses the ID token; nothing is sent after it",
            [Twist::Login(append("nonce"))],
        ),
        module(
            "oidcc-client-test-scope-userinfo-claims",
            "gives the claims of the scopes in userinfo",
            "asks for scopes and reads the claims of userinfo",
            [],
        ),
    ]
}

/// The plan for Config relying parties.
fn config() -> Vec<Module> {
    vec![
        module(
            "oidcc-client-test-discovery-openid-config",
            "has its endpoints elsewhere at every run",
            "finds all of them by the metadata",
            [Twist::MovedEndpoints],
        ),
        module(
            "oidcc-client-test-discovery-jwks-uri-keys",
            "has its keys elsewhere at every run",
            "finds them by the metadata",
            [Twist::MovedKeys],
        ),
        module(
            "oidcc-client-test-discovery-issuer-mismatch",
            "appends `INVALID` to the issuer of the metadata",
            "stops: no authorization request",
            [Twist::DiscoveryIssuer],
        ),
        module(
            "oidcc-client-test-signing-key-rotation-just-before-signing",
            "has new keys between discovery and signing",
            "fetches the keys once more and logs in",
            [Twist::KeysBeforeSigning],
        ),
        module(
            "oidcc-client-test-signing-key-rotation",
            "has new keys at the second login",
            "logs in twice",
            [Twist::KeysBetweenLogins],
        ),
    ]
}

/// Refresh and logout.
fn refresh() -> Vec<Module> {
    vec![
        module(
            "oidcc-client-test-refresh-token",
            "refreshes as it should",
            "calls userinfo with the new access token",
            [],
        ),
        module(
            "oidcc-client-test-refresh-token-invalid-issuer",
            "appends `1` to the iss of the refreshed ID token",
            "refuses what the refresh brought; nothing is sent after it",
            [Twist::Refreshed(append("iss"))],
        ),
        module(
            "oidcc-client-test-refresh-token-invalid-sub",
            "appends `1` to the sub of the refreshed ID token",
            "refuses what the refresh brought; nothing is sent after it",
            [Twist::Refreshed(append("sub"))],
        ),
        module(
            "oidcc-client-test-rp-init-logout",
            "comes back from a logout as it should",
            "calls the end-session endpoint and takes the way back",
            [],
        ),
        module(
            "oidcc-client-test-rp-init-logout-other-state",
            "comes back from a logout with another state",
            "takes the way back, nobody is signed in",
            [Twist::LogoutState(Spoil::Appended)],
        ),
        module(
            "oidcc-client-test-rp-init-logout-no-state",
            "comes back from a logout without a state",
            "takes the way back, nobody is signed in",
            [Twist::LogoutState(Spoil::Removed)],
        ),
    ]
}

/// Others that fit a public client of the code flow.
fn more() -> Vec<Module> {
    vec![
        module(
            "oidcc-client-test-missing-aud",
            "leaves aud out of the ID token",
            "refuses the ID token; nothing is sent after it",
            [Twist::Login(remove("aud"))],
        ),
        module(
            "oidcc-client-test-nonce-unless-code-flow",
            "does everything right",
            "sends a nonce",
            [],
        ),
        module(
            "oidcc-client-test-invalid-sig-hs256",
            "signs the ID token by HS256, with what is public of its key",
            "refuses the ID token; nothing is sent after it",
            [Twist::Decoys, Twist::Login(Mutation::Alg("HS256".into()))],
        ),
        module(
            "oidcc-client-test-invalid-sig-es256",
            "signs the ID token by ES256, with a key it publishes for that",
            "refuses the ID token; nothing is sent after it",
            [Twist::Decoys, Twist::Login(Mutation::SignedEs256)],
        ),
        module(
            "oidcc-client-test-userinfo-bearer-header",
            "does everything right",
            "calls userinfo with the token in the Authorization header",
            [],
        ),
    ]
}
