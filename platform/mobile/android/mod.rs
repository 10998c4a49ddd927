//! Android: nothing of it is spoken yet.

mod home;

use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use url::Url;

use super::mobile::{Inbox, MobileNavigator, News, Phone};
use super::native::NativeClock;
use crate::port::{Navigator, PortError};

pub(in crate::platform) use home::{config_directory, data_directory, keychain, session_storage};

static INBOX: LazyLock<Arc<Inbox>> = LazyLock::new(Arc::default);

/// Returns the way out of this machine and back.
pub fn navigator() -> Rc<dyn Navigator> {
    Rc::new(MobileNavigator::new(Rc::new(Android), Rc::new(NativeClock)))
}

/// Takes the links that the window is told of.
pub(super) fn hear(links: &[Url]) {
    for link in links {
        INBOX.put(News::Link(link.clone()));
    }
}

/// Does nothing: the app's theme paints its window.
pub(super) fn paint() {}

struct Android;

impl Phone for Android {
    fn system(&self) -> &'static str {
        "android"
    }

    fn identifier(&self) -> Option<String> {
        None
    }

    fn open(&self, _: &Url, _: &Url) -> Result<(), PortError> {
        Err(PortError::Unavailable {
            what: "a browser",
            why: "nothing here opens one".into(),
        })
    }

    fn close(&self) {}

    fn inbox(&self) -> Arc<Inbox> {
        INBOX.clone()
    }
}
