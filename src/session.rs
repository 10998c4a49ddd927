//! A signed-in user and the tokens held for them: what is usable now, and what needs a refresh.

use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use crate::config::Config;
use crate::json;
use crate::oidc::{TokenAnswer, TokenType};
use crate::scope::Scope;
use crate::secret::{AccessToken, IdToken, RefreshToken};
use crate::time::UnixTime;
use crate::user::{Claims, User};

pub use crate::port::StoredError;

/// How long before its end an access token is no longer handed out.
pub const EXPIRY_LEEWAY: Duration = Duration::from_secs(60);

/// The longest time for which a server that does not answer is left alone.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The lifetime of an access token whose response names none ([RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
/// lets providers leave it out). Short, so that a mistake heals itself.
pub const UNKNOWN_LIFETIME: Duration = Duration::from_secs(300);

const VERSION: u64 = 1;
const PREFIX: &str = "dioxus-auth0.session.";
const GENERATION_PREFIX: &str = "dioxus-auth0.generation.";

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

    /// Pairs them with what the provider's userinfo endpoint says of the same user.
    pub(crate) fn with_user(claims: Claims, user: User) -> Self {
        Self { user, claims }
    }

    /// Returns the user: what the userinfo endpoint said last, or the claims without those of the protocol.
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
    pub(crate) token_type: TokenType,
    pub(crate) obtained_at: UnixTime,
    pub(crate) expires_at: UnixTime,
}

/// That the provider could not be asked for a new token, which all who share the session bear in mind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setback {
    /// When the refresh token came into doubt: it was sent, and no answer came. `None` when it is surely unspent.
    pub(crate) lost_at: Option<UnixTime>,
    /// When it happened last.
    pub(crate) at: UnixTime,
    /// Until when the provider is left alone.
    pub(crate) until: UnixTime,
    /// How many needs have failed in a row.
    pub(crate) tries: u32,
}

impl Setback {
    /// Gives how much longer the provider is left alone. By a clock that has been set back since, nobody waits.
    pub(crate) fn left(&self, now: UnixTime) -> Duration {
        match now < self.at {
            true => Duration::ZERO,
            false => self.until.since(now).min(LONGEST_WAIT),
        }
    }
}

