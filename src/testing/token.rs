//! The token endpoint and the revocation endpoint.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use super::fault::set;
use super::ledger::{Access, Code, Grant};
use super::reply::{Denied, reply};
use super::{Fault, MemoryProvider, key};
use crate::port::HttpResponse;
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
    pub(super) fn token(&self, form: &Form, fault: Option<&Fault>) -> HttpResponse {
        let issued = match form.get("grant_type").map(String::as_str) {
            Some("authorization_code") => self.by_code(form),
            Some("refresh_token") => self.by_refresh_token(form, fault),
            Some("urn:ietf:params:oauth:grant-type:device_code") => self.by_device_code(form),
            Some("urn:ietf:params:oauth:grant-type:token-exchange") => self.by_foreign_token(form),
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

    fn by_code(&self, form: &Form) -> Result<Issue, Denied> {
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

    fn by_refresh_token(&self, form: &Form, fault: Option<&Fault>) -> Result<Issue, Denied> {
        self.check_client(form)?;
        let token = required(form, "refresh_token")?;
        let rotation = self.rules.borrow().rotation;
        let stays = fault == Some(&Fault::WithoutRefreshToken);
        let now = self.now();
        let used = self
            .ledger
            .borrow_mut()
            .refresh(token, rotation, stays, now)?;
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

    fn by_foreign_token(&self, form: &Form) -> Result<Issue, Denied> {
        self.check_client(form)?;
        let token = required(form, "subject_token")?;
        let kind = required(form, "subject_token_type")?;
        let foreign = self.foreign.borrow();
        let sub = foreign.get(&(token.to_owned(), kind.to_owned()));
        let sub = sub.ok_or_else(|| Denied::invalid_grant("Invalid subject token"))?;
        self.admit(sub)?;
        let grant = self.new_grant(sub, form)?;
        let refresh_token = self.family(&grant).map(|(_, token)| token);
        Ok(Issue {
            grant,
            nonce: None,
            refresh_token,
        })
    }

    /// Makes a grant of what a form asks for, where no browser was in between.
    pub(super) fn new_grant(&self, sub: &str, form: &Form) -> Result<Grant, Denied> {
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
        });
        let mut body = json!({
            "access_token": access_token,
            "token_type": "Bearer",
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

    fn id_token(&self, grant: &Grant, nonce: Option<String>, fault: Option<&Fault>) -> String {
        let rules = self.rules.borrow();
        let now = self.now();
        let mut claims = self.claims(&grant.sub, &grant.scope);
        let mut claim = |name: &str, value: Value| {
            claims.insert(name.to_owned(), value);
        };
        claim("iss", rules.issuer.as_str().into());
        claim("aud", rules.client_id.as_str().into());
        claim("iat", now.seconds().into());
        claim("exp", (now + rules.id_token_lifetime).seconds().into());
        claim("sid", grant.sid.as_str().into());
        if let Some(nonce) = nonce {
            claim("nonce", nonce.into());
        }
        if grant.tells_auth_time {
            claim("auth_time", grant.auth_time.seconds().into());
        }
        match grant.organization.as_deref() {
            Some(id) if id.starts_with("org_") => claim("org_id", id.into()),
            Some(name) => {
                claim("org_id", ["org_", name].concat().into());
                claim("org_name", name.into());
            }
            None => {}
        }
        if let Some(account) = self.account(&grant.sub) {
            claims.extend(account.claims);
        }
        if let Some(Fault::Claim(name, value)) = fault {
            set(&mut claims, name, value);
        }
        let token = key::sign(&self.kid(), &Value::Object(claims));
        match fault {
            Some(Fault::Forged) => key::forge(&token),
            _ => token,
        }
    }

    /// The claims about a user that a scope opens.
    pub(super) fn claims(&self, sub: &str, scope: &Scope) -> Map<String, Value> {
        let mut claims = Map::new();
        claims.insert("sub".into(), sub.into());
        let Some(account) = self.account(sub) else {
            return claims;
        };
        if scope.contains("profile") {
            claims.insert("name".into(), account.name.into());
        }
        if scope.contains("email") {
            claims.insert("email".into(), account.email.into());
            claims.insert("email_verified".into(), true.into());
        }
        claims
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
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
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
