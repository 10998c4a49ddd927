//! The way out to the provider and the way back in.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{self, Either};
use url::Url;

use super::discovery::Provider;
use super::{Client, Outcome, Unsaved, host_of};
use crate::auth::AuthState;
use crate::config::ConfigError;
use crate::error::{Error, NetworkError, ProtocolError, Refusal};
use crate::json::JsonError;
use crate::oidc::{
    AnswerError, AuthorizeRequest, Challenge, CodeExchange, ErrorCode, Jws, TokenAnswer,
    TokenError, TokenType, callback, id_token,
};
use crate::options::LoginOptions;
use crate::port::{Departure, PortError, Trip, WayBack};
use crate::return_to::ReturnTo;
use crate::scope::Scope;
use crate::secret::{IdToken, Nonce, State, Verifier};
use crate::session::{Asked, Session};
use crate::transaction::Transaction;
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

/// A login that is ready to leave for the provider.
pub struct Leaving {
    departure: Box<dyn Departure>,
    url: Url,
    state: State,
}

impl Leaving {
    /// Returns the address of the login page, if the app goes on and waits while the user is there.
    ///
    /// It is for the user's eyes, to open it by hand where no browser opens, and for no log.
    pub fn waits_at(&self) -> Option<&Url> {
        self.departure.waits().then_some(&self.url)
    }
}

impl Client {
    /// Takes the user to the provider's login page.
    ///
    /// Returns what came of it, or nothing when this page is being left and a later one gets the
    /// [arrival](Self::arrival).
    ///
    /// # Errors
    ///
    /// [`Error::Network`] and [`Error::Protocol`] when the provider cannot be asked for its metadata,
    /// [`Error::Config`] for options that cannot be sent, [`Error::Platform`] when the machine cannot keep the login,
    /// and those of [`finish`](Self::finish).
    pub async fn login(&self, options: LoginOptions) -> Result<Option<Outcome>, Error> {
        let leaving = self.leave(options).await?;
        self.finish(leaving, future::pending()).await
    }

    /// Prepares a login up to the moment of leaving: the way back is reserved, the login is kept.
    ///
    /// # Errors
    ///
    /// Those of [`login`](Self::login) that come before it.
    pub async fn leave(&self, options: LoginOptions) -> Result<Leaving, Error> {
        if let Some(path) = &options.return_to {
            self.return_to(path).map_err(ConfigError::ReturnTo)?;
        }
        let provider = self.provider().await?;
        let way_back = WayBack {
            redirect_uri: self.config.redirect_uri.as_deref(),
            loopback_ports: &self.config.loopback_ports,
        };
        let departure = self.platform.navigator.depart(way_back).await?;
        let transaction = self.transaction(options.clone(), departure.redirect_uri())?;
        let url = self
            .authorize_url(&provider, &options, &transaction)
            .await?;
        let storage = &*self.platform.session_storage;
        transaction.keep(storage, &self.config).await?;
        Ok(Leaving {
            departure,
            url,
            state: transaction.state,
        })
    }

    /// Leaves, and comes back where the machine allows it. When `cancelled` ends first, so does the login.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`] when it was, or when another login took its place; [`Error::TimedOut`] when the user did
    /// not come back; [`Error::Platform`] when the machine cannot leave.
    pub async fn finish(
        &self,
        leaving: Leaving,
        cancelled: impl Future<Output = ()>,
    ) -> Result<Option<Outcome>, Error> {
        let trip = leaving.departure.go(leaving.url);
        // In this order: what was cancelled before it began opens no page.
        let trip = match future::select(pin!(cancelled), trip).await {
            Either::Left(_) => Ok(Trip::Cancelled),
            Either::Right((trip, _)) => trip,
        };
        let error = match trip {
            Ok(Trip::Away) => return Ok(None),
            Ok(Trip::Back(url)) => return Ok(Some(self.callback(&url).await)),
            Ok(Trip::Cancelled) => Error::Cancelled,
            Err(error) => error.into(),
        };
        // An answer that comes after all finds nothing to answer. If the storage keeps it, it ends by itself.
        let storage = &*self.platform.session_storage;
        let _ = Transaction::forget(storage, &leaving.state).await;
        Err(error)
    }

