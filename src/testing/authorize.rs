//! The authorization endpoint, without its pages: a test says who logs in, or what the user is told instead.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use url::Url;

use super::MemoryProvider;
use super::endpoint::AUTHORIZE;
use super::ledger::{Code, Grant};
use super::reply::{Denied, reply};
use crate::port::HttpResponse;
use crate::scope::Scope;
use crate::time::UnixTime;

/// How long a code waits to be traded, as at Auth0.
const CODE_LIFE: Duration = Duration::from_secs(600);

/// How long a pushed request waits for its user, as at Auth0.
const PUSHED_LIFE: Duration = Duration::from_secs(30);

/// The parameters of an authentication request.
type Parameters = BTreeMap<String, String>;

/// A request that was left here before its user came.
pub(super) struct Pushed {
    parameters: Parameters,
    expires: UnixTime,
}

impl MemoryProvider {
    /// Logs the user `sub` in where the app has sent them, and returns the callback URL they are sent back to.
    ///
    /// It bears an error instead of a code for a user who is blocked or unknown, for an API that is not there and for
    /// a request without PKCE.
    ///
    /// # Panics
    ///
    /// When the tenant would show a page of its own, and send nobody back: for another client or address, a request
    /// without `redirect_uri`, or a pushed one that is used, too old or unknown.
    pub fn authorize(&self, url: &Url, sub: &str) -> Url {
        let request = self.asked(url);
        match self.grant(&request, sub) {
            Ok(code) => self.answer(&request, &[("code", &code)]),
            Err(denied) => self.answer(
                &request,
                &[
                    ("error", denied.error),
                    ("error_description", &denied.description),
                ],
            ),
        }
    }

    /// Sends the user back with an error, such as `access_denied` or `login_required`, and returns the callback URL.
    ///
    /// # Panics
    ///
    /// As [`authorize`](Self::authorize) does.
    pub fn refuse(&self, url: &Url, error: &str, description: &str) -> Url {
        let answer = [("error", error), ("error_description", description)];
        self.answer(&self.asked(url), &answer)
    }

    /// Reads what an app asks for, from the URL or from where it was left.
    fn asked(&self, url: &Url) -> Parameters {
        let rules = self.rules.borrow();
        let endpoint = [&rules.issuer, AUTHORIZE].concat();
        let is_here = url.as_str().split('?').next() == Some(&endpoint);
        assert!(is_here, "a login at {endpoint}, not at {}", url.path());
        let mut request: Parameters = url.query_pairs().into_owned().collect();
        let client_id = request.get("client_id");
        assert_eq!(client_id, Some(&rules.client_id), "the client is known");
        if let Some(request_uri) = request.get("request_uri") {
            let pushed = self.pushed.borrow_mut().remove(request_uri);
            let pushed = pushed.filter(|pushed| self.now() < pushed.expires);
            request = pushed
                .expect("the pushed request is there, and nobody has used it")
                .parameters;
        } else {
            let may_be_here = !rules.requires_pushed_requests;
            assert!(may_be_here, "requests must be pushed before the user comes");
        }
        assert!(
            request.contains_key("redirect_uri"),
            "the request has a redirect_uri"
        );
        request
    }

    fn grant(&self, request: &Parameters, sub: &str) -> Result<String, Denied> {
        let parameter = |name: &str| request.get(name).filter(|value| !value.is_empty());
        check(request)?;
        let audience = parameter("audience");
        if let Some(audience) = audience.filter(|audience| !self.rules.borrow().knows(audience)) {
            let words = format!("Service not found: {audience}");
            return Err(Denied::new(403, "access_denied", words));
        }
        self.admit(sub)?;
        let now = self.now();
        let mut ledger = self.ledger.borrow_mut();
        let code = Code {
            grant: Grant {
                sub: sub.to_owned(),
                audience: audience.cloned(),
                scope: Scope::parse(parameter("scope").map_or("", String::as_str)),
                organization: parameter("organization").cloned(),
                sid: ledger.name("sid"),
                auth_time: now,
                tells_auth_time: parameter("max_age").is_some(),
                key: parameter("dpop_jkt").cloned(),
            },
            nonce: parameter("nonce").cloned(),
            redirect_uri: request["redirect_uri"].clone(),
            challenge: request["code_challenge"].clone(),
            expires: now + CODE_LIFE,
            family: None,
            is_spent: false,
        };
        let name = ledger.name("code");
        ledger.codes.insert(name.clone(), code);
        Ok(name)
    }

    /// Lets a user in who is known and not blocked.
    pub(super) fn admit(&self, sub: &str) -> Result<(), Denied> {
        match self.account(sub) {
            Some(account) if !account.is_blocked => Ok(()),
            Some(_) => Err(Denied::new(403, "unauthorized", "user is blocked")),
            None => Err(Denied::new(403, "access_denied", "the user is unknown")),
        }
    }

    fn answer(&self, request: &Parameters, members: &[(&str, &str)]) -> Url {
        let mut url =
            Url::parse(&request["redirect_uri"]).expect("redirect uris are absolute urls");
        let rules = self.rules.borrow();
        let mut query = url.query_pairs_mut();
        query.extend_pairs(members);
        if let Some(state) = request.get("state") {
            query.append_pair("state", state);
        }
        if rules.sends_iss {
            query.append_pair("iss", &rules.issuer);
        }
        drop(query);
        url
    }

    /// Takes a request in before its user comes ([RFC 9126 §2](https://www.rfc-editor.org/rfc/rfc9126#section-2)).
    pub(super) fn push(&self, form: &BTreeMap<String, String>) -> HttpResponse {
        let checked = self.check_client(form).and_then(|()| check(form));
        if let Err(denied) = checked {
            return denied.reply();
        }
        let name = self.ledger.borrow_mut().name("request");
        let request_uri = ["urn:ietf:params:oauth:request_uri:", &name].concat();
        let pushed = Pushed {
            parameters: form.clone(),
            expires: self.now() + PUSHED_LIFE,
        };
        self.pushed.borrow_mut().insert(request_uri.clone(), pushed);
        reply(
            201,
            &json!({ "request_uri": request_uri, "expires_in": PUSHED_LIFE.as_secs() }),
        )
    }
}

/// Checks what a public client must send with every login.
fn check(request: &Parameters) -> Result<(), Denied> {
    let parameter = |name: &str| request.get(name).map(String::as_str).unwrap_or_default();
    let invalid = |words: &str| Err(Denied::new(400, "invalid_request", words));
    if parameter("response_type") != "code" {
        return invalid("Unsupported response type");
    }
    if parameter("code_challenge").is_empty() {
        return invalid("Parameter 'code_challenge' is required");
    }
    match parameter("code_challenge_method") {
        "S256" => Ok(()),
        _ => invalid("Parameter 'code_challenge_method' must be S256"),
    }
}
