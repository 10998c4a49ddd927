//! Tabs of one browser, or processes of one machine, whose futures are polled by hand: the schedule is part of the case.

mod laws;
mod tasks;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use dioxus_auth0::client::Client;
use dioxus_auth0::config::{CacheLocation, Config, Settings};
use dioxus_auth0::options::CacheMode;
use dioxus_auth0::platform::memory::{MemoryPlatform, MemoryStorage};
use dioxus_auth0::port::{Clock, Entropy, Platform};
use dioxus_auth0::testing::{Account, Endpoint, Fault, MemoryProvider, Rotation, Rules};
use dioxus_auth0::{Error, TokenOptions};
use serde_json::Value;

use super::record::{Gate, Record, Wire};
use super::step::{Case, Step, Storage};
use super::{ADA, GRACE, Kind};

/// The most tabs that are open at once.
const MOST_TABS: usize = 5;

/// How often everybody is polled until nobody is woken any more.
const ROUNDS: usize = 200;

pub(super) struct World {
    kind: Kind,
    memory: MemoryPlatform,
    provider: Rc<MemoryProvider>,
    record: Rc<Record>,
    renews_ahead: bool,
    tabs: Vec<Tab>,
    tasks: Vec<Task>,
    opened: usize,
    /// Whether a storage was ever bad: what was not stored then may be gone, and what was not removed may be back.
    was_storage_bad: bool,
    stored: Seen,
}

struct Tab {
    number: usize,
    memory: MemoryPlatform,
    client: Client,
    is_frozen: bool,
    seen: Seen,
}

/// Which session was seen at a place, and which ones were seen to end there.
#[derive(Default)]
struct Seen {
    sid: Option<String>,
    over: BTreeSet<String>,
}

struct Task {
    tab: usize,
    work: Work,
    future: Pin<Box<dyn Future<Output = Done>>>,
    alarm: Arc<Alarm>,
}

#[derive(Clone, Copy, PartialEq)]
enum Work {
    Watch,
    Ask(usize),
    LogIn,
}

enum Done {
    /// Who asked, and what they got.
    Token(Option<String>, Result<String, Error>),
    Nothing,
}

struct Alarm(AtomicBool);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl World {
    /// Opens the tabs of a case, with Ada signed in and her access token run out.
    pub(super) fn new(kind: Kind, case: &Case) -> Self {
        let memory = MemoryPlatform::new();
        memory.clock.hold(true);
        let luck = &mut [0];
        for _ in 0..case.luck {
            memory.entropy.fill(luck).expect("the entropy is in memory");
        }
        let overlap = kind.overlap();
        let rules = Rules {
            rotation: match overlap.is_zero() {
                true => Rotation::Strict,
                false => Rotation::Overlap(overlap),
            },
            ..Rules::default()
        };
        let provider = MemoryProvider::with(&memory.clock, rules);
        provider.add(Account::new(ADA, "Ada Lovelace"));
        provider.add(Account::new(GRACE, "Grace Hopper"));
        let is_automatic = case.renews_ahead || case.steps.iter().any(is_offline);
        let record = Record::new(memory.clock.clone(), !overlap.is_zero(), is_automatic);
        let mut world = Self {
            kind,
            memory,
            provider,
            record,
            renews_ahead: case.renews_ahead,
            tabs: Vec::new(),
            tasks: Vec::new(),
            opened: 0,
            was_storage_bad: false,
            stored: Seen::default(),
        };
        world.clear_faults();
        world.open(None);
        world.log_in(0, ADA);
        world.run(ROUNDS);
        for _ in 1..case.tabs {
            world.open(None);
            if kind == Kind::Apart {
                world.log_in(world.tabs.len() - 1, ADA);
            }
            world.run(ROUNDS);
        }
        world.memory.clock.advance(7200);
        world
    }

