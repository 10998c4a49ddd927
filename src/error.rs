//! The one error of the crate: what went wrong, and who must act.
//!
//! Leaf errors live beside the code that raises them and fold in here. Messages are for developers;
//! the words a user reads are chosen by [`components::Problem`](crate::components::Problem).

use crate::api::ApiError;
use crate::config::ConfigError;
use crate::oidc::{AnswerError, CallbackError, ErrorCode, IdTokenError, JwksError};
use crate::port::{PortError, StoredError};
use crate::provider::MetadataError;
use crate::secret::MfaToken;
use crate::transaction::TransactionError;

/// Everything that can go wrong between a user and a token.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::Error;
///
/// let error = Error::Expired;
/// assert_eq!(error.code(), "login_required");
/// assert!(error.needs_login());
/// assert!(!error.is_network());
/// ```
///
/// What to do when a token cannot be had silently:
///
/// ```
/// use dioxus_auth0::Error;
/// use dioxus_auth0::error::NetworkError;
///
/// fn advice(error: &Error) -> &str {
///     match (error.code(), error) {
///         ("consent_required", _) => "ask for the scope by a login, or by `access_token_with_popup`",
///         ("mfa_required", Error::Refused(refusal)) if refusal.mfa_token.is_some() => "go on with the token it brings",
///         ("not_held", _) => "ask again without `CacheMode::Only`",
///         ("popup_open", _) => "ask for the popup in the click handler",
///         (_, Error::Network(NetworkError::Backoff { .. })) => "wait as long as it says",
///         (_, error) if error.is_network() => "try again later; the session goes on",
///         (_, error) if error.needs_login() => "log in",
///         _ => "show it",
///     }
/// }
/// assert_eq!(advice(&Error::Expired), "log in");
/// # let backoff = NetworkError::Backoff { host: "login.example".into(), seconds: 3 };
/// # assert_eq!(advice(&Error::Network(backoff)), "wait as long as it says");
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The user turned back. Nobody has to act.
    #[error("the login was cancelled")]
    Cancelled,
    /// The application is set up wrongly; its developer must act.
    #[error("the configuration is wrong")]
    Config(#[source] ConfigError),
    /// No usable token is left; the user must log in again.
    #[error("the session has ended")]
    Expired,
    /// A server could not be reached or did not answer sensibly; waiting may help.
    #[error("the network or a server failed")]
    Network(#[source] NetworkError),
    /// This machine or browser withheld something the login needs.
    #[error("this platform failed")]
    Platform(#[source] PortError),
    /// The provider, or someone posing as it, broke a standard.
    #[error("the provider's answer was not acceptable")]
    Protocol(#[source] ProtocolError),
    /// The provider or the API said no, and said why.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// The user did not come back from the provider's login page in time. Nobody has to act, or the user starts again.
    #[error("the login was not finished within {seconds} s")]
    TimedOut {
        /// How long the app waited, in seconds.
        seconds: u64,
    },
}

/// A request that did not come to an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// Nothing answered: no connection, no name, a refused cross-origin request, or a broken transfer.
    #[error("no answer from {host}")]
    Unreachable {
        /// Host and port that were asked.
        host: String,
    },
    /// No complete answer within the time allowed.
    #[error("no answer from {host} within {seconds} s")]
    Timeout {
        /// Host and port that were asked.
        host: String,
        /// How long the request was given, in seconds.
        seconds: u64,
    },
    /// A status that says the server is busy or broken (429 and 5xx).
    #[error("{host} answered with status {status}")]
    Unavailable {
        /// Host and port that were asked.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The server could not answer lately, or asked to be left alone for a while, so it was not asked.
    #[error("{host} is not asked for {seconds} s more")]
    Backoff {
        /// Host and port.
        host: String,
        /// How long it is left alone from now, in seconds.
        seconds: u64,
    },
    /// Something other than the server answered, such as a captive portal's page or a redirect.
    #[error("{host} answered with something that is not JSON")]
    Intercepted {
        /// Host and port that were asked.
        host: String,
    },
}

/// An answer that breaks a standard, by the exchange it belongs to.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// The authorization response is not acceptable.
    #[error("the authorization response was refused")]
    Callback(#[source] CallbackError),
    /// The authorization response belongs to no login that this browser or app has pending.
    #[error("the authorization response belongs to no pending login")]
    Transaction(#[source] TransactionError),
    /// The token endpoint's answer cannot be read.
    #[error("the token response was refused")]
    Token(#[source] AnswerError),
    /// The key set cannot be used.
    #[error("the key set was refused")]
    Jwks(#[source] JwksError),
    /// The ID token is missing or failed one of its checks.
    #[error("the ID token was refused")]
    IdToken(#[source] IdTokenError),
    /// The issuer's metadata cannot be used.
    #[error("the issuer metadata was refused")]
    Metadata(#[source] MetadataError),
    /// The answer of another endpoint cannot be used.
    #[error("the answer of the {name} was refused: {problem}")]
    Endpoint {
        /// The endpoint, as metadata names it.
        name: &'static str,
        /// What is wrong with the answer.
        problem: String,
    },
    /// What was stored on this machine cannot be used.
    #[error("the stored session was refused")]
    Stored(#[source] StoredError),
    /// The API's answer cannot be read.
    #[error("the API's answer was refused")]
    Api(#[source] ApiError),
}

/// A refusal in the provider's or the API's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The error code, such as `access_denied` ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)).
    pub code: ErrorCode,
    /// The provider's explanation: plain text, bounded, without control characters.
    pub description: Option<String>,
    /// The HTTP status, where the refusal came as an HTTP response.
    pub status: Option<u16>,
    /// What another factor is given with, where the code is `mfa_required` (Auth0).
    pub mfa_token: Option<MfaToken>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code.as_str())?;
        match &self.description {
            Some(description) => write!(f, " ({description})"),
            None => Ok(()),
        }
    }
}

impl Refusal {
    /// Refuses in the given words.
    pub fn new(code: ErrorCode, description: Option<String>, status: Option<u16>) -> Self {
        Self {
            code,
            description,
            status,
            mfa_token: None,
        }
    }
}

impl Error {
    /// A stable, machine-readable name; the standards' own where there is one.
    pub fn code(&self) -> &str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Config(_) => "invalid_configuration",
            Self::Expired => "login_required",
            Self::Network(NetworkError::Timeout { .. }) | Self::TimedOut { .. } => "timeout",
            Self::Network(_) => "network_error",
            Self::Platform(PortError::PopupBlocked) => "popup_open",
            Self::Platform(_) => "platform_error",
            Self::Protocol(ProtocolError::Callback(_) | ProtocolError::Transaction(_)) => {
                "invalid_callback"
            }
            Self::Protocol(ProtocolError::IdToken(_)) => "invalid_id_token",
            Self::Protocol(_) => "protocol_error",
            Self::Refused(refusal) => refusal.code.as_str(),
        }
    }

    /// Whether waiting or a better network may help.
    pub fn is_network(&self) -> bool {
        matches!(self, Self::Network(_))
    }

    /// Whether only an interactive login gets the user further.
    pub fn needs_login(&self) -> bool {
        match self {
            Self::Expired | Self::Protocol(ProtocolError::Stored(_)) => true,
            Self::Refused(refusal) => matches!(
                refusal.code.as_str(),
                "invalid_grant" | "login_required" | "consent_required" | "interaction_required"
            ),
            _ => false,
        }
    }

    /// Whether trying the same thing again cannot help.
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Network(_) | Self::Platform(_) | Self::Cancelled | Self::TimedOut { .. } => false,
            Self::Config(_) | Self::Expired | Self::Protocol(_) | Self::Refused(_) => true,
        }
    }

    pub(crate) fn refused(
        code: ErrorCode,
        description: Option<String>,
        status: Option<u16>,
    ) -> Self {
        Self::Refused(Refusal::new(code, description, status))
    }
}

impl From<PortError> for Error {
    fn from(error: PortError) -> Self {
        match error {
            PortError::NotConnected { host } | PortError::Unreachable { host } => {
                Self::Network(NetworkError::Unreachable { host })
            }
            PortError::Timeout { host, seconds } => {
                Self::Network(NetworkError::Timeout { host, seconds })
            }
            PortError::Redirected { host } => Self::Network(NetworkError::Intercepted { host }),
            PortError::Stored(error) => error.into(),
            PortError::NobodyBack { seconds } => Self::TimedOut { seconds },
            PortError::NotDeepLink { redirect_uri } => Self::Config(ConfigError::NotDeepLink {
                found: redirect_uri,
            }),
            PortError::NotScheme { identifier } => {
                Self::Config(ConfigError::NotScheme { found: identifier })
            }
            PortError::NotLoopback { redirect_uri } => Self::Config(ConfigError::NotLoopback {
                found: redirect_uri,
            }),
            other => Self::Platform(other),
        }
    }
}

macro_rules! folds {
    ($($leaf:ty => $variant:ident),+ $(,)?) => {$(
        impl From<$leaf> for Error {
            fn from(error: $leaf) -> Self {
                Self::Protocol(ProtocolError::$variant(error))
            }
        }
    )+};
}

folds! {
    TransactionError => Transaction,
    JwksError => Jwks,
    IdTokenError => IdToken,
    MetadataError => Metadata,
    StoredError => Stored,
    AnswerError => Token,
    ApiError => Api,
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<CallbackError> for Error {
    fn from(error: CallbackError) -> Self {
        match error {
            CallbackError::Refused { code, description } => Self::refused(code, description, None),
            other => Self::Protocol(ProtocolError::Callback(other)),
        }
    }
}
