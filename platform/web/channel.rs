//! [`BroadcastChannel`](https://developer.mozilla.org/docs/Web/API/BroadcastChannel), which reaches every page of this
//! origin in this browser profile.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_util::{Stream, StreamExt, stream};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::BroadcastChannel;

use super::bell::Bell;
use super::window;
use crate::port::{Channel, News};

/// The channels of this origin. One of each name is opened when it is first used, and closed with this.
#[derive(Default)]
pub struct WebChannel {
    open: RefCell<Vec<Rc<Open>>>,
}

impl WebChannel {
    fn open(&self, name: &str) -> Option<Rc<Open>> {
        let mut all = self.open.borrow_mut();
        if let Some(open) = all.iter().find(|open| open.name == name) {
            return Some(open.clone());
        }
        let open = Rc::new(Open::new(name)?);
        all.push(open.clone());
        Some(open)
    }
}

impl Channel for WebChannel {
    fn tell(&self, name: &str) {
        if let Some(open) = self.open(name) {
            open.post(&JsValue::NULL);
        }
    }

    fn listen(&self, name: &str) -> News {
        match self.open(name) {
            Some(open) => Box::pin(Listening {
                // A message may overtake the writing it tells of, which is in another process. What is written in the
                // storage that tabs share is there when its event is.
                bell: Bell::new()
                    .at(&open.channel, "message")
                    .at(&window(), "storage"),
                _open: open,
            }),
            None => Box::pin(stream::pending()),
        }
    }
}

struct Listening {
    bell: Bell,
    /// What it listens to may outlive the [`WebChannel`].
    _open: Rc<Open>,
}

impl Stream for Listening {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<()>> {
        self.bell.poll_next_unpin(context)
    }
}

/// An open channel. It closes when it is dropped, and when the page is left: a message to an open one throws the page out
/// of the [back/forward cache](https://developer.mozilla.org/docs/Web/API/Performance_API/Monitoring_bfcache_blocking_reasons).
/// A page that comes back from there is loaded anew, so that nothing has to be opened again.
pub(super) struct Open {
    pub(super) name: String,
    pub(super) channel: BroadcastChannel,
    close: Closure<dyn Fn()>,
}

const LEFT: &str = "pagehide";

impl Open {
    /// Opens one, if the page has an origin to share it with.
    pub(super) fn new(name: &str) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let close = Closure::new({
            let channel = channel.clone();
            move || channel.close()
        });
        let _ = window().add_event_listener_with_callback(LEFT, close.as_ref().unchecked_ref());
        Some(Self {
            name: name.to_owned(),
            channel,
            close,
        })
    }

    /// Sends `message` to all others.
    pub(super) fn post(&self, message: &JsValue) {
        // Only one that is closed throws: this page has been left.
        let _ = self.channel.post_message(message);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.channel.close();
        let close = self.close.as_ref().unchecked_ref();
        let _ = window().remove_event_listener_with_callback(LEFT, close);
    }
}
