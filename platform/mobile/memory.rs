//! A phone that only remembers what it was asked to show, for tests.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use url::Url;

use super::{Inbox, News, Phone};
use crate::port::PortError;

/// Remembers every page that it was asked to open, and may be told what the user does there.
pub struct MemoryPhone {
    system: &'static str,
    identifier: RefCell<Option<String>>,
    opened: RefCell<Vec<Url>>,
    closed: Cell<usize>,
    has_browser: Cell<bool>,
    inbox: Arc<Inbox>,
}

impl MemoryPhone {
    /// Makes a phone of this system, `android` or `ios`, that runs the app `com.example.app`.
    pub fn new(system: &'static str) -> Self {
        Self {
            system,
            identifier: RefCell::new(Some("com.example.app".into())),
            opened: RefCell::default(),
            closed: Cell::default(),
            has_browser: Cell::new(true),
            inbox: Arc::default(),
        }
    }

    /// Opens the app with `link`, as any app and any page can.
    pub fn open_link(&self, link: Url) {
        self.inbox.put(News::Link(link));
    }

    /// Closes the browser, as its user does.
    pub fn close_browser(&self) {
        self.inbox.put(News::Closed);
    }

    /// Takes the browser off the phone.
    pub fn remove_browser(&self) {
        self.has_browser.set(false);
    }

    /// Sets what the system tells of the app.
    pub fn set_identifier(&self, identifier: Option<&str>) {
        self.identifier.replace(identifier.map(str::to_owned));
    }

    /// Returns what was opened, in order.
    pub fn opened(&self) -> Vec<Url> {
        self.opened.borrow().clone()
    }

    /// Returns how often the app closed the browser.
    pub fn closed(&self) -> usize {
        self.closed.get()
    }
}

impl Phone for MemoryPhone {
    fn system(&self) -> &'static str {
        self.system
    }

    fn identifier(&self) -> Option<String> {
        self.identifier.borrow().clone()
    }

    fn open(&self, url: &Url, _: &Url) -> Result<(), PortError> {
        if !self.has_browser.get() {
            return Err(PortError::NoBrowser);
        }
        self.opened.borrow_mut().push(url.clone());
        Ok(())
    }

    fn close(&self) {
        self.closed.update(|closed| closed + 1);
    }

    fn inbox(&self) -> Arc<Inbox> {
        self.inbox.clone()
    }
}
