//! A lock among all clients of one machine in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::future::{self, Either};
use futures_util::lock::Mutex;

use crate::port::{Clock, Held, LOCK_TIMEOUT, Lock, Task};

/// One mutex for each name, for as long as the process lives. Nobody outside it is kept out.
pub struct MemoryLock {
    clock: Rc<dyn Clock>,
    names: RefCell<BTreeMap<String, Arc<Mutex<()>>>>,
}

/// What somebody gets who has waited in vain.
struct Nothing;

impl MemoryLock {
    /// Makes a lock that tells by `clock` how long somebody waits.
    pub fn new(clock: Rc<dyn Clock>) -> Self {
        Self {
            clock,
            names: RefCell::default(),
        }
    }
}

impl Lock for MemoryLock {
    fn hold<'a>(&'a self, name: &'a str) -> Task<'a, Held> {
        Box::pin(async move {
            let mutex = self
                .names
                .borrow_mut()
                .entry(name.to_owned())
                .or_default()
                .clone();
            let patience = self.clock.sleep(LOCK_TIMEOUT);
            match future::select(mutex.lock_owned(), patience).await {
                Either::Left((held, _)) => Ok(Box::new(held) as Held),
                Either::Right(_) => Ok(Box::new(Nothing) as Held),
            }
        })
    }
}
