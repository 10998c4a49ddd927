//! The provider: its name, and where it does what.

use std::fmt;

use serde_json::{Map, Value};
use url::{Host, Url};

use crate::json::{self, JsonError, excerpt};

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

/// Says why a text names no issuer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerError {
    /// Nothing but white space.
    #[error("expected a domain or issuer, found nothing")]
    Empty,
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

/// What the provider says of itself
/// ([OpenID Connect Discovery §3](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata)).
///
/// # Examples
///
/// ```
/// use dioxus_auth0::provider::{Issuer, Metadata};
///
/// let issuer = Issuer::from_domain("tenant.auth0.com")?;
/// let metadata = Metadata::parse(br#"{
///     "issuer": "https://tenant.auth0.com/",
///     "authorization_endpoint": "https://tenant.auth0.com/authorize",
///     "token_endpoint": "https://tenant.auth0.com/oauth/token",
///     "jwks_uri": "https://tenant.auth0.com/.well-known/jwks.json"
/// }"#, &issuer)?;
/// assert_eq!(metadata.token_endpoint.path(), "/oauth/token");
/// assert_eq!(Metadata::from_value(&metadata.to_value(), &issuer)?, metadata);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// The issuer, equal to the one asked.
    pub issuer: Issuer,
    /// Where the user logs in.
    pub authorization_endpoint: Url,
    /// Where codes and refresh tokens are traded.
    pub token_endpoint: Url,
    /// Where the keys are.
    pub jwks_uri: Url,
    /// Where an access token buys claims.
    pub userinfo_endpoint: Option<Url>,
    /// Where the user logs out.
    pub end_session_endpoint: Option<Url>,
    /// Where tokens are taken back.
    pub revocation_endpoint: Option<Url>,
    /// Whether every callback bears `iss`
    /// ([RFC 9207 §3](https://www.rfc-editor.org/rfc/rfc9207#section-3)).
    pub authorization_response_iss_parameter_supported: bool,
}

/// Says why a discovery document cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// Not the JSON expected.
    #[error("the discovery document cannot be read")]
    Json(#[from] JsonError),
    /// It speaks of another provider
    /// ([Discovery §4.3](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation)).
    #[error("expected the metadata of issuer \"{expected}\", found \"{found}\"")]
    Issuer {
        /// The provider asked.
        expected: String,
        /// The provider that answers.
        found: String,
    },
    /// An endpoint that is no URL, not safe, or has a fragment.
    #[error("expected a safe url in \"{member}\"")]
    Endpoint {
        /// The member's name.
        member: &'static str,
        /// What is wrong with the URL.
        source: IssuerError,
    },
    /// The provider cannot do what this crate insists on.
    #[error("expected \"{expected}\" in \"{member}\", found \"{found}\"")]
    Unsupported {
        /// The member's name.
        member: &'static str,
        /// What must be in it.
        expected: &'static str,
        /// What is.
        found: String,
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

impl Metadata {
    /// Reads the body of a discovery answer.
    ///
    /// # Errors
    ///
    /// [`MetadataError`].
    pub fn parse(bytes: &[u8], issuer: &Issuer) -> Result<Self, MetadataError> {
        Self::from_value(&json::parse(bytes)?, issuer)
    }

    /// Reads metadata from JSON already parsed, such as the cache's.
    ///
    /// # Errors
    ///
    /// [`MetadataError`].
    pub fn from_value(value: &Value, issuer: &Issuer) -> Result<Self, MetadataError> {
        let found = json::required_string(value, "issuer")?;
        if found != issuer.as_str() {
            return Err(MetadataError::Issuer {
                expected: issuer.as_str().to_owned(),
                found: excerpt(found),
            });
        }
        check_supported(value, "code_challenge_methods_supported", "S256")?;
        check_supported(value, "id_token_signing_alg_values_supported", "RS256")?;
        let endpoint = |member| endpoint(value, member, issuer);
        let required = |member| {
            endpoint(member)?.ok_or(MetadataError::Json(JsonError::Missing {
                member,
                expected: "a string",
            }))
        };
        Ok(Self {
            issuer: issuer.clone(),
            authorization_endpoint: required("authorization_endpoint")?,
            token_endpoint: required("token_endpoint")?,
            jwks_uri: required("jwks_uri")?,
            userinfo_endpoint: endpoint("userinfo_endpoint")?,
            end_session_endpoint: endpoint("end_session_endpoint")?,
            revocation_endpoint: endpoint("revocation_endpoint")?,
            authorization_response_iss_parameter_supported: json::boolean(
                value,
                "authorization_response_iss_parameter_supported",
            )?
            .unwrap_or(false),
        })
    }

    /// Writes the metadata for the cache; [`Metadata::from_value`] reads it back.
    pub fn to_value(&self) -> Value {
        let text = |url: &Url| Value::from(url.as_str());
        let mut value = Map::new();
        let endpoints = [
            ("authorization_endpoint", Some(&self.authorization_endpoint)),
            ("token_endpoint", Some(&self.token_endpoint)),
            ("jwks_uri", Some(&self.jwks_uri)),
            ("userinfo_endpoint", self.userinfo_endpoint.as_ref()),
            ("end_session_endpoint", self.end_session_endpoint.as_ref()),
            ("revocation_endpoint", self.revocation_endpoint.as_ref()),
        ];
        for (member, url) in endpoints {
            if let Some(url) = url {
                value.insert(member.to_owned(), text(url));
            }
        }
        value.insert("issuer".to_owned(), self.issuer.as_str().into());
        value.insert(
            "authorization_response_iss_parameter_supported".to_owned(),
            self.authorization_response_iss_parameter_supported.into(),
        );
        Value::Object(value)
    }
}

/// Checks a list of what the provider can do; without one it may do anything.
fn check_supported(
    value: &Value,
    member: &'static str,
    expected: &'static str,
) -> Result<(), MetadataError> {
    match json::strings(value, member)? {
        Some(found) if !found.contains(&expected) => Err(MetadataError::Unsupported {
            member,
            expected,
            found: excerpt(&found.join(", ")),
        }),
        _ => Ok(()),
    }
}

fn endpoint(
    value: &Value,
    member: &'static str,
    issuer: &Issuer,
) -> Result<Option<Url>, MetadataError> {
    let Some(text) = json::string(value, member)? else {
        return Ok(None);
    };
    let wrong = |source| MetadataError::Endpoint { member, source };
    let url = safe_url(text).map_err(wrong)?;
    // A provider out there has no business with the ports of this machine.
    if url.scheme() == "http" && issuer.url.scheme() != "http" {
        return Err(wrong(insecure(&url)));
    }
    Ok(Some(url))
}

/// Parses a URL that secrets may be sent to: https, or http to this machine.
fn safe_url(text: &str) -> Result<Url, IssuerError> {
    let not_a_url = || IssuerError::Url {
        found: excerpt(text.split(['?', '#']).next().unwrap_or_default()),
    };
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

fn insecure(url: &Url) -> IssuerError {
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
