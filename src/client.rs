//! Login, callback, restore, token, refresh and logout, over the ports of a [`Platform`].
//!
//! The client knows no views and no browser. [`Auth0Provider`](crate::Auth0Provider) drives it for an app; plain async
//! Rust can drive it as well.

mod discovery;
mod login;
mod tokens;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::lock::Mutex;
use serde_json::Value;
use url::{Position, Url};

use crate::api::{self, ApiRequest};
use crate::auth::{AuthState, Reason};
use crate::config::{CacheLocation, Config, Flavour};
use crate::error::Error;
use crate::oidc::logout::{auth0_logout_url, end_session_url};
use crate::options::{LogoutOptions, TokenOptions};
use crate::port::{self, Platform, PortError, Storage, StoredError};
use crate::session::{Identity, Session};
use crate::transaction;

use discovery::Provider;

pub use login::Leaving;

/// Drives one login at one provider for one app.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::client::Client;
/// use dioxus_auth0::config::{Config, Settings};
/// use dioxus_auth0::platform::memory::MemoryPlatform;
/// use dioxus_auth0::{AuthState, Reason};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let settings = Settings {
///     domain: Some("example.eu.auth0.com".into()),
///     client_id: "abc".into(),
///     ..Settings::default()
/// };
/// let client = Client::new(Config::new(&settings)?, MemoryPlatform::new().platform());
/// assert_eq!(client.restore().await, AuthState::SignedOut(Reason::Fresh));
/// # Ok::<(), dioxus_auth0::Error>(())
/// # }).unwrap();
/// ```
pub struct Client {
    config: Config,
    platform: Platform,
    /// Where the session is kept; nowhere but here in the client's own memory when there is none.
    sessions: Option<Rc<dyn Storage>>,
    session: RefCell<Option<Session>>,
    /// The text that is stored, as far as this client has seen it.
    stored_text: RefCell<Option<String>>,
    /// What the storage would not take when `session` became the current one.
    unsaved: RefCell<Option<Unsaved>>,
    provider: RefCell<Option<Rc<Provider>>>,
    /// Held while metadata and keys are fetched, so that they are fetched once.
    discovering: Mutex<()>,
    /// Held while the refresh token is spent, so that it is spent once. What it holds is how that failed last.
    refreshing: Mutex<Option<Error>>,
    /// How often it was tried to spend it.
    refreshes: Cell<u32>,
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

/// A session that is held and not stored, by what it was to replace.
enum Unsaved {
    /// Whatever is there: it began with a login.
    Begun,
    /// This text and no other: a refresh has spent the token in it.
    Refreshed(String),
}

impl Client {
    /// Makes a client. Nothing is read or sent yet.
    pub fn new(config: Config, platform: Platform) -> Self {
        let sessions = match config.cache {
            CacheLocation::Usual => Some(platform.usual_storage.clone()),
            CacheLocation::SessionStorage => Some(platform.session_storage.clone()),
            CacheLocation::LocalStorage => Some(platform.local_storage.clone()),
            CacheLocation::Memory => None,
        };
        Self {
            config,
            platform,
            sessions,
            session: RefCell::default(),
            stored_text: RefCell::default(),
            unsaved: RefCell::default(),
            provider: RefCell::default(),
            discovering: Mutex::new(()),
            refreshing: Mutex::new(None),
            refreshes: Cell::new(0),
        }
    }

    /// Returns who is signed in.
    pub fn identity(&self) -> Option<Rc<Identity>> {
        let session = self.session.borrow();
        session.as_ref().map(|session| session.identity.clone())
    }

    /// Reads the stored session. What cannot be read is left where it is until the next login replaces it.
    pub async fn restore(&self) -> AuthState {
        match self.stored().await {
            Ok(Ok(session)) => {
                let identity = session.identity.clone();
                self.session.replace(Some(session));
                AuthState::SignedIn(identity)
            }
            Ok(Err(reason)) => AuthState::SignedOut(reason),
            Err(error) => AuthState::Failed(error),
        }
    }

    async fn stored(&self) -> Result<Result<Session, Reason>, Error> {
        let now = self.platform.clock.now();
        let text = match &self.sessions {
            Some(sessions) => sessions.get(&Session::key(&self.config)).await?,
            None => None,
        };
        if let Some(text) = text {
            let session = Session::from_text(&text, &self.config)?;
            self.stored_text.replace(Some(text));
            return Ok(match session.is_alive(now) {
                true => Ok(session),
                false => Err(Reason::Expired),
            });
        }
        let storage = &*self.platform.session_storage;
        Ok(Err(match transaction::is_pending(storage, now).await? {
            true => Reason::Unfinished,
            false => Reason::Fresh,
        }))
    }

    /// Stores `session` and makes it the current one, in this order: nobody gets a token that a restart would lose.
    ///
    /// # Errors
    ///
    /// [`Error::Platform`] when the storage does not take it. It is the current one all the same, and is stored with
    /// the next token that is asked for.
    async fn keep(&self, session: Session, unsaved: Unsaved) -> Result<(), Error> {
        let stored = self.store(&session, &unsaved).await;
        if stored == Ok(false) {
            return self.adopt().await.map(drop);
        }
        self.session.replace(Some(session));
        let unsaved = stored.is_err().then_some(unsaved);
        self.unsaved.replace(unsaved);
        stored.map(drop)
    }

