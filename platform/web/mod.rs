//! The browser: `fetch`, WebCrypto, Web Storage, Web Locks, the address bar.

mod clock;
mod crypto;
mod entropy;
mod http;
mod lock;
mod navigator;
pub mod page;
mod storage;

use std::rc::Rc;

use dioxus::prelude::Element;

use crate::config::{ConfigError, Device, Settings};
use crate::port::{Crypto, Platform, PortError};

pub use clock::WebClock;
pub use crypto::WebCrypto;
pub use entropy::WebEntropy;
pub use http::WebHttp;
pub use lock::WebLock;
pub use navigator::WebNavigator;
pub use storage::{WebStorage, WebStorageArea};

/// Returns the ports of this browser tab. A browser keeps each app's data apart by itself.
pub fn current(_device: &Device) -> Platform {
    let session_storage = Rc::new(WebStorage::new(WebStorageArea::Session));
    Platform {
        clock: Rc::new(WebClock),
        entropy: Rc::new(WebEntropy),
        crypto: crypto(),
        http: Rc::new(WebHttp),
        navigator: Rc::new(WebNavigator::new()),
        session_storage: session_storage.clone(),
        local_storage: Rc::new(WebStorage::new(WebStorageArea::Local)),
        usual_storage: session_storage,
        lock: Rc::new(WebLock),
    }
}

/// Returns what computes digests and signatures.
pub fn crypto() -> Rc<dyn Crypto> {
    Rc::new(WebCrypto)
}

/// Starts the app in this page.
pub fn launch(app: fn() -> Element) {
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
