//! The browser: `fetch`, WebCrypto, Web Storage, the address bar.

mod clock;
mod crypto;
mod entropy;
mod http;
mod navigator;
pub mod page;
mod storage;

use std::rc::Rc;

use crate::port::{Platform, PortError};

pub use clock::WebClock;
pub use crypto::WebCrypto;
pub use entropy::WebEntropy;
pub use http::WebHttp;
pub use navigator::WebNavigator;
pub use storage::{WebStorage, WebStorageArea};

/// Returns the ports of this browser tab.
pub fn current() -> Platform {
    Platform {
        clock: Rc::new(WebClock),
        entropy: Rc::new(WebEntropy),
        crypto: Rc::new(WebCrypto),
        http: Rc::new(WebHttp),
        navigator: Rc::new(WebNavigator::new()),
        session_storage: Rc::new(WebStorage::new(WebStorageArea::Session)),
        local_storage: Rc::new(WebStorage::new(WebStorageArea::Local)),
    }
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
