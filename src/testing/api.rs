//! What a token opens: the userinfo endpoint, the Management API's one user, and what a test puts there itself.

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, Method};
use serde_json::{Map, Value, json};

use super::MemoryProvider;
use super::fault::set;
use super::ledger::Access;
use super::proof::Unproven;
use super::reply::reply;
use crate::management::{READ_CURRENT_USER, UPDATE_CURRENT_USER_METADATA};
use crate::port::{HttpRequest, HttpResponse};

impl MemoryProvider {
    pub(super) fn userinfo(&self, request: &HttpRequest) -> HttpResponse {
        let audience = [&self.rules.borrow().issuer, "userinfo"].concat();
        match self.access(request, &audience) {
            Ok(access) => reply(200, &Value::Object(self.claims(&access.sub, &access.scope))),
            Err(problem) => problem.reply(),
        }
    }

    /// Answers at any address below an audience.
    pub(super) fn api(&self, request: &HttpRequest) -> HttpResponse {
        let url = request.uri().to_string();
        let address = url.split('?').next().unwrap_or_default();
        let rules = self.rules.borrow();
        let audience = rules.api_at(address).unwrap_or_default();
        let access = match self.access(request, audience) {
            Ok(access) => access,
            Err(problem) => return problem.reply(),
        };
        let users = [&rules.issuer, "api/v2/users/"].concat();
        if let Some(id) = address.strip_prefix(&users) {
            return self.user(request, &access, id);
        }
        match self.resources.borrow().get(address) {
            Some(body) if request.method() == Method::GET => reply(200, body),
            Some(_) => failure(405, "Method Not Allowed", None),
            None => failure(404, "Not Found", None),
        }
    }

    /// `GET` and `PATCH /api/v2/users/{id}`, each for the user whose token it is.
    fn user(&self, request: &HttpRequest, access: &Access, id: &str) -> HttpResponse {
        let scope = match *request.method() {
            Method::GET => READ_CURRENT_USER,
            Method::PATCH => UPDATE_CURRENT_USER_METADATA,
            _ => return failure(404, "Not Found", None),
        };
        if !access.scope.contains(scope) {
            let words = format!("Insufficient scope, expected any of: {scope}");
            return failure(403, &words, Some("insufficient_scope"));
        }
        if decoded(id) != access.sub {
            let words = "User to be acted on does not match subject in bearer token.";
            return failure(403, words, Some("insufficient_scope"));
        }
        if *request.method() == Method::PATCH {
            match changes(request.body()) {
                Some(changes) => self.change(&access.sub, |account| {
                    for (name, value) in &changes {
                        set(&mut account.user_metadata, name, value);
                    }
                }),
                None => {
                    let words = "Payload validation error: expected an object in user_metadata.";
                    return failure(400, words, Some("invalid_body"));
                }
            }
        }
        match self.account(&access.sub) {
            Some(account) => reply(
                200,
                &json!({
                    "user_id": account.sub,
                    "name": account.name,
                    "email": account.email,
                    "user_metadata": account.user_metadata,
                }),
            ),
            None => failure(404, "The user does not exist.", Some("inexistent_user")),
        }
    }

    /// Reads the token that a request bears, if it is good for `audience` now.
    fn access(&self, request: &HttpRequest, audience: &str) -> Result<Access, Closed> {
        let header = request.headers().get(AUTHORIZATION);
        let header = header.ok_or(Closed::Token("Missing authentication"))?;
        let malformed = || Closed::Token("Bad HTTP authentication header format");
        let header = header.to_str().ok().and_then(|it| it.split_once(' '));
        let (scheme, token) = header.ok_or_else(malformed)?;
        let access = self.ledger.borrow().access(token).cloned();
        let access = access.ok_or(Closed::Token("Invalid token"))?;
        let expected = match access.key {
            Some(_) => "DPoP",
            None => "Bearer",
        };
        if !scheme.eq_ignore_ascii_case(expected) {
            return Err(malformed());
        }
        if !access.audiences.iter().any(|it| it == audience) {
            return Err(Closed::Token("Bad audience"));
        }
        if access.expires <= self.now() {
            return Err(Closed::Token("Expired token"));
        }
        if access.key.is_some() {
            let proven = self.proven(request, Some(token)).map_err(Closed::Proof)?;
            if proven != access.key {
                return Err(Closed::Token("The token is bound to another key"));
            }
        }
        Ok(access)
    }
}

/// Why a token opens nothing.
enum Closed {
    Token(&'static str),
    Proof(Unproven),
}

impl Closed {
    fn reply(&self) -> HttpResponse {
        let (scheme, error, words) = match self {
            Self::Token(words) => ("Bearer", "invalid_token", *words),
            Self::Proof(problem) => {
                let (error, words) = problem.words();
                ("DPoP", error, words)
            }
        };
        let mut answer = failure(401, words, Some(error));
        let challenge = [scheme, " realm=\"Users\", error=\"", error, "\""].concat();
        let challenge = HeaderValue::from_str(&challenge).expect("error codes are ascii");
        answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        if let Self::Proof(problem) = self {
            problem.demand(&mut answer);
        }
        answer
    }
}

fn changes(body: &[u8]) -> Option<Map<String, Value>> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body.get("user_metadata")?.as_object().cloned()
}

/// Undoes percent-encoding.
fn decoded(text: &str) -> String {
    let form = text.replace('+', "%2B");
    let mut pairs = url::form_urlencoded::parse(form.as_bytes());
    pairs
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

fn failure(status: u16, message: &str, code: Option<&str>) -> HttpResponse {
    let reason = http::StatusCode::from_u16(status).ok();
    let reason = reason.and_then(|status| status.canonical_reason());
    let mut body = json!({ "statusCode": status, "error": reason, "message": message });
    if let Some(code) = code {
        body["errorCode"] = code.into();
    }
    reply(status, &body)
}
