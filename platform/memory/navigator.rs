//! An address bar that only remembers where it was sent, or a desktop whose user is told when to come back.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot;
use url::Url;

use crate::port::{Beside, Departure, Navigator, PortError, Task, Trip, WayBack};
use crate::secret::State;

/// The redirect URI when none is configured.
const HOME: &str = "https://app.example";

/// Remembers every departure and may be told what comes back.
///
/// # Examples
///
/// A machine whose app waits for the user, as a desktop does:
///
/// ```
/// use dioxus_auth0::platform::memory::MemoryNavigator;
/// use dioxus_auth0::port::{Navigator, Trip, WayBack};
/// use futures_util::FutureExt;
///
/// let navigator = MemoryNavigator::default();
/// navigator.wait();
/// let departure = navigator.depart(WayBack::default()).now_or_never().unwrap()?;
/// let mut trip = departure.go("https://tenant.example/authorize?state=s".parse()?);
/// assert!((&mut trip).now_or_never().is_none());
///
/// assert!(!navigator.visit("https://app.example/?code=c&state=other".parse()?));
/// let answer: url::Url = "https://app.example/?code=c&state=s".parse()?;
/// assert!(navigator.visit(answer.clone()));
/// assert_eq!(trip.now_or_never(), Some(Ok(Trip::Back(answer))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct MemoryNavigator {
    arrival: RefCell<Option<Url>>,
    departures: Rc<RefCell<Vec<Url>>>,
    back: Rc<RefCell<Option<Url>>>,
    waits: Cell<bool>,
    latest: RefCell<Option<Reserved>>,
    blocks_popups: Cell<bool>,
    opened: RefCell<Vec<Beside>>,
}

/// The other end of the latest departure.
struct Reserved {
    /// The state that is waited for, once the user has left.
    state: Rc<RefCell<Option<String>>>,
    end: oneshot::Sender<Result<Trip, PortError>>,
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

    /// Makes departures from now on wait for [`visit`](Self::visit) or [`fail`](Self::fail), as on a desktop.
    pub fn wait(&self) {
        self.waits.set(true);
    }

    /// Makes the browser open no popups, or open them again. Frames are no popups.
    pub fn block_popups(&self, blocks_popups: bool) {
        self.blocks_popups.set(blocks_popups);
    }

    /// Returns what was opened beside the app, in order. What is opened waits for [`visit`](Self::visit),
    /// [`fail`](Self::fail) or [`close`](Self::close).
    pub fn opened(&self) -> Vec<Beside> {
        self.opened.borrow().clone()
    }

    /// Closes the popup that waits, as its user does, and says whether one did.
    pub fn close(&self) -> bool {
        self.end(Ok(Trip::Cancelled))
    }

    /// Says whether somebody waits for the user.
    pub fn is_waiting(&self) -> bool {
        let latest = self.latest.borrow();
        latest.as_ref().is_some_and(Reserved::is_waiting)
    }

    /// Brings the user to `url`, and says whether that ended the trip: only its `state` does.
    pub fn visit(&self, url: Url) -> bool {
        let carries = |reserved: &Reserved| *reserved.state.borrow() == state(&url);
        let is_answer = self.latest.borrow().as_ref().is_some_and(carries);
        is_answer && self.end(Ok(Trip::Back(url)))
    }

    /// Ends the trip that waits, and says whether one did.
    pub fn fail(&self, error: PortError) -> bool {
        self.end(Err(error))
    }

    /// Returns where the user was sent, in order.
    pub fn departures(&self) -> Vec<Url> {
        self.departures.borrow().clone()
    }

    fn reserve(&self, way_back: WayBack<'_>, waits: bool) -> Box<dyn Departure> {
        let (sender, ended) = oneshot::channel();
        let state = Rc::default();
        // Whoever had left before this hears that nobody will come.
        self.latest.replace(Some(Reserved {
            state: Rc::clone(&state),
            end: sender,
        }));
        Box::new(MemoryDeparture {
            redirect_uri: way_back.redirect_uri.unwrap_or(HOME).to_owned(),
            awaited: None,
            departures: self.departures.clone(),
            back: self.back.clone(),
            waits,
            state,
            ended,
        })
    }

    fn end(&self, end: Result<Trip, PortError>) -> bool {
        let mut latest = self.latest.borrow_mut();
        match latest.take_if(|reserved| reserved.is_waiting()) {
            Some(reserved) => reserved.end.send(end).is_ok(),
            None => false,
        }
    }
}

impl Reserved {
    fn is_waiting(&self) -> bool {
        self.state.borrow().is_some() && !self.end.is_canceled()
    }
}

fn state(url: &Url) -> Option<String> {
    let mut pairs = url.query_pairs();
    let (_, state) = pairs.find(|(name, _)| name == "state")?;
    Some(state.into_owned())
}

impl Navigator for MemoryNavigator {
    fn depart<'a>(&'a self, way_back: WayBack<'a>) -> Task<'a, Box<dyn Departure>> {
        Box::pin(async move { Ok(self.reserve(way_back, self.waits.get())) })
    }

    fn beside(
        &self,
        place: Beside,
        way_back: WayBack<'_>,
        _patience: Duration,
    ) -> Result<Box<dyn Departure>, PortError> {
        if place == Beside::Popup && self.blocks_popups.get() {
            return Err(PortError::PopupBlocked);
        }
        self.opened.borrow_mut().push(place);
        Ok(self.reserve(way_back, true))
    }

    fn arrival(&self, _: Option<&str>) -> Option<Url> {
        self.arrival.take()
    }

    fn leave<'a>(&'a self, url: &'a Url, _: WayBack<'a>) -> Task<'a, ()> {
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
    awaited: Option<String>,
    departures: Rc<RefCell<Vec<Url>>>,
    back: Rc<RefCell<Option<Url>>>,
    waits: bool,
    state: Rc<RefCell<Option<String>>>,
    ended: oneshot::Receiver<Result<Trip, PortError>>,
}

impl Departure for MemoryDeparture {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn waits(&self) -> bool {
        self.waits
    }

    fn await_answer(&mut self, state: &State) {
        self.awaited = Some(state.expose().to_owned());
    }

    fn go(mut self: Box<Self>, url: Url) -> Task<'static, Trip> {
        Box::pin(async move {
            // Another departure has taken the place of this one.
            if self.ended.try_recv().is_err() {
                return Ok(Trip::Cancelled);
            }
            let awaited = self.awaited.take().or_else(|| state(&url));
            self.state.replace(awaited);
            self.departures.borrow_mut().push(url);
            if let Some(url) = self.back.take() {
                return Ok(Trip::Back(url));
            }
            match self.waits {
                true => self.ended.await.unwrap_or(Ok(Trip::Cancelled)),
                false => Ok(Trip::Away),
            }
        })
    }
}
