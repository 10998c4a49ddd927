//! The token endpoint: trades a code or a refresh token for tokens.
//!
//! The `oauth2` crate writes the requests, and the answer is read in this file: `oauth2` reads a token answer of any
//! size, with anything after its end, and its error holds the whole body, tokens and all.

use std::borrow::Cow;
use std::time::Duration;

use oauth2::basic::BasicClient;
use oauth2::{AuthorizationCode, ClientId, PkceCodeVerifier, RedirectUrl};
use serde_json::Value;
use url::Url;

use crate::json::{self, JsonError, excerpt};
use crate::oidc::answer::{self, Failure};
use crate::oidc::refusal::{ErrorCode, Refused};
use crate::oidc::request::{RequestError, hand_back, handed_back};
use crate::scope::Scope;
use crate::secret::{AccessToken, Code, IdToken, MfaToken, RefreshToken, Verifier};

pub use crate::oidc::answer::AnswerError;

/// The longest lifetime that is believed: ten years.
const LONGEST_LIFE: i64 = 10 * 365 * 24 * 60 * 60;

/// How an access token is shown to an API
/// ([RFC 6749 §7.1](https://www.rfc-editor.org/rfc/rfc6749#section-7.1)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// Who holds it may use it ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750)).
    Bearer,
    /// It needs a proof of a key ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)).
    DPoP,
}

impl TokenType {
    /// Gives the scheme of the `Authorization` header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::DPoP => "DPoP",
        }
    }
}

/// A successful answer of
/// [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1) and
/// [OpenID Connect Core §3.1.3.3](https://openid.net/specs/openid-connect-core-1_0.html#TokenResponse).
///
/// Nothing in it has been checked but its form; the ID token least of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenAnswer {
    /// What the API is shown.
    pub access_token: AccessToken,
    /// How it is shown.
    pub token_type: TokenType,
    /// How long it lives from now, if the provider says.
    pub expires_in: Option<Duration>,
    /// What buys the next one. A refresh that brings none leaves the old one valid.
    pub refresh_token: Option<RefreshToken>,
    /// Who logged in, unchecked.
    pub id_token: Option<IdToken>,
    /// What was granted; `None` means what was asked for.
    pub scope: Option<Scope>,
}

/// Says why the token endpoint gave no tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError<E> {
    /// The request did not get through, or no answer came back.
    #[error("the token request did not get through")]
    Transport(#[source] E),
    /// The provider said no ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)).
    #[error("expected tokens, found the refusal \"{code}\" (http status {status})")]
    Refused {
        /// The provider's `error`.
        code: ErrorCode,
        /// Its `error_description`, made fit to show.
        description: Option<String>,
        /// The HTTP status; Auth0 says 403 where the RFC says 400.
        status: u16,
    },
    /// The provider wants another factor first, and says what to give it with (Auth0). One that says nothing of the
    /// kind has [`Refused`](Self::Refused) with the code `mfa_required`.
    #[error("expected tokens, found the demand for another factor (http status {status})")]
    MfaRequired {
        /// What the factor is given with.
        mfa_token: MfaToken,
        /// The `error_description`, made fit to show.
        description: Option<String>,
        /// The HTTP status.
        status: u16,
    },
    /// The request cannot be written.
    #[error("expected {expected} for the token request")]
    Request {
        /// What was expected.
        expected: &'static str,
    },
    /// The answer is no token answer.
    #[error("the token answer cannot be read")]
    Malformed(#[source] AnswerError),
}

/// The authorization code grant of
/// [RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3) with the `code_verifier` of
/// [RFC 7636 §4.5](https://www.rfc-editor.org/rfc/rfc7636#section-4.5), by a client without a secret.
///
/// # Examples
///
/// ```
/// # use std::future::ready;
/// use dioxus_auth0::oidc::CodeExchange;
/// use dioxus_auth0::secret::{Code, Verifier};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let exchange = CodeExchange {
///     endpoint: &"https://tenant.auth0.com/oauth/token".parse()?,
///     client_id: "client",
///     redirect_uri: "https://app.example/",
///     code: Code::new("code"),
///     verifier: Verifier::from_random(&[7; 32]),
/// };
/// let answer = exchange
///     .send(|request| {
///         assert!(request.body().starts_with(b"grant_type=authorization_code&code=code&"));
///         let body = br#"{"access_token":"at","token_type":"Bearer"}"#;
///         ready(Ok::<_, std::fmt::Error>(http::Response::new(body.to_vec())))
///     })
///     .await?;
/// assert_eq!(answer.access_token.expose(), "at");
/// # Ok(())
/// # }
/// # let run = example();
/// # let mut run = std::pin::pin!(run);
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert!(matches!(run.as_mut().poll(&mut context), std::task::Poll::Ready(Ok(()))));
/// ```
#[derive(Debug)]
pub struct CodeExchange<'a> {
    /// The provider's `token_endpoint`.
    pub endpoint: &'a Url,
    /// The app's id at the provider.
    pub client_id: &'a str,
    /// The redirect URI of the authorize request, to the letter.
    pub redirect_uri: &'a str,
    /// What the callback brought.
    pub code: Code,
    /// What the challenge was made of.
    pub verifier: Verifier,
}

/// The refresh grant of [RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6).
#[derive(Clone, Copy, Debug)]
pub struct Refresh<'a> {
    /// The provider's `token_endpoint`.
    pub endpoint: &'a Url,
    /// The app's id at the provider.
    pub client_id: &'a str,
    /// What the last answer brought.
    pub refresh_token: &'a RefreshToken,
    /// A scope other than the granted one.
    pub scope: Option<&'a Scope>,
    /// An API other than the first one (Auth0's multi-resource refresh tokens).
    pub audience: Option<&'a str>,
}

