//! Requests to the provider and to APIs, with the proof of the key that tokens are bound to.

use std::time::Duration;

use futures_util::future::{self, Either};
use http::{HeaderValue, Method};
use url::Url;

use super::Client;
use crate::oidc::TokenType;
use crate::oidc::dpop::{
    DPOP, Proof, PublicKey, ServerNonce, Thumbprint, resource_challenge, token_challenge,
};
use crate::oidc::retry::retry_after;
use crate::port::{self, HTTP_TIMEOUT, HttpRequest, HttpResponse, Platform, PortError};
use crate::session::HeldToken;

/// Names the key that tokens of this provider and client are bound to.
const PREFIX: &str = "dioxus-auth0.key.";

/// What an answer said beside its body.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Aftermath {
    /// When to come again.
    pub(super) retry_after: Option<Duration>,
    /// The status, if there was an answer.
    pub(super) status: Option<u16>,
    /// Whether the request is known not to have been sent.
    pub(super) is_unsent: bool,
}

impl Client {
    /// Sends a request to one of the provider's endpoints, with a proof if tokens are bound to a key.
    ///
    /// A demand for a nonce in the proof is met once: the server has not acted on the request before
    /// ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
    pub(super) async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, PortError> {
        if !self.core.config.use_dpop {
            let answer = self.core.platform.http.send(request).await?;
            self.core.time.learn(answer.headers(), self.clock());
            return Ok(answer);
        }
        let answer = self.prove(request.clone(), None, None).await?;
        self.core.time.learn(answer.headers(), self.clock());
        match token_challenge(&answer) {
            Some(nonce) => self.prove(request, None, Some(&nonce)).await,
            None => Ok(answer),
        }
    }

    /// Sends a request that bears `token`, with a proof if it is bound to a key. A demand for a nonce is met once.
    pub(super) async fn ask_api(
        &self,
        request: HttpRequest,
        token: &HeldToken,
    ) -> Result<HttpResponse, PortError> {
        let Platform { crypto, http, .. } = &self.core.platform;
        if token.token_type != TokenType::DPoP {
            return http.send(request).await;
        }
        let digest = crypto
            .sha256(token.access_token.expose().as_bytes())
            .await?;
        let answer = self.prove(request.clone(), Some(&digest), None).await?;
        match resource_challenge(&answer) {
            Some(nonce) => self.prove(request, Some(&digest), Some(&nonce)).await,
            None => Ok(answer),
        }
    }

    /// Sends a request for which no longer than `patience` is left, and says what its answer was beside its body.
    pub(super) async fn ask_within(
        &self,
        request: HttpRequest,
        patience: Duration,
    ) -> (Result<HttpResponse, PortError>, Aftermath) {
        let host = port::host(&request);
        let sleep = self.clock().sleep(patience.min(HTTP_TIMEOUT));
        let asked = Box::pin(self.ask(request));
        let answer = match future::select(asked, sleep).await {
            Either::Left((answer, _)) => answer,
            Either::Right(((), _)) => Err(PortError::Timeout {
                host,
                seconds: HTTP_TIMEOUT.as_secs(),
            }),
        };
        let aftermath = match &answer {
            Ok(answer) => Aftermath {
                retry_after: retry_after(answer.headers(), self.now()),
                status: Some(answer.status().as_u16()),
                is_unsent: false,
            },
            Err(error) => Aftermath {
                is_unsent: is_unsent(error),
                ..Aftermath::default()
            },
        };
        (answer, aftermath)
    }

    /// Returns the thumbprint of the key that tokens are bound to, if they are.
    pub(super) async fn thumbprint(&self) -> Result<Option<Thumbprint>, PortError> {
        if !self.core.config.use_dpop {
            return Ok(None);
        }
        let input = self.public_key().await?.thumbprint_input();
        let digest = self.core.platform.crypto.sha256(input.as_bytes()).await?;
        Ok(Some(Thumbprint::from_digest(&digest)))
    }

    async fn prove(
        &self,
        mut request: HttpRequest,
        digest: Option<&[u8; 32]>,
        nonce: Option<&ServerNonce>,
    ) -> Result<HttpResponse, PortError> {
        let Ok(url) = Url::parse(&request.uri().to_string()) else {
            return self.core.platform.http.send(request).await;
        };
        let known = self.core.nonces.borrow().of(&url).cloned();
        let proof = self
            .proof(request.method(), &url, digest, nonce.or(known.as_ref()))
            .await?;
        request.headers_mut().insert(DPOP, proof);
        let answer = self.core.platform.http.send(request).await?;
        let mut nonces = self.core.nonces.borrow_mut();
        nonces.learn(&url, answer.headers());
        Ok(answer)
    }

    async fn proof(
        &self,
        method: &Method,
        url: &Url,
        access_token_digest: Option<&[u8; 32]>,
        nonce: Option<&ServerNonce>,
    ) -> Result<HeaderValue, PortError> {
        let key = self.public_key().await?;
        let mut jti = [0; 12];
        self.core.platform.entropy.fill(&mut jti)?;
        let proof = Proof {
            key: &key,
            method,
            url,
            jti,
            iat: self.now(),
            access_token_digest,
            nonce,
        };
        let proof = proof.unsigned();
        let keys = &self.core.platform.keys;
        let signature = keys.sign(&self.key_name(), proof.signing_input()).await?;
        Ok(proof.signed(&signature))
    }

    async fn public_key(&self) -> Result<PublicKey, PortError> {
        let point = self.core.platform.keys.public(&self.key_name()).await?;
        PublicKey::from_sec1(&point).ok_or(PortError::Unavailable {
            what: "the key that tokens are bound to",
            why: "it is no point of P-256".into(),
        })
    }

    fn key_name(&self) -> String {
        let config = &self.core.config;
        let parts = [PREFIX, config.issuer.as_str(), " ", &config.client_id];
        parts.concat()
    }
}

/// Whether the server cannot have seen the request.
pub(super) fn is_unsent(error: &PortError) -> bool {
    !matches!(
        error,
        PortError::Unreachable { .. }
            | PortError::Timeout { .. }
            | PortError::Redirected { .. }
            | PortError::TooLarge { .. }
    )
}
