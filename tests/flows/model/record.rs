//! The network and the lock, each with somebody who writes everything down and knows what must not happen.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dioxus_auth0::platform::memory::{MemoryClock, MemoryConnection, MemoryLock};
use dioxus_auth0::port::{
    self, Clock, Connection, Held, Http, HttpRequest, HttpResponse, LOCK_TIMEOUT, Lock, PortError,
    Task,
};
use dioxus_auth0::testing::MemoryProvider;
use futures_util::lock::OwnedMutexGuard;
use serde_json::Value;

/// How long a request that was sent is waited for at least.
const SHORTEST_PATIENCE: Duration = Duration::from_secs(5);

/// What is known of a run, and what was wrong with it.
pub(super) struct Record {
    clock: Rc<MemoryClock>,
    /// Whether the provider takes a spent refresh token once more.
    overlaps: bool,
    /// Whether tokens may be asked for although nobody does.
    is_automatic: bool,
    pub(super) facts: RefCell<Facts>,
}

#[derive(Default)]
pub(super) struct Facts {
    trades: Vec<Trade>,
    asks: Vec<Ask>,
    events: u64,
    closed: BTreeSet<usize>,
    /// The tabs that hold the lock by having waited for it in vain.
    in_vain: BTreeSet<usize>,
    holder: Option<Holder>,
    frozen: BTreeSet<usize>,
    is_storage_bad: bool,
    /// Whether somebody logged in and the storage did not take it: when it does, that takes the place of what is there.
    has_unstored_login: bool,
    /// Whose an access token is.
    subs: BTreeMap<String, String>,
    /// Which login a refresh token comes from.
    sids: BTreeMap<String, String>,
    /// Whose a login is.
    logins: BTreeMap<String, String>,
    /// The logins whose sessions may be gone.
    over: BTreeSet<String>,
    pub(super) violations: Vec<String>,
}

/// A use of a refresh token.
struct Trade {
    tab: usize,
    token: String,
    sent_at: Duration,
    sent: u64,
    ended: u64,
    outcome: Outcome,
    /// Whether what it brought was seen in a storage.
    is_kept: bool,
    /// Whether what it brought may be unknown to others, through nobody's fault.
    is_excused: bool,
    /// Whether its tab had waited for the lock in vain.
    is_in_vain: bool,
}

#[derive(Debug, PartialEq)]
enum Outcome {
    InFlight,
    /// Tokens, and the next refresh token if there is one.
    Answered(Option<String>),
    /// Tokens of somebody else.
    Unusable,
    Refused(String),
    NotDone,
    Lost,
}

/// A call for a token.
struct Ask {
    tab: usize,
    done: Option<u64>,
}

struct Holder {
    tab: usize,
    /// Since when it could have let go.
    since: Duration,
}

impl Record {
    pub(super) fn new(clock: Rc<MemoryClock>, overlaps: bool, is_automatic: bool) -> Rc<Self> {
        Rc::new(Self {
            clock,
            overlaps,
            is_automatic,
            facts: RefCell::default(),
        })
    }

    pub(super) fn violated(&self, law: String) {
        self.facts.borrow_mut().violations.push(law);
    }

    /// Notes that a tab asks, and returns the number of the call.
    pub(super) fn ask(&self, tab: usize) -> usize {
        let mut facts = self.facts.borrow_mut();
        facts.asks.push(Ask { tab, done: None });
        facts.asks.len() - 1
    }

    pub(super) fn answered(&self, ask: usize) {
        let mut facts = self.facts.borrow_mut();
        let now = facts.tick();
        facts.asks[ask].done = Some(now);
    }

    pub(super) fn close(&self, tab: usize) {
        let mut facts = self.facts.borrow_mut();
        facts.closed.insert(tab);
        let theirs = facts.trades.iter_mut().filter(|trade| trade.tab == tab);
        theirs.for_each(|trade| trade.is_excused |= !trade.is_kept);
    }

