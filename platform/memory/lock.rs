//! A lock among all clients of one machine in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::lock::Mutex;

use crate::port::{Held, Lock, Task};

/// One mutex for each name, for as long as the process lives. Nobody outside it is kept out.
#[derive(Default)]
pub struct MemoryLock {
    names: RefCell<BTreeMap<String, Arc<Mutex<()>>>>,
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
            Ok(Box::new(mutex.lock_owned().await) as Held)
        })
    }
}
