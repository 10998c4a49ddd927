//! The running tenant.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::act;
use crate::breach::{Breach, Breaches};
use crate::builder::Builder;
use crate::clock::Clock;
use crate::config::{PushedRequests, Settings};
use crate::dpop::{DpopNonces, Proofs};
use crate::error::Error;
use crate::fault::Faults;
use crate::http;
use crate::keys::KeyRing;
use crate::module::{Course, Module, Twist};
use crate::password;
use crate::random;
use crate::record::{Log, Recorded};
use crate::server::Server;
use crate::store::{Decision, NewUser, PasswordHash, Store, User};

/// An Auth0-compatible tenant that serves on loopback until it is stopped or dropped.
#[derive(Debug)]
pub struct Tenant {
    app: App,
    servers: [Server; 2],
}

/// What every handler shares.
pub(crate) type App = Arc<Shared>;

pub(crate) struct Shared {
    pub(crate) issuer: String,
    pub(crate) port: u16,
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) keys: KeyRing,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) course: Course,
    pub(crate) breaches: Breaches,
    pub(crate) log: Log,
    pub(crate) proofs: Proofs,
    /// Keys the tags of forms; forms of another run of the tenant are out of date.
    pub(crate) form_key: [u8; 32],
    /// What a password is compared with when nobody has the address.
    pub(crate) decoy: PasswordHash,
}

impl Shared {
    /// Whether requests may or must be pushed.
    pub(crate) fn pushed_requests(&self) -> PushedRequests {
        match self.course.has(&Twist::Pushed) {
            true => PushedRequests::Required,
            false => self.settings.pushed_requests,
        }
    }

    /// Whether authorization responses say who answers.
    pub(crate) fn response_iss(&self) -> bool {
        self.settings.response_iss || self.course.has(&Twist::ResponseIss)
    }

    /// Puts a module in force, from its beginning, or ends it.
    pub(crate) fn begin(&self, module: Option<Module>) -> Result<(), Error> {
        self.course.begin(module);
        self.breaches.clear();
        let nonces = |twist: &Twist| match twist {
            Twist::Nonces(nonces) => Some(*nonces),
            _ => None,
        };
        let nonces = self.course.find(nonces);
        self.proofs.nonces.rotate();
        self.proofs
            .nonces
            .set_demand(nonces.unwrap_or(self.settings.dpop_nonces));
        if self.course.has(&Twist::SecondKey) {
            self.keys.rotate()?;
        } else if self.course.module().is_some() {
            self.keys.retire()?;
        }
        Ok(())
    }

