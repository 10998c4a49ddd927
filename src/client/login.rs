//! The way out to the provider and the way back in.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{self, Either};
use url::Url;

use super::discovery::Provider;
use super::store::Unsaved;
use super::{Client, host_of};
use crate::auth::AuthState;
use crate::config::ConfigError;
use crate::error::{Error, NetworkError, ProtocolError, Refusal};
use crate::json::JsonError;
use crate::oidc::dpop::Thumbprint;
use crate::oidc::{
    AnswerError, AuthorizeRequest, Challenge, CodeExchange, ErrorCode, Jws, ParError,
    PushedRequest, TokenAnswer, TokenError, TokenType, callback, id_token,
};
use crate::options::LoginOptions;
use crate::port::{Departure, PortError, Task, Trip, WayBack};
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

/// What a login has brought, its ID token verified.
pub(super) struct Traded {
    pub(super) claims: Claims,
    pub(super) id_token: IdToken,
    pub(super) answer: TokenAnswer,
    pub(super) audience: Option<String>,
    pub(super) scope: Scope,
}

/// Where an authorization response has led: what holds now, and the page of the app to show.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What is now known about the user.
    pub state: AuthState,
    /// The path to show: the one that the login was asked to return to, or `/`.
    pub return_to: String,
    /// What went wrong although a user is signed in: the answer was refused and the session from before goes on, or the
    /// new one could not be stored and holds in this process alone.
    pub trouble: Option<Error>,
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

    /// Sets off, and gives the `state` of the login.
    pub(super) fn go(self) -> (Task<'static, Trip>, State) {
        (self.departure.go(self.url), self.state)
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
        let provider = self.heard(self.provider().await)?;
        let departure = self.core.platform.navigator.depart(self.way_back());
        self.leave_by(departure.await?, &provider, options).await
    }

    pub(super) fn way_back(&self) -> WayBack<'_> {
        WayBack {
            redirect_uri: self.core.config.redirect_uri.as_deref(),
            loopback_ports: &self.core.config.loopback_ports,
        }
    }

    /// Prepares a login whose way back is reserved.
    pub(super) async fn leave_by(
        &self,
        departure: Box<dyn Departure>,
        provider: &Provider,
        options: LoginOptions,
    ) -> Result<Leaving, Error> {
        let transaction = self.transaction(options.clone(), departure.redirect_uri())?;
        let url = self.authorize_url(provider, &options, &transaction).await?;
        let storage = &*self.core.platform.session_storage;
        transaction.keep(storage, &self.core.config).await?;
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
        let (trip, state) = leaving.go();
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
        let storage = &*self.core.platform.session_storage;
        let _ = Transaction::forget(storage, &state).await;
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

    async fn authorize_url(
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
            Ok(answer) => {
                let mut url = answer.url(authorize).map_err(ConfigError::Authorize)?;
                // For the way back alone: the provider has its own (RFC 9101 §5).
                let state = authorize.state.expose();
                url.query_pairs_mut().append_pair("state", state);
                Ok(Some(url))
            }
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

    /// Returns the authorization response this process was started with, once.
    pub fn arrival(&self) -> Option<Url> {
        let configured = self.core.config.redirect_uri.as_deref();
        let url = self.core.platform.navigator.arrival(configured)?;
        callback::is_callback(&url).then_some(url)
    }

    /// Says whether this process has only handed an authorization response over to the one that opened it in a popup or a
    /// frame: it has nothing to show.
    pub fn is_beside(&self) -> bool {
        self.core.platform.navigator.is_beside()
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
        let transaction = self.pending(url).await?;
        if let Some(path) = &transaction.return_to
            && let Ok(path) = self.return_to(path)
        {
            *return_to = path.to_string();
        }
        let traded = self.trade(url, transaction).await;
        self.begin(self.heard(traded)?).await
    }

    /// Takes the login that an authorization response belongs to.
    pub(super) async fn pending(&self, url: &Url) -> Result<Transaction, Error> {
        let state = callback::state_of(url)?;
        let now = self.clock().now();
        let storage = &*self.core.platform.session_storage;
        Ok(Transaction::take(storage, &self.core.config, &state, now).await??)
    }

    /// Checks an authorization response and trades its code.
    pub(super) async fn trade(&self, url: &Url, transaction: Transaction) -> Result<Traded, Error> {
        let provider = self.provider().await?;
        let code = callback::code(
            url,
            &callback::Expected {
                issuer: self.core.config.issuer.as_str(),
                iss_required: provider
                    .metadata
                    .authorization_response_iss_parameter_supported,
                state: &transaction.state,
            },
        )?;
        let exchange = CodeExchange {
            endpoint: &provider.metadata.token_endpoint,
            client_id: &self.core.config.client_id,
            redirect_uri: &transaction.redirect_uri,
            code,
            verifier: transaction.verifier,
        };
        let answer = exchange.send(|request| self.ask(request)).await;
        let answer = answer.map_err(|error| self.token_error(error, &provider))?;
        let expected = IdTokenExpected {
            nonce: Some(&transaction.nonce),
            max_age: transaction.max_age,
            organization: transaction.organization.as_deref(),
            login: None,
        };
        self.check(
            answer,
            provider,
            &expected,
            transaction.audience,
            transaction.scope,
        )
        .await
    }

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

    /// Begins the session of a login, in place of any other.
    ///
    /// What was held for other audiences of the same user stays; what was another user's goes.
    pub(super) async fn begin(&self, traded: Traded) -> Result<(), Error> {
        let asked = Asked {
            audience: traded.audience.as_deref(),
            scope: &traded.scope,
            now: self.now(),
        };
        let is_bound = traded.answer.token_type == TokenType::DPoP;
        let mut session = Session::begin(traded.claims, traded.id_token, traded.answer, &asked);
        session.generation = self.generation().await;
        if is_bound {
            session.thumbprint = self.thumbprint().await?.map(Thumbprint::into_text);
        }
        if let Some(before) = self.core.lifecycle.borrow().session() {
            session.inherit(before);
        }
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

    fn return_to(&self, path: &str) -> Result<ReturnTo, crate::return_to::ReturnToError> {
        let nowhere = || Url::parse("http://localhost/").expect("a literal URL parses");
        let home = self.core.platform.navigator.home().unwrap_or_else(nowhere);
        ReturnTo::parse(path, &home)
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