/// A signed-in user with every token held for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub(crate) identity: Rc<Identity>,
    pub(crate) id_token: IdToken,
    pub(crate) refresh_token: Option<RefreshToken>,
    /// What the login asked for, and a refresh without an audience of its own brings.
    pub(crate) audience: Option<String>,
    /// One for each audience, in the order of their names.
    pub(crate) tokens: Vec<Rc<HeldToken>>,
    pub(crate) setback: Option<Setback>,
    /// What the logouts of this machine had come to when it began; see [`Client::forget`](crate::client::Client::forget).
    pub(crate) generation: Option<String>,
    /// The thumbprint of the key that the tokens are bound to, if they are.
    pub(crate) thumbprint: Option<String>,
    /// How far the provider's clock is ahead of this machine's, in seconds.
    pub(crate) skew: i64,
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
            audience: asked.audience.map(str::to_owned),
            tokens: vec![held(&answer, asked)],
            refresh_token: answer.refresh_token,
            setback: None,
            generation: None,
            thumbprint: None,
            skew: 0,
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
        next.hold(held(&answer, asked));
        next.setback = None;
        if let Some((claims, id_token)) = verified {
            next.identity = Rc::new(Identity::new(claims));
            next.id_token = id_token;
        }
        if answer.refresh_token.is_some() {
            next.refresh_token = answer.refresh_token;
        }
        next
    }

    /// Takes over the tokens for other audiences that `before` holds for the same user, by the same key.
    pub(crate) fn inherit(&mut self, before: &Self) {
        let is_same_user = self.identity.claims.sub() == before.identity.claims.sub()
            && self.identity.claims.get("org_id") == before.identity.claims.get("org_id");
        if is_same_user && self.thumbprint == before.thumbprint {
            for token in &before.tokens {
                if self.place(token.audience.as_deref()).is_err() {
                    self.hold(token.clone());
                }
            }
        }
    }

    /// Finds the token for `audience` whose request or grant covers `scope`, whether or not it is still good.
    pub(crate) fn held(&self, audience: Option<&str>, scope: &Scope) -> Option<&Rc<HeldToken>> {
        let token = &self.tokens[self.place(audience).ok()?];
        token.covers(scope).then_some(token)
    }

    /// Takes up a token in place of another for the same audience.
    fn hold(&mut self, token: Rc<HeldToken>) {
        match self.place(token.audience.as_deref()) {
            Ok(place) => self.tokens[place] = token,
            Err(place) => self.tokens.insert(place, token),
        }
    }

    /// Finds where the token for `audience` is, or would be.
    fn place(&self, audience: Option<&str>) -> Result<usize, usize> {
        let by_audience = |token: &Rc<HeldToken>| token.audience.as_deref().cmp(&audience);
        self.tokens.binary_search_by(by_audience)
    }

    /// Says whether the refresh token may be spent.
    pub(crate) fn is_in_doubt(&self) -> bool {
        let setback = self.setback.as_ref();
        setback.is_some_and(|setback| setback.lost_at.is_some())
    }

    /// Says whether `other` holds the same tokens.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.id_token == other.id_token
            && self.refresh_token == other.refresh_token
            && self.tokens == other.tokens
    }

    /// Says whether it is of the organization, by its id or its name
    /// ([Auth0](https://auth0.com/docs/manage-users/organizations/using-tokens): names are compared in lower case).
    pub(crate) fn is_of(&self, organization: &str) -> bool {
        let claim = |name| self.identity.claims.get(name).and_then(Value::as_str);
        match organization.starts_with("org_") {
            true => claim("org_id") == Some(organization),
            false => claim("org_name").is_some_and(|name| name.eq_ignore_ascii_case(organization)),
        }
    }

    /// Says whether any token may still be had without the user.
    pub(crate) fn is_alive(&self, now: UnixTime) -> bool {
        self.refresh_token.is_some()
            || self
                .tokens
                .iter()
                .any(|token| token.expires_at >= now + token.leeway())
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

    /// The name under which the logouts of this machine are counted.
    pub(crate) fn generation_key(config: &Config) -> String {
        [GENERATION_PREFIX, &Self::key(config)[PREFIX.len()..]].concat()
    }

    pub(crate) fn to_text(&self, config: &Config) -> String {
        let tokens = self.tokens.iter().map(|token| token.to_value());
        let tokens: Vec<Value> = tokens.collect();
        let refresh_token = self.refresh_token.as_ref().map(RefreshToken::expose);
        json::record([
            ("version", VERSION.into()),
            ("issuer", config.issuer.as_str().into()),
            ("client_id", config.client_id.as_str().into()),
            ("claims", self.identity.claims.to_value()),
            ("user", self.asked_for_user().map(User::to_value).into()),
            ("id_token", self.id_token.expose().into()),
            ("refresh_token", refresh_token.into()),
            ("audience", self.audience.as_deref().into()),
            ("tokens", tokens.into()),
            (
                "setback",
                self.setback.as_ref().map(Setback::to_value).into(),
            ),
            ("generation", self.generation.as_deref().into()),
            ("thumbprint", self.thumbprint.as_deref().into()),
            ("skew", self.skew.into()),
        ])
        .to_string()
    }

    /// What the userinfo endpoint has said, where that is not what the ID token says.
    fn asked_for_user(&self) -> Option<&User> {
        let user = &self.identity.user;
        (*user != self.identity.claims.user()).then_some(user)
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
        let tokens: Vec<_> = tokens.map(HeldToken::from_value).collect::<Option<_>>()?;
        let first = tokens.first();
        let user = match &value["user"] {
            Value::Null => claims.user(),
            user => User::from_value(user).ok()?,
        };
        if user.sub() != claims.sub() {
            return None;
        }
        let mut session = Self {
            identity: Rc::new(Identity::with_user(claims, user)),
            id_token: IdToken::new(value["id_token"].as_str()?.to_owned()),
            refresh_token,
            // Earlier versions wrote none, and had one token, which the login had brought.
            audience: match &value["audience"] {
                Value::Null if value["skew"].is_null() => {
                    first.and_then(|token| token.audience.clone())
                }
                audience => audience.as_str().map(str::to_owned),
            },
            tokens: Vec::new(),
            setback: Setback::from_value(&value["setback"]),
            generation: value["generation"].as_str().map(str::to_owned),
            thumbprint: value["thumbprint"].as_str().map(str::to_owned),
            skew: value["skew"].as_i64().unwrap_or(0),
        };
        for token in tokens {
            session.hold(token);
        }
        Some(session)
    }
}