    /// Signs with a new key, and publishes it alone.
    pub(crate) fn replace_keys(&self) -> Result<(), Error> {
        self.keys.rotate()?;
        self.keys.retire()
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

impl Tenant {
    /// Starts describing a tenant.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) async fn launch(builder: Builder) -> Result<Self, Error> {
        let store = builder.store.map_or_else(Store::memory, Ok)?;
        let (listener, port) = Server::bind(builder.port).await?;
        let (control, control_port) = Server::bind(builder.control_port).await?;
        let cost = builder.settings.password_cost;
        let app = Arc::new(Shared {
            issuer: format!("http://127.0.0.1:{port}/"),
            port,
            keys: KeyRing::open(store.clone())?,
            store,
            clock: Clock::new(builder.clock_offset),
            faults: Faults::default(),
            course: Course::default(),
            breaches: Breaches::default(),
            log: Log::default(),
            proofs: Proofs::new(builder.settings.dpop_nonces),
            form_key: random::bytes(),
            decoy: password::hash(&random::secret(), cost)?,
            settings: builder.settings,
        });
        app.store.sweep(app.clock.now())?;
        for user in builder.users {
            match act::add(&app, user) {
                Ok(_) | Err(Error::EmailTaken { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let servers = [
            Server::run(listener, port, http::router(app.clone())),
            Server::run(
                control,
                control_port,
                http::control(app.clone(), control_port),
            ),
        ];
        Ok(Self { app, servers })
    }

    /// The issuer, such as `http://127.0.0.1:4400/`. It ends in a slash, as Auth0's does.
    pub fn issuer(&self) -> &str {
        &self.app.issuer
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.app.port
    }

    /// The identifier of the Management API: the issuer and `api/v2/`.
    pub fn audience(&self) -> String {
        format!("{}api/v2/", self.app.issuer)
    }

    /// The identifier of the orders, an API beside the Management API: the issuer and `orders/`.
    pub fn orders_audience(&self) -> String {
        format!("{}orders/", self.app.issuer)
    }

    /// The root of the control interface, such as `http://127.0.0.1:41234/`.
    pub fn control_url(&self) -> String {
        let [_, control] = &self.servers;
        format!("http://127.0.0.1:{}/", control.port())
    }

    /// Every request since the start or the last [`clear_requests`](Self::clear_requests), in order.
    pub fn requests(&self) -> Vec<Recorded> {
        self.app.log.all()
    }

    /// How many requests brought each refresh token to the token endpoint since the start or the last
    /// [`clear_requests`](Self::clear_requests), by [`Recorded::refresh_token`]; those that a fault hit count too.
    pub fn refreshes_by_token(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for token in self
            .requests()
            .into_iter()
            .filter_map(|one| one.refresh_token)
        {
            *counts.entry(token).or_default() += 1;
        }
        counts
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.app.log.clear();
    }

    /// The faults in force.
    pub fn faults(&self) -> &Faults {
        &self.app.faults
    }

    /// Becomes the provider of a module, from its beginning.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownModule`], or what the keys it needs can fail by.
    pub fn begin_module(&self, id: &str) -> Result<(), Error> {
        let module = Module::find(id).ok_or_else(|| Error::UnknownModule { id: id.to_owned() })?;
        self.app.begin(Some(module))
    }

    /// Becomes itself again.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    pub fn end_module(&self) -> Result<(), Error> {
        self.app.begin(None)
    }

    /// What clients have done wrong since the start, or since the module in force began.
    pub fn breaches(&self) -> Vec<Breach> {
        self.app.breaches.all()
    }

    /// Lets the device in that shows this code, as the user with this id or e-mail address.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUser`], or [`Error::UnknownUserCode`] when no device waits for that code.
    pub fn approve_device(&self, user_code: &str, user: &str) -> Result<(), Error> {
        act::approve_device(&self.app, user_code, user)
    }

    /// Refuses the device that shows this code.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUserCode`] when no device waits for that code.
    pub fn deny_device(&self, user_code: &str) -> Result<(), Error> {
        act::decide(&self.app, user_code, Decision::Denied)
    }

    /// Makes a token about the user with this id or e-mail address that custom token exchange takes for five minutes.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUser`], or [`Error::Key`] when it cannot be signed.
    pub fn subject_token(&self, user: &str) -> Result<String, Error> {
        act::subject_token(&self.app, user)
    }

    /// Changes where proofs of a key must carry a nonce from now on.
    pub fn set_dpop_nonces(&self, nonces: DpopNonces) {
        self.app.proofs.nonces.set_demand(nonces);
    }

    /// Makes every DPoP nonce given so far worthless, as a server does that has started again.
    pub fn rotate_dpop_nonces(&self) {
        self.app.proofs.nonces.rotate();
    }

    /// Signs with a new key from now on and returns its `kid`. The key before stays published.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] when no key can be made, [`Error::Store`] when it cannot be kept.
    pub fn rotate_keys(&self) -> Result<String, Error> {
        self.app.keys.rotate()
    }

    /// Takes all keys but the signing one out of the JWKS.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    pub fn retire_old_keys(&self) -> Result<(), Error> {
        self.app.keys.retire()
    }

    /// Every user, in the order of their ids.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails.
    pub fn users(&self) -> Result<Vec<User>, Error> {
        self.app.store.users()
    }

    /// Adds a user.
    ///
    /// # Errors
    ///
    /// [`Error::EmailTaken`] when the address is known, [`Error::MetadataShape`] when the metadata is no object.
    pub fn add_user(&self, user: NewUser) -> Result<User, Error> {
        act::add(&self.app, user)
    }

    /// Replaces a user's whole `user_metadata`; `null` removes it.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUser`], or [`Error::MetadataShape`] when it is neither an object nor `null`.
    pub fn set_metadata(&self, id: &str, metadata: Value) -> Result<User, Error> {
        act::set_metadata(&self.app, id, metadata)
    }

    /// Keeps a user out from now on.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUser`].
    pub fn block(&self, id: &str) -> Result<User, Error> {
        self.app.store.change_user(id, |user| user.blocked = true)
    }

    /// Lets a user in again.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUser`].
    pub fn unblock(&self, id: &str) -> Result<User, Error> {
        self.app.store.change_user(id, |user| user.blocked = false)
    }

    /// Answers every grant of a user with `mfa_required` from now on. Refresh tokens are not used up by it.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUser`].
    pub fn require_mfa(&self, id: &str) -> Result<User, Error> {
        self.app
            .store
            .change_user(id, |user| user.mfa_required = true)
    }

    /// Takes one factor again.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUser`].
    pub fn forgo_mfa(&self, id: &str) -> Result<User, Error> {
        self.app
            .store
            .change_user(id, |user| user.mfa_required = false)
    }

    /// Moves the tenant's clock to this many seconds ahead of the machine's, or behind it when negative.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.app.clock.set_offset(seconds);
    }

    /// Stops listening, lets answers under way end for a moment and closes every connection.
    ///
    /// Afterwards the port is free. Dropping the tenant closes everything at once.
    pub async fn stop(self) {
        let [tenant, control] = self.servers;
        tenant.stop().await;
        control.stop().await;
    }
}
