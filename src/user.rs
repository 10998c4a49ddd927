//! Who is logged in, as the ID token says.

use std::fmt;
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::json::{self, JsonError};

/// The claims that speak of the token rather than of the user, as Auth0's own SDKs part them.
/// `sub` is not among them: it names the user.
const PROTOCOL: [&str; 30] = [
    "iss",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "azp",
    "nonce",
    "auth_time",
    "at_hash",
    "c_hash",
    "acr",
    "amr",
    "sub_jwk",
    "cnf",
    "sip_from_tag",
    "sip_date",
    "sip_callid",
    "sip_cseq_num",
    "sip_via_branch",
    "orig",
    "dest",
    "mky",
    "events",
    "toe",
    "txn",
    "rph",
    "sid",
    "vot",
    "vtm",
];

/// All claims of an ID token that passed every check.
///
/// They come from [`VerifiedJws::claims`](crate::oidc::VerifiedJws::claims) alone, or from storage
/// that was filled from there.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::user::Claims;
///
/// let stored = serde_json::json!({"iss": "https://tenant.auth0.com/", "sub": "auth0|ada", "name": "Ada"});
/// let claims = Claims::from_value(&stored)?;
/// assert_eq!(claims.get("iss").and_then(|iss| iss.as_str()), Some("https://tenant.auth0.com/"));
/// assert_eq!(claims.user().claim("iss"), None);
/// assert_eq!(claims.user().name(), Some("Ada"));
/// # Ok::<(), dioxus_auth0::json::JsonError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Claims(Rc<Map<String, Value>>);

/// The logged-in user: the claims of the ID token but those of the protocol
/// ([OpenID Connect Core §5.1](https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims)).
///
/// Cheap to clone.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::user::User;
///
/// let user = User::from_value(&serde_json::json!({
///     "sub": "auth0|ada", "name": "Ada Lovelace", "https://app.example/plan": "pro",
/// }))?;
/// assert_eq!(user.sub(), "auth0|ada");
/// assert_eq!(user.name(), Some("Ada Lovelace"));
/// assert_eq!(user.email(), None);
/// assert_eq!(user.claim("https://app.example/plan"), Some(&"pro".into()));
/// # Ok::<(), dioxus_auth0::json::JsonError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct User(Rc<Map<String, Value>>);

impl Claims {
    /// Takes claims that passed every check.
    pub(crate) fn checked(claims: Map<String, Value>) -> Self {
        Self(Rc::new(claims))
    }

    /// Reads claims back from storage.
    ///
    /// # Errors
    ///
    /// [`JsonError`], if it is no object with a `sub`.
    pub fn from_value(value: &Value) -> Result<Self, JsonError> {
        json::required_string(value, "sub")?;
        Ok(Self(Rc::new(json::object(value)?.clone())))
    }

    /// Writes the claims for storage.
    pub fn to_value(&self) -> Value {
        Value::Object((*self.0).clone())
    }

    /// Gives a claim by name.
    pub fn get(&self, claim: &str) -> Option<&Value> {
        self.0.get(claim)
    }

    /// Gives the user's id at the provider.
    pub fn sub(&self) -> &str {
        text(&self.0, "sub").unwrap_or_default()
    }

    /// Gives the provider's name for its session, `sid`.
    pub fn sid(&self) -> Option<&str> {
        text(&self.0, "sid")
    }

    /// Goes through all claims.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Keeps what speaks of the user.
    pub fn user(&self) -> User {
        let mut claims = (*self.0).clone();
        claims.retain(|name, _| !PROTOCOL.contains(&name.as_str()));
        User(Rc::new(claims))
    }
}

impl User {
    /// Reads a user back from storage.
    ///
    /// # Errors
    ///
    /// [`JsonError`], if it is no object with a `sub`.
    pub fn from_value(value: &Value) -> Result<Self, JsonError> {
        Ok(Claims::from_value(value)?.user())
    }

    /// Writes the user for storage.
    pub fn to_value(&self) -> Value {
        Value::Object((*self.0).clone())
    }

    /// Gives the user's id at the provider, `sub`.
    pub fn sub(&self) -> &str {
        text(&self.0, "sub").unwrap_or_default()
    }

    /// Gives the full name.
    pub fn name(&self) -> Option<&str> {
        self.text("name")
    }

    /// Gives the casual name.
    pub fn nickname(&self) -> Option<&str> {
        self.text("nickname")
    }

    /// Gives the given name.
    pub fn given_name(&self) -> Option<&str> {
        self.text("given_name")
    }

    /// Gives the family name.
    pub fn family_name(&self) -> Option<&str> {
        self.text("family_name")
    }

    /// Gives the URL of the picture.
    pub fn picture(&self) -> Option<&str> {
        self.text("picture")
    }

    /// Gives the e-mail address.
    pub fn email(&self) -> Option<&str> {
        self.text("email")
    }

    /// Says whether the provider has verified the e-mail address, if it says.
    pub fn email_verified(&self) -> Option<bool> {
        self.claim("email_verified").and_then(Value::as_bool)
    }

    /// Gives the time of the last change, as the provider writes it: Auth0 in ISO 8601, others in
    /// seconds.
    pub fn updated_at(&self) -> Option<&Value> {
        self.claim("updated_at")
    }

    /// Gives any claim by name.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Goes through all claims.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    fn text(&self, name: &str) -> Option<&str> {
        text(&self.0, name)
    }
}

/// Shows the id and no more: the rest is personal.
impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claims({})", self.sub())
    }
}

/// Shows the id and no more: the rest is personal.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "User({})", self.sub())
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}