    fn transaction(
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
            audience: options.audience.or_else(|| self.config.audience.clone()),
            scope: self.config.scope.union(&wanted),
            organization: options
                .organization
                .or_else(|| self.config.organization.clone()),
            max_age: options.max_age,
            return_to: options.return_to,
            started: self.platform.clock.now(),
        })
    }

    fn random(&self) -> Result<[u8; 32], PortError> {
        let mut bytes = [0; 32];
        self.platform.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    async fn authorize_url(
        &self,
        provider: &Provider,
        options: &LoginOptions,
        transaction: &Transaction,
    ) -> Result<Url, Error> {
        let verifier = transaction.verifier.expose().as_bytes();
        let digest = self.platform.crypto.sha256(verifier).await?;
        let request = AuthorizeRequest {
            endpoint: &provider.metadata.authorization_endpoint,
            client_id: &self.config.client_id,
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
            extra: &options.extra,
        };
        Ok(request.url().map_err(ConfigError::Authorize)?)
    }

    /// Returns the authorization response this process was started with, once.
    pub fn arrival(&self) -> Option<Url> {
        let configured = self.config.redirect_uri.as_deref();
        let url = self.platform.navigator.arrival(configured)?;
        callback::is_callback(&url).then_some(url)
    }

    /// Checks an authorization response and trades its code for a session.
    ///
    /// When that fails, nothing that was stored has changed but the login it belongs to; a session from before goes on.
    pub async fn callback(&self, url: &Url) -> Outcome {
        let mut return_to = String::from("/");
        let answered = self.answer(url, &mut return_to).await;
        let mut trouble = None;
        let state = match (self.identity(), answered) {
            (Some(identity), answered) => {
                trouble = answered.err();
                AuthState::SignedIn(identity)
            }
            (None, answered) => match (self.restore().await, answered) {
                (AuthState::SignedIn(identity), answered) => {
                    trouble = answered.err();
                    AuthState::SignedIn(identity)
                }
                (_, Err(error)) => AuthState::Failed(error),
                (state, Ok(())) => state,
            },
        };
        Outcome {
            state,
            return_to,
            trouble,
        }
    }

    async fn answer(&self, url: &Url, return_to: &mut String) -> Result<(), Error> {
        let state = callback::state_of(url)?;
        let now = self.platform.clock.now();
        let storage = &*self.platform.session_storage;
        let transaction = Transaction::take(storage, &self.config, &state, now).await??;
        if let Some(path) = &transaction.return_to
            && let Ok(path) = self.return_to(path)
        {
            *return_to = path.to_string();
        }
        let provider = self.provider().await?;
        let code = callback::code(
            url,
            &callback::Expected {
                issuer: self.config.issuer.as_str(),
                iss_required: provider
                    .metadata
                    .authorization_response_iss_parameter_supported,
                state: &transaction.state,
            },
        )?;
        let exchange = CodeExchange {
            endpoint: &provider.metadata.token_endpoint,
            client_id: &self.config.client_id,
            redirect_uri: &transaction.redirect_uri,
            code,
            verifier: transaction.verifier,
        };
        let answer = exchange
            .send(|request| self.platform.http.send(request))
            .await;
        let answer = answer.map_err(|error| self.token_error(error, &provider))?;
        check_token_type(&answer)?;
        let id_token = answer
            .id_token
            .clone()
            .ok_or(AnswerError::Json(JsonError::Missing {
                member: "id_token",
                expected: "a string",
            }))?;
        let expected = IdTokenExpected {
            nonce: Some(&transaction.nonce),
            max_age: transaction.max_age,
            organization: transaction.organization.as_deref(),
            login: None,
        };
        let claims = self.verify(&id_token, provider, &expected).await?;
        let asked = Asked {
            audience: transaction.audience.as_deref(),
            scope: &transaction.scope,
            now: self.platform.clock.now(),
        };
        let session = Session::begin(claims, id_token, answer, &asked);
        self.keep(session, Unsaved::Begun).await
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
            issuer: self.config.issuer.as_str(),
            client_id: &self.config.client_id,
            nonce: expected.nonce,
            now: self.platform.clock.now(),
            leeway: self.config.leeway,
            max_age: expected.max_age,
            organization: expected.organization,
        };
        Ok(match login {
            Some(login) => jws.renewed_claims(&expected, login)?,
            None => jws.claims(&expected)?,
        })
    }

    async fn is_signed(&self, jws: &Jws<'_>, provider: &Provider) -> Result<bool, PortError> {
        let crypto = &self.platform.crypto;
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

    fn return_to(&self, path: &str) -> Result<ReturnTo, crate::return_to::ReturnToError> {
        let nowhere = || Url::parse("http://localhost/").expect("a literal URL parses");
        let home = self.platform.navigator.home().unwrap_or_else(nowhere);
        ReturnTo::parse(path, &home)
    }
}

/// Refuses a token that cannot be used by whoever holds it alone: this client proves no possession.
pub(super) fn check_token_type(answer: &TokenAnswer) -> Result<(), AnswerError> {
    match answer.token_type {
        TokenType::Bearer => Ok(()),
        TokenType::DPoP => Err(AnswerError::TokenType {
            found: TokenType::DPoP.as_str().to_owned(),
        }),
    }
}
