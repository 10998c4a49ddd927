//! A map.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::port::{PortError, Storage, StoredError, Task};

/// Text under names, for as long as the process lives.
#[derive(Default)]
pub struct MemoryStorage {
    entries: RefCell<BTreeMap<String, String>>,
    is_full: Cell<bool>,
    is_withheld: Cell<bool>,
    damage: RefCell<Option<StoredError>>,
}

impl MemoryStorage {
    /// Makes writing fail, or work again.
    pub fn set_full(&self, is_full: bool) {
        self.is_full.set(is_full);
    }

    /// Makes everything fail, or work again, as a browser does that blocks storage.
    pub fn set_withheld(&self, is_withheld: bool) {
        self.is_withheld.set(is_withheld);
    }

    /// Makes reading fail as it does for what is damaged, or work again.
    pub fn set_damage(&self, damage: Option<StoredError>) {
        self.damage.replace(damage);
    }

    /// Returns everything that is stored.
    pub fn entries(&self) -> BTreeMap<String, String> {
        self.entries.borrow().clone()
    }

    /// Writes `text` at `key` behind the client's back.
    pub fn plant(&self, key: impl Into<String>, text: impl Into<String>) {
        self.entries.borrow_mut().insert(key.into(), text.into());
    }

    fn check(&self, fails: bool) -> Result<(), PortError> {
        match fails || self.is_withheld.get() {
            true => Err(PortError::Unavailable {
                what: "storage in memory",
                why: "told to fail".into(),
            }),
            false => Ok(()),
        }
    }
}

impl Storage for MemoryStorage {
    fn get<'a>(&'a self, key: &'a str) -> Task<'a, Option<String>> {
        Box::pin(async move {
            self.check(false)?;
            match self.damage.borrow().clone() {
                Some(damage) => Err(damage.into()),
                None => Ok(self.entries.borrow().get(key).cloned()),
            }
        })
    }

    fn set<'a>(&'a self, key: &'a str, text: &'a str) -> Task<'a, ()> {
        Box::pin(async move {
            self.check(self.is_full.get())?;
            self.plant(key, text);
            Ok(())
        })
    }

    fn swap<'a>(&'a self, key: &'a str, from: &'a str, to: &'a str) -> Task<'a, bool> {
        Box::pin(async move {
            self.check(self.is_full.get())?;
            let mut entries = self.entries.borrow_mut();
            match entries.get_mut(key).filter(|text| *text == from) {
                Some(text) => {
                    to.clone_into(text);
                    Ok(true)
                }
                None => Ok(false),
            }
        })
    }

    fn remove<'a>(&'a self, key: &'a str) -> Task<'a, ()> {
        Box::pin(async move {
            self.check(false)?;
            self.entries.borrow_mut().remove(key);
            Ok(())
        })
    }

    fn keys<'a>(&'a self, prefix: &'a str) -> Task<'a, Vec<String>> {
        Box::pin(async move {
            self.check(false)?;
            let entries = self.entries.borrow();
            let matching = entries.keys().filter(|key| key.starts_with(prefix));
            Ok(matching.cloned().collect())
        })
    }
}