fn held(answer: &TokenAnswer, asked: &Asked<'_>) -> Rc<HeldToken> {
    Rc::new(HeldToken {
        audience: asked.audience.map(str::to_owned),
        asked: asked.scope.clone(),
        granted: answer.scope.clone().unwrap_or_else(|| asked.scope.clone()),
        access_token: answer.access_token.clone(),
        token_type: answer.token_type,
        obtained_at: asked.now,
        expires_at: asked.now + answer.expires_in.unwrap_or(UNKNOWN_LIFETIME),
    })
}

impl Setback {
    fn to_value(&self) -> Value {
        json::record([
            ("lost_at", self.lost_at.map(UnixTime::seconds).into()),
            ("at", self.at.seconds().into()),
            ("until", self.until.seconds().into()),
            ("tries", self.tries.into()),
        ])
    }

    /// What cannot be read is as good as none: the provider is asked once more than it would be.
    fn from_value(value: &Value) -> Option<Self> {
        Some(Self {
            lost_at: value["lost_at"].as_i64().map(UnixTime::from_seconds),
            at: UnixTime::from_seconds(value["at"].as_i64()?),
            until: UnixTime::from_seconds(value["until"].as_i64()?),
            tries: u32::try_from(value["tries"].as_u64()?).ok()?,
        })
    }
}

impl HeldToken {
    fn covers(&self, scope: &Scope) -> bool {
        self.granted.covers(scope) || self.asked.covers(scope)
    }

    /// How long before its end it is no longer handed out: [`EXPIRY_LEEWAY`], and half of a life that is short.
    pub(crate) fn leeway(&self) -> Duration {
        EXPIRY_LEEWAY.min(self.expires_at.since(self.obtained_at) / 2)
    }

    fn to_value(&self) -> Value {
        json::record([
            ("audience", self.audience.as_deref().into()),
            ("asked", self.asked.to_string().into()),
            ("granted", self.granted.to_string().into()),
            ("access_token", self.access_token.expose().into()),
            ("token_type", self.token_type.as_str().into()),
            ("obtained_at", self.obtained_at.seconds().into()),
            ("expires_at", self.expires_at.seconds().into()),
        ])
    }

    fn from_value(value: &Value) -> Option<Rc<Self>> {
        let audience = match &value["audience"] {
            Value::Null => None,
            other => Some(other.as_str()?.to_owned()),
        };
        let expires_at = UnixTime::from_seconds(value["expires_at"].as_i64()?);
        // Earlier versions wrote neither: all of their tokens were bearer tokens.
        let obtained_at = value["obtained_at"].as_i64();
        Some(Rc::new(Self {
            asked: Scope::parse(value["asked"].as_str()?),
            granted: Scope::parse(value["granted"].as_str()?),
            access_token: AccessToken::new(value["access_token"].as_str()?.to_owned()),
            token_type: match value["token_type"].as_str() {
                Some("DPoP") => TokenType::DPoP,
                _ => TokenType::Bearer,
            },
            obtained_at: obtained_at.map_or(expires_at - UNKNOWN_LIFETIME, UnixTime::from_seconds),
            expires_at,
            audience,
        }))
    }
}