    /// Notes that a tab runs or does not.
    pub(super) fn freeze(&self, tab: usize, is_frozen: bool) {
        let mut facts = self.facts.borrow_mut();
        match is_frozen {
            true => facts.frozen.insert(tab),
            false => facts.frozen.remove(&tab),
        };
        drop(facts);
        self.leap();
    }

    /// Notes that time passed in which nobody was let go on: it does not count for those who are waited for.
    pub(super) fn leap(&self) {
        let now = self.clock.monotonic();
        if let Some(holder) = &mut self.facts.borrow_mut().holder {
            holder.since = now;
        }
    }

    pub(super) fn set_storage_bad(&self, is_bad: bool) {
        let mut facts = self.facts.borrow_mut();
        facts.is_storage_bad = is_bad;
        if is_bad {
            facts.trades.iter_mut().for_each(|it| it.is_excused = true);
        }
    }

    /// Notes which refresh token a storage holds.
    pub(super) fn stored(&self, token: &str) {
        let mut facts = self.facts.borrow_mut();
        let brought = |trade: &&mut Trade| matches!(&trade.outcome, Outcome::Answered(Some(next)) if next == token);
        facts
            .trades
            .iter_mut()
            .filter(brought)
            .for_each(|trade| trade.is_kept = true);
    }

    /// Says whose an access token is.
    pub(super) fn sub_of(&self, access_token: &str) -> Option<String> {
        self.facts.borrow().subs.get(access_token).cloned()
    }

    /// Notes that there is a reason for the session of a login to be gone.
    pub(super) fn excuse(&self, sid: &str) {
        self.facts.borrow_mut().over.insert(sid.to_owned());
    }

    /// Notes that there is a reason for every session to be gone.
    pub(super) fn excuse_all(&self) {
        let mut facts = self.facts.borrow_mut();
        let all: Vec<String> = facts.logins.keys().cloned().collect();
        facts.over.extend(all);
    }

    /// Says whether there is a reason for the session of a login to be gone.
    pub(super) fn is_excused(&self, sid: &str) -> bool {
        let facts = self.facts.borrow();
        facts.has_unstored_login || facts.over.contains(sid)
    }

    fn set_out(&self, tab: usize, token: String) -> usize {
        let now = self.clock.monotonic();
        let mut facts = self.facts.borrow_mut();
        if let Some(law) = facts.objection(tab, &token, self) {
            facts.violations.push(law);
        }
        let sent = facts.tick();
        let is_in_vain = facts.in_vain.contains(&tab);
        // A storage that fails keeps what a logout meanwhile would have removed.
        let is_excused = facts.is_storage_bad;
        facts.trades.push(Trade {
            tab,
            token,
            sent_at: now,
            sent,
            ended: u64::MAX,
            outcome: Outcome::InFlight,
            is_kept: false,
            is_excused,
            is_in_vain,
        });
        facts.trades.len() - 1
    }

    fn ends(&self, index: usize, outcome: Outcome) {
        let mut facts = self.facts.borrow_mut();
        let ended = facts.tick();
        let is_bad = facts.is_storage_bad;
        if let Outcome::Refused(error) = &outcome
            && matches!(error.as_str(), "invalid_grant" | "access_denied")
            && let Some(sid) = facts.sids.get(&facts.trades[index].token).cloned()
        {
            facts.over.insert(sid);
        }
        let trade = &mut facts.trades[index];
        trade.ended = ended;
        trade.outcome = outcome;
        trade.is_excused |= is_bad;
    }

    fn is_given_up(&self, index: usize) {
        let facts = self.facts.borrow();
        let trade = &facts.trades[index];
        let waited = self.clock.monotonic() - trade.sent_at;
        let is_early = waited < SHORTEST_PATIENCE && !facts.closed.contains(&trade.tab);
        let law = format!("{} was sent and given up after {waited:?}", trade.token);
        drop(facts);
        self.ends(index, Outcome::Lost);
        if is_early {
            self.violated(law);
        }
    }
}

impl Facts {
    fn tick(&mut self) -> u64 {
        self.events += 1;
        self.events
    }

