//! Token exchange: trades a token of another making for tokens of this provider.

use url::Url;

use crate::json::{self, excerpt};
use crate::oidc::answer::AnswerError;
use crate::oidc::request::{RequestError, post};
use crate::oidc::token::{self, TokenAnswer, TokenError};
use crate::scope::Scope;
use crate::secret::SecurityToken;

/// What an extra parameter may not be called: those with a field of their own, and those that would make another
/// request of this one.
const RESERVED: [&str; 14] = [
    "grant_type",
    "client_id",
    "subject_token",
    "subject_token_type",
    "actor_token",
    "actor_token_type",
    "requested_token_type",
    "audience",
    "scope",
    "organization",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "refresh_token",
];

/// What an access token may be called in `issued_token_type`
/// ([RFC 8693 §3](https://www.rfc-editor.org/rfc/rfc8693#section-3)).
const ACCESS_TOKENS: [&str; 2] = [
    "urn:ietf:params:oauth:token-type:access_token",
    "urn:ietf:params:oauth:token-type:jwt",
];

/// The token exchange request of [RFC 8693 §2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.1), by a client
/// without a secret.
///
/// At Auth0 it is a custom token exchange: the type of the subject token is an address or a name of the developer's own,
/// such as `urn:acme:legacy-token`, that belongs to an Action; `urn:ietf`, `urn:auth0` and the like are taken.
///
/// # Examples
///
/// ```
/// # use std::future::ready;
/// use dioxus_auth0::oidc::TokenExchange;
/// use dioxus_auth0::secret::SecurityToken;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let exchange = TokenExchange {
///     endpoint: &"https://tenant.auth0.com/oauth/token".parse()?,
///     client_id: "client",
///     subject_token: &SecurityToken::new("legacy"),
///     subject_token_type: "urn:acme:legacy-token",
///     actor: None,
///     audience: Some("https://api.example/"),
///     scope: None,
///     organization: None,
///     extra: &[],
/// };
/// let answer = exchange
///     .send(|_| {
///         let body = br#"{"access_token":"at","token_type":"Bearer","expires_in":60,
///             "issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}"#;
///         ready(Ok::<_, std::fmt::Error>(http::Response::new(body.to_vec())))
///     })
///     .await?;
/// assert_eq!(answer.access_token.expose(), "at");
/// # Ok(())
/// # }
/// # let mut run = std::pin::pin!(example());
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert!(matches!(run.as_mut().poll(&mut context), std::task::Poll::Ready(Ok(()))));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TokenExchange<'a> {
    /// The provider's `token_endpoint`.
    pub endpoint: &'a Url,
    /// The app's id at the provider.
    pub client_id: &'a str,
    /// What is traded: who the new tokens are for.
    pub subject_token: &'a SecurityToken,
    /// What kind of token it is, a URI.
    pub subject_token_type: &'a str,
    /// Who acts for them, if that is somebody else.
    pub actor: Option<Actor<'a>>,
    /// The API the access token is for.
    pub audience: Option<&'a str>,
    /// What is asked for.
    pub scope: Option<&'a Scope>,
    /// The organization to log in to, `org_…` or a name (Auth0).
    pub organization: Option<&'a str>,
    /// Any other parameters, after these; `resource` may stand there several times.
    pub extra: &'a [(String, String)],
}

/// Who acts for the subject ([RFC 8693 §1.1](https://www.rfc-editor.org/rfc/rfc8693#section-1.1)).
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// A token that says who it is.
    pub token: &'a SecurityToken,
    /// What kind of token it is, a URI.
    pub token_type: &'a str,
}

impl TokenExchange<'_> {
    /// Sends the request and reads the answer.
    ///
    /// An answer need not say what kind of token it brings, as Auth0's does not have to; one that says it brings no
    /// access token is refused.
    ///
    /// # Errors
    ///
    /// [`TokenError`]; [`TokenError::Request`] for a type that is no URI and for an extra parameter that would replace
    /// one of the others or stand there twice.
    pub async fn send<F, Fut, E>(self, http: F) -> Result<TokenAnswer, TokenError<E>>
    where
        F: Fn(http::Request<Vec<u8>>) -> Fut,
        Fut: Future<Output = Result<http::Response<Vec<u8>>, E>>,
    {
        let request = self.request().map_err(TokenError::unwritten)?;
        let body = token::body(http(request).await)?;
        let issued = json::string(&body, "issued_token_type").map_err(AnswerError::Json);
        let is_other = |found: &&str| !ACCESS_TOKENS.contains(found);
        match issued.map_err(TokenError::Malformed)?.filter(is_other) {
            None => token::tokens(&body).map_err(TokenError::Malformed),
            Some(found) => Err(TokenError::Malformed(AnswerError::IssuedTokenType {
                found: excerpt(found),
            })),
        }
    }

    fn request(self) -> Result<http::Request<Vec<u8>>, RequestError> {
        self.check_extra()?;
        check_type(self.subject_token_type)?;
        let scope = self.scope.map(Scope::to_string);
        let mut parameters = vec![
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ),
            ("client_id", self.client_id),
            ("subject_token", self.subject_token.expose()),
            ("subject_token_type", self.subject_token_type),
        ];
        if let Some(actor) = self.actor {
            check_type(actor.token_type)?;
            parameters.push(("actor_token", actor.token.expose()));
            parameters.push(("actor_token_type", actor.token_type));
        }
        let optional = [
            ("audience", self.audience),
            ("scope", scope.as_deref()),
            ("organization", self.organization),
        ];
        for (name, value) in optional {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                parameters.push((name, value));
            }
        }
        let extra = self.extra.iter();
        parameters.extend(extra.map(|(name, value)| (name.as_str(), value.as_str())));
        post(self.endpoint, parameters)
    }

    fn check_extra(self) -> Result<(), RequestError> {
        for (index, (name, _)) in self.extra.iter().enumerate() {
            let is_repeated = self.extra[..index].iter().any(|(other, _)| other == name);
            if RESERVED.contains(&name.as_str()) || is_repeated && name != "resource" {
                return Err(RequestError("extra parameters of other names, each once"));
            }
        }
        Ok(())
    }
}

fn check_type(token_type: &str) -> Result<(), RequestError> {
    match Url::parse(token_type) {
        Ok(_) => Ok(()),
        Err(_) => Err(RequestError("a uri as the type of a token")),
    }
}
