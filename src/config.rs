//! What an app says about itself and its provider, parsed once.

mod file;

use std::time::Duration;

use url::Url;

use crate::oidc::AuthorizeError;
use crate::provider::{Issuer, IssuerError};
use crate::return_to::ReturnToError;
use crate::scope::Scope;

/// The name of the configuration file beside a web app's `index.html`.
pub const CONFIG_FILE: &str = "auth_config.json";

/// The leeway granted to clocks when none is configured.
pub const DEFAULT_LEEWAY: Duration = Duration::from_secs(60);

const DEFAULT_SCOPE: &str = "openid profile email";
/// The ports that a login comes back to on a desktop when none are configured, in the order they are tried.
///
/// Auth0 compares the whole callback URL, so each is registered as `http://127.0.0.1:{port}/callback`. They are no
/// well-known service's, none that browsers refuse, and below those that systems hand out by themselves.
pub const LOOPBACK_PORTS: [u16; 3] = [14410, 14411, 14412];

/// Where a session is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheLocation {
    /// Where people expect it: in this tab on the web, in a file on a desktop or phone.
    #[default]
    Usual,
    /// In this tab or window: a reload keeps the user signed in, closing it does not. On a phone, where the system ends and
    /// starts the app as it likes, in a file like [`LocalStorage`](Self::LocalStorage).
    SessionStorage,
    /// On this machine, for every tab, until logout.
    LocalStorage,
    /// In this process alone; nothing is written down and a reload signs the user out.
    Memory,
}

/// What a machine must know about the app before it keeps anything for it. Browsers need none of it.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::config::{Device, WithoutKeychain};
///
/// let device = Device { without_keychain: WithoutKeychain::PlainFile, ..Device::default() };
/// assert_eq!(device.application, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The name of the app's directories, such as `example-app`; by default the name of the program.
    pub application: Option<String>,
    /// What to do where the system has no keychain to keep the key of stored sessions in.
    pub without_keychain: WithoutKeychain,
}

/// What to do with a session where the system has no keychain, or does not open it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WithoutKeychain {
    /// Keep it in this process alone: the user logs in again after a restart.
    #[default]
    Memory,
    /// Keep it in a file that only this user of the machine may read (mode 0600), tokens in plain text.
    PlainFile,
    /// Refuse: a login fails.
    Refuse,
}

