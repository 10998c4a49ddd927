//! No way out yet: a phone comes back by a deep link, and nothing here takes one in.

use url::Url;

use crate::port::{Departure, Navigator, PortError, Task, WayBack};

/// Refuses to leave.
pub struct MobileNavigator;

fn refusal() -> PortError {
    PortError::Unavailable {
        what: "interactive login",
        why: "this build takes no deep links".into(),
    }
}

impl Navigator for MobileNavigator {
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