impl<E> TokenError<E> {
    pub(super) fn unwritten(error: RequestError) -> Self {
        Self::Request { expected: error.0 }
    }

    fn refused(refused: Refused) -> Self {
        let Refused {
            code,
            description,
            status,
            mfa_token,
        } = refused;
        match mfa_token {
            Some(mfa_token) => Self::MfaRequired {
                mfa_token,
                description,
                status,
            },
            None => Self::Refused {
                code,
                description,
                status,
            },
        }
    }
}

impl CodeExchange<'_> {
    /// Sends the request and reads the answer.
    ///
    /// It is sent once: what is to be done about a lost answer only the caller can know.
    ///
    /// # Errors
    ///
    /// [`TokenError`].
    pub async fn send<F, Fut, E>(self, http: F) -> Result<TokenAnswer, TokenError<E>>
    where
        F: Fn(http::Request<Vec<u8>>) -> Fut,
        Fut: Future<Output = Result<http::Response<Vec<u8>>, E>>,
    {
        let request = self.request().map_err(TokenError::unwritten)?;
        read(http(request).await)
    }

    fn request(self) -> Result<http::Request<Vec<u8>>, RequestError> {
        let redirect_uri = RedirectUrl::new(self.redirect_uri.to_owned())
            .map_err(|_| RequestError("an absolute redirect uri"))?;
        let written = BasicClient::new(ClientId::new(self.client_id.to_owned()))
            .set_token_uri(oauth2::TokenUrl::from_url(self.endpoint.clone()))
            .exchange_code(AuthorizationCode::new(self.code.into_inner()))
            .set_pkce_verifier(PkceCodeVerifier::new(self.verifier.into_inner()))
            .set_redirect_uri(Cow::Owned(redirect_uri))
            .request(&hand_back);
        handed_back(written)
    }
}

impl Refresh<'_> {
    /// Sends the request and reads the answer.
    ///
    /// It is sent once: a provider that rotates refresh tokens takes a second use for a theft.
    ///
    /// # Errors
    ///
    /// [`TokenError`].
    pub async fn send<F, Fut, E>(self, http: F) -> Result<TokenAnswer, TokenError<E>>
    where
        F: Fn(http::Request<Vec<u8>>) -> Fut,
        Fut: Future<Output = Result<http::Response<Vec<u8>>, E>>,
    {
        let request = self.request().map_err(TokenError::unwritten)?;
        read(http(request).await)
    }

    fn request(self) -> Result<http::Request<Vec<u8>>, RequestError> {
        let client = BasicClient::new(ClientId::new(self.client_id.to_owned()))
            .set_token_uri(oauth2::TokenUrl::from_url(self.endpoint.clone()));
        let token = oauth2::RefreshToken::new(self.refresh_token.expose().to_owned());
        let mut request = client.exchange_refresh_token(&token);
        for scope in self.scope.into_iter().flat_map(Scope::iter) {
            request = request.add_scope(oauth2::Scope::new(scope.to_owned()));
        }
        if let Some(audience) = self.audience {
            request = request.add_extra_param("audience", audience);
        }
        handed_back(request.request(&hand_back))
    }
}

/// Reads the body of a success, or what came in its place.
pub(super) fn body<E>(answer: Result<http::Response<Vec<u8>>, E>) -> Result<Value, TokenError<E>> {
    let answer = answer.map_err(TokenError::Transport)?;
    answer::read(&answer).map_err(|failure| match failure {
        Failure::Refused(refused) => TokenError::refused(*refused),
        Failure::Malformed(error) => TokenError::Malformed(error),
    })
}

/// Reads the answer to a request for tokens.
pub(super) fn read<E>(
    answer: Result<http::Response<Vec<u8>>, E>,
) -> Result<TokenAnswer, TokenError<E>> {
    tokens(&body(answer)?).map_err(TokenError::Malformed)
}

/// Reads the tokens in the body of a success.
pub(super) fn tokens(body: &Value) -> Result<TokenAnswer, AnswerError> {
    let access_token = token(body, "access_token")?.ok_or(JsonError::Missing {
        member: "access_token",
        expected: "a string",
    })?;
    let token_type = json::required_string(body, "token_type")?;
    let token_type = [TokenType::Bearer, TokenType::DPoP]
        .into_iter()
        .find(|known| known.as_str().eq_ignore_ascii_case(token_type))
        .ok_or_else(|| AnswerError::TokenType {
            found: excerpt(token_type),
        })?;
    Ok(TokenAnswer {
        access_token: AccessToken::new(access_token),
        token_type,
        expires_in: lifetime(body),
        refresh_token: token(body, "refresh_token")?.map(RefreshToken::new),
        id_token: token(body, "id_token")?.map(IdToken::new),
        scope: json::string(body, "scope")?.map(Scope::parse),
    })
}

/// Reads a token; the empty one counts as absent.
pub(super) fn token<'a>(
    body: &'a Value,
    member: &'static str,
) -> Result<Option<&'a str>, AnswerError> {
    let token = json::string(body, member)?.filter(|token| !token.is_empty());
    if token.is_some_and(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
        return Err(AnswerError::Characters { member });
    }
    Ok(token)
}

/// Reads `expires_in` as a number or, as some providers write it, a string of one. What is neither counts as absent: the
/// refresh token beside it may be the only one that is good by now.
fn lifetime(body: &Value) -> Option<Duration> {
    let member = "expires_in";
    let seconds: i64 = match body.get(member).and_then(Value::as_str) {
        Some(text) => text.trim().parse().ok()?,
        None => json::integer(body, member).ok()??,
    };
    let seconds = seconds.clamp(0, LONGEST_LIFE).unsigned_abs();
    Some(Duration::from_secs(seconds))
}