/// The settings of an app as its developer writes them, before anything is checked.
///
/// # Examples
///
/// Sessions that all tabs share, whose tokens are bound to a key and renewed before they run out:
///
/// ```
/// use std::time::Duration;
///
/// use dioxus_auth0::config::{CacheLocation, Config, ConfigError, Settings};
///
/// let settings = Settings {
///     domain: Some("example.eu.auth0.com".into()),
///     client_id: "abc".into(),
///     audience: Some("urn:orders".into()),
///     api_url: Some("https://api.example/".into()),
///     use_refresh_tokens: true,
///     use_mrrt: true,
///     use_dpop: true,
///     renew_ahead: true,
///     refresh_token_overlap: Duration::from_secs(180),
///     cache: CacheLocation::LocalStorage,
///     ..Settings::default()
/// };
/// assert!(Config::new(&settings)?.scope.contains("offline_access"));
/// # Ok::<(), ConfigError>(())
/// ```
///
/// The keys of [`Settings::parse`] are those of Auth0's samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The Auth0 domain: a host such as `example.eu.auth0.com`, or an `http` URL for loopback only.
    pub domain: Option<String>,
    /// The issuer of any OpenID provider, instead of `domain`.
    pub issuer: Option<String>,
    /// The client id.
    pub client_id: String,
    /// The redirect URI, exactly as registered. By default the page's origin and base path, without a slash at the end; on a
    /// phone `com.example.app://{domain}/android/com.example.app/callback` with the app's identifier, and `ios` there on iOS.
    pub redirect_uri: Option<String>,
    /// The ports that a login comes back to on a desktop, in the order they are tried; `0` lets the system choose, for
    /// providers that ignore the port as [RFC 8252 §7.3](https://www.rfc-editor.org/rfc/rfc8252#section-7.3) asks.
    /// [`LOOPBACK_PORTS`] by default.
    pub loopback_ports: Option<Vec<u16>>,
    /// The API to get access tokens for.
    pub audience: Option<String>,
    /// The scope, separated by spaces. It replaces the default `openid profile email`; `openid` is always asked for.
    pub scope: Option<String>,
    /// The organization, by id (`org_…`) or name; the ID token must say the same.
    pub organization: Option<String>,
    /// Where the protected API is, for [calls](crate::ApiRequest); by default at the URL that `audience` is.
    pub api_url: Option<String>,
    /// Whether to ask for refresh tokens (`offline_access`).
    pub use_refresh_tokens: bool,
    /// Whether the refresh token buys access tokens for other audiences too (Auth0's multi-resource refresh tokens).
    pub use_mrrt: bool,
    /// Whether to bind tokens to a key of this machine ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)).
    pub use_dpop: bool,
    /// How long the provider takes a refresh token once more after it was rotated (Auth0's rotation overlap period). A
    /// refresh whose answer was lost is repeated within it. None by default, as at Auth0.
    pub refresh_token_overlap: Duration,
    /// Whether to renew the access token before anybody asks, at 70 to 90 % of its life.
    pub renew_ahead: bool,
    /// Whether to ask a provider that knows the user already by a hidden frame, where there is no refresh token.
    /// Browsers that block third-party cookies need the provider on a domain of the app's own.
    pub use_frame: bool,
    /// The leeway granted to clocks. Zero means zero.
    pub leeway: Option<Duration>,
    /// Where sessions are kept.
    pub cache: CacheLocation,
}

/// Why a configuration cannot be used; its developer must act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file is not there.
    #[error("{CONFIG_FILE} is missing")]
    Missing,
    /// A page came instead of the file, as development servers answer for files that are not there.
    #[error("{CONFIG_FILE} is missing: a page of HTML came instead")]
    Html,
    /// The file is not JSON.
    #[error("{CONFIG_FILE} is not valid JSON: {problem}")]
    Json {
        /// What the parser said, with line and column.
        problem: String,
    },
    /// A key that means nothing.
    #[error("{CONFIG_FILE} has the unknown key {key:?}")]
    UnknownKey {
        /// The key.
        key: String,
    },
    /// The provider does not offer what the app asks of it.
    #[error("the provider's metadata has no {name}")]
    NoEndpoint {
        /// The member of the metadata that is missing.
        name: &'static str,
    },
    /// A value of the wrong type.
    #[error("{key} must be {expected}")]
    WrongType {
        /// The key.
        key: &'static str,
        /// The type it must have.
        expected: &'static str,
    },
    /// A key whose value must not be empty or left out.
    #[error("{key} is empty or missing")]
    Empty {
        /// The key.
        key: &'static str,
    },
    /// Both a domain and an issuer.
    #[error("domain and issuer are both given; one of them is enough")]
    DomainAndIssuer,
    /// A domain or issuer that is no address of a provider.
    #[error("{key} is not the address of a provider")]
    Issuer {
        /// `domain` or `issuer`.
        key: &'static str,
        /// What is wrong with it.
        #[source]
        problem: IssuerError,
    },
    /// A page to return to that is not one of the app's own.
    #[error("return_to must be a path of this app")]
    ReturnTo(#[source] ReturnToError),
    /// Login options that cannot be sent.
    #[error("the login options cannot be sent")]
    Authorize(#[source] AuthorizeError),
    /// The file is there and cannot be read.
    #[error("{CONFIG_FILE} cannot be read: {problem}")]
    Unreadable {
        /// What the system said.
        problem: String,
    },
    /// Any of these, in a place that has a name of its own on this machine.
    #[error("{place}: {problem}")]
    Place {
        /// The environment variable or the path of the file.
        place: String,
        /// What is wrong there.
        problem: Box<ConfigError>,
    },
    /// A redirect URI that is not an absolute URL or has a fragment.
    #[error("redirectUri must be an absolute URL without a fragment, found {found}")]
    RedirectUri {
        /// What was configured.
        found: String,
    },
    /// A redirect URI that a desktop cannot listen on ([RFC 8252 §7.3](https://www.rfc-editor.org/rfc/rfc8252#section-7.3)).
    #[error(
        "redirectUri must be http://127.0.0.1 or http://[::1] with a port on a desktop, found {found}"
    )]
    NotLoopback {
        /// What was configured.
        found: String,
    },
    /// A redirect URI that opens no app on a phone ([RFC 8252 §7.1](https://www.rfc-editor.org/rfc/rfc8252#section-7.1)).
    #[error(
        "redirectUri must have a scheme of the app's own or be https on a phone, found {found}"
    )]
    NotDeepLink {
        /// What was configured.
        found: String,
    },
    /// An identifier of the app that cannot be a scheme on a phone, while no redirect URI is configured.
    #[error(
        "redirectUri is not set, and the app's identifier is to be its scheme on a phone, so it must be a domain turned around in small letters, found {found}"
    )]
    NotScheme {
        /// What the system says the identifier is; `none` if it says nothing.
        found: String,
    },
}

