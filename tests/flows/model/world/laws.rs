//! What must hold after every step, and in the end.

use std::rc::Rc;
use std::time::Duration;

use dioxus_auth0::Error;
use dioxus_auth0::options::CacheMode;
use dioxus_auth0::platform::memory::MemoryStorage;
use dioxus_auth0::port::Clock;

use super::{Kind, ROUNDS, Record, Seen, Storage, Work, World, at_once, sid, stored, text};

/// How long everything takes at most that was begun, once nothing goes wrong any more.
const LONGEST: Duration = Duration::from_secs(300);

/// Longer than a server is ever left alone.
const REST: Duration = Duration::from_secs(61);

impl World {
    /// Lets everything come to rest where nothing goes wrong any more, and looks at what is left.
    pub(in crate::model) fn settle(&mut self) -> Result<(), String> {
        self.clear_faults();
        self.set_storage(Storage::Good);
        self.memory.connection.set_offline(false);
        for tab in &mut self.tabs {
            tab.is_frozen = false;
            self.record.freeze(tab.number, false);
        }
        self.finish()?;
        self.rest()?;
        for tab in 0..self.tabs.len() {
            let client = self.tabs[tab].client.clone();
            // Or it would take what another tab has got meanwhile for a new token.
            at_once(async move { client.look_again().await });
            let storage = self.storage_of(tab);
            let token = stored(&storage).and_then(|session| text(&session, "refresh_token"));
            let is_good = token
                .as_deref()
                .is_some_and(|token| self.provider.accepts(token));
            let identity = self.tabs[tab].client.identity();
            self.ask(tab, CacheMode::Off, 0);
            let got = self.finish()?;
            let got = got.into_iter().next().ok_or("a call came to no end")?;
            if !self.was_storage_bad && got.is_ok() != is_good {
                return Err(format!(
                    "tab {}, {:?}: the stored {token:?} is good: {is_good}, and it gets {got:?}",
                    self.tabs[tab].number,
                    identity.map(|identity| identity.user().sub().to_owned()),
                ));
            }
        }
        self.agree()
    }

    /// Runs until no call is under way, and returns what they got.
    fn finish(&mut self) -> Result<Vec<Result<String, Error>>, String> {
        let begun = self.memory.clock.monotonic();
        let mut got = Vec::new();
        loop {
            for _ in 0..ROUNDS {
                let tasks = self.tasks.len();
                if !self.run_once(&mut got) && self.tasks.len() == tasks {
                    break;
                }
            }
            self.check()?;
            if self.tasks.iter().all(|task| task.work == Work::Watch) {
                return Ok(got);
            }
            if self.memory.clock.monotonic() - begun > LONGEST {
                return Err(format!("a call came to no end within {LONGEST:?}"));
            }
            if self.memory.clock.next_end().is_none() {
                return Err("a call waits for nothing".to_owned());
            }
            self.wake();
        }
    }

    /// Lets servers be left alone for as long as they may want, with everybody awake.
    fn rest(&mut self) -> Result<(), String> {
        let end = self.memory.clock.monotonic() + REST;
        while self.memory.clock.monotonic() < end {
            if self.memory.clock.next_end().is_none() {
                self.memory.clock.advance(1);
            }
            self.wake_within(end - self.memory.clock.monotonic());
            self.finish()?;
        }
        Ok(())
    }

    /// Checks that tabs that share a storage know what is in it.
    fn agree(&self) -> Result<(), String> {
        if self.was_storage_bad {
            return Ok(());
        }
        for (index, tab) in self.tabs.iter().enumerate() {
            let kept = stored(&self.storage_of(index)).and_then(|session| sid(&session));
            if tab.sid() != kept {
                let (number, known) = (tab.number, tab.sid());
                return Err(format!("tab {number} knows {known:?}, stored is {kept:?}"));
            }
        }
        Ok(())
    }

    /// Checks what must hold after every step.
    pub(super) fn check(&mut self) -> Result<(), String> {
        if let Some(law) = self.record.facts.borrow_mut().violations.pop() {
            return Err(law);
        }
        let mut storages: Vec<Rc<MemoryStorage>> = vec![self.memory.local_storage.clone()];
        if self.kind == Kind::Apart {
            storages = (0..self.tabs.len())
                .map(|tab| self.storage_of(tab))
                .collect();
        }
        for storage in &storages {
            let session = stored(storage);
            if let Some(token) = session.as_ref().and_then(|it| text(it, "refresh_token")) {
                self.record.stored(&token);
            }
        }
        let may_return = self.was_storage_bad;
        if self.kind != Kind::Apart {
            let kept = stored(&self.memory.local_storage).and_then(|session| sid(&session));
            self.stored
                .follow(kept, "the storage", &self.record, may_return)?;
        }
        for tab in &mut self.tabs {
            let (sid, number) = (tab.sid(), tab.number);
            tab.seen
                .follow(sid, &format!("tab {number}"), &self.record, may_return)?;
        }
        Ok(())
    }
}

impl Seen {
    /// Notes which session is there now: none goes without a reason, and none comes back.
    fn follow(
        &mut self,
        sid: Option<String>,
        place: &str,
        record: &Record,
        may_return: bool,
    ) -> Result<(), String> {
        if self.sid == sid {
            return Ok(());
        }
        if let Some(gone) = std::mem::replace(&mut self.sid, sid.clone()) {
            if !record.is_excused(&gone) {
                return Err(format!("{place} has lost {gone}, and nobody ended it"));
            }
            self.over.insert(gone);
        }
        match sid {
            Some(sid) if self.over.contains(&sid) && !may_return => {
                Err(format!("{place} has {sid} back, which was over"))
            }
            _ => Ok(()),
        }
    }
}
