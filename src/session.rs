//! A signed-in user and the tokens held for them: what is usable now, and what needs a refresh.

use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use crate::config::Config;
use crate::json;
use crate::oidc::TokenAnswer;
use crate::scope::Scope;
use crate::secret::{AccessToken, IdToken, RefreshToken};
use crate::time::UnixTime;
use crate::user::{Claims, User};

pub use crate::port::StoredError;

/// How long before its end an access token is no longer handed out.
pub const EXPIRY_LEEWAY: Duration = Duration::from_secs(60);

/// The lifetime of an access token whose response names none ([RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
/// lets providers leave it out). Short, so that a mistake heals itself.
pub const UNKNOWN_LIFETIME: Duration = Duration::from_secs(300);

const VERSION: u64 = 1;
const PREFIX: &str = "dioxus-auth0.session.";

/// Who is signed in, as views may know it: no tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    user: User,
    claims: Claims,
}

impl Identity {
    /// Pairs the claims of a verified ID token with the user they describe.
    pub fn new(claims: Claims) -> Self {
        Self {
            user: claims.user(),
            claims,
        }
    }

    /// Returns the user: the claims without those of the protocol.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Returns every claim of the ID token.
    pub fn id_token_claims(&self) -> &Claims {
        &self.claims
    }
}

/// An access token and what it is good for.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldToken {
    pub(crate) audience: Option<String>,
    /// What was asked for. A provider that grants less is not asked again at every call.
    pub(crate) asked: Scope,
    /// What was granted.
    pub(crate) granted: Scope,
    pub(crate) access_token: AccessToken,
    pub(crate) expires_at: UnixTime,
}

/// A signed-in user with every token held for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub(crate) identity: Rc<Identity>,
    pub(crate) id_token: IdToken,
    pub(crate) refresh_token: Option<RefreshToken>,
    pub(crate) tokens: Vec<HeldToken>,
}

/// What a token request asked for, which its response may leave out.
pub(crate) struct Asked<'a> {
    pub(crate) audience: Option<&'a str>,
    pub(crate) scope: &'a Scope,
    pub(crate) now: UnixTime,
}

impl Session {
    /// Starts a session from the token response of a login whose ID token was verified.
    pub(crate) fn begin(
        claims: Claims,
        id_token: IdToken,
        answer: TokenAnswer,
        asked: &Asked<'_>,
    ) -> Self {
        Self {
            identity: Rc::new(Identity::new(claims)),
            id_token,
            tokens: vec![held(&answer, asked)],
            refresh_token: answer.refresh_token,
        }
    }

    /// Returns the session after a refresh; this one is unchanged.
    ///
    /// A response without a refresh token leaves the old one in use ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)).
    pub(crate) fn refreshed(
        &self,
        verified: Option<(Claims, IdToken)>,
        answer: TokenAnswer,
        asked: &Asked<'_>,
    ) -> Self {
        let mut next = self.clone();
        let token = held(&answer, asked);
        // A refresh asks for all that the login asked for, so its token takes the place of every other.
        next.tokens.retain(|old| old.audience != token.audience);
        next.tokens.push(token);
        if let Some((claims, id_token)) = verified {
            next.identity = Rc::new(Identity::new(claims));
            next.id_token = id_token;
        }
        if answer.refresh_token.is_some() {
            next.refresh_token = answer.refresh_token;
        }
        next
    }

    /// Finds a held token for `audience` that covers `scope` and is good at `now`.
    pub(crate) fn usable(
        &self,
        audience: Option<&str>,
        scope: &Scope,
        now: UnixTime,
    ) -> Option<&HeldToken> {
        self.grant(audience, scope)
            .filter(|token| token.expires_at >= now + EXPIRY_LEEWAY)
    }

    /// Finds the token for `audience` whose request or grant covers `scope`, whether or not it is still good.
    pub(crate) fn grant(&self, audience: Option<&str>, scope: &Scope) -> Option<&HeldToken> {
        let mut tokens = self.tokens.iter();
        tokens.find(|token| token.audience.as_deref() == audience && token.covers(scope))
    }