impl ConfigError {
    /// Returns the key at fault, where one is.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::UnknownKey { key } => Some(key),
            Self::WrongType { key, .. } | Self::Empty { key } | Self::Issuer { key, .. } => {
                Some(key)
            }
            Self::DomainAndIssuer => Some("issuer"),
            Self::RedirectUri { .. }
            | Self::NotLoopback { .. }
            | Self::NotDeepLink { .. }
            | Self::NotScheme { .. } => Some("redirectUri"),
            Self::Place { problem, .. } => problem.key(),
            Self::Missing
            | Self::Unreadable { .. }
            | Self::Html
            | Self::Json { .. }
            | Self::NoEndpoint { .. }
            | Self::ReturnTo(_)
            | Self::Authorize(_) => None,
        }
    }
}

/// Whose product the provider is, as far as the client's behaviour depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// Auth0: logout goes to `/v2/logout`.
    Auth0,
    /// Any OpenID provider: logout goes to the end-session endpoint of its metadata.
    OpenId,
}

/// Settings that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The provider.
    pub issuer: Issuer,
    /// Whose product it is.
    pub flavour: Flavour,
    /// The client id.
    pub client_id: String,
    /// The redirect URI, exactly as registered, if the developer chose one.
    pub redirect_uri: Option<String>,
    /// The ports that a login comes back to on a desktop; at least one.
    pub loopback_ports: Vec<u16>,
    /// The API to get access tokens for.
    pub audience: Option<String>,
    /// Where that API is: the only place that access tokens are taken to.
    pub api_url: Option<Url>,
    /// The scope that every login asks for.
    pub scope: Scope,
    /// The organization that users must belong to.
    pub organization: Option<String>,
    /// The leeway granted to clocks.
    pub leeway: Duration,
    /// Where sessions are kept.
    pub cache: CacheLocation,
    /// Whether the refresh token is good for other audiences.
    pub use_mrrt: bool,
    /// Whether tokens are bound to a key.
    pub use_dpop: bool,
    /// How long a refresh token is taken once more.
    pub refresh_token_overlap: Duration,
    /// Whether tokens are renewed before anybody asks.
    pub renew_ahead: bool,
    /// Whether a hidden frame may ask the provider.
    pub use_frame: bool,
}