    /// Lets one thing happen, and returns the first law that was broken by then.
    pub(super) fn take(&mut self, step: &Step) -> Result<(), String> {
        match step.clone() {
            Step::Ask {
                tab,
                cache,
                min_ttl,
            } => {
                if let Some(tab) = self.awake(tab) {
                    self.ask(tab, cache, min_ttl);
                }
            }
            Step::Poll { task, times } => {
                let task = task % self.tasks.len().max(1);
                let of = self.tasks.get(task).map(|task| (task.tab, task.work));
                for _ in 0..times {
                    let index = self
                        .tasks
                        .iter()
                        .position(|it| of == Some((it.tab, it.work)));
                    index.into_iter().for_each(|index| self.poll(index));
                }
            }
            Step::Run { rounds } => self.run(usize::from(rounds)),
            Step::GiveUp { task } => {
                let asks = self.tasks.iter().enumerate();
                let asks = asks.filter(|(_, task)| matches!(task.work, Work::Ask(_)));
                let asks: Vec<usize> = asks.map(|(index, _)| index).collect();
                if !asks.is_empty() {
                    self.tasks.remove(asks[task % asks.len()]);
                }
            }
            Step::Close { tab, is_reloaded } => self.close(tab, is_reloaded),
            Step::Open => self.open(None),
            Step::Freeze { tab } => {
                if let Some(tab) = self.awake(tab) {
                    self.tabs[tab].is_frozen = true;
                    self.record.freeze(self.tabs[tab].number, true);
                }
            }
            Step::Thaw { tab } => {
                let count = self.tabs.len().max(1);
                if let Some(tab) = self.tabs.get_mut(tab % count) {
                    tab.is_frozen = false;
                    self.record.freeze(tab.number, false);
                }
            }
            Step::Pass(seconds) => {
                self.memory.clock.advance(seconds);
                self.record.leap();
            }
            Step::Wake => {
                self.wake();
                self.record.leap();
            }
            Step::Sleep(seconds) => self.set_clock(seconds),
            Step::SetClock(seconds) => {
                self.set_clock(seconds);
                self.provider.change_rules(|rules| rules.ahead -= seconds);
            }
            Step::Fault(fault) => {
                self.provider.fault(Endpoint::Token, fault);
                if self.tasks.iter().any(|task| task.work == Work::LogIn) {
                    self.keep_logins_true();
                }
            }
            Step::DiscoveryFault(fault) => self.provider.fault(Endpoint::Discovery, fault),
            Step::Storage(storage) => self.set_storage(storage),
            Step::Offline(is_offline) => self.memory.connection.set_offline(is_offline),
            Step::LogIn { tab, sub } => {
                if let Some(tab) = self.awake(tab) {
                    self.keep_logins_true();
                    self.log_in(tab, sub);
                }
            }
            Step::LogOut { tab } => {
                if let Some(tab) = self.awake(tab) {
                    self.log_out(tab);
                }
            }
            Step::End { sub } => self.provider.end_sessions(sub),
        }
        self.check()
    }

    /// Makes the provider well. It takes no pushed requests: a user may come back later than those are kept.
    fn clear_faults(&self) {
        self.provider.forget_faults();
        let refused = Fault::invalid_client();
        self.provider
            .faults(Endpoint::PushedRequest, usize::MAX, refused);
    }

    /// Lets logins bring what they should: nobody could tell that they are somebody else, and every refresh would look
    /// wrong; and without a refresh token there is nothing to see.
    fn keep_logins_true(&self) {
        let faults = self.provider.left_faults();
        self.provider.forget_faults();
        for (endpoint, count, fault) in faults {
            if !matches!(fault, Fault::Claim(..) | Fault::WithoutRefreshToken) {
                self.provider.faults(endpoint, count, fault);
            }
        }
    }

    fn awake(&self, tab: usize) -> Option<usize> {
        let tab = tab % self.tabs.len().max(1);
        let is_awake = self.tabs.get(tab).is_some_and(|tab| !tab.is_frozen);
        is_awake.then_some(tab)
    }

    fn storage_of(&self, tab: usize) -> Rc<MemoryStorage> {
        match self.kind {
            Kind::Apart => self.tabs[tab].memory.session_storage.clone(),
            Kind::Strict | Kind::Overlap => self.memory.local_storage.clone(),
        }
    }

    fn open(&mut self, reloaded: Option<MemoryPlatform>) {
        if self.tabs.len() >= MOST_TABS {
            return;
        }
        let number = self.opened;
        self.opened += 1;
        let memory = reloaded.unwrap_or_else(|| self.memory.tab());
        let platform = Platform {
            http: Rc::new(Wire {
                tab: number,
                provider: self.provider.clone(),
                connection: memory.connection.clone(),
                record: self.record.clone(),
            }),
            lock: Rc::new(Gate {
                tab: number,
                lock: memory.lock.clone(),
                record: self.record.clone(),
            }),
            ..memory.platform()
        };
        let settings = Settings {
            cache: match self.kind {
                Kind::Apart => CacheLocation::SessionStorage,
                Kind::Strict | Kind::Overlap => CacheLocation::LocalStorage,
            },
            renew_ahead: self.renews_ahead,
            refresh_token_overlap: self.kind.overlap(),
            ..self.provider.settings()
        };
        let config = Config::new(&settings).expect("the provider's own settings are right");
        let client = Client::new(config, platform);
        let watched = client.clone();
        self.spawn(number, Work::Watch, async move {
            watched.restore().await;
            watched.watch().await;
            Done::Nothing
        });
        self.tabs.push(Tab {
            number,
            memory,
            client,
            is_frozen: false,
            seen: Seen::default(),
        });
    }

