//! The way out to the system's browser, and back by a link.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::future::{self, Either};
use futures_util::stream;
use url::{Host, Url};

use super::inbox::Listener;
use super::{Phone, address};
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
    /// The login that is reserved or away. Dropped when another takes its place.
    latest: RefCell<Option<oneshot::Sender<()>>>,
    away: Away,
}

/// The login that is away, if one is.
type Away = Rc<RefCell<Option<Rc<Login>>>>;

/// A login that is away, and what its answer looks like, which is for nobody else.
struct Login {
    redirect_uri: String,
    state: State,
    /// Whether its page is what the browser shows, as far as anybody knows.
    is_in_front: Cell<bool>,
}

impl Login {
    fn is_answered_by(&self, link: &Url) -> bool {
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
            away: Rc::default(),
        }
    }
}

impl Navigator for MobileNavigator {
    fn depart<'a>(&'a self, way_back: WayBack<'a>) -> Task<'a, Box<dyn Departure>> {
        Box::pin(async move {
            let (redirect_uri, link) = address::redirect_uri(&*self.phone, way_back)?;
            let (sender, superseded) = oneshot::channel();
            self.latest.replace(Some(sender));
            Ok(Box::new(MobileDeparture {
                redirect_uri,
                link,
                awaited_state: None,
                phone: self.phone.clone(),
                clock: self.clock.clone(),
                away: self.away.clone(),
                superseded,
            }) as Box<dyn Departure>)
        })
    }

    /// Returns nothing: the link that started the app is one of its [links](Self::links).
    fn arrival(&self, _: Option<&str>) -> Option<Url> {
        None
    }

    fn links(&self) -> Links {
        let (listener, away) = (self.phone.inbox().listen(), self.away.clone());
        Box::pin(stream::poll_fn(move |context| {
            let is_free = |link: &Url| {
                let away = away.borrow();
                away.as_ref()
                    .is_none_or(|login| !login.is_answered_by(link))
            };
            listener.poll_link(context, is_free).map(Some)
        }))
    }

    fn leave<'a>(&'a self, url: &'a Url, way_back: WayBack<'a>) -> Task<'a, ()> {
        Box::pin(async move {
            let (_, link) = address::redirect_uri(&*self.phone, way_back)?;
            check(url)?;
            self.phone.open(url, &link)?;
            // Whatever becomes of this page says nothing of the login's.
            if let Some(login) = &*self.away.borrow() {
                login.is_in_front.set(false);
            }
            Ok(())
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

/// Refuses what no browser may be given, whoever wrote it: the system knows more schemes than `https`, and other apps for
/// them. A provider on this very phone, for tests, may do without TLS.
fn check(url: &Url) -> Result<(), PortError> {
    let is_page = match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Ipv4(ip))) => ip.is_loopback(),
        ("http", Some(Host::Ipv6(ip))) => ip.is_loopback(),
        ("http", Some(Host::Domain(name))) => name == "localhost",
        _ => false,
    };
    match is_page && url.username().is_empty() && url.password().is_none() {
        true => Ok(()),
        false => Err(PortError::Unavailable {
            what: "a browser for this address",
            why: "only https without a user name is opened".into(),
        }),
    }
}

struct MobileDeparture {
    redirect_uri: String,
    link: Url,
    awaited_state: Option<State>,
    phone: Rc<dyn Phone>,
    clock: Rc<dyn Clock>,
    away: Away,
    superseded: oneshot::Receiver<()>,
}

impl Departure for MobileDeparture {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn waits(&self) -> bool {
        true
    }

    fn is_in_front(&self) -> bool {
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
            let wait = Wait::begin(&self, state);
            wait.open(&url, &self.link)?;
            let answer = pin!(wait.answer());
            let closed = pin!(wait.closed(&*self.clock));
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

/// The time that a login is away: its answer is its own as long, and with it ends what the browser shows of it.
struct Wait {
    login: Rc<Login>,
    away: Away,
    phone: Rc<dyn Phone>,
    listener: Listener,
}

impl Wait {
    fn begin(departure: &MobileDeparture, state: State) -> Self {
        let login = Rc::new(Login {
            redirect_uri: departure.redirect_uri.clone(),
            state,
            is_in_front: Cell::new(false),
        });
        if let Some(before) = departure.away.replace(Some(login.clone())) {
            before.is_in_front.set(false);
        }
        let inbox = departure.phone.inbox();
        inbox.reopen();
        Self {
            login,
            away: departure.away.clone(),
            phone: departure.phone.clone(),
            listener: inbox.listen(),
        }
    }

    fn open(&self, url: &Url, link: &Url) -> Result<(), PortError> {
        self.phone.open(url, link)?;
        self.login.is_in_front.set(true);
        Ok(())
    }

    /// Waits for the link that is the answer.
    async fn answer(&self) -> Url {
        let is_answer = |link: &Url| self.login.is_answered_by(link);
        poll_fn(|context| self.listener.poll_link(context, is_answer)).await
    }

    /// Waits for the end of the browser, and then for what may follow it.
    async fn closed(&self, clock: &dyn Clock) {
        let listener = self.phone.inbox().listen();
        poll_fn(|context| match self.login.is_in_front.get() {
            true => listener.poll_closed(context),
            // It does not come to the front again.
            false => Poll::Pending,
        })
        .await;
        // There is nothing to close any more; and if it is out of sight only, the user may still want it.
        self.login.is_in_front.set(false);
        clock.sleep(GRACE).await;
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let is_own = |login: &mut Rc<Login>| Rc::ptr_eq(login, &self.login);
        self.away.borrow_mut().take_if(is_own);
        // A link that came for nobody else may have come at the last moment.
        self.phone.inbox().look_again();
        if self.login.is_in_front.get() {
            self.phone.close();
        }
    }
}
