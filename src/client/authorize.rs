//! The authorization request: what is asked, and where it is left.

use url::Url;

use super::discovery::Provider;
use super::{Client, host_of};
use crate::config::ConfigError;
use crate::error::{Error, NetworkError, ProtocolError};
use crate::oidc::{AuthorizeRequest, Challenge, ParError, PushedRequest};
use crate::options::LoginOptions;
use crate::port::PortError;
use crate::scope::Scope;
use crate::secret::{Nonce, State, Verifier};
use crate::transaction::Transaction;

impl Client {
    pub(super) fn transaction(
        &self,
        options: LoginOptions,
        redirect_uri: &str,
    ) -> Result<Transaction, PortError> {
        let wanted = Scope::parse(options.scope.as_deref().unwrap_or_default());
        Ok(Transaction {
            state: State::from_random(&self.random()?),
            nonce: Nonce::from_random(&self.random()?),
            verifier: Verifier::from_random(&self.random()?),
            redirect_uri: redirect_uri.to_owned(),
            audience: options
                .audience
                .or_else(|| self.core.config.audience.clone()),
            scope: self.core.config.scope.union(&wanted),
            organization: options
                .organization
                .or_else(|| self.core.config.organization.clone()),
            max_age: options.max_age,
            return_to: options.return_to,
            started: self.clock().now(),
        })
    }

    fn random(&self) -> Result<[u8; 32], PortError> {
        let mut bytes = [0; 32];
        self.core.platform.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) async fn authorize_url(
        &self,
        provider: &Provider,
        options: &LoginOptions,
        transaction: &Transaction,
    ) -> Result<Url, Error> {
        let verifier = transaction.verifier.expose().as_bytes();
        let digest = self.core.platform.crypto.sha256(verifier).await?;
        let mut extra = options.extra.clone();
        if let Some(thumbprint) = self.thumbprint().await? {
            // The code is of no use without the key either (RFC 9449 §10).
            extra.push(("dpop_jkt".to_owned(), thumbprint.as_str().to_owned()));
        }
        let request = AuthorizeRequest {
            endpoint: &provider.metadata.authorization_endpoint,
            client_id: &self.core.config.client_id,
            redirect_uri: &transaction.redirect_uri,
            scope: &transaction.scope,
            state: &transaction.state,
            nonce: &transaction.nonce,
            challenge: &Challenge::from_digest(&digest),
            audience: transaction.audience.as_deref(),
            organization: transaction.organization.as_deref(),
            invitation: options.invitation.as_deref(),
            prompt: options.prompt.as_deref(),
            max_age: options.max_age,
            login_hint: options.login_hint.as_deref(),
            screen_hint: options.screen_hint.as_deref(),
            ui_locales: options.ui_locales.as_deref(),
            acr_values: options.acr_values.as_deref(),
            connection: options.connection.as_deref(),
            extra: &extra,
        };
        match self.push(provider, &request).await? {
            Some(url) => Ok(url),
            None => Ok(request.url().map_err(ConfigError::Authorize)?),
        }
    }

    /// Leaves the request with the provider first, where it offers that
    /// ([RFC 9126](https://www.rfc-editor.org/rfc/rfc9126)), and gives the URL to take the user to.
    ///
    /// A provider that does not take it from an app without a secret, or cannot be asked from a page, gets the request by
    /// the user, unless it insists.
    async fn push(
        &self,
        provider: &Provider,
        authorize: &AuthorizeRequest<'_>,
    ) -> Result<Option<Url>, Error> {
        let metadata = &provider.metadata;
        let Some(endpoint) = &metadata.pushed_authorization_request_endpoint else {
            return Ok(None);
        };
        let request = PushedRequest {
            endpoint,
            authorize,
        };
        match request.send(|request| self.ask(request)).await {
            Ok(answer) => Ok(Some(answer.url(authorize).map_err(ConfigError::Authorize)?)),
            Err(ParError::Parameters(error)) => Err(ConfigError::Authorize(error).into()),
            Err(ParError::Refused { code, .. })
                if !metadata.require_pushed_authorization_requests
                    && matches!(
                        code.as_str(),
                        "invalid_client" | "unauthorized_client" | "access_denied"
                    ) =>
            {
                Ok(None)
            }
            Err(ParError::Transport(_)) if !metadata.require_pushed_authorization_requests => {
                Ok(None)
            }
            Err(ParError::Transport(error)) => Err(error.into()),
            Err(ParError::Refused {
                code,
                description,
                status,
            }) => match status {
                429 | 500.. => Err(Error::Network(NetworkError::Unavailable {
                    host: host_of(endpoint),
                    status,
                })),
                _ => Err(Error::refused(code, description, Some(status))),
            },
            Err(ParError::Malformed(error)) => Err(error.into()),
            Err(error) => Err(Error::Protocol(ProtocolError::Endpoint {
                name: "pushed_authorization_request_endpoint",
                problem: error.to_string(),
            })),
        }
    }
}
