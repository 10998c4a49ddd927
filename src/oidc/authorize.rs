//! The authentication request: the URL that takes the user to the provider.

use std::borrow::Cow;
use std::time::Duration;

use url::Url;

use crate::oidc::pkce::Challenge;
use crate::scope::Scope;
use crate::secret::{Nonce, State};

/// An authentication request of
/// [OpenID Connect Core §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)
/// with PKCE and Auth0's own parameters.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::{AuthorizeRequest, Challenge};
/// use dioxus_auth0::scope::Scope;
/// use dioxus_auth0::secret::{Nonce, State};
///
/// let request = AuthorizeRequest {
///     endpoint: &"https://tenant.auth0.com/authorize".parse()?,
///     client_id: "client",
///     redirect_uri: "https://app.example/",
///     scope: &Scope::parse("openid profile"),
///     state: &State::new("state"),
///     nonce: &Nonce::new("nonce"),
///     challenge: &Challenge::from_digest(&[0; 32]),
///     audience: None,
///     organization: None,
///     invitation: None,
///     prompt: None,
///     max_age: None,
///     login_hint: Some("ada@example.com"),
///     screen_hint: None,
///     ui_locales: None,
///     acr_values: None,
///     connection: None,
///     extra: &[],
/// };
/// assert!(request.url()?.as_str().starts_with(
///     "https://tenant.auth0.com/authorize?response_type=code&client_id=client&\
///      redirect_uri=https%3A%2F%2Fapp.example%2F&scope=openid+profile&state=state&nonce=nonce&"
/// ));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AuthorizeRequest<'a> {
    /// The provider's `authorization_endpoint`; a query of its own is kept.
    pub endpoint: &'a Url,
    /// The app's id at the provider.
    pub client_id: &'a str,
    /// Where the provider sends the user back, to the letter as registered.
    pub redirect_uri: &'a str,
    /// What is asked for; `openid` is put in front if it is not there.
    pub scope: &'a Scope,
    /// Names this login in the callback.
    pub state: &'a State,
    /// Names this login in the ID token.
    pub nonce: &'a Nonce,
    /// The PKCE challenge, method `S256`.
    pub challenge: &'a Challenge,
    /// The API the access token is for (Auth0).
    pub audience: Option<&'a str>,
    /// The organization to log in to, `org_…` or a name (Auth0).
    pub organization: Option<&'a str>,
    /// The invitation to accept (Auth0).
    pub invitation: Option<&'a str>,
    /// `none`, `login`, `consent` or `select_account`.
    pub prompt: Option<&'a str>,
    /// How long ago the user may have logged in; zero asks for a new login.
    pub max_age: Option<Duration>,
    /// What the user calls themselves at the provider.
    pub login_hint: Option<&'a str>,
    /// `signup` opens the sign-up page (Auth0).
    pub screen_hint: Option<&'a str>,
    /// Languages of the login page, best first.
    pub ui_locales: Option<&'a str>,
    /// How strongly the user should be authenticated.
    pub acr_values: Option<&'a str>,
    /// The identity provider to go to at once (Auth0).
    pub connection: Option<&'a str>,
    /// Any other parameters, after these.
    pub extra: &'a [(String, String)],
}

/// Says why an authorize URL cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizeError {
    /// An extra parameter bears the name of one that this crate writes.
    #[error("expected extra parameters of other names, found \"{name}\"")]
    Reserved {
        /// The parameter's name.
        name: String,
    },
    /// A parameter would stand in the URL twice, which
    /// [RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1) forbids.
    #[error("expected one parameter \"{name}\" in the authorize url, found two")]
    Duplicate {
        /// The parameter's name.
        name: String,
    },
}

/// What an extra parameter may not be called: the generated ones, those with a field of their own,
/// and those that would replace the request or move the answer out of the query.
const RESERVED: [&str; 22] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "audience",
    "organization",
    "invitation",
    "prompt",
    "max_age",
    "login_hint",
    "screen_hint",
    "ui_locales",
    "acr_values",
    "connection",
    "response_mode",
    "request",
    "request_uri",
    "client_secret",
];

impl AuthorizeRequest<'_> {
    /// Writes the request as a URL.
    ///
    /// An empty optional parameter is left out:
    /// [RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1) has both mean the same.
    ///
    /// # Errors
    ///
    /// [`AuthorizeError`], if a parameter would stand in the URL twice.
    pub fn url(&self) -> Result<Url, AuthorizeError> {
        let taken = own_parameters(self.endpoint)?;
        let mut url = self.endpoint.clone();
        let mut query = url.query_pairs_mut();
        for (name, value) in self.parameters(taken)? {
            query.append_pair(name, &value);
        }
        drop(query);
        Ok(url)
    }

    /// Gives the parameters in order, if no extra one bears a reserved name or one that is `taken`.
    pub(super) fn parameters(
        &self,
        mut taken: Vec<String>,
    ) -> Result<Vec<(&str, Cow<'_, str>)>, AuthorizeError> {
        for (name, _) in self.extra {
            if RESERVED.contains(&name.as_str()) {
                return Err(AuthorizeError::Reserved { name: name.clone() });
            }
            if taken.contains(name) {
                return Err(AuthorizeError::Duplicate { name: name.clone() });
            }
            taken.push(name.clone());
        }

        let mut parameters: Vec<(&str, Cow<'_, str>)> = vec![
            ("response_type", "code".into()),
            ("client_id", self.client_id.into()),
            ("redirect_uri", self.redirect_uri.into()),
            ("scope", self.scope.with_openid().to_string().into()),
            ("state", self.state.expose().into()),
            ("nonce", self.nonce.expose().into()),
            ("code_challenge", self.challenge.as_str().into()),
            ("code_challenge_method", "S256".into()),
        ];
        let max_age = self.max_age.map(|age| age.as_secs().to_string());
        let optional = [
            ("audience", self.audience.map(Cow::from)),
            ("organization", self.organization.map(Cow::from)),
            ("invitation", self.invitation.map(Cow::from)),
            ("prompt", self.prompt.map(Cow::from)),
            ("max_age", max_age.map(Cow::from)),
            ("login_hint", self.login_hint.map(Cow::from)),
            ("screen_hint", self.screen_hint.map(Cow::from)),
            ("ui_locales", self.ui_locales.map(Cow::from)),
            ("acr_values", self.acr_values.map(Cow::from)),
            ("connection", self.connection.map(Cow::from)),
        ];
        for (name, value) in optional {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                parameters.push((name, value));
            }
        }
        for (name, value) in self.extra {
            parameters.push((name, value.into()));
        }
        Ok(parameters)
    }
}

/// Gives the names in an endpoint's own query, none of which may be one that this crate writes.
pub(super) fn own_parameters(endpoint: &Url) -> Result<Vec<String>, AuthorizeError> {
    let mut names = Vec::new();
    for (name, _) in endpoint.query_pairs() {
        let name = name.into_owned();
        if RESERVED.contains(&name.as_str()) {
            return Err(AuthorizeError::Duplicate { name });
        }
        names.push(name);
    }
    Ok(names)
}
