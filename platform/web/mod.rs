//! The browser: `fetch`, WebCrypto, Web Storage, Web Locks, BroadcastChannel, IndexedDB, the address bar, popups.

mod bell;
mod beside;
mod channel;
mod clock;
mod connection;
mod crypto;
mod entropy;
mod http;
mod keys;
mod lock;
mod navigator;
pub mod page;
mod storage;

use std::rc::Rc;

use dioxus::prelude::Element;

use crate::config::{ConfigError, Device, Settings};
use crate::port::{Crypto, Keys, Platform, PortError, Storage};

pub use channel::WebChannel;
pub use clock::WebClock;
pub use connection::WebConnection;
pub use crypto::WebCrypto;
pub use entropy::WebEntropy;
pub use http::WebHttp;
pub use keys::WebKeys;
pub use lock::WebLock;
pub use navigator::WebNavigator;
pub use storage::{WebStorage, WebStorageArea};

/// Returns the ports of this browser tab. A browser keeps each app's data apart by itself.
pub fn current(_device: &Device) -> Platform {
    let session_storage = Rc::new(WebStorage::new(WebStorageArea::Session));
    let local_storage = Rc::new(WebStorage::new(WebStorageArea::Local));
    Platform {
        clock: Rc::new(WebClock),
        entropy: Rc::new(WebEntropy),
        crypto: crypto(),
        http: Rc::new(WebHttp),
        navigator: Rc::new(WebNavigator::new()),
        session_storage: session_storage.clone(),
        local_storage: local_storage.clone(),
        usual_storage: session_storage,
        lock: Rc::new(WebLock),
        channel: Rc::new(WebChannel::default()),
        connection: Rc::new(WebConnection),
        keys: keys(local_storage),
    }
}

/// Returns what computes digests and signatures.
pub fn crypto() -> Rc<dyn Crypto> {
    Rc::new(WebCrypto)
}

/// Returns what keeps keys. A browser has a place of its own for them, whatever the storage.
pub fn keys(_storage: Rc<dyn Storage>) -> Rc<dyn Keys> {
    Rc::new(WebKeys)
}

/// Starts the app in this page, which is the whole screen of a phone from then on.
pub fn launch(app: fn() -> Element) {
    page::reach_edges();
    dioxus::launch(app);
}

/// Adds nothing: the configuration of a web app comes with its page.
pub fn local_settings(_device: &Device, built_in: Settings) -> Result<Settings, ConfigError> {
    Ok(built_in)
}

/// Names what the browser withheld, with the name of the exception it threw.
fn unavailable(what: &'static str, thrown: &wasm_bindgen::JsValue) -> PortError {
    use wasm_bindgen::JsCast;
    let why = match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.name()),
        None => String::from("the browser has none"),
    };
    PortError::Unavailable { what, why }
}

fn window() -> web_sys::Window {
    web_sys::window().expect("a page has a window; workers have no views")
}
