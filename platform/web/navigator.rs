//! The address bar: [`location`](https://developer.mozilla.org/docs/Web/API/Location) and
//! [`history.replaceState`](https://developer.mozilla.org/docs/Web/API/History/replaceState).

use std::cell::Cell;
use std::future::pending;
use std::time::Duration;

use url::{Position, Url};
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::{Location, PageTransitionEvent};

use super::beside::{self, BesideDeparture};
use super::{unavailable, window};
use crate::port::{Beside, Departure, Navigator, PortError, Task, Trip, WayBack};

const WHAT: &str = "navigation";

/// This tab's address bar.
pub struct WebNavigator {
    has_arrived: Cell<bool>,
    /// Whether this page was beside another, has handed its answer over, and is about to go.
    is_done: Cell<bool>,
}

impl WebNavigator {
    /// Stands for the address bar, and gives up any copy of the page that the back/forward cache brings back.
    pub fn new() -> Self {
        reload_when_revived();
        Self {
            has_arrived: Cell::new(false),
            is_done: Cell::new(false),
        }
    }
}

impl Default for WebNavigator {
    fn default() -> Self {
        Self::new()
    }
}

impl Navigator for WebNavigator {
    fn depart<'a>(&'a self, way_back: WayBack<'a>) -> Task<'a, Box<dyn Departure>> {
        Box::pin(async move {
            if self.is_done.get() {
                return pending().await;
            }
            let redirect_uri = redirect_uri(way_back)?;
            Ok(Box::new(WebDeparture { redirect_uri }) as Box<dyn Departure>)
        })
    }

    fn beside(
        &self,
        place: Beside,
        way_back: WayBack<'_>,
        patience: Duration,
    ) -> Result<Box<dyn Departure>, PortError> {
        let redirect_uri = redirect_uri(way_back)?;
        let departure = BesideDeparture::open(place, redirect_uri, patience)?;
        Ok(Box::new(departure))
    }

    fn arrival(&self, configured: Option<&str>) -> Option<Url> {
        if self.has_arrived.replace(true) {
            return None;
        }
        let url = Url::parse(&window().location().href().ok()?).ok()?;
        let expected = match configured {
            Some(uri) => Url::parse(uri).ok()?,
            None => Url::parse(&own_redirect_uri().ok()?).ok()?,
        };
        let is_ours = url.origin() == expected.origin()
            && url.path().trim_end_matches('/') == expected.path().trim_end_matches('/')
            && crate::oidc::callback::is_callback(&url);
        if !is_ours {
            return None;
        }
        clean(&url)?;
        if beside::hand_over(&url) {
            self.is_done.set(true);
            set_hidden(true);
            return None;
        }
        Some(url)
    }

    fn is_beside(&self) -> bool {
        self.is_done.get()
    }

    fn leave<'a>(&'a self, url: &'a Url, _: WayBack<'a>) -> Task<'a, ()> {
        Box::pin(async move {
            if self.is_done.get() {
                return pending().await;
            }
            assign(url)
        })
    }

    fn home(&self) -> Option<Url> {
        let mut home = Url::parse(&own_redirect_uri().ok()?).ok()?;
        if !home.path().ends_with('/') {
            let path = [home.path(), "/"].concat();
            home.set_path(&path);
        }
        Some(home)
    }
}

struct WebDeparture {
    redirect_uri: String,
}

impl Departure for WebDeparture {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn waits(&self) -> bool {
        false
    }

    fn go(self: Box<Self>, url: Url) -> Task<'static, Trip> {
        Box::pin(async move { assign(&url).map(|()| Trip::Away) })
    }
}

fn redirect_uri(way_back: WayBack<'_>) -> Result<String, PortError> {
    match way_back.redirect_uri {
        Some(uri) => Ok(uri.to_owned()),
        None => own_redirect_uri(),
    }
}

/// The page's origin and base path, without a slash at the end, as Auth0's quickstarts register it.
fn own_redirect_uri() -> Result<String, PortError> {
    let origin = window()
        .location()
        .origin()
        .map_err(|thrown| unavailable(WHAT, &thrown))?;
    let base = dioxus::cli_config::base_path().unwrap_or_default();
    let base = base.trim_matches('/');
    Ok(match base.is_empty() {
        true => origin,
        false => [&origin, "/", base].concat(),
    })
}

/// Takes the answer out of the address bar and out of the history entry, and leaves the rest of the URL.
fn clean(url: &Url) -> Option<()> {
    let history = window().history().ok()?;
    let path = &url[Position::BeforePath..Position::AfterPath];
    history
        .replace_state_with_url(&JsValue::NULL, "", Some(path))
        .ok()
}

fn assign(url: &Url) -> Result<(), PortError> {
    // Metadata cannot smuggle a script in here: endpoints were parsed as http or https.
    location()
        .assign(url.as_str())
        .map_err(|thrown| unavailable(WHAT, &thrown))
}

fn location() -> Location {
    window().location()
}

/// A page from the back/forward cache shows what held when it was left: a user who has logged out since, or a login
/// button that is busy for ever. It is loaded anew instead, and goes into the cache unseen, so that nobody reads it
/// before that.
fn reload_when_revived() {
    on_transition("pagehide", |event| {
        if event.persisted() {
            set_hidden(true);
        }
    });
    on_transition("pageshow", |event| {
        if event.persisted() && location().reload().is_err() {
            // A page that cannot reload stays as it is, which is what it would have been without this.
            set_hidden(false);
        }
    });
}

fn on_transition(name: &str, listener: fn(PageTransitionEvent)) {
    let listener = Closure::<dyn Fn(PageTransitionEvent)>::new(listener).into_js_value();
    let _ = window().add_event_listener_with_callback(name, listener.unchecked_ref());
}

fn set_hidden(is_hidden: bool) {
    if let Some(body) = window().document().and_then(|document| document.body()) {
        body.set_hidden(is_hidden);
    }
}
