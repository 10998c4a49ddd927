//! The provider itself: what it knows, how it is steered and how it is questioned.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use super::authorize::Pushed;
use super::device::Device;
use super::journal::Journal;
use super::ledger::Ledger;
use super::{Account, Endpoint, Fault, Received, Rules};
use crate::config::Settings;
use crate::platform::memory::{MemoryClock, MemoryPlatform};
use crate::port::{Clock, Platform};
use crate::time::UnixTime;

/// An OpenID provider in memory that answers as an Auth0 tenant does: an [`Http`](crate::port::Http) port for any number of clients.
///
/// Its time is a [`MemoryClock`]'s and its random texts are counted, so that a test sees the same tokens every time:
/// `code-1`, `at-1`, `rt-1`. Access tokens are names, not JWTs; whoever is to check one asks the provider.
///
/// A request is sent when its task is first polled, processed when it is polled again and everybody else had their
/// turn, and answered when it is polled a third time. A task that is dropped after the first has sent a request that
/// never arrives; one that is dropped after the second has lost its answer.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::client::Client;
/// use dioxus_auth0::config::Config;
/// use dioxus_auth0::platform::memory::MemoryPlatform;
/// use dioxus_auth0::testing::{Account, Endpoint, Fault, MemoryProvider};
/// use dioxus_auth0::{Error, TokenOptions};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let memory = MemoryPlatform::new();
/// let provider = MemoryProvider::new(&memory.clock);
/// provider.add(Account::new("auth0|ada", "Ada Lovelace"));
///
/// let config = Config::new(&provider.settings())?;
/// let client = Client::new(config, provider.platform(&memory));
/// provider.sign_in(&client, &memory, "auth0|ada").await?;
/// memory.clock.advance(7200);
///
/// provider.fault(Endpoint::Token, Fault::invalid_grant());
/// let token = client.access_token(&TokenOptions::default()).await;
/// assert_eq!(token.map(drop), Err(Error::Expired));
/// assert_eq!(provider.count(Endpoint::Token), 2);
/// # Ok::<(), Error>(())
/// # }).unwrap();
/// ```
pub struct MemoryProvider {
    pub(super) clock: Rc<MemoryClock>,
    pub(super) rules: RefCell<Rules>,
    accounts: RefCell<BTreeMap<String, Account>>,
    pub(super) resources: RefCell<BTreeMap<String, Value>>,
    /// Whose the foreign tokens are, by text and type.
    pub(super) foreign: RefCell<BTreeMap<(String, String), String>>,
    pub(super) ledger: RefCell<Ledger>,
    pub(super) pushed: RefCell<BTreeMap<String, Pushed>>,
    pub(super) devices: RefCell<Vec<Device>>,
    /// The names of the proofs that were used.
    pub(super) proofs: RefCell<BTreeSet<String>>,
    /// What will go wrong, and how often.
    faults: RefCell<Vec<(Endpoint, usize, Fault)>>,
    pub(super) journal: Journal,
    keys: Cell<u32>,
}

impl MemoryProvider {
    /// Makes a provider with the default [`Rules`], where nobody has an account yet.
    pub fn new(clock: &Rc<MemoryClock>) -> Rc<Self> {
        Self::with(clock, Rules::default())
    }

    /// Makes a provider with `rules`, where nobody has an account yet.
    pub fn with(clock: &Rc<MemoryClock>, rules: Rules) -> Rc<Self> {
        Rc::new(Self {
            clock: clock.clone(),
            rules: RefCell::new(rules),
            accounts: RefCell::default(),
            resources: RefCell::default(),
            foreign: RefCell::default(),
            ledger: RefCell::default(),
            pushed: RefCell::default(),
            devices: RefCell::default(),
            proofs: RefCell::default(),
            faults: RefCell::default(),
            journal: Journal::default(),
            keys: Cell::new(1),
        })
    }

    /// Returns the settings of an app that logs in here and may read and change its users: with refresh tokens, and
    /// the first of the audiences.
    pub fn settings(&self) -> Settings {
        let rules = self.rules.borrow();
        Settings {
            issuer: Some(rules.issuer.clone()),
            client_id: rules.client_id.clone(),
            audience: rules.audiences.first().cloned(),
            scope: Some("profile email read:current_user update:current_user_metadata".into()),
            use_refresh_tokens: true,
            ..Settings::default()
        }
    }

    /// Returns the ports of `memory` with this provider as all of its network.
    pub fn platform(self: &Rc<Self>, memory: &MemoryPlatform) -> Platform {
        Platform {
            http: self.clone(),
            ..memory.platform()
        }
    }

