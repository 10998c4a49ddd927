//! [`navigator.onLine`](https://developer.mozilla.org/docs/Web/API/Navigator/onLine), which is believed when it says no.

use super::bell::Bell;
use super::window;
use crate::port::{Connection, News};

/// The network, as the browser sees it.
pub struct WebConnection;

impl Connection for WebConnection {
    fn is_offline(&self) -> bool {
        !window().navigator().on_line()
    }

    fn back_online(&self) -> News {
        Box::pin(Bell::new().at(&window(), "online"))
    }
}
