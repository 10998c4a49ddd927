//! Custom token exchange: a token of another making is traded for tokens of this provider
//! ([RFC 8693](https://www.rfc-editor.org/rfc/rfc8693)).

use super::Client;
use super::check::{IdTokenExpected, check_token_type};
use super::login::Outcome;
use crate::error::Error;
use crate::oidc::{Actor, TokenAnswer, TokenExchange};
use crate::options::TokenDetails;
use crate::scope::Scope;
use crate::secret::SecurityToken;
use crate::session::UNKNOWN_LIFETIME;

/// What to trade, and for what.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::client::ExchangeOptions;
/// use dioxus_auth0::secret::SecurityToken;
///
/// let options = ExchangeOptions::new(SecurityToken::new("legacy"), "urn:acme:legacy-token");
/// assert_eq!(options.subject_token_type, "urn:acme:legacy-token");
/// ```
#[derive(Debug)]
#[doc(alias = "CustomTokenExchangeOptions")]
pub struct ExchangeOptions {
    /// What is traded: who the new tokens are for.
    pub subject_token: SecurityToken,
    /// What kind of token it is, a URI.
    pub subject_token_type: String,
    /// Who acts for them, as a token and its kind, if that is somebody else.
    pub actor: Option<(SecurityToken, String)>,
    /// The API the access token is for; by default the configured one.
    pub audience: Option<String>,
    /// Scope to ask for besides the configured one, separated by spaces.
    pub scope: Option<String>,
    /// The organization, by id or name; by default the configured one.
    pub organization: Option<String>,
    /// Further parameters. They cannot replace those of the protocol.
    pub extra: Vec<(String, String)>,
}

impl ExchangeOptions {
    /// Trades a token of this kind for what the configuration says.
    pub fn new(subject_token: SecurityToken, subject_token_type: impl Into<String>) -> Self {
        Self {
            subject_token,
            subject_token_type: subject_token_type.into(),
            actor: None,
            audience: None,
            scope: None,
            organization: None,
            extra: Vec::new(),
        }
    }
}

impl Client {
    /// Trades a token for an access token. Nobody is logged in or out by it, and nothing is kept.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when the provider does not take the token, [`Error::Network`] when it cannot be reached.
    #[doc(alias = "customTokenExchange")]
    pub async fn custom_token_exchange(
        &self,
        options: ExchangeOptions,
    ) -> Result<TokenDetails, Error> {
        let (scope, audience) = self.wanted(&options);
        let answer = self.exchange(&options, &scope, audience.as_deref()).await;
        let answer = self.heard(answer)?;
        check_token_type(&answer, self.core.config.use_dpop)?;
        Ok(TokenDetails {
            access_token: answer.access_token,
            token_type: answer.token_type,
            expires_in: answer.expires_in.unwrap_or(UNKNOWN_LIFETIME),
            scope: answer.scope.unwrap_or(scope),
            audience,
        })
    }

    /// Logs the user in whom a token of another making names, in place of anybody else. The configured scope must have
    /// `openid`, which it has unless a developer went to lengths.
    ///
    /// # Errors
    ///
    /// Those of [`custom_token_exchange`](Self::custom_token_exchange); [`Error::Protocol`] when the answer has no ID token
    /// or one that is not acceptable. A session from before goes on then.
    #[doc(alias = "loginWithCustomTokenExchange")]
    pub async fn login_with_custom_token_exchange(
        &self,
        options: ExchangeOptions,
    ) -> Result<Outcome, Error> {
        let (scope, audience) = self.wanted(&options);
        let answer = self.exchange(&options, &scope, audience.as_deref()).await;
        let answer = self.heard(answer)?;
        let organization = self.organization_of(&options);
        let expected = IdTokenExpected {
            organization: organization.as_deref(),
            ..IdTokenExpected::default()
        };
        let provider = self.known_provider().await?;
        let traded = self
            .check(answer, provider, &expected, audience, scope)
            .await?;
        let begun = self.begin(traded).await;
        self.outcome(begun)
    }

    async fn exchange(
        &self,
        options: &ExchangeOptions,
        scope: &Scope,
        audience: Option<&str>,
    ) -> Result<TokenAnswer, Error> {
        let provider = self.provider().await?;
        let organization = self.organization_of(options);
        let request = TokenExchange {
            endpoint: &provider.metadata.token_endpoint,
            client_id: &self.core.config.client_id,
            subject_token: &options.subject_token,
            subject_token_type: &options.subject_token_type,
            actor: options
                .actor
                .as_ref()
                .map(|(token, token_type)| Actor { token, token_type }),
            audience,
            scope: Some(scope),
            organization: organization.as_deref(),
            extra: &options.extra,
        };
        let answer = request.send(|request| self.ask(request)).await;
        answer.map_err(|error| self.token_error(error, &provider))
    }

    fn wanted(&self, options: &ExchangeOptions) -> (Scope, Option<String>) {
        let config = &self.core.config;
        let wanted = Scope::parse(options.scope.as_deref().unwrap_or_default());
        let audience = options.audience.clone();
        let audience = audience.or_else(|| config.audience.clone());
        (config.scope.union(&wanted), audience)
    }

    fn organization_of(&self, options: &ExchangeOptions) -> Option<String> {
        let organization = options.organization.clone();
        organization.or_else(|| self.core.config.organization.clone())
    }
}