    /// Says whether any token may still be had without the user.
    pub(crate) fn is_alive(&self, now: UnixTime) -> bool {
        self.refresh_token.is_some()
            || self
                .tokens
                .iter()
                .any(|token| token.expires_at >= now + EXPIRY_LEEWAY)
    }

    /// The name under which the session of this issuer, client and organization is stored.
    pub(crate) fn key(config: &Config) -> String {
        let mut key = String::from(PREFIX);
        let parts: Vec<Value> = vec![
            config.issuer.as_str().into(),
            config.client_id.as_str().into(),
            config.organization.as_deref().into(),
        ];
        let parts = Value::Array(parts);
        key.push_str(&parts.to_string());
        key
    }

    pub(crate) fn to_text(&self, config: &Config) -> String {
        let tokens: Vec<Value> = self.tokens.iter().map(HeldToken::to_value).collect();
        let refresh_token = self.refresh_token.as_ref().map(RefreshToken::expose);
        json::record([
            ("version", VERSION.into()),
            ("issuer", config.issuer.as_str().into()),
            ("client_id", config.client_id.as_str().into()),
            ("claims", self.identity.claims.to_value()),
            ("id_token", self.id_token.expose().into()),
            ("refresh_token", refresh_token.into()),
            ("tokens", tokens.into()),
        ])
        .to_string()
    }

    pub(crate) fn from_text(text: &str, config: &Config) -> Result<Self, StoredError> {
        let value = json::parse(text.as_bytes()).map_err(|_| StoredError::Corrupt)?;
        match value["version"].as_u64() {
            Some(VERSION) => {}
            Some(found) => {
                return Err(StoredError::Version {
                    found,
                    known: VERSION,
                });
            }
            None => return Err(StoredError::Corrupt),
        }
        if value["issuer"].as_str() != Some(config.issuer.as_str())
            || value["client_id"].as_str() != Some(&config.client_id)
        {
            return Err(StoredError::Foreign);
        }
        Self::from_value(&value, config).ok_or(StoredError::Corrupt)
    }

    fn from_value(value: &Value, config: &Config) -> Option<Self> {
        let claims = Claims::from_value(&value["claims"]).ok()?;
        if claims.get("iss")?.as_str()? != config.issuer.as_str() {
            return None;
        }
        let refresh_token = match &value["refresh_token"] {
            Value::Null => None,
            other => Some(RefreshToken::new(other.as_str()?.to_owned())),
        };
        let tokens = value["tokens"].as_array()?.iter();
        Some(Self {
            identity: Rc::new(Identity::new(claims)),
            id_token: IdToken::new(value["id_token"].as_str()?.to_owned()),
            refresh_token,
            tokens: tokens.map(HeldToken::from_value).collect::<Option<_>>()?,
        })
    }
}

fn held(answer: &TokenAnswer, asked: &Asked<'_>) -> HeldToken {
    HeldToken {
        audience: asked.audience.map(str::to_owned),
        asked: asked.scope.clone(),
        granted: answer.scope.clone().unwrap_or_else(|| asked.scope.clone()),
        access_token: answer.access_token.clone(),
        expires_at: asked.now + answer.expires_in.unwrap_or(UNKNOWN_LIFETIME),
    }
}

impl HeldToken {
    fn covers(&self, scope: &Scope) -> bool {
        self.granted.covers(scope) || self.asked.covers(scope)
    }

    fn to_value(&self) -> Value {
        json::record([
            ("audience", self.audience.as_deref().into()),
            ("asked", self.asked.to_string().into()),
            ("granted", self.granted.to_string().into()),
            ("access_token", self.access_token.expose().into()),
            ("expires_at", self.expires_at.seconds().into()),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        Some(Self {
            audience: match &value["audience"] {
                Value::Null => None,
                other => Some(other.as_str()?.to_owned()),
            },
            asked: Scope::parse(value["asked"].as_str()?),
            granted: Scope::parse(value["granted"].as_str()?),
            access_token: AccessToken::new(value["access_token"].as_str()?.to_owned()),
            expires_at: UnixTime::from_seconds(value["expires_at"].as_i64()?),
        })
    }
}
