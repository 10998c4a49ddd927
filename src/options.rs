//! What a login, a token request and a logout can be asked for.

use std::time::Duration;

use crate::oidc::TokenType;
use crate::scope::Scope;
use crate::secret::AccessToken;

/// What to ask of a login. Every field goes into the authorization request
/// ([OIDC Core §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)) unless it says otherwise.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::LoginOptions;
///
/// let options = LoginOptions { login_hint: Some("ada@example.com".into()), ..LoginOptions::sign_up() };
/// assert_eq!(options.screen_hint.as_deref(), Some("signup"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[doc(alias = "RedirectLoginOptions")]
pub struct LoginOptions {
    /// The API to get an access token for; by default the configured one.
    pub audience: Option<String>,
    /// Scope to ask for besides the configured one, separated by spaces.
    pub scope: Option<String>,
    /// The organization, by id or name; by default the configured one. The ID token must say the same.
    pub organization: Option<String>,
    /// The invitation to accept, with the organization it is for.
    pub invitation: Option<String>,
    /// How the provider must ask: `login`, `consent`, `select_account` or `none`.
    pub prompt: Option<String>,
    /// The page to open first; `signup` for the sign-up page (Auth0).
    pub screen_hint: Option<String>,
    /// Who probably wants to log in, such as an e-mail address.
    pub login_hint: Option<String>,
    /// How long ago the user may have given their credentials. The ID token must say so.
    pub max_age: Option<Duration>,
    /// The languages of the user, separated by spaces.
    pub ui_locales: Option<String>,
    /// The authentication context classes to reach, separated by spaces.
    pub acr_values: Option<String>,
    /// The connection to log in by (Auth0).
    pub connection: Option<String>,
    /// The page of the app to return to, as a path. Never sent; another origin is refused. By default `/`.
    pub return_to: Option<String>,
    /// Further parameters. They cannot replace those of the protocol.
    pub extra: Vec<(String, String)>,
}

impl LoginOptions {
    /// Asks for the sign-up page.
    pub fn sign_up() -> Self {
        Self {
            screen_hint: Some("signup".into()),
            ..Self::default()
        }
    }

    /// Returns to `path` after the login.
    pub fn returning_to(path: impl Into<String>) -> Self {
        Self {
            return_to: Some(path.into()),
            ..Self::default()
        }
    }
}

/// Which access token to return.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use dioxus_auth0::TokenOptions;
/// use dioxus_auth0::options::CacheMode;
///
/// let fresh = TokenOptions { cache: CacheMode::Off, ..TokenOptions::scope("read:orders") };
/// let lasting = TokenOptions { min_ttl: Duration::from_secs(600), ..TokenOptions::default() };
/// assert_ne!(fresh, lasting);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[doc(alias = "GetTokenSilentlyOptions")]
pub struct TokenOptions {
    /// The API it is for; by default the configured one.
    pub audience: Option<String>,
    /// The scope it must have, separated by spaces; the configured one is always asked for too.
    pub scope: Option<String>,
    /// The organization, by id or name, that the session must be of.
    pub organization: Option<String>,
    /// Whether a held token will do, and whether the provider may be asked for another.
    pub cache: CacheMode,
    /// How long it must be good for at least. A token that lives shorter by nature is returned all the same, fresh.
    pub min_ttl: Duration,
}

/// Whether a held token will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "cacheMode")]
pub enum CacheMode {
    /// A held token if it will do, else a new one.
    #[default]
    On,
    /// A new token, whatever is held.
    Off,
    /// A held token or none: nothing is sent.
    Only,
}

/// An access token with what is known of it: the answer of
/// [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1), as far as an app needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias = "GetTokenSilentlyVerboseResponse")]
pub struct TokenDetails {
    /// What the API is shown.
    pub access_token: AccessToken,
    /// How it is shown.
    pub token_type: TokenType,
    /// How long it is good for, from now.
    pub expires_in: Duration,
    /// What was granted, which may be less than was asked for.
    pub scope: Scope,
    /// The API it is for, if one was named.
    pub audience: Option<String>,
}

impl TokenOptions {
    /// Asks for a token with this scope, separated by spaces.
    pub fn scope(scope: impl Into<String>) -> Self {
        Self {
            scope: Some(scope.into()),
            ..Self::default()
        }
    }
}

/// How to log out.
///
/// # Examples
///
/// On a machine that somebody gives away, the provider is told to forget the refresh token as well:
///
/// ```
/// use dioxus_auth0::LogoutOptions;
///
/// let for_good = LogoutOptions { revoke: true, federated: true, ..LogoutOptions::default() };
/// let only_here = LogoutOptions { local_only: true, ..LogoutOptions::default() };
/// assert_ne!(for_good, only_here);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogoutOptions {
    /// Where the provider sends the user afterwards; it must be registered. By default the app's own address.
    pub return_to: Option<String>,
    /// Whether to log out of the identity provider behind Auth0 too.
    pub federated: bool,
    /// Whether to end the session on this machine only and stay on the page.
    pub local_only: bool,
    /// Whether to revoke the refresh token first ([RFC 7009](https://www.rfc-editor.org/rfc/rfc7009)). The session on this
    /// machine is gone at once, and the provider is given 3 s.
    pub revoke: bool,
}
