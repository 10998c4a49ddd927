//! The answer of the token endpoint.

use std::time::Duration;

use dioxus_auth0::oidc::{Refresh, TokenAnswer};
use dioxus_auth0::port::HttpResponse;
use dioxus_auth0::secret::{IdToken, RefreshToken};
use serde_json::Value;
use url::Url;

use crate::answer::{self, finish, give};
use crate::secrecy::{assert_unsaid, public_part, shown, told};

/// The members whose values stand in errors and logs.
const SAID: [&str; 5] = [
    "error",
    "error_description",
    "token_type",
    "issued_token_type",
    "scope",
];

/// Tokens come out only of a success that has them, fit for a header, and neither they nor a refusal say a secret.
pub fn run(bytes: &[u8]) {
    let Some(answer) = answer::read(bytes) else {
        return;
    };
    let endpoint: Url = "https://tenant.example/oauth/token"
        .parse()
        .expect("a literal URL");
    let refresh = Refresh {
        endpoint: &endpoint,
        client_id: "client-1",
        refresh_token: &RefreshToken::new("rt"),
        scope: None,
        audience: None,
    };
    let public = public_of(&answer);
    match finish(refresh.send(give(&answer))) {
        Ok(tokens) => {
            assert_tokens(&answer, &tokens);
            assert_unsaid(&shown(&tokens), &public);
        }
        Err(error) => assert_unsaid(&told(&error), &public),
    }
}

/// What of an answer may be said.
pub(crate) fn public_of(answer: &HttpResponse) -> String {
    answer::headers(answer) + &public_part(answer.body(), &SAID)
}

fn assert_tokens(answer: &HttpResponse, tokens: &TokenAnswer) {
    assert!(answer.status().is_success());
    let body = answer.body();
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let body: Value = serde_json::from_slice(body).expect("what is accepted is JSON");
    assert!(!body["error"].is_string());
    let text = |member: &str| body[member].as_str().filter(|text| !text.is_empty());
    assert_eq!(text("access_token"), Some(tokens.access_token.expose()));
    let refresh_token = tokens.refresh_token.as_ref().map(RefreshToken::expose);
    assert_eq!(text("refresh_token"), refresh_token);
    assert_eq!(
        text("id_token"),
        tokens.id_token.as_ref().map(IdToken::expose)
    );
    for token in ["access_token", "refresh_token", "id_token"] {
        let token = text(token).unwrap_or_default();
        assert!(token.bytes().all(|byte| byte.is_ascii_graphic()));
    }
    let token_type = text("token_type").expect("it has a type");
    assert!(token_type.eq_ignore_ascii_case(tokens.token_type.as_str()));
    let ten_years = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    assert!(tokens.expires_in.is_none_or(|life| life <= ten_years));
}
