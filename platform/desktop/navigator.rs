//! The user leaves by the system browser and comes back to `http://127.0.0.1:{port}/callback`
//! ([RFC 8252 §7.3](https://www.rfc-editor.org/rfc/rfc8252#section-7.3)).

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::time::timeout;
use url::Url;

use super::address::Candidates;
use super::browser::{self, Opener};
use super::gate::{Gate, parameter};
use super::server::{Farewell, Server};
use crate::port::{Departure, Navigator, PortError, Task, Trip, WayBack};
use crate::secret::State;

/// How long a login waits for its user when nothing else is said.
pub const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// How long a browser may take to say whether it opened, before it is taken to have: some stay until they are closed.
const OPENING: Duration = Duration::from_secs(5);

/// The system browser, and a listener on loopback for each login
/// ([RFC 8252 §7.3](https://www.rfc-editor.org/rfc/rfc8252#section-7.3); by address, never by the name `localhost`,
/// [§8.3](https://www.rfc-editor.org/rfc/rfc8252#section-8.3)).
///
/// A redirect URI that is configured must be `http` on `127.0.0.1` or `[::1]` and is the only way back; a port of 0 in it
/// is the system's to choose. Without one it is `http://127.0.0.1:{port}/callback` for the first port that is free, or
/// `http://[::1]:{port}/callback` on a machine without IPv4. A login takes the place of one that still waits.
///
/// Its futures run inside a tokio runtime with I/O and time, as Dioxus has one on a desktop.
///
/// # Examples
///
/// A navigator that shows nothing, and what it would have shown:
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use dioxus_auth0::platform::desktop::DesktopNavigator;
/// use dioxus_auth0::port::{Navigator, WayBack};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let shown = Arc::new(Mutex::new(None));
/// let browser = shown.clone();
/// let navigator = DesktopNavigator::new().with_browser(move |url| {
///     *browser.lock().unwrap() = Some(url.clone());
///     Ok(())
/// });
/// let way_back = WayBack { loopback_ports: &[0], ..WayBack::default() };
/// let departure = navigator.depart(way_back).await?;
/// assert!(departure.redirect_uri().starts_with("http://127.0.0.1:"));
/// assert!(departure.waits());
/// # Ok::<(), dioxus_auth0::port::PortError>(())
/// # }).unwrap();
/// ```
pub struct DesktopNavigator {
    opener: Opener,
    on_return: Rc<dyn Fn()>,
    patience: Duration,
    trips: Rc<Trips>,
}

impl DesktopNavigator {
    /// Takes the system's browser, and [`PATIENCE`].
    pub fn new() -> Self {
        Self {
            opener: Arc::new(browser::system),
            on_return: Rc::new(|| {}),
            patience: PATIENCE,
            trips: Rc::default(),
        }
    }

    /// Opens pages by `opener` instead, on a thread of its own. Only addresses that are safe to hand to a program reach
    /// it; of its errors only the [kind](io::Error::kind) goes any further.
    #[must_use]
    pub fn with_browser(
        mut self,
        opener: impl Fn(&Url) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.opener = Arc::new(opener);
        self
    }

    /// Calls `on_return` whenever the user has come back, so that the app can show its window.
    #[must_use]
    pub fn with_on_return(mut self, on_return: Rc<dyn Fn()>) -> Self {
        self.on_return = on_return;
        self
    }

    /// Waits for `patience` until a login ends as [`PortError::NobodyBack`]. A time in which the machine sleeps may not
    /// count.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}

impl Default for DesktopNavigator {
    fn default() -> Self {
        Self::new()
    }
}

impl Navigator for DesktopNavigator {
    fn depart<'a>(&'a self, way_back: WayBack<'a>) -> Task<'a, Box<dyn Departure>> {
        Box::pin(async move {
            let candidates = Candidates::of(way_back)?;
            let runtime = Handle::try_current().map_err(|_| PortError::Unavailable {
                what: "a port to come back to",
                why: "there is no tokio runtime".into(),
            })?;
            // Its port may be the one that is wanted.
            self.trips.end();
            let place = candidates.bind(listen)?;
            let way = Rc::new(Way::new(place.listener));
            self.trips.begin(&way);
            Ok(Box::new(DesktopDeparture {
                redirect_uri: place.redirect_uri,
                awaited: None,
                way,
                runtime,
                opener: self.opener.clone(),
                on_return: self.on_return.clone(),
                patience: self.patience,
                trips: self.trips.clone(),
            }) as Box<dyn Departure>)
        })
    }

    /// Returns nothing: an answer comes to the process that waits for it.
    fn arrival(&self, _: Option<&str>) -> Option<Url> {
        None
    }

