//! No network is known of here.
//!
//! Systems say which interfaces are up, each in its own way, and not whether anything answers behind them: a network
//! that needs a login is up, and a tunnel is when nothing else is. Whoever sends a request learns more, and sooner.

use futures_util::stream::pending;

use crate::port::{Connection, News};

/// Never knows that there is no network, and so never hears that there is one again.
pub struct NativeConnection;

impl Connection for NativeConnection {
    fn is_offline(&self) -> bool {
        false
    }

    fn back_online(&self) -> News {
        Box::pin(pending())
    }
}