    /// Adds a user, or puts them in the place of the one with the same `sub`.
    pub fn add(&self, account: Account) {
        let mut accounts = self.accounts.borrow_mut();
        accounts.insert(account.sub.clone(), account);
    }

    /// Returns the user `sub` as they are now.
    pub fn account(&self, sub: &str) -> Option<Account> {
        self.accounts.borrow().get(sub).cloned()
    }

    /// Changes the user `sub`, if there is one.
    pub fn change(&self, sub: &str, change: impl FnOnce(&mut Account)) {
        if let Some(account) = self.accounts.borrow_mut().get_mut(sub) {
            change(account);
        }
    }

    /// Changes the rules for what comes from now on.
    pub fn change_rules(&self, change: impl FnOnce(&mut Rules)) {
        change(&mut self.rules.borrow_mut());
    }

    /// Lets the API at `url`, which is below one of the audiences, answer `GET` with `body` to whoever has a token.
    pub fn serve(&self, url: &str, body: Value) {
        self.resources.borrow_mut().insert(url.to_owned(), body);
    }

    /// Takes `token` of the type `token_type` for the user `sub` in a token exchange.
    pub fn trust(&self, token: &str, token_type: &str, sub: &str) {
        let key = (token.to_owned(), token_type.to_owned());
        self.foreign.borrow_mut().insert(key, sub.to_owned());
    }

    /// Signs under a new `kid` from now on, and publishes no other.
    pub fn rotate_keys(&self) {
        self.keys.set(self.keys.get() + 1);
    }

    /// Ends every session of the user `sub`, as an administrator does: none of their refresh tokens is good any more.
    pub fn end_sessions(&self, sub: &str) {
        self.ledger.borrow_mut().end_all(sub);
    }

    /// Lets `fault` befall the next request to `endpoint` that nothing befalls yet.
    pub fn fault(&self, endpoint: Endpoint, fault: Fault) {
        self.faults(endpoint, 1, fault);
    }

    /// Lets `fault` befall the next `count` requests to `endpoint` that nothing befalls yet.
    pub fn faults(&self, endpoint: Endpoint, count: usize, fault: Fault) {
        self.faults.borrow_mut().push((endpoint, count, fault));
    }

    /// Returns the faults that have befallen nobody, each with how often it would.
    pub fn left_faults(&self) -> Vec<(Endpoint, usize, Fault)> {
        self.faults.borrow().clone()
    }

    /// Gives up the faults that are left.
    pub fn forget_faults(&self) {
        self.faults.borrow_mut().clear();
    }

    /// Returns every request that was sent, oldest first.
    pub fn requests(&self) -> Vec<Received> {
        self.journal.received()
    }

    /// Counts the requests that were sent to `endpoint`.
    pub fn count(&self, endpoint: Endpoint) -> usize {
        let requests = self.requests().into_iter();
        requests.filter(|it| it.endpoint == endpoint).count()
    }

    /// Returns the requests that were to trade `refresh_token`.
    pub fn refreshes_with(&self, refresh_token: &str) -> Vec<Received> {
        let requests = self.requests().into_iter();
        let with = |it: &Received| it.refresh_token() == Some(refresh_token);
        requests.filter(with).collect()
    }

    /// Returns every refresh token that was used after it had been replaced and forgiven no more, once for each time.
    pub fn breaches(&self) -> Vec<String> {
        self.ledger.borrow().breaches.clone()
    }

    /// Says whether `refresh_token` would be taken now. Nothing changes by asking.
    pub fn accepts(&self, refresh_token: &str) -> bool {
        let rotation = self.rules.borrow().rotation;
        let ledger = self.ledger.borrow();
        ledger.accepts(refresh_token, rotation, self.now())
    }

    /// Returns the time by the provider's clock.
    pub(super) fn now(&self) -> UnixTime {
        let ahead = self.rules.borrow().ahead;
        let seconds = self.clock.now().seconds();
        UnixTime::from_seconds(seconds.saturating_add(ahead))
    }

    pub(super) fn kid(&self) -> String {
        format!("key-{}", self.keys.get())
    }

    /// Takes the fault that is next for `endpoint`.
    pub(super) fn befalls(&self, endpoint: Endpoint) -> Option<Fault> {
        let mut faults = self.faults.borrow_mut();
        let is_next = |(at, count, _): &(Endpoint, usize, Fault)| *at == endpoint && *count > 0;
        let index = faults.iter().position(is_next)?;
        let (_, count, fault) = &mut faults[index];
        *count -= 1;
        let fault = fault.clone();
        faults.retain(|(_, count, _)| *count > 0);
        Some(fault)
    }
}