    fn leave<'a>(&'a self, url: &'a Url, _: WayBack<'a>) -> Task<'a, ()> {
        Box::pin(async move {
            browser::check(url)?;
            let shown = browser::show(&self.opener, url.clone());
            match timeout(OPENING, shown).await {
                Err(_) => Ok(()),
                Ok(Ok(shown)) => shown,
                Ok(Err(_)) => Err(browser::unavailable("it ended before it began")),
            }
        })
    }

    /// Returns nothing: a window has no address.
    fn home(&self) -> Option<Url> {
        None
    }
}

/// Binds and listens in one go. Never to more than one address, and to no IPv4 address by way of IPv6: the address is
/// not the unspecified one.
fn listen(socket: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = std::net::TcpListener::bind(socket)?;
    listener.set_nonblocking(true)?;
    let bound = listener.local_addr()?;
    Ok((TcpListener::from_std(listener)?, bound))
}

/// What of a navigator's logins is still there.
#[derive(Default)]
struct Trips {
    /// The one that waits, if it does.
    latest: RefCell<Weak<Way>>,
    /// A port that is open for the browser's last page only.
    farewell: RefCell<Farewell>,
}

impl Trips {
    fn begin(&self, way: &Rc<Way>) {
        self.latest.replace(Rc::downgrade(way));
    }

    /// Closes every port, now.
    fn end(&self) {
        self.farewell.take().close();
        if let Some(way) = self.latest.take().upgrade() {
            way.close();
        }
    }
}

/// A way back, and whoever waits at its end.
struct Way {
    stage: RefCell<Stage>,
    waiting: RefCell<Option<Waker>>,
}

enum Stage {
    Reserved(TcpListener),
    Open(Box<Server>),
    Closed,
}

impl Way {
    fn new(listener: TcpListener) -> Self {
        Self {
            stage: RefCell::new(Stage::Reserved(listener)),
            waiting: RefCell::default(),
        }
    }

    /// Closes the port now, and lets whoever waits know.
    fn close(&self) {
        drop(self.stage.replace(Stage::Closed));
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }

    /// Lets the answer in, from now on.
    fn open(&self, gate: Gate) {
        let stage = self.stage.replace(Stage::Closed);
        if let Stage::Reserved(listener) = stage {
            let server = Server::new(listener, gate);
            self.stage.replace(Stage::Open(Box::new(server)));
        }
    }

    /// Waits for the answer, or for the end of the way.
    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Url>> {
        self.waiting.replace(Some(context.waker().clone()));
        match &mut *self.stage.borrow_mut() {
            Stage::Open(server) => server.poll_answer(context).map(Some),
            Stage::Reserved(_) | Stage::Closed => Poll::Ready(None),
        }
    }

    fn take(&self) -> Option<Server> {
        match self.stage.replace(Stage::Closed) {
            Stage::Open(server) => Some(*server),
            Stage::Reserved(_) | Stage::Closed => None,
        }
    }
}

struct DesktopDeparture {
    redirect_uri: String,
    awaited: Option<State>,
    /// Held here alone: with the departure, or the task it became, the port is closed.
    way: Rc<Way>,
    runtime: Handle,
    opener: Opener,
    on_return: Rc<dyn Fn()>,
    patience: Duration,
    trips: Rc<Trips>,
}

impl Departure for DesktopDeparture {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn waits(&self) -> bool {
        true
    }

    fn await_answer(&mut self, state: &State) {
        self.awaited = Some(state.clone());
    }

    fn go(mut self: Box<Self>, url: Url) -> Task<'static, Trip> {
        Box::pin(async move {
            browser::check(&url)?;
            let gate = self.gate(&url)?;
            self.way.open(gate);
            if matches!(&*self.way.stage.borrow(), Stage::Closed) {
                return Ok(Trip::Cancelled);
            }
            // If none opens, the user may still get there: the app shows the address while it waits.
            drop(browser::show(&self.opener, url));
            let answer = std::future::poll_fn(|context| self.way.poll(context));
            let seconds = self.patience.as_secs();
            let answer = timeout(self.patience, answer)
                .await
                .map_err(|_| PortError::NobodyBack { seconds })?;
            let Some(url) = answer else {
                return Ok(Trip::Cancelled);
            };
            if let Some(server) = self.way.take() {
                let farewell = Farewell::of(server);
                self.trips.farewell.replace(farewell.clone());
                self.runtime.spawn(farewell.serve());
            }
            (self.on_return)();
            Ok(Trip::Back(url))
        })
    }
}

impl DesktopDeparture {
    fn gate(&mut self, url: &Url) -> Result<Gate, PortError> {
        let stateless = || browser::unavailable("the address of the login page has no state");
        let of_url = || parameter(url, "state").ok().flatten().map(State::new);
        let state = self.awaited.take().or_else(of_url).ok_or_else(stateless)?;
        let redirect_uri = Url::parse(&self.redirect_uri).expect("a redirect URI was parsed");
        Ok(Gate::new(redirect_uri, state))
    }
}
