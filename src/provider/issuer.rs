//! The provider's name.

use std::fmt;

use url::{Host, Url};

use crate::json::excerpt;

/// The provider's issuer identifier, kept to the letter for comparison
/// ([OpenID Connect Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)).
///
/// # Examples
///
/// ```
/// use dioxus_auth0::provider::Issuer;
///
/// let issuer = Issuer::from_domain("tenant.auth0.com")?;
/// assert_eq!(issuer.as_str(), "https://tenant.auth0.com/");
/// assert_eq!(
///     issuer.discovery_url().as_str(),
///     "https://tenant.auth0.com/.well-known/openid-configuration"
/// );
/// assert!(Issuer::parse("http://tenant.auth0.com/").is_err());
/// # Ok::<(), dioxus_auth0::provider::IssuerError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    url: Url,
}

/// The longest address of an issuer or of one of its endpoints, in bytes.
const MAX_URL: usize = 2_048;

/// Says why a text names no issuer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerError {
    /// Nothing but white space.
    #[error("expected a domain or issuer, found nothing")]
    Empty,
    /// Longer than any address needs to be.
    #[error("expected a url of at most {limit} bytes, found {found}")]
    TooLong {
        /// The limit, in bytes.
        limit: usize,
        /// How long it is, in bytes.
        found: usize,
    },
    /// Not a URL, or not a host name.
    #[error("expected a host name or url, found \"{found}\"")]
    Url {
        /// What it is.
        found: String,
    },
    /// Neither https, nor http on this machine.
    #[error("expected https (or http on a loopback host), found scheme \"{scheme}\" on \"{host}\"")]
    Insecure {
        /// The URL's scheme.
        scheme: String,
        /// The URL's host.
        host: String,
    },
    /// A part that an issuer may not have.
    #[error("expected a url without {part}")]
    Unexpected {
        /// Which part: a user name, a query, a fragment, or a path after a domain.
        part: &'static str,
    },
}

impl Issuer {
    /// Takes an issuer as the provider writes it; a slash at its end counts.
    ///
    /// # Errors
    ///
    /// [`IssuerError`].
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        if text.trim().is_empty() {
            return Err(IssuerError::Empty);
        }
        let url = safe_url(text)?;
        if url.query().is_some() {
            return Err(IssuerError::Unexpected { part: "a query" });
        }
        Ok(Self {
            text: text.to_owned(),
            url,
        })
    }

    /// Takes an Auth0 domain: a host, or its URL. The issuer ends in a slash, as Auth0's does.
    ///
    /// # Errors
    ///
    /// [`IssuerError`].
    pub fn from_domain(domain: &str) -> Result<Self, IssuerError> {
        let domain = domain.trim();
        if domain.is_empty() {
            return Err(IssuerError::Empty);
        }
        let text = match domain.contains("://") {
            true => domain.to_owned(),
            false => {
                let mut text = String::from("https://");
                text.push_str(domain);
                text
            }
        };
        let issuer = Self::parse(&text)?;
        if issuer.url.path() != "/" {
            return Err(IssuerError::Unexpected { part: "a path" });
        }
        Ok(Self {
            text: issuer.url.as_str().to_owned(),
            url: issuer.url,
        })
    }

    /// Gives the issuer to the letter.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Gives the issuer as a URL, for building others.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Gives the address of the metadata
    /// ([Discovery §4.1](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationRequest)).
    pub fn discovery_url(&self) -> Url {
        let mut path = self.url.path().to_owned();
        if path.ends_with('/') {
            path.pop();
        }
        path.push_str("/.well-known/openid-configuration");
        let mut url = self.url.clone();
        url.set_path(&path);
        url
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Parses a URL that secrets may be sent to: https, or http to this machine.
pub(super) fn safe_url(text: &str) -> Result<Url, IssuerError> {
    let not_a_url = || IssuerError::Url {
        found: excerpt(text.split(['?', '#']).next().unwrap_or_default()),
    };
    if text.len() > MAX_URL {
        return Err(IssuerError::TooLong {
            limit: MAX_URL,
            found: text.len(),
        });
    }
    // The URL parser drops these without a word; the issuer would then not be what it compares as.
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(not_a_url());
    }
    let url = Url::parse(text).map_err(|_| not_a_url())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(IssuerError::Unexpected {
            part: "a user name",
        });
    }
    if url.fragment().is_some() {
        return Err(IssuerError::Unexpected { part: "a fragment" });
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(insecure(&url)),
    }
}

pub(super) fn insecure(url: &Url) -> IssuerError {
    IssuerError::Insecure {
        scheme: url.scheme().to_owned(),
        host: url.host_str().unwrap_or_default().to_owned(),
    }
}

/// Says whether a URL's host is this machine itself.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
