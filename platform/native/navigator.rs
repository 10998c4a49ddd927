//! No way out yet: a window and its loopback listener are what is missing.

use url::Url;

use crate::port::{Departure, Navigator, PortError, Task, WayBack};

/// Refuses to leave.
pub struct NativeNavigator;

fn refusal() -> PortError {
    PortError::Unavailable {
        what: "interactive login",
        why: "this build has no window to come back to".into(),
    }
}

impl Navigator for NativeNavigator {
    fn depart<'a>(&'a self, _: WayBack<'a>) -> Task<'a, Box<dyn Departure>> {
        Box::pin(async { Err(refusal()) })
    }

    fn arrival(&self, _: Option<&str>) -> Option<Url> {
        None
    }

    fn leave<'a>(&'a self, _: &'a Url) -> Task<'a, ()> {
        Box::pin(async { Err(refusal()) })
    }

    fn home(&self) -> Option<Url> {
        None
    }
}