    /// Writes `session` where it belongs, and says whether what it is to replace was still there.
    async fn store(&self, session: &Session, unsaved: &Unsaved) -> Result<bool, Error> {
        let Some(sessions) = &self.sessions else {
            return Ok(true);
        };
        let key = Session::key(&self.config);
        let text = session.to_text(&self.config);
        let is_stored = match unsaved {
            Unsaved::Begun => sessions.set(&key, &text).await.map(|()| true),
            Unsaved::Refreshed(old) => sessions.swap(&key, old, &text).await,
        }?;
        if is_stored {
            self.stored_text.replace(Some(text));
        }
        Ok(is_stored)
    }

    /// Tries once more to store a session that the storage did not take.
    async fn save(&self) {
        let Some(unsaved) = self.unsaved.take() else {
            return;
        };
        let session = self.session.borrow().clone();
        if let Some(session) = session {
            // It was reported when it failed first; until it works the session holds in this process.
            let _ = self.keep(session, unsaved).await;
        }
    }

    /// Takes over what another tab or process has made of the session, and returns the text that is stored.
    ///
    /// A storage that cannot be read leaves the session as it is known here, and the text as it was seen last: what
    /// somebody else has made of it meanwhile is not overwritten. What is damaged is nobody's, and returned as none.
    ///
    /// # Errors
    ///
    /// [`Error::Expired`] when it was ended there, [`Error::Protocol`] when a newer version of this library keeps it.
    async fn adopt(&self) -> Result<Option<String>, Error> {
        let Some(sessions) = &self.sessions else {
            return Ok(None);
        };
        match sessions.get(&Session::key(&self.config)).await {
            Ok(Some(text)) => match Session::from_text(&text, &self.config) {
                Ok(session) => {
                    self.session.replace(Some(session));
                    self.stored_text.replace(Some(text.clone()));
                    Ok(Some(text))
                }
                // A newer version has taken over, and with it the refresh token.
                Err(error @ StoredError::Version { .. }) => Err(error.into()),
                Err(_) => Ok(None),
            },
            Ok(None) => {
                self.session.take();
                self.stored_text.take();
                Err(Error::Expired)
            }
            Err(PortError::Stored(error @ StoredError::Version { .. })) => Err(error.into()),
            Err(PortError::Stored(_)) => Ok(None),
            Err(_) => Ok(self.stored_text.borrow().clone()),
        }
    }

    /// Forgets the session on this machine, and returns what was forgotten.
    ///
    /// # Errors
    ///
    /// [`Error::Platform`] when the storage keeps it all the same; the client has forgotten it even then.
    pub async fn forget(&self) -> (Option<Session>, Result<(), Error>) {
        let session = self.session.take();
        self.stored_text.take();
        self.unsaved.take();
        let Some(sessions) = &self.sessions else {
            return (session, Ok(()));
        };
        let removed = sessions.remove(&Session::key(&self.config)).await;
        (session, removed.map_err(Error::from))
    }

    /// Leaves for the provider's end-session endpoint, unless the logout is local or the provider has none.
    ///
    /// # Errors
    ///
    /// [`Error::Platform`] when the machine cannot go there.
    pub async fn end_session(
        &self,
        forgotten: Option<Session>,
        options: LogoutOptions,
    ) -> Result<(), Error> {
        if options.local_only {
            return Ok(());
        }
        match self.end_session_url(forgotten, options).await {
            Some(url) => Ok(self.platform.navigator.leave(&url).await?),
            None => Ok(()),
        }
    }

    async fn end_session_url(
        &self,
        forgotten: Option<Session>,
        options: LogoutOptions,
    ) -> Option<Url> {
        let home = self.platform.navigator.home();
        let home = home.map(|home| home.as_str().trim_end_matches('/').to_owned());
        let return_to = options.return_to.or(home);
        if self.config.flavour == Flavour::Auth0 {
            return Some(auth0_logout_url(
                self.config.issuer.url(),
                &self.config.client_id,
                return_to.as_deref(),
                options.federated,
            ));
        }
        // A provider that does not answer must not keep the user from having logged out here.
        let provider = self.provider().await.ok()?;
        let endpoint = provider.metadata.end_session_endpoint.as_ref()?;
        Some(end_session_url(
            endpoint,
            forgotten.as_ref().map(|session| &session.id_token),
            &self.config.client_id,
            return_to.as_deref(),
            None,
        ))
    }

    /// Calls the protected API with an access token and returns the JSON it answers.
    ///
    /// # Errors
    ///
    /// Those of [`access_token`](Self::access_token); [`Error::Refused`] for a status of 4xx;
    /// [`Error::Network`] for 429, 5xx, no answer, or one that is not the API's.
    pub async fn call(&self, request: &ApiRequest) -> Result<Value, Error> {
        let options = TokenOptions {
            scope: request.needed_scope().map(str::to_owned),
            ..TokenOptions::default()
        };
        let token = self.access_token(&options).await?;
        let request = request.write(self.config.audience.as_deref(), &token)?;
        let host = port::host(&request);
        let response = self.platform.http.send(request).await?;
        api::read(&host, &response)
    }
}

/// Host and port, as messages name a server.
fn host_of(url: &Url) -> String {
    url[Position::BeforeHost..Position::AfterPort].to_owned()
}
