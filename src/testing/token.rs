//! The token endpoint and the revocation endpoint.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::journal::form;
use super::ledger::{Access, Code, Grant, Use};
use super::proof::{Unproven, base64url_sha256};
use super::reply::{Denied, refusal, reply};
use super::{Fault, MemoryProvider};
use crate::port::{HttpRequest, HttpResponse};
use crate::scope::Scope;

/// The members of a form.
pub(super) type Form = BTreeMap<String, String>;

/// What is to be issued.
pub(super) struct Issue {
    pub(super) grant: Grant,
    pub(super) nonce: Option<String>,
    pub(super) refresh_token: Option<String>,
}

impl MemoryProvider {
    pub(super) fn token(&self, request: &HttpRequest, fault: Option<&Fault>) -> HttpResponse {
        let form = &form(request);
        let key = match self.proven(request, None) {
            Ok(None) if self.rules.borrow().requires_proofs => {
                return unproven(&Unproven::Invalid("there is none"));
            }
            Ok(key) => key,
            Err(problem) => return unproven(&problem),
        };
        let key = key.as_deref();
        let issued = match form.get("grant_type").map(String::as_str) {
            Some("authorization_code") => self.by_code(form, key),
            Some("refresh_token") => self.by_refresh_token(form, key, fault),
            Some("urn:ietf:params:oauth:grant-type:device_code") => self.by_device_code(form, key),
            Some("urn:ietf:params:oauth:grant-type:token-exchange") => {
                self.by_foreign_token(form, key)
            }
            other => {
                let words = format!("Unsupported grant type: {}", other.unwrap_or_default());
                Err(Denied::new(403, "unsupported_grant_type", words))
            }
        };
        match issued {
            Ok(issue) => reply(200, &self.issue(issue, form, fault)),
            Err(denied) => denied.reply(),
        }
    }

    fn by_code(&self, form: &Form, key: Option<&str>) -> Result<Issue, Denied> {
        self.check_client(form)?;
        let name = required(form, "code")?;
        let verifier = required(form, "code_verifier")?;
        let now = self.now();
        let mut ledger = self.ledger.borrow_mut();
        let unknown = || Denied::invalid_grant("Invalid authorization code");
        let code = ledger.codes.get_mut(name).ok_or_else(unknown)?;
        if code.is_spent {
            // A second use is a theft: what the first has bought ends as well (RFC 6749 §4.1.2).
            if let Some(family) = code.family {
                ledger.end(family);
            }
            return Err(unknown());
        }
        code.is_spent = true;
        if code.expires <= now {
            return Err(unknown());
        }
        check_exchange(code, form.get("redirect_uri"), verifier)?;
        let bound_to = code.grant.key.as_deref();
        if bound_to.is_some() && bound_to != key {
            return Err(Denied::new(
                400,
                "invalid_dpop_proof",
                "It is of another key",
            ));
        }
        code.grant.key = key.map(str::to_owned);
        let (grant, nonce) = (code.grant.clone(), code.nonce.clone());
        drop(ledger);
        self.admit(&grant.sub)?;
        let (family, refresh_token) = self.family(&grant).unzip();
        if let Some(code) = self.ledger.borrow_mut().codes.get_mut(name) {
            code.family = family;
        }
        Ok(Issue {
            grant,
            nonce,
            refresh_token,
        })
    }

    fn by_refresh_token(
        &self,
        form: &Form,
        key: Option<&str>,
        fault: Option<&Fault>,
    ) -> Result<Issue, Denied> {
        self.check_client(form)?;
        let token = required(form, "refresh_token")?;
        let request = Use {
            rotation: self.rules.borrow().rotation,
            stays: fault == Some(&Fault::WithoutRefreshToken),
            key,
        };
        let now = self.now();
        let used = self.ledger.borrow_mut().refresh(token, &request, now)?;
        let mut grant = used.grant;
        if let Err(denied) = self.admit(&grant.sub) {
            return Err(Denied::invalid_grant(&denied.description));
        }
        self.narrow(&mut grant, form);
        Ok(Issue {
            grant,
            nonce: None,
            refresh_token: used.successor,
        })
    }

    /// Fits a grant to what a refresh asks for: another API if it may, and never more scope than there is.
    fn narrow(&self, grant: &mut Grant, form: &Form) {
        let wanted = form.get("scope").map(|scope| Scope::parse(scope));
        let wanted = wanted.filter(|scope| !scope.is_empty());
        let rules = self.rules.borrow();
        let further = form.get("audience").and_then(|it| rules.further(it));
        if let Some(resource) = further {
            let of_the_user = intersection(&grant.scope, &Scope::parse(IDENTITY));
            grant.scope = of_the_user.union(&Scope::parse(&resource.scope));
            grant.audience = Some(resource.audience.clone());
        }
        if let Some(wanted) = wanted {
            grant.scope = intersection(&grant.scope, &wanted);
        }
    }

    fn by_foreign_token(&self, form: &Form, key: Option<&str>) -> Result<Issue, Denied> {
        self.check_client(form)?;
        let token = required(form, "subject_token")?;
        let kind = required(form, "subject_token_type")?;
        let foreign = self.foreign.borrow();
        let sub = foreign.get(&(token.to_owned(), kind.to_owned()));
        let sub = sub.ok_or_else(|| Denied::invalid_grant("Invalid subject token"))?;
        self.admit(sub)?;
        let grant = self.new_grant(sub, form, key)?;
        let refresh_token = self.family(&grant).map(|(_, token)| token);
        Ok(Issue {
            grant,
            nonce: None,
            refresh_token,
        })
    }

