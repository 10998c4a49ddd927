//! [Web Locks](https://developer.mozilla.org/docs/Web/API/Web_Locks_API), which the browser frees with the tab that
//! holds them. Only secure contexts have them.

use futures_channel::oneshot;
use futures_util::future;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::port::{Held, LOCK_TIMEOUT, Lock, Task};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["navigator", "locks"], catch)]
    fn request(name: &str, options: &Object, granted: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = AbortSignal, js_name = timeout, catch)]
    fn abort_after(milliseconds: u32) -> Result<JsValue, JsValue>;
}

/// The locks of this origin.
pub struct WebLock;

impl Lock for WebLock {
    fn hold<'a>(&'a self, name: &'a str) -> Task<'a, Held> {
        Box::pin(async move {
            // Without the API the holder of nothing goes on alone.
            Ok(match ask(name).await {
                Ok(hold) => Box::new(hold) as Held,
                Err(_) => Box::new(()),
            })
        })
    }
}

/// The lock, and the callback that was told of it.
struct Hold {
    release: Option<Function>,
    granted: Closure<dyn FnMut() -> Promise>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            // Resolving a promise never throws.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Asks for the lock, which is held for as long as the promise that the callback returns is pending.
async fn ask(name: &str) -> Result<Hold, JsValue> {
    let mut release = None;
    let released = Promise::new(&mut |resolve, _| release = Some(resolve));
    let (sender, receiver) = oneshot::channel();
    let hold = Hold {
        release,
        granted: Closure::once(move || {
            let _ = sender.send(());
            released
        }),
    };
    let options = Object::new();
    let signal = abort_after(LOCK_TIMEOUT.as_millis() as u32)?;
    Reflect::set(&options, &"signal".into(), &signal)?;
    let ended = request(name, &options, hold.granted.as_ref())?;
    // Whichever comes first: it is granted, or the time is up.
    future::select(receiver, JsFuture::from(ended)).await;
    Ok(hold)
}
