//! The way out to the provider and the way back in.

use std::cell::RefCell;
use std::pin::pin;

use futures_util::future::{self, Either};
use url::Url;

use super::Client;
use super::check::{IdTokenExpected, Traded};
use super::discovery::Provider;
use super::store::Unsaved;
use crate::auth::AuthState;
use crate::config::ConfigError;
use crate::error::{Error, ProtocolError};
use crate::oidc::dpop::Thumbprint;
use crate::oidc::{CodeExchange, TokenType, callback};
use crate::options::LoginOptions;
use crate::port::{Departure, Links, Task, Trip, WayBack};
use crate::return_to::ReturnTo;
use crate::secret::State;
use crate::session::{Asked, Session};
use crate::transaction::{Transaction, TransactionError};

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

    /// Says whether the login page opens in front of the app, so that nobody needs its address.
    pub fn is_in_front(&self) -> bool {
        self.departure.is_in_front()
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
            provider: self.core.config.issuer.url().host_str().unwrap_or_default(),
        }
    }

    /// Prepares a login whose way back is reserved.
    pub(super) async fn leave_by(
        &self,
        mut departure: Box<dyn Departure>,
        provider: &Provider,
        options: LoginOptions,
    ) -> Result<Leaving, Error> {
        let transaction = self.transaction(options.clone(), departure.redirect_uri())?;
        let url = self.authorize_url(provider, &options, &transaction).await?;
        let storage = &*self.core.platform.session_storage;
        transaction.keep(storage, &self.core.config).await?;
        departure.await_answer(&transaction.state);
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
    /// [`Error::Cancelled`] when it was, when another login took its place, or when the user closed the browser as far as
    /// the machine can tell: a [link](Self::open_link) may still finish it then; [`Error::TimedOut`] when the user did
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
            // The browser may be out of sight only: the login is kept, for a link that comes after all.
            Ok(Trip::Closed) => return Err(Error::Cancelled),
            Ok(Trip::Cancelled) => Error::Cancelled,
            Err(error) => error.into(),
        };
        // An answer that comes after all finds nothing to answer. If the storage keeps it, it ends by itself.
        let storage = &*self.core.platform.session_storage;
        let _ = Transaction::forget(storage, &state).await;
        Err(error)
    }

    /// Returns the authorization response this process was started with, once.
    pub fn arrival(&self) -> Option<Url> {
        let configured = self.core.config.redirect_uri.as_deref();
        let url = self.core.platform.navigator.arrival(configured)?;
        callback::is_callback(&url).then_some(url)
    }

    /// Hears of the links that the running app is opened with, each for [`open_link`](Self::open_link).
    pub fn links(&self) -> Links {
        self.core.platform.navigator.links()
    }

    /// Takes `link` as an authorization response if a login waits for one there, and returns nothing otherwise.
    ///
    /// Whoever likes to can open the links of an app: one that no login waits for, or that leads anywhere but to the redirect
    /// URI of that login ([RFC 8252 §8.10](https://www.rfc-editor.org/rfc/rfc8252#section-8.10)), changes nothing, and
    /// neither does one that comes twice.
    pub async fn open_link(&self, link: &Url) -> Option<Outcome> {
        // This looks at the length first.
        let state = callback::state_of(link).ok()?;
        if !callback::is_callback(link) {
            return None;
        }
        let now = self.clock().now();
        let storage = &*self.core.platform.session_storage;
        let pending = Transaction::redirect_uri_of(storage, &self.core.config, &state, now).await;
        if !callback::leads_to(link, &pending?) {
            return None;
        }
        let pending = self.pending(link).await;
        if let Err(Error::Protocol(ProtocolError::Transaction(_))) = &pending {
            // Another copy of the link was faster.
            return None;
        }
        Some(self.settled(link, pending).await)
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
        let pending = self.pending(url).await;
        self.settled(url, pending).await
    }

    /// Says what an authorization response has led to, for the login that it belongs to.
    async fn settled(&self, url: &Url, pending: Result<Transaction, Error>) -> Outcome {
        let mut return_to = String::from("/");
        let answered = self.answer(url, pending, &mut return_to).await;
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

    async fn answer(
        &self,
        url: &Url,
        pending: Result<Transaction, Error>,
        return_to: &mut String,
    ) -> Result<(), Error> {
        let transaction = pending?;
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
        // Until the storage has let go of it, another copy of the answer would find it too, and spend its code.
        let _taking = Taking::begin(&self.core.taken, &state).ok_or(TransactionError::Unknown)?;
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

    fn return_to(&self, path: &str) -> Result<ReturnTo, crate::return_to::ReturnToError> {
        let nowhere = || Url::parse("http://localhost/").expect("a literal URL parses");
        let home = self.core.platform.navigator.home().unwrap_or_else(nowhere);
        ReturnTo::parse(path, &home)
    }
}

/// A login that is being taken out of the storage, which nobody else may do meanwhile.
struct Taking<'a> {
    taken: &'a RefCell<Vec<State>>,
    state: State,
}

impl<'a> Taking<'a> {
    fn begin(taken: &'a RefCell<Vec<State>>, state: &State) -> Option<Self> {
        if taken.borrow().contains(state) {
            return None;
        }
        taken.borrow_mut().push(state.clone());
        let state = state.clone();
        Some(Self { taken, state })
    }
}

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        self.taken.borrow_mut().retain(|state| *state != self.state);
    }
}
