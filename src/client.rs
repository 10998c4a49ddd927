//! Login, callback, restore, token, refresh and logout, over the ports of a [`Platform`].
//!
//! The client knows no views and no browser. [`Auth0Provider`](crate::Auth0Provider) drives it for an app; plain async
//! Rust can drive it as well.

mod authorize;
mod call;
mod check;
mod device;
mod discovery;
mod exchange;
mod login;
mod logout;
mod popup;
mod refresh;
mod store;
mod time;
mod token_exchange;
mod tokens;
mod userinfo;
mod watch;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::mpsc::UnboundedSender;
use url::{Position, Url};

use crate::auth::{AuthState, Reason};
use crate::config::{CacheLocation, Config};
use crate::error::{Error, NetworkError};
use crate::lifecycle::{Lifecycle, Standing};
use crate::oidc::dpop::NonceStore;
use crate::options::TokenOptions;
use crate::port::{Clock, Platform, Storage};
use crate::secret::State;
use crate::session::Identity;
use crate::time::UnixTime;

use discovery::{Discovery, Provider};
use store::Unsaved;
use time::Timekeeper;
use tokens::Flight;

pub use device::DeviceLogin;
pub use login::{Leaving, Outcome};
pub use popup::{FRAME_PATIENCE, POPUP_PATIENCE};
pub use token_exchange::ExchangeOptions;

/// Drives one login at one provider for one app.
///
/// It is a handle: its clones are the same client, and share the session, the requests under way and what is known of the
/// provider. Work that was begun goes on when a caller gives it up: the next one to ask finds it.
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
#[derive(Clone)]
#[doc(alias = "Auth0Client")]
pub struct Client {
    core: Rc<Core>,
    /// The refresh under way. It holds the core, so the core does not hold it.
    flight: Rc<RefCell<Option<Flight>>>,
}

struct Core {
    config: Config,
    platform: Platform,
    /// Where the session is kept; nowhere but here in the client's own memory when there is none.
    sessions: Option<Rc<dyn Storage>>,
    lifecycle: RefCell<Lifecycle>,
    time: Timekeeper,
    /// The text that is stored, as far as this client has seen it.
    stored_text: RefCell<Option<String>>,
    /// How often a session was ended here.
    ends: Cell<u64>,
    /// What the storage would not take when the session became the current one.
    unsaved: RefCell<Option<Unsaved>>,
    /// The logins that are being taken out of the storage, for their answers.
    taken: RefCell<Vec<State>>,
    provider: RefCell<Option<Rc<Provider>>>,
    /// What is fetched of the provider right now. It does not hold the core.
    discovery: RefCell<Option<Discovery>>,
    /// What servers want to find in proofs.
    nonces: RefCell<NonceStore>,
    /// Whether the provider or an API could not be reached lately.
    is_offline: Cell<bool>,
    /// Those who go on with a refresh that its caller has given up.
    companions: RefCell<Vec<UnboundedSender<()>>>,
    /// Those who want to know of changes.
    listeners: RefCell<Vec<UnboundedSender<()>>>,
}

impl PartialEq for Client {
    /// Two are equal when they are the same.
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.core, &other.core)
    }
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
        let core = Core {
            config,
            platform,
            sessions,
            lifecycle: RefCell::default(),
            time: Timekeeper::default(),
            stored_text: RefCell::default(),
            ends: Cell::default(),
            unsaved: RefCell::default(),
            taken: RefCell::default(),
            provider: RefCell::default(),
            discovery: RefCell::default(),
            nonces: RefCell::default(),
            is_offline: Cell::new(false),
            companions: RefCell::default(),
            listeners: RefCell::default(),
        };
        Self {
            core: Rc::new(core),
            flight: Rc::default(),
        }
    }

    /// Returns what it was made with.
    pub fn config(&self) -> &Config {
        &self.core.config
    }

    /// Returns who is signed in.
    pub fn identity(&self) -> Option<Rc<Identity>> {
        self.core.lifecycle.borrow().identity()
    }

    /// Returns why nobody is signed in, when nobody is.
    pub fn reason(&self) -> Reason {
        self.core.lifecycle.borrow().reason()
    }

    /// Returns where the session stands for a token of these options.
    pub fn standing(&self, options: &TokenOptions) -> Standing {
        let need = self.need(options);
        self.core.lifecycle.borrow().standing(&need, self.now())
    }

    /// Says whether the provider or an API could not be reached when it was asked last, or there is no network at all.
    pub fn is_offline(&self) -> bool {
        self.core.is_offline.get() || self.core.platform.connection.is_offline()
    }

    fn state(&self) -> AuthState {
        match self.identity() {
            Some(identity) => AuthState::SignedIn(identity),
            None => AuthState::SignedOut(self.reason()),
        }
    }

    /// The provider's time, as far as it is known.
    fn now(&self) -> UnixTime {
        self.core.time.now(self.clock())
    }

    fn clock(&self) -> &dyn Clock {
        &*self.core.platform.clock
    }

    /// Bears in mind whether a server could be reached, and returns what came of it.
    fn heard<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        let is_offline = match &result {
            Err(Error::Network(NetworkError::Backoff { .. })) => self.core.is_offline.get(),
            // Whoever is busy or broken has been reached.
            Err(Error::Network(NetworkError::Unavailable { .. })) => false,
            Err(error) => error.is_network(),
            Ok(_) => false,
        };
        if self.core.is_offline.replace(is_offline) != is_offline {
            self.notify();
        }
        result
    }
}

/// Host and port, as messages name a server.
fn host_of(url: &Url) -> String {
    url[Position::BeforeHost..Position::AfterPort].to_owned()
}