    fn close(&mut self, tab: usize, is_reloaded: bool) {
        if self.tabs.is_empty() {
            return;
        }
        let tab = self.tabs.remove(tab % self.tabs.len());
        self.record.close(tab.number);
        self.tasks.retain(|task| task.tab != tab.number);
        drop(tab.client);
        if is_reloaded {
            self.open(Some(tab.memory));
        }
    }

    fn ask(&mut self, tab: usize, cache: CacheMode, min_ttl: u64) {
        let Tab { number, client, .. } = &self.tabs[tab];
        let client = client.clone();
        let options = TokenOptions {
            cache,
            min_ttl: Duration::from_secs(min_ttl),
            ..TokenOptions::default()
        };
        let ask = self.record.ask(*number);
        self.spawn(*number, Work::Ask(ask), async move {
            let asked_by = client.identity().map(|it| it.user().sub().to_owned());
            let token = client.access_token(&options).await;
            Done::Token(asked_by, token.map(|token| token.expose().to_owned()))
        });
    }

    fn log_in(&mut self, tab: usize, sub: &'static str) {
        let Tab {
            number,
            memory,
            client,
            ..
        } = &self.tabs[tab];
        let (memory, client, provider) = (memory.clone(), client.clone(), self.provider.clone());
        self.spawn(*number, Work::LogIn, async move {
            // Whether it worked shows in who is signed in.
            let _ = provider.sign_in(&client, &memory, sub).await;
            Done::Nothing
        });
    }

    fn log_out(&mut self, tab: usize) {
        self.record.excuse_all();
        let client = self.tabs[tab].client.clone();
        let mut forgetting = Box::pin(async move { drop(client.forget().await) });
        let polled = forgetting
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_ready(), "nothing in memory has to be waited for");
    }

    fn set_clock(&self, seconds: i64) {
        self.memory
            .clock
            .set(self.memory.clock.now().seconds() + seconds);
    }

    fn set_storage(&mut self, storage: Storage) {
        let is_bad = storage != Storage::Good;
        self.was_storage_bad |= is_bad;
        if is_bad {
            self.record.excuse_all();
        }
        self.record.set_storage_bad(is_bad);
        let mut all = vec![self.memory.local_storage.clone()];
        all.extend(
            self.tabs
                .iter()
                .map(|tab| tab.memory.session_storage.clone()),
        );
        for one in all {
            one.set_full(storage == Storage::Full);
            one.set_withheld(storage == Storage::Withheld);
        }
    }

    /// Lets time pass until the next one who sleeps wakes up, in whole seconds.
    fn wake(&self) {
        self.wake_within(Duration::MAX);
    }

    fn wake_within(&self, longest: Duration) {
        if let Some(left) = self.memory.clock.next_end() {
            let left = left.min(longest);
            let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
            self.memory
                .clock
                .advance(i64::try_from(seconds).expect("nobody sleeps for ages"));
        }
    }
}

impl Tab {
    /// The login that is signed in here, as far as the tab knows.
    fn sid(&self) -> Option<String> {
        let identity = self.client.identity()?;
        let sid = identity.id_token_claims().get("sid")?.as_str()?;
        Some(sid.to_owned())
    }
}

/// Does what only has to do with storages: nobody waits for those in memory.
fn at_once(future: impl Future<Output = ()>) {
    let polled = std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_ready(), "nothing in memory has to be waited for");
}

fn is_offline(step: &Step) -> bool {
    matches!(step, Step::Offline(_) | Step::Fault(Fault::NotConnected))
}

/// The session that a storage keeps.
fn stored(storage: &MemoryStorage) -> Option<Value> {
    let entries = storage.entries();
    let (_, text) = entries.iter().find(|(key, _)| key.contains(".session."))?;
    serde_json::from_str(text).ok()
}

fn text(session: &Value, member: &str) -> Option<String> {
    session[member].as_str().map(str::to_owned)
}

fn sid(session: &Value) -> Option<String> {
    text(&session["claims"], "sid")
}
