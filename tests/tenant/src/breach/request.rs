use axum::http::{HeaderMap, Method, header};

use crate::breach::Breaches;
use crate::http::{DPOP, Form};
use crate::store::Refusal;

/// The rules of every request, whatever it is about. `path` begins with a slash.
pub(crate) fn of_request(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    query: &[String],
) -> Vec<&'static str> {
    let mut broken = Vec::new();
    let secret = [
        "access_token",
        "refresh_token",
        "id_token",
        "code",
        "code_verifier",
        "client_secret",
    ];
    if query.iter().any(|name| secret.contains(&name.as_str())) {
        broken.push("no token, code, verifier or secret stands in a query");
    }
    let is_resource =
        path == "/userinfo" || path.starts_with("/api/") || path.starts_with("/orders");
    if headers.contains_key(header::AUTHORIZATION) && !is_resource {
        broken.push("an Authorization header goes to resources only");
    }
    if headers.get_all(DPOP).iter().count() > 1 {
        broken.push("a request has one DPoP proof at most");
    }
    if path.starts_with("/oauth/") && method != Method::OPTIONS {
        if method != Method::POST {
            broken.push("the endpoints of OAuth are asked by POST");
        }
        let kind = headers.get(header::CONTENT_TYPE);
        let is_form = |kind: &[u8]| kind.starts_with(b"application/x-www-form-urlencoded");
        if !kind.is_some_and(|kind| is_form(kind.as_bytes())) {
            broken.push("the endpoints of OAuth are sent forms");
        }
    }
    broken
}

/// The rules of the forms at `/oauth/…`.
pub(crate) fn of_form(breaches: &Breaches, path: &str, form: &Form) -> Vec<&'static str> {
    let mut broken = Vec::new();
    if form.get("client_secret").is_some() || form.get("client_assertion").is_some() {
        broken.push("a public client has no secret");
    }
    if form.get("client_id").is_none() {
        broken.push("a public client says who it is");
    }
    if path == "/oauth/par" && form.get("request_uri").is_some() {
        broken.push("a request that is pushed has no request_uri");
    }
    if path == "/oauth/token" && form.get("grant_type") == Some("authorization_code") {
        let verifier = form.get("code_verifier").unwrap_or_default();
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(is_unreserved) {
            broken.push("a code comes with a verifier of 43 to 128 unreserved characters");
        }
        if form.get("redirect_uri").is_none() {
            broken.push("a code comes with its redirect URI");
        }
        if !breaches.is_fresh("code", form.get("code").unwrap_or_default()) {
            broken.push("a code is used once");
        }
    }
    broken
}

/// The rule that a grant was refused for, where only the client can have broken it.
pub(crate) fn of_refusal(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::WrongVerifier => Some("a code comes with the verifier of its challenge"),
        Refusal::WrongRedirect { .. } => Some("a code comes with its own redirect URI"),
        Refusal::NoProof | Refusal::WrongKey => {
            Some("a grant that is bound to a key comes with a proof of that key")
        }
        _ => None,
    }
}
