//! The way out to the system's browser, and back by a link.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::future::{self, Either};
use futures_util::stream;
use url::Url;

use super::{Inbox, Phone, address};
use crate::oidc::callback;
use crate::port::{Clock, Departure, Links, Navigator, PortError, Task, Trip, WayBack};
use crate::secret::State;

/// How long a login waits for its user.
pub const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// How long a link may come after the news that the browser was closed: some systems close it first.
const GRACE: Duration = Duration::from_secs(1);

/// The browser of a phone, and the links that open the app.
///
/// A redirect URI that is configured must have a scheme of the app's own, or be an `https` address that the system gives to
/// the app. Without one it is what Auth0 calls the callback URL of a native app, such as
/// `com.example.app://example.eu.auth0.com/android/com.example.app/callback`. A login takes the place of one that still
/// waits.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
///
/// use dioxus_auth0::platform::memory::MemoryClock;
/// use dioxus_auth0::platform::mobile::{MemoryPhone, MobileNavigator};
/// use dioxus_auth0::port::{Navigator, Trip, WayBack};
/// use futures_util::FutureExt;
///
/// let phone = Rc::new(MemoryPhone::new("android"));
/// let navigator = MobileNavigator::new(phone.clone(), Rc::new(MemoryClock::default()));
/// let way_back = WayBack { provider: "example.eu.auth0.com", ..WayBack::default() };
/// let departure = navigator.depart(way_back).now_or_never().unwrap()?;
/// let callback = "com.example.app://example.eu.auth0.com/android/com.example.app/callback";
/// assert_eq!(departure.redirect_uri(), callback);
///
/// let mut trip = departure.go("https://example.eu.auth0.com/authorize?state=s".parse()?);
/// assert!((&mut trip).now_or_never().is_none());
/// let answer: url::Url = format!("{callback}?code=c&state=s").parse()?;
/// phone.open_link(answer.clone());
/// assert_eq!(trip.now_or_never(), Some(Ok(Trip::Back(answer))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MobileNavigator {
    phone: Rc<dyn Phone>,
    clock: Rc<dyn Clock>,
    /// The login that waits. Dropped when another takes its place.
    latest: RefCell<Option<oneshot::Sender<()>>>,
    awaited: Awaited,
}

/// What the link that is waited for looks like, which is for nobody else.
type Awaited = Rc<RefCell<Option<Answer>>>;

struct Answer {
    redirect_uri: String,
    state: State,
}

impl Answer {
    fn is(&self, link: &Url) -> bool {
        callback::leads_to(link, &self.redirect_uri)
            && callback::state_of(link).is_ok_and(|state| state == self.state)
    }
}

impl MobileNavigator {
    /// Takes the browser of `phone`, and the time of `clock`.
    pub fn new(phone: Rc<dyn Phone>, clock: Rc<dyn Clock>) -> Self {
        Self {
            phone,
            clock,
            latest: RefCell::default(),
            awaited: Rc::default(),
        }
    }
}

impl Navigator for MobileNavigator {
    fn depart<'a>(&'a self, way_back: WayBack<'a>) -> Task<'a, Box<dyn Departure>> {
        Box::pin(async move {
            let (redirect_uri, _) = address::redirect_uri(&*self.phone, way_back)?;
            let (sender, superseded) = oneshot::channel();
            self.latest.replace(Some(sender));
            Ok(Box::new(MobileDeparture {
                redirect_uri,
                awaited_state: None,
                phone: self.phone.clone(),
                clock: self.clock.clone(),
                awaited: self.awaited.clone(),
                superseded,
            }) as Box<dyn Departure>)
        })
    }

    /// Returns nothing: the link that started the app is one of its [links](Self::links).
    fn arrival(&self, _: Option<&str>) -> Option<Url> {
        None
    }

    fn links(&self) -> Links {
        let (inbox, awaited) = (self.phone.inbox(), self.awaited.clone());
        Box::pin(stream::poll_fn(move |context| {
            let is_free = |link: &Url| {
                let awaited = awaited.borrow();
                awaited.as_ref().is_none_or(|answer| !answer.is(link))
            };
            inbox.poll_link(context, is_free).map(Some)
        }))
    }

