use crate::authorize::Parameters;
use crate::breach::{Breaches, is_base64url};
use crate::config::Settings;

/// 128 bits in base64url.
const UNGUESSABLE: usize = 22;
/// A SHA-256 in base64url.
const DIGEST: usize = 43;

/// The rules of an authorization request: `query` is what the user brought, `parameters` what it stands for.
pub(crate) fn of_authorization(
    breaches: &Breaches,
    settings: &Settings,
    query: &[String],
    parameters: &Parameters,
    is_pushed: bool,
) -> Vec<&'static str> {
    let get = |name| parameters.get(name).unwrap_or_default();
    let application = settings.application(get("client_id"));
    let is_registered = |application: &crate::config::Application| {
        let uri = get("redirect_uri");
        application.callbacks.iter().any(|known| known == uri)
    };
    let is_only_a_name = || {
        let mut names: Vec<&str> = query.iter().map(String::as_str).collect();
        names.sort_unstable();
        names == ["client_id", "request_uri"]
    };
    let fresh = |name| breaches.is_fresh(name, get(name));
    let rules = [
        (
            !is_pushed || is_only_a_name(),
            "the URL of a pushed request has client_id and request_uri alone",
        ),
        (get("response_type") == "code", "the response type is code"),
        (
            get("scope").split(' ').any(|scope| scope == "openid"),
            "the scope has openid",
        ),
        (application.is_some(), "the client_id is registered"),
        (
            application.is_some_and(is_registered),
            "the redirect URI is one of those registered, to the letter",
        ),
        (
            get("code_challenge_method") == "S256",
            "the challenge is made by S256",
        ),
        (
            is_base64url(get("code_challenge"), DIGEST) && get("code_challenge").len() == DIGEST,
            "the challenge is a SHA-256 in base64url",
        ),
        (
            is_base64url(get("state"), UNGUESSABLE),
            "the state cannot be guessed",
        ),
        (
            is_base64url(get("nonce"), UNGUESSABLE),
            "the nonce cannot be guessed",
        ),
        (
            fresh("code_challenge") && fresh("state") && fresh("nonce"),
            "challenge, state and nonce are used once",
        ),
        (
            parameters.get("client_secret").is_none() && parameters.get("code_verifier").is_none(),
            "no secret and no verifier stands in the request",
        ),
        (
            parameters.get("request").is_none(),
            "there is no request object",
        ),
    ];
    let broken = rules.into_iter().filter(|(is_kept, _)| !is_kept);
    broken.map(|(_, rule)| rule).collect()
}
