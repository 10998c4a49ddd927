//! Android: the browser's tabs, links by an activity of their own, and the Keystore.
//!
//! What Android does not tell programs but in Java is in a [module](https://docs.rs/manganis) of Kotlin, which dx packages with
//! the app: see `module/`. Its manifest becomes part of the app's. The app itself needs no line for any of it.

mod bridge;
mod home;

use std::rc::Rc;
use std::sync::{Arc, LazyLock, Once};

use url::Url;

use super::mobile::{Inbox, MobileNavigator, News, Phone};
use super::native::NativeClock;
use crate::port::{Navigator, PortError};
use bridge::bridge;

pub(in crate::platform) use home::{
    CERTIFICATES, config_directory, data_directory, keychain, session_storage,
};

/// Of the process: when the system ends the app's activity and makes it anew, `main` runs a second time beside it.
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
        bridge().ok()?.ask("applicationId").ok()?
    }

    fn open(&self, url: &Url, _: &Url) -> Result<(), PortError> {
        let bridge = bridge().map_err(|error| PortError::Unavailable {
            what: "a browser",
            why: error.why,
        })?;
        bridge.tell_text("open", url.as_str()).map_err(|error| {
            tracing::warn!("no page opens: {error}");
            PortError::NoBrowser
        })
    }

    fn close(&self) {
        if let Ok(bridge) = bridge() {
            // A tab that stays open is in nobody's way for long.
            let _ = bridge.tell("close");
        }
    }

    fn inbox(&self) -> Arc<Inbox> {
        static LISTENS: Once = Once::new();
        LISTENS.call_once(listen);
        INBOX.clone()
    }
}

/// Carries what Kotlin tells to the inbox, on a thread that waits in Kotlin.
fn listen() {
    let listening = std::thread::Builder::new().name("links".into());
    let started = listening.spawn(|| {
        let heard = || bridge()?.ask("nextNews");
        loop {
            match heard() {
                Ok(Some(text)) => {
                    if let Some(news) = parse(&text) {
                        INBOX.put(news);
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::error!("links do not open the app: {}", error.why);
                    return;
                }
            }
        }
    });
    if started.is_err() {
        tracing::error!("links do not open the app: the system gave no thread to wait for them");
    }
}

/// Reads what `DioxusAuth0.nextNews` returns. What is no link is nobody's.
fn parse(text: &str) -> Option<News> {
    match text.strip_prefix("link ") {
        Some(link) => Some(News::Link(Url::parse(link).ok()?)),
        None => (text == "closed").then_some(News::Closed),
    }
}
