//! iOS: the login page in an
//! [`ASWebAuthenticationSession`](https://developer.apple.com/documentation/authenticationservices/aswebauthenticationsession)
//! (iOS 12), or in the user's browser where the system shows none, and files and a key that stay on this device.
//!
//! The session shares its cookies with the browser, so that who is logged in there need not log in again; the system
//! asks its user for leave first. It catches the redirect by itself. The other links come from the system, with which
//! [`with_links`](crate::platform::window::with_links) connects.

mod browser;
mod home;

use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use url::Url;

use super::mobile::{Inbox, MobileNavigator, News, Phone};
use super::native::NativeClock;
use crate::port::{Navigator, PortError};
use browser::Browser;

pub(super) use browser::paint;

pub(in crate::platform) use home::{
    config_directory, data_directory, keep_on_device, keychain, session_storage,
};

static INBOX: LazyLock<Arc<Inbox>> = LazyLock::new(Arc::default);

/// Returns the way out of this machine and back.
pub fn navigator() -> Rc<dyn Navigator> {
    let phone = Ios {
        browser: Browser::new(INBOX.clone()),
    };
    Rc::new(MobileNavigator::new(Rc::new(phone), Rc::new(NativeClock)))
}

/// Takes the links that the system opens the app with.
pub(super) fn hear(links: &[Url]) {
    for link in links {
        INBOX.put(News::Link(link.clone()));
    }
}

struct Ios {
    browser: Browser,
}

impl Phone for Ios {
    fn system(&self) -> &'static str {
        "ios"
    }

    fn identifier(&self) -> Option<String> {
        home::identifier()
    }

    fn open(&self, url: &Url, redirect_uri: &Url) -> Result<(), PortError> {
        self.browser.open(url, redirect_uri)
    }

    fn close(&self) {
        self.browser.close();
    }

    fn inbox(&self) -> Arc<Inbox> {
        INBOX.clone()
    }
}