    /// Makes a grant of what a form asks for, where no browser was in between.
    pub(super) fn new_grant(
        &self,
        sub: &str,
        form: &Form,
        key: Option<&str>,
    ) -> Result<Grant, Denied> {
        let audience = form.get("audience").filter(|audience| !audience.is_empty());
        if let Some(audience) = audience.filter(|audience| !self.rules.borrow().knows(audience)) {
            let words = format!("Service not found: {audience}");
            return Err(Denied::new(403, "access_denied", words));
        }
        Ok(Grant {
            sub: sub.to_owned(),
            audience: audience.cloned(),
            scope: Scope::parse(form.get("scope").map_or("", String::as_str)),
            organization: form.get("organization").cloned(),
            sid: self.ledger.borrow_mut().name("sid"),
            auth_time: self.now(),
            tells_auth_time: false,
            key: key.map(str::to_owned),
        })
    }

    /// Starts a family of refresh tokens for those who asked for one.
    pub(super) fn family(&self, grant: &Grant) -> Option<(usize, String)> {
        let life = self.rules.borrow().refresh_token_lifetime;
        let begins = grant.scope.contains("offline_access");
        begins.then(|| {
            self.ledger
                .borrow_mut()
                .begin(grant.clone(), self.now(), life)
        })
    }

    fn issue(&self, issue: Issue, form: &Form, fault: Option<&Fault>) -> Value {
        let rules = self.rules.borrow();
        let grant = &issue.grant;
        let has_identity = grant.scope.contains("openid");
        let userinfo = has_identity.then(|| [&rules.issuer, "userinfo"].concat());
        let access_token = self.ledger.borrow_mut().insert_access(Access {
            sub: grant.sub.clone(),
            audiences: grant.audience.iter().cloned().chain(userinfo).collect(),
            scope: grant.scope.clone(),
            expires: self.now() + rules.access_token_lifetime,
            key: grant.key.clone(),
        });
        let mut body = json!({
            "access_token": access_token,
            "token_type": if grant.key.is_some() { "DPoP" } else { "Bearer" },
            "expires_in": rules.access_token_lifetime.as_secs(),
            "scope": grant.scope.to_string(),
        });
        if has_identity {
            body["id_token"] = self.id_token(grant, issue.nonce, fault).into();
        }
        if let Some(refresh_token) = issue.refresh_token {
            body["refresh_token"] = refresh_token.into();
        }
        if form.contains_key("subject_token") {
            body["issued_token_type"] = "urn:ietf:params:oauth:token-type:access_token".into();
        }
        if fault == Some(&Fault::WithoutRefreshToken) {
            set_missing(&mut body, "refresh_token");
        }
        body
    }

    /// Takes a refresh token back, and the family with it ([RFC 7009](https://www.rfc-editor.org/rfc/rfc7009)). One that
    /// is not known is as good as taken back.
    pub(super) fn revoke(&self, form: &Form) -> HttpResponse {
        let token = self
            .check_client(form)
            .and_then(|()| required(form, "token"));
        match token {
            Ok(token) => {
                self.ledger.borrow_mut().revoke(token);
                HttpResponse::new(Vec::new())
            }
            Err(denied) => denied.reply(),
        }
    }

    pub(super) fn check_client(&self, form: &Form) -> Result<(), Denied> {
        match form.get("client_id") == Some(&self.rules.borrow().client_id) {
            true => Ok(()),
            false => Err(Denied::new(401, "access_denied", "Unauthorized")),
        }
    }
}

/// The scopes that are about the user, and belong to no API.
const IDENTITY: &str = "openid profile email offline_access";

fn unproven(problem: &Unproven) -> HttpResponse {
    let (error, words) = problem.words();
    let mut answer = refusal(400, error, words);
    problem.demand(&mut answer);
    answer
}

pub(super) fn required<'a>(form: &'a Form, name: &str) -> Result<&'a str, Denied> {
    let value = form.get(name).filter(|value| !value.is_empty());
    value.map(String::as_str).ok_or_else(|| {
        let words = format!("Missing required parameter: {name}");
        Denied::new(400, "invalid_request", words)
    })
}

/// Checks what the app alone can know that began the login ([RFC 7636 §4.6](https://www.rfc-editor.org/rfc/rfc7636#section-4.6)).
fn check_exchange(
    code: &Code,
    redirect_uri: Option<&String>,
    verifier: &str,
) -> Result<(), Denied> {
    if redirect_uri != Some(&code.redirect_uri) {
        let words = format!(
            "The redirect URI is wrong, we expected {}",
            code.redirect_uri
        );
        return Err(Denied::new(403, "unauthorized_client", words));
    }
    let challenge = base64url_sha256(verifier.as_bytes());
    match challenge == code.challenge {
        true => Ok(()),
        false => Err(Denied::invalid_grant("Failed to verify code verifier")),
    }
}

fn intersection(left: &Scope, right: &Scope) -> Scope {
    let both: Vec<&str> = left.iter().filter(|token| right.contains(token)).collect();
    Scope::parse(&both.join(" "))
}

fn set_missing(body: &mut Value, name: &str) {
    if let Value::Object(members) = body {
        members.remove(name);
    }
}
