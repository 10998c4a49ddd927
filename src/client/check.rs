//! The answer of the token endpoint: what is believed of it, and what its refusals mean.

use std::rc::Rc;
use std::time::Duration;

use super::discovery::Provider;
use super::{Client, host_of};
use crate::error::{Error, NetworkError, ProtocolError, Refusal};
use crate::json::JsonError;
use crate::oidc::{AnswerError, ErrorCode, Jws, TokenAnswer, TokenError, TokenType, id_token};
use crate::port::PortError;
use crate::scope::Scope;
use crate::secret::{IdToken, Nonce};
use crate::user::Claims;

/// What an ID token must say, besides what the configuration asks of every one.
#[derive(Default)]
pub(super) struct IdTokenExpected<'a> {
    pub(super) nonce: Option<&'a Nonce>,
    pub(super) max_age: Option<Duration>,
    pub(super) organization: Option<&'a str>,
    /// What the login said, when the token comes by a refresh.
    pub(super) login: Option<&'a Claims>,
}

/// What a login has brought, its ID token verified.
pub(super) struct Traded {
    pub(super) claims: Claims,
    pub(super) id_token: IdToken,
    pub(super) answer: TokenAnswer,
    pub(super) audience: Option<String>,
    pub(super) scope: Scope,
}

impl Client {
    /// Checks the answer to a request for the tokens of a login.
    pub(super) async fn check(
        &self,
        answer: TokenAnswer,
        provider: Rc<Provider>,
        expected: &IdTokenExpected<'_>,
        audience: Option<String>,
        scope: Scope,
    ) -> Result<Traded, Error> {
        check_token_type(&answer, self.core.config.use_dpop)?;
        let id_token = answer
            .id_token
            .clone()
            .ok_or(AnswerError::Json(JsonError::Missing {
                member: "id_token",
                expected: "a string",
            }))?;
        Ok(Traded {
            claims: self.verify(&id_token, provider, expected).await?,
            id_token,
            answer,
            audience,
            scope,
        })
    }

    /// Checks signature and claims of an ID token; against those of the login when it came by a refresh.
    pub(super) async fn verify(
        &self,
        id_token: &IdToken,
        mut provider: Rc<Provider>,
        expected: &IdTokenExpected<'_>,
    ) -> Result<Claims, Error> {
        let jws = Jws::parse(id_token)?;
        let mut is_genuine = self.is_signed(&jws, &provider).await?;
        // Without a `kid` only the signature tells that the provider has a new key.
        let may_be_newer = match jws.kid() {
            Some(_) => provider.keys.candidates(jws.kid()).is_empty(),
            None => !is_genuine,
        };
        if may_be_newer {
            provider = self.newer_keys(&provider).await?;
            is_genuine = self.is_signed(&jws, &provider).await?;
        }
        let jws = jws.verify_with(is_genuine)?;
        let login = expected.login;
        let expected = id_token::Expected {
            issuer: self.core.config.issuer.as_str(),
            client_id: &self.core.config.client_id,
            nonce: expected.nonce,
            now: self.now(),
            leeway: self.core.config.leeway,
            max_age: expected.max_age,
            organization: expected.organization,
        };
        Ok(match login {
            Some(login) => jws.renewed_claims(&expected, login)?,
            None => jws.claims(&expected)?,
        })
    }

    async fn is_signed(&self, jws: &Jws<'_>, provider: &Provider) -> Result<bool, PortError> {
        let crypto = &self.core.platform.crypto;
        for key in provider.keys.candidates(jws.kid()) {
            let (message, signature) = (jws.signing_input(), jws.signature());
            if crypto.verify_rs256(key, message, signature).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn token_error(&self, error: TokenError<PortError>, provider: &Provider) -> Error {
        let host = host_of(&provider.metadata.token_endpoint);
        match error {
            TokenError::Transport(error) => error.into(),
            TokenError::Refused {
                code,
                description,
                status,
            } => match status {
                429 | 500.. => Error::Network(NetworkError::Unavailable { host, status }),
                _ => Error::refused(code, description, Some(status)),
            },
            TokenError::MfaRequired {
                mfa_token,
                description,
                status,
            } => {
                let code = ErrorCode::new("mfa_required");
                let mut refusal = Refusal::new(code, description, Some(status));
                refusal.mfa_token = Some(mfa_token);
                Error::Refused(refusal)
            }
            TokenError::Malformed(
                AnswerError::ContentType { .. } | AnswerError::Json(JsonError::Html),
            ) => Error::Network(NetworkError::Intercepted { host }),
            TokenError::Malformed(AnswerError::Status(status)) => {
                Error::Network(NetworkError::Unavailable { host, status })
            }
            TokenError::Request { expected } => Error::Platform(PortError::Unavailable {
                what: "the token request",
                why: expected.to_owned(),
            }),
            TokenError::Malformed(other) => Error::Protocol(ProtocolError::Token(other)),
        }
    }
}

/// Refuses a token that is used otherwise than this client uses tokens.
///
/// A provider that does not bind tokens to keys answers with bearer tokens whatever is asked; they are used as such
/// ([RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5)).
pub(super) fn check_token_type(answer: &TokenAnswer, use_dpop: bool) -> Result<(), AnswerError> {
    match answer.token_type {
        TokenType::DPoP if !use_dpop => Err(AnswerError::TokenType {
            found: TokenType::DPoP.as_str().to_owned(),
        }),
        TokenType::Bearer | TokenType::DPoP => Ok(()),
    }
}