impl Config {
    /// Returns what a developer should know about settings that are valid and probably not meant.
    ///
    /// # Examples
    ///
    /// ```
    /// use dioxus_auth0::config::{Config, ConfigError, Settings};
    ///
    /// let settings = Settings {
    ///     domain: Some("example.eu.auth0.com".into()),
    ///     client_id: "abc".into(),
    ///     scope: Some("read:orders".into()),
    ///     ..Settings::default()
    /// };
    /// let advice = Config::new(&settings)?.advice();
    /// assert!(advice.is_some_and(|advice| advice.contains("profile")));
    /// # Ok::<(), ConfigError>(())
    /// ```
    pub fn advice(&self) -> Option<&'static str> {
        (!self.scope.contains("profile")).then_some(
            "the configured scope replaces the default `openid profile email`; without `profile` the user has no name and no picture",
        )
    }

    /// Checks `settings`.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] that names the key at fault.
    pub fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let (issuer, flavour) = provider(settings)?;
        if settings.client_id.trim().is_empty() {
            return Err(ConfigError::Empty { key: "clientId" });
        }
        if let Some(uri) = &settings.redirect_uri {
            redirect_uri(uri)?;
        }
        let loopback_ports = match &settings.loopback_ports {
            Some(ports) if ports.is_empty() => {
                return Err(ConfigError::Empty {
                    key: "loopbackPorts",
                });
            }
            Some(ports) => ports.clone(),
            None => LOOPBACK_PORTS.to_vec(),
        };
        let mut scope =
            Scope::parse(settings.scope.as_deref().unwrap_or(DEFAULT_SCOPE)).with_openid();
        if settings.use_refresh_tokens {
            scope = scope.union(&Scope::parse("offline_access"));
        }
        Ok(Self {
            issuer,
            flavour,
            client_id: settings.client_id.clone(),
            redirect_uri: given(&settings.redirect_uri),
            loopback_ports,
            api_url: api_url(settings)?,
            audience: given(&settings.audience),
            scope,
            organization: given(&settings.organization),
            leeway: settings.leeway.unwrap_or(DEFAULT_LEEWAY),
            cache: settings.cache,
            use_mrrt: settings.use_mrrt,
            use_dpop: settings.use_dpop,
            refresh_token_overlap: settings.refresh_token_overlap,
            renew_ahead: settings.renew_ahead,
            use_frame: settings.use_frame,
        })
    }
}

fn given(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.is_empty())
}

/// Takes the configured place of the API, or the audience if it is one.
fn api_url(settings: &Settings) -> Result<Option<Url>, ConfigError> {
    let parse = |text: &String| {
        let url = Url::parse(text).ok();
        url.filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"))
    };
    match given(&settings.api_url) {
        Some(text) => match parse(&text) {
            Some(url) => Ok(Some(url)),
            None => Err(ConfigError::WrongType {
                key: "apiUrl",
                expected: "an http or https URL",
            }),
        },
        None => Ok(settings.audience.as_ref().and_then(parse)),
    }
}

fn provider(settings: &Settings) -> Result<(Issuer, Flavour), ConfigError> {
    let (key, text, flavour) = match (&settings.domain, &settings.issuer) {
        (Some(_), Some(_)) => return Err(ConfigError::DomainAndIssuer),
        (None, Some(issuer)) => ("issuer", issuer, Flavour::OpenId),
        (Some(domain), None) => ("domain", domain, Flavour::Auth0),
        (None, None) => return Err(ConfigError::Empty { key: "domain" }),
    };
    if text.trim().is_empty() {
        return Err(ConfigError::Empty { key });
    }
    let issuer = match flavour {
        Flavour::Auth0 => Issuer::from_domain(text),
        Flavour::OpenId => Issuer::parse(text),
    };
    match issuer {
        Ok(issuer) => Ok((issuer, flavour)),
        Err(problem) => Err(ConfigError::Issuer { key, problem }),
    }
}

fn redirect_uri(text: &str) -> Result<(), ConfigError> {
    match Url::parse(text) {
        Ok(url) if url.fragment().is_none() => Ok(()),
        _ => Err(ConfigError::RedirectUri { found: text.into() }),
    }
}
