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
        let text = |url: Option<&Url>| Value::from(url.map(Url::as_str));
        let iss = self.authorization_response_iss_parameter_supported;
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
    let wrong = |source| MetadataError::Endpoint { member, source };
    let url = safe_url(text).map_err(wrong)?;
    // A provider out there has no business with the ports of this machine.
    if url.scheme() == "http" && issuer.url().scheme() != "http" {
        return Err(wrong(insecure(&url)));
    }
    Ok(Some(url))
}