    /// Says why `tab` must not send `token` now, if it must not.
    fn objection(&self, tab: usize, token: &str, record: &Record) -> Option<String> {
        let earlier: Vec<&Trade> = self.trades.iter().filter(|it| it.token == token).collect();
        let in_vain = self.in_vain.contains(&tab);
        for trade in &earlier {
            let is_wrong = match &trade.outcome {
                Outcome::InFlight => trade.tab == tab || !in_vain && !trade.is_in_vain,
                Outcome::Answered(Some(_)) => !trade.is_excused,
                Outcome::Refused(error) => {
                    error == "invalid_grant" && !trade.is_excused && !in_vain
                }
                Outcome::Answered(None) | Outcome::Unusable | Outcome::NotDone | Outcome::Lost => {
                    false
                }
            };
            if is_wrong {
                let (first, outcome) = (trade.tab, &trade.outcome);
                return Some(format!(
                    "tab {tab} sends {token} again, of tab {first}: {outcome:?}"
                ));
            }
        }
        let lost = || {
            earlier
                .iter()
                .filter(|trade| trade.outcome == Outcome::Lost)
        };
        let first = lost().find(|trade| trade.tab == tab);
        let since = first.map_or(0, |trade| trade.sent);
        let asks = self.asks.iter();
        let asks = asks.filter(|ask| ask.tab == tab && ask.done.is_none_or(|done| done > since));
        let by_itself = usize::from(record.is_automatic);
        let may_be = match record.overlaps {
            true => 2 * (asks.count() + by_itself),
            false => asks.count() + by_itself,
        };
        let were = lost().filter(|trade| trade.tab == tab && !trade.is_excused);
        let were = were.count();
        if were >= may_be.max(1) {
            return Some(format!(
                "tab {tab} sends {token} again, lost {were} times for {may_be} needs"
            ));
        }
        let is_asked = self
            .asks
            .iter()
            .any(|ask| ask.tab == tab && ask.done.is_none());
        if lost().any(|trade| !trade.is_excused) && !is_asked && !record.overlaps {
            return Some(format!(
                "tab {tab} sends {token}, which is in doubt, and nobody asked"
            ));
        }
        None
    }

    /// Learns whose the tokens of an answer are, and says what it is worth.
    fn learn(&mut self, token: Option<&str>, body: &Value) -> Option<Outcome> {
        let access_token = body["access_token"].as_str()?;
        let next = body["refresh_token"].as_str().map(str::to_owned);
        let claims = body["id_token"].as_str().and_then(claims);
        let (sub, sid) = match &claims {
            Some(claims) => (claims["sub"].as_str()?, claims["sid"].as_str()?),
            // Without an ID token it is of the user whose refresh token was traded.
            None => {
                let sid = self.sids.get(token?)?;
                (self.logins.get(sid)?.as_str(), sid.as_str())
            }
        };
        let (sub, sid) = (sub.to_owned(), sid.to_owned());
        self.subs.insert(access_token.to_owned(), sub.clone());
        if let Some(next) = &next {
            self.sids.insert(next.clone(), sid.clone());
        }
        if self.is_storage_bad {
            self.over.insert(sid.clone());
            self.has_unstored_login |= token.is_none();
        }
        let login = self.logins.entry(sid).or_insert_with(|| sub.clone());
        match *login == sub {
            true => Some(Outcome::Answered(next)),
            false => Some(Outcome::Unusable),
        }
    }

