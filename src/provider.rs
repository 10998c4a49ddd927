//! The provider: its name, and where it does what.

mod issuer;

use serde_json::Value;
use url::Url;

use crate::json::{self, JsonError, excerpt};

pub use issuer::{Issuer, IssuerError};
use issuer::{insecure, safe_url};

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
    /// Where another device's login is begun ([RFC 8628 §4](https://www.rfc-editor.org/rfc/rfc8628#section-4)).
    pub device_authorization_endpoint: Option<Url>,
    /// Where a request is left before the user is sent
    /// ([RFC 9126 §5](https://www.rfc-editor.org/rfc/rfc9126#section-5)).
    pub pushed_authorization_request_endpoint: Option<Url>,
    /// Whether it must be left there.
    pub require_pushed_authorization_requests: bool,
    /// What proofs of a key may be signed with, `None` if there are none
    /// ([RFC 9449 §5.1](https://www.rfc-editor.org/rfc/rfc9449#section-5.1)).
    pub dpop_signing_alg_values_supported: Option<Vec<String>>,
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
        let flag = |member| Ok::<_, JsonError>(json::boolean(value, member)?.unwrap_or(false));
        let algorithms = json::strings(value, "dpop_signing_alg_values_supported")?;
        Ok(Self {
            issuer: issuer.clone(),
            authorization_endpoint: required("authorization_endpoint")?,
            token_endpoint: required("token_endpoint")?,
            jwks_uri: required("jwks_uri")?,
            userinfo_endpoint: endpoint("userinfo_endpoint")?,
            end_session_endpoint: endpoint("end_session_endpoint")?,
            revocation_endpoint: endpoint("revocation_endpoint")?,
            device_authorization_endpoint: endpoint("device_authorization_endpoint")?,
            pushed_authorization_request_endpoint: endpoint(
                "pushed_authorization_request_endpoint",
            )?,
            require_pushed_authorization_requests: flag("require_pushed_authorization_requests")?,
            dpop_signing_alg_values_supported: algorithms
                .map(|names| names.into_iter().map(str::to_owned).collect()),
            authorization_response_iss_parameter_supported: flag(
                "authorization_response_iss_parameter_supported",
            )?,
        })
    }

    /// Writes the metadata for the cache; [`Metadata::from_value`] reads it back.
    pub fn to_value(&self) -> Value {
        let text = |url: Option<&Url>| Value::from(url.map(Url::as_str));
        let iss = self.authorization_response_iss_parameter_supported;
        let pushed = self.require_pushed_authorization_requests;
        let algorithms = self.dpop_signing_alg_values_supported.clone();
        json::record([
            ("issuer", self.issuer.as_str().into()),
            (
                "authorization_endpoint",
                text(Some(&self.authorization_endpoint)),
            ),
            ("token_endpoint", text(Some(&self.token_endpoint))),
            ("jwks_uri", text(Some(&self.jwks_uri))),
            ("userinfo_endpoint", text(self.userinfo_endpoint.as_ref())),
            (
                "end_session_endpoint",
                text(self.end_session_endpoint.as_ref()),
            ),
            (
                "revocation_endpoint",
                text(self.revocation_endpoint.as_ref()),
            ),
            (
                "device_authorization_endpoint",
                text(self.device_authorization_endpoint.as_ref()),
            ),
            (
                "pushed_authorization_request_endpoint",
                text(self.pushed_authorization_request_endpoint.as_ref()),
            ),
            ("require_pushed_authorization_requests", pushed.into()),
            ("dpop_signing_alg_values_supported", algorithms.into()),
            ("authorization_response_iss_parameter_supported", iss.into()),
        ])
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
    match address(text, issuer.url()) {
        Ok(url) => Ok(Some(url)),
        Err(source) => Err(MetadataError::Endpoint { member, source }),
    }
}

/// Reads an address that a provider gives: https, or http to this machine if that is where the provider is.
pub(crate) fn address(text: &str, provider: &Url) -> Result<Url, IssuerError> {
    let url = safe_url(text)?;
    // A provider out there has no business with the ports of this machine.
    if url.scheme() == "http" && provider.scheme() != "http" {
        return Err(insecure(&url));
    }
    Ok(url)
}