    fn leave<'a>(&'a self, url: &'a Url, way_back: WayBack<'a>) -> Task<'a, ()> {
        Box::pin(async move {
            let (_, redirect_uri) = address::redirect_uri(&*self.phone, way_back)?;
            check(url)?;
            self.phone.open(url, &redirect_uri)
        })
    }

    /// Returns nothing: links open the app, and nobody can ask them for its files.
    fn home(&self) -> Option<Url> {
        None
    }

    /// Returns the redirect URI, as Auth0's own SDKs for phones do: it is a link that opens the app again.
    fn after_logout(&self, way_back: WayBack<'_>) -> Option<String> {
        let (redirect_uri, _) = address::redirect_uri(&*self.phone, way_back).ok()?;
        Some(redirect_uri)
    }
}

/// Refuses what no browser may be given, whoever wrote it.
fn check(url: &Url) -> Result<(), PortError> {
    match url.scheme() {
        "https" | "http" => Ok(()),
        _ => Err(PortError::Unavailable {
            what: "a browser for this address",
            why: "only http and https are opened".into(),
        }),
    }
}

struct MobileDeparture {
    redirect_uri: String,
    awaited_state: Option<State>,
    phone: Rc<dyn Phone>,
    clock: Rc<dyn Clock>,
    awaited: Awaited,
    superseded: oneshot::Receiver<()>,
}

impl Departure for MobileDeparture {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn waits(&self) -> bool {
        true
    }

    fn await_answer(&mut self, state: &State) {
        self.awaited_state = Some(state.clone());
    }

    fn go(mut self: Box<Self>, url: Url) -> Task<'static, Trip> {
        Box::pin(async move {
            check(&url)?;
            let of_url = || callback::state_of(&url).ok();
            let state = self.awaited_state.take().or_else(of_url);
            let state = state.ok_or_else(|| PortError::Unavailable {
                what: "a login",
                why: "the address of the login page has no state".into(),
            })?;
            // Another departure has taken the place of this one.
            if self.superseded.try_recv().is_err() {
                return Ok(Trip::Cancelled);
            }
            let redirect_uri = Url::parse(&self.redirect_uri).expect("it was parsed before");
            let inbox = self.phone.inbox();
            inbox.reopen();
            let wait = Wait::begin(&self, state);
            // If none opens, the user may still get there: the app shows the address while it waits.
            if let Err(error) = self.phone.open(&url, &redirect_uri) {
                tracing::warn!("{error}");
            }
            let answer = pin!(answer(&inbox, &wait.awaited));
            let closed = pin!(closed(&inbox, &*self.clock));
            let late = self.clock.sleep(PATIENCE);
            let superseded = &mut self.superseded;
            let ended = pin!(future::select(superseded, future::select(closed, late)));
            // In this order: an answer that is there counts, whatever else has happened.
            match future::select(answer, ended).await {
                Either::Left((link, _)) => Ok(Trip::Back(link)),
                Either::Right((Either::Left(_), _)) => Ok(Trip::Cancelled),
                Either::Right((Either::Right((Either::Left(_), _)), _)) => Ok(Trip::Closed),
                Either::Right((Either::Right((Either::Right(_), _)), _)) => {
                    Err(PortError::NobodyBack {
                        seconds: PATIENCE.as_secs(),
                    })
                }
            }
        })
    }
}

/// Waits for the link that is the answer.
async fn answer(inbox: &Inbox, awaited: &Awaited) -> Url {
    let is_answer = |link: &Url| {
        let awaited = awaited.borrow();
        awaited.as_ref().is_some_and(|answer| answer.is(link))
    };
    poll_fn(|context| inbox.poll_link(context, is_answer)).await
}

/// Waits for the end of the browser, and then for what may follow it.
async fn closed(inbox: &Inbox, clock: &dyn Clock) {
    poll_fn(|context| inbox.poll_closed(context)).await;
    clock.sleep(GRACE).await;
}

/// A login that is away: while it lives, its answer is its own, and when it ends, so does the browser.
struct Wait {
    awaited: Awaited,
    phone: Rc<dyn Phone>,
}

impl Wait {
    fn begin(departure: &MobileDeparture, state: State) -> Self {
        departure.awaited.replace(Some(Answer {
            redirect_uri: departure.redirect_uri.clone(),
            state,
        }));
        Self {
            awaited: departure.awaited.clone(),
            phone: departure.phone.clone(),
        }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.awaited.take();
        self.phone.close();
    }
}
