//! Several processes of one user, each with a client in plain async code, on the ports of a desktop and against a tenant
//! that ends a session when a refresh token comes twice.
//!
//! What each does is in `files/actor.rs`. A process that sleeps or is frozen is one for which the time of day goes on.

mod grants;
mod holders;
mod logout;
mod proofs;
mod refresh;
mod storm;

use std::cell::Cell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tenant::{Endpoint, Fault, Tenant};

use crate::files::place;
use crate::files::process::Child;
use crate::files::world::{settings, tenant};

pub(crate) const ADA: &str = "ada@example.com";
pub(crate) const GRACE: &str = "grace@example.com";
pub(crate) const OVER: &str = "error login_required";
/// A day of access tokens.
const DAY: u32 = 86_400;

/// A tenant, and a machine of one user.
pub(crate) struct Scene {
    pub(crate) tenant: Tenant,
    place: TempDir,
    keychain: Option<PathBuf>,
    settings: Value,
    /// How many days have passed here.
    days: Cell<u32>,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::of(tenant().await, &[])
    }

    /// One whose app has these settings as well.
    pub(crate) fn of(tenant: Tenant, more: &[(&str, Value)]) -> Self {
        let mut settings = settings(tenant.issuer());
        for (name, value) in more {
            settings[*name] = value.clone();
        }
        Self {
            tenant,
            place: place(),
            keychain: None,
            settings,
            days: Cell::new(0),
        }
    }

    /// The same with a keychain, so that what is stored is sealed.
    pub(crate) fn sealed(mut self) -> Self {
        self.keychain = Some(self.place.path().join("keychain"));
        self
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.place.path().join("app")
    }

    /// Starts a process, which looks for a session and finds who is signed in, or nobody.
    pub(crate) fn child(&self) -> Child {
        let keychain = self.keychain.as_deref();
        let mut child = Child::client_with(&self.directory(), keychain, &self.settings);
        child.ask(&format!("sleep {}", DAY * self.days.get()));
        child.ask("restore");
        child
    }

    pub(crate) fn children(&self, count: usize) -> Vec<Child> {
        (0..count).map(|_| self.child()).collect()
    }

    /// Starts processes that follow what the others do.
    pub(crate) fn followers(&self, count: usize) -> Vec<Child> {
        let mut children = self.children(count);
        assert_eq!(all(&mut children, "follow"), "done");
        children
    }

    /// Somebody logs in, in a process of their own.
    pub(crate) fn log_in(&self, email: &str) {
        assert_eq!(self.child().ask(&format!("log in {email}")), "done");
    }

    /// Lets a day pass, until every access token is over, for the tenant and the machine, of which these are all processes.
    pub(crate) fn pass_a_day(&self, children: &mut [&mut [Child]]) {
        self.days.update(|days| days + 1);
        self.tenant
            .set_clock_offset(i64::from(DAY * self.days.get()));
        for children in children {
            assert_eq!(all(children, &format!("sleep {DAY}")), "done");
        }
    }

    /// Lets a process go until it has reached a stage of its refresh.
    pub(crate) fn stop_at(&self, stage: &str, child: &mut Child) {
        assert_eq!(child.ask(&format!("pause {stage}")), "done");
        assert_eq!(child.ask("token"), format!("at {stage}"));
    }

    /// Lets a process refresh, and returns when its request has arrived at a tenant that takes its time.
    pub(crate) fn begin_slowly(&self, wait: Duration, child: &mut Child) {
        let slow = Fault::Slow(wait);
        self.tenant.faults().set(Endpoint::Token, slow, Some(1));
        let before = self.asked("/oauth/token");
        child.tell("token");
        self.until("the request comes", || self.asked("/oauth/token") > before);
    }

    pub(crate) fn until(&self, claim: &str, is_so: impl Fn() -> bool) {
        let start = Instant::now();
        while !is_so() {
            assert!(start.elapsed() < Duration::from_secs(20), "until {claim}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// How often the tenant was asked for `path`.
    pub(crate) fn asked(&self, path: &str) -> usize {
        let requests = self.tenant.requests();
        let asked = requests.iter().filter(|request| request.path == path);
        asked.count()
    }

    /// How often each refresh token was sent, the least often first.
    pub(crate) fn spent(&self) -> Vec<usize> {
        let mut counts: Vec<usize> = self.tenant.refreshes_by_token().into_values().collect();
        counts.sort_unstable();
        counts
    }

    /// Whether anything is stored of a session.
    pub(crate) fn has_session(&self) -> bool {
        let names = crate::files::names(&self.directory());
        names.iter().any(|name| name.ends_with(".session"))
    }
}

/// Asks all of them at once, and returns what they all say.
pub(crate) fn all(children: &mut [Child], line: &str) -> String {
    for child in &mut *children {
        child.tell(line);
    }
    answers(children)
}

/// Returns what all of them say to what they were asked.
pub(crate) fn answers(children: &mut [Child]) -> String {
    let mut said: Vec<String> = children
        .iter_mut()
        .map(|child| child.answer().expect("the child lives"))
        .collect();
    said.dedup();
    assert_eq!(said.len(), 1, "all say the same: {said:?}");
    said.remove(0)
}

pub(crate) fn is_token(answer: &str) -> bool {
    answer.starts_with("token ")
}
