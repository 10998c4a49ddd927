//! An address bar that only remembers where it was sent.

use std::cell::RefCell;
use std::rc::Rc;

use url::Url;

use crate::port::{Departure, Navigator, Task, Trip, WayBack};

/// The redirect URI when none is configured.
const HOME: &str = "https://app.example";

/// Remembers every departure and may be told what comes back.
#[derive(Default)]
pub struct MemoryNavigator {
    arrival: RefCell<Option<Url>>,
    departures: Rc<RefCell<Vec<Url>>>,
    back: Rc<RefCell<Option<Url>>>,
}

impl MemoryNavigator {
    /// Makes `url` what the process was started with.
    pub fn arrive_at(&self, url: Url) {
        self.arrival.replace(Some(url));
    }

    /// Makes the next departure come back with `url`, as on a machine whose app outlives the login.
    pub fn come_back_with(&self, url: Url) {
        self.back.replace(Some(url));
    }

    /// Returns where the user was sent, in order.
    pub fn departures(&self) -> Vec<Url> {
        self.departures.borrow().clone()
    }
}

impl Navigator for MemoryNavigator {
    fn depart<'a>(&'a self, way_back: WayBack<'a>) -> Task<'a, Box<dyn Departure>> {
        Box::pin(async move {
            Ok(Box::new(MemoryDeparture {
                redirect_uri: way_back.redirect_uri.unwrap_or(HOME).to_owned(),
                departures: self.departures.clone(),
                back: self.back.clone(),
            }) as Box<dyn Departure>)
        })
    }

    fn arrival(&self, _: Option<&str>) -> Option<Url> {
        self.arrival.take()
    }

    fn leave<'a>(&'a self, url: &'a Url) -> Task<'a, ()> {
        Box::pin(async move {
            self.departures.borrow_mut().push(url.clone());
            Ok(())
        })
    }

    fn home(&self) -> Option<Url> {
        Url::parse(HOME).ok()
    }
}

struct MemoryDeparture {
    redirect_uri: String,
    departures: Rc<RefCell<Vec<Url>>>,
    back: Rc<RefCell<Option<Url>>>,
}

impl Departure for MemoryDeparture {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn waits(&self) -> bool {
        false
    }

    fn go(self: Box<Self>, url: Url) -> Task<'static, Trip> {
        Box::pin(async move {
            self.departures.borrow_mut().push(url);
            Ok(self.back.take().map_or(Trip::Away, Trip::Back))
        })
    }
}