    fn outcome(&mut self, token: Option<&str>, heard: &Result<HttpResponse, PortError>) -> Outcome {
        let answer = match heard {
            Ok(answer) => answer,
            Err(PortError::NotConnected { .. }) => return Outcome::NotDone,
            Err(_) => return Outcome::Lost,
        };
        let is_json = |kind: &str| {
            answer.headers()["content-type"]
                .as_bytes()
                .starts_with(kind.as_bytes())
        };
        let body = serde_json::from_slice::<Value>(answer.body()).ok();
        let says_when = answer.headers().contains_key("retry-after")
            || answer.headers().contains_key("x-ratelimit-reset");
        match (answer.status().as_u16(), body) {
            (429, _) => Outcome::NotDone,
            (500.., _) if says_when => Outcome::NotDone,
            (200, Some(body)) if is_json("application/json") => {
                self.learn(token, &body).unwrap_or(Outcome::Lost)
            }
            (400..500, Some(body)) => {
                Outcome::Refused(body["error"].as_str().unwrap_or_default().to_owned())
            }
            _ => Outcome::Lost,
        }
    }
}

/// The network of one tab.
pub(super) struct Wire {
    pub(super) tab: usize,
    pub(super) provider: Rc<MemoryProvider>,
    pub(super) connection: Rc<MemoryConnection>,
    pub(super) record: Rc<Record>,
}

/// A use of a refresh token that is on its way.
struct Journey<'a> {
    record: &'a Record,
    index: Option<usize>,
}

impl Drop for Journey<'_> {
    fn drop(&mut self) {
        if let Some(index) = self.index {
            self.record.is_given_up(index);
        }
    }
}

impl Http for Wire {
    fn send(&self, request: HttpRequest) -> Task<'_, HttpResponse> {
        Box::pin(async move {
            let token = traded(&request);
            let mut journey = Journey {
                record: &self.record,
                index: token
                    .clone()
                    .map(|token| self.record.set_out(self.tab, token)),
            };
            let heard = match self.connection.is_offline() {
                true => Err(PortError::NotConnected {
                    host: port::host(&request),
                }),
                false => self.provider.send(request).await,
            };
            let outcome = self
                .record
                .facts
                .borrow_mut()
                .outcome(token.as_deref(), &heard);
            if let Some(index) = journey.index.take() {
                self.record.ends(index, outcome);
            }
            heard
        })
    }
}

/// The lock, as one tab has it.
pub(super) struct Gate {
    pub(super) tab: usize,
    pub(super) lock: Rc<MemoryLock>,
    pub(super) record: Rc<Record>,
}

struct Holding {
    record: Rc<Record>,
    tab: usize,
    _held: Held,
}

impl Drop for Holding {
    fn drop(&mut self) {
        let mut facts = self.record.facts.borrow_mut();
        facts.in_vain.remove(&self.tab);
        facts.holder.take_if(|holder| holder.tab == self.tab);
    }
}

impl Lock for Gate {
    fn hold<'a>(&'a self, name: &'a str) -> Task<'a, Held> {
        Box::pin(async move {
            let held = self.lock.hold(name).await?;
            let now = self.record.clock.monotonic();
            let mut facts = self.record.facts.borrow_mut();
            if held.is::<OwnedMutexGuard<()>>() {
                facts.holder = Some(Holder {
                    tab: self.tab,
                    since: now,
                });
            } else {
                facts.in_vain.insert(self.tab);
                let is_stuck = |holder: &&Holder| {
                    let is_frozen = facts.frozen.contains(&holder.tab);
                    !is_frozen && now - holder.since >= LOCK_TIMEOUT
                };
                if let Some(holder) = facts.holder.as_ref().filter(is_stuck) {
                    let law = format!("tab {} holds the lock and does nothing", holder.tab);
                    facts.violations.push(law);
                }
            }
            drop(facts);
            Ok(Box::new(Holding {
                record: self.record.clone(),
                tab: self.tab,
                _held: held,
            }) as Held)
        })
    }
}

/// The refresh token that a request is to trade, if it is to trade one.
fn traded(request: &HttpRequest) -> Option<String> {
    let form: BTreeMap<_, _> = url::form_urlencoded::parse(request.body()).collect();
    let is_refresh = form.get("grant_type")? == "refresh_token";
    let token = form.get("refresh_token").filter(|_| is_refresh)?;
    Some(token.clone().into_owned())
}

pub(super) fn claims(id_token: &str) -> Option<Value> {
    let payload = URL_SAFE_NO_PAD.decode(id_token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}
