//! What the client asks of the machine it runs on.
//!
//! Each port is a small object-safe trait of strings and bytes. Its contract stands here as **must**
//! sentences; [`platform`](crate::platform) holds one adapter a machine, and
//! [`platform::memory`](crate::platform::memory) one of each for tests, examples and previews.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::{Stream, stream};
use http::HeaderValue;
use http::header::ACCEPT;
use url::Url;

use crate::secret::State;
use crate::time::UnixTime;

/// The work of a port: a boxed future that stays on the thread of the user interface.
pub type Task<'a, T, E = PortError> = Pin<Box<dyn Future<Output = Result<T, E>> + 'a>>;

/// Something that is waited for and brings nothing. It stays on the thread of the user interface.
pub type Wait = Pin<Box<dyn Future<Output = ()>>>;

/// Something that happens again and again, and brings nothing.
pub type News = Pin<Box<dyn Stream<Item = ()>>>;

/// A request over HTTP, body included.
pub type HttpRequest = http::Request<Vec<u8>>;

/// A response over HTTP, body included.
pub type HttpResponse = http::Response<Vec<u8>>;

/// Writes a request that asks for JSON.
///
/// # Errors
///
/// [`PortError::Unsendable`] when the URL is no HTTP request target: too long, or without a host.
///
/// Header names are constants here and in the adapters: parsing them would cost the wasm a table of every known name.
pub fn request(method: http::Method, url: &Url, body: Vec<u8>) -> Result<HttpRequest, PortError> {
    let Ok(uri) = url.as_str().parse() else {
        return Err(PortError::Unsendable {
            host: url.host_str().unwrap_or_default().to_owned(),
        });
    };
    let mut request = HttpRequest::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    Ok(request)
}

/// Names the server that `request` is for, as errors do: host and port.
pub fn host(request: &HttpRequest) -> String {
    let authority = request.uri().authority();
    authority.map_or_else(String::new, |authority| authority.as_str().to_owned())
}

/// The longest response body an [`Http`] port takes in, in bytes.
pub const MAX_RESPONSE_BYTES: usize = 1_000_000;

/// The time one HTTP exchange is given, from the first byte sent to the last received.
pub const HTTP_TIMEOUT: Duration = Duration::from_secs(15);

/// A machine that did not do what a port promises.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PortError {
    /// No connection came about, so nothing of the request was sent: sending it again is sending it once.
    #[error("no connection to {host}")]
    NotConnected {
        /// Host and port that were asked.
        host: String,
    },
    /// Nothing answered, and the request may have arrived all the same.
    #[error("no answer from {host}")]
    Unreachable {
        /// Host and port that were asked.
        host: String,
    },
    /// No complete answer in the time allowed.
    #[error("no answer from {host} within {seconds} s")]
    Timeout {
        /// Host and port that were asked.
        host: String,
        /// The time allowed, in seconds.
        seconds: u64,
    },
    /// The server answered with a redirect, which is never followed.
    #[error("{host} answered with a redirect")]
    Redirected {
        /// Host and port that were asked.
        host: String,
    },
    /// The response is longer than [`MAX_RESPONSE_BYTES`].
    #[error("{host} answered with more than {limit} bytes")]
    TooLarge {
        /// Host and port that were asked.
        host: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The URL cannot stand in an HTTP request.
    #[error("the address of a request to {host} cannot be sent")]
    Unsendable {
        /// The host that would have been asked.
        host: String,
    },
    /// What was stored cannot be read any more, or not by this version.
    #[error(transparent)]
    Stored(#[from] StoredError),
    /// Every port that a login could come back to is taken by another program.
    #[error(
        "no port is free for the login to come back to; at least one of these must be, and each must be registered: {redirect_uris}"
    )]
    PortsTaken {
        /// The redirect URIs that were tried, separated by commas.
        redirect_uris: String,
    },
    /// The configured redirect URI is no port of this machine; the developer must configure one that is, or none.
    #[error(
        "a login on a desktop comes back to http://127.0.0.1 or http://[::1] and cannot come back to {redirect_uri}"
    )]
    NotLoopback {
        /// What was configured.
        redirect_uri: String,
    },
    /// The configured redirect URI is no link that opens the app; the developer must configure one that is, or none.
    #[error(
        "a login on a phone comes back by a scheme of the app's own, such as com.example.app://, or by https, and cannot come back to {redirect_uri}"
    )]
    NotDeepLink {
        /// What was configured.
        redirect_uri: String,
    },
    /// The app's identifier cannot be the scheme of a link that opens it, so that the developer must configure a redirect
    /// URI or another identifier.
    #[error(
        "a login on a phone comes back by the app's identifier, which must be a domain turned around in small letters such as com.example.app, and is {identifier}"
    )]
    NotScheme {
        /// What the system says it is; `none` if it says nothing.
        identifier: String,
    },
    /// There is no browser to log in with; [another device](crate::client::Client::login_with_device) helps.
    #[error("there is no browser to log in with")]
    NoBrowser,
    /// The user did not come back from the provider.
    #[error("nobody came back within {seconds} s")]
    NobodyBack {
        /// How long the way back was kept open, in seconds.
        seconds: u64,
    },
    /// The browser opened no popup; the app must ask for it while it handles a click.
    #[error(
        "the browser opened no popup: ask for it while a click is handled, or log in by redirect"
    )]
    PopupBlocked,
    /// The machine lacks something, or withholds it.
    #[error("{what} is not available here: {why}")]
    Unavailable {
        /// What was asked for, such as `session storage`.
        what: &'static str,
        /// What the machine said.
        why: String,
    },
}

/// Why a stored session cannot be used. The user logs in again; nothing else is lost.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoredError {
    /// It is not what this library writes.
    #[error("the stored session cannot be read")]
    Corrupt,
    /// A newer version of this library wrote it.
    #[error("the stored session has version {found}, this library knows {known}")]
    Version {
        /// The version found.
        found: u64,
        /// The newest version this library reads.
        known: u64,
    },
    /// It belongs to another issuer, client or user of this machine.
    #[error("the stored session belongs to somebody else")]
    Foreign,
}

/// Tells the time.
pub trait Clock {
    /// Returns the current time. It **may** jump; callers bear that.
    fn now(&self) -> UnixTime;

    /// Returns the time since some moment that stays the same for the life of the process.
    ///
    /// It **must not** go back, whatever is done to the clock. It **may** stand still while the machine sleeps.
    fn monotonic(&self) -> Duration;

    /// Waits for `length`.
    ///
    /// A machine that slept meanwhile **must** end the wait soon after it wakes, if `length` is over by [`now`](Self::now).
    fn sleep(&self, length: Duration) -> Wait;
}

/// Gives randomness.
pub trait Entropy {
    /// Fills `bytes`. It **must** use the machine's cryptographic generator, or fail.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError>;
}

/// An RSA public key as a JWK carries it ([RFC 7518 §6.3](https://www.rfc-editor.org/rfc/rfc7518#section-6.3)).
pub use crate::oidc::RsaKey;

/// Computes what TLS stacks and browsers already know how to compute.
pub trait Crypto {
    /// Returns the SHA-256 digest of `bytes`.
    fn sha256<'a>(&'a self, bytes: &'a [u8]) -> Task<'a, [u8; 32]>;

    /// Says whether `signature` over `message` is `key`'s by RSASSA-PKCS1-v1_5 with SHA-256 (`RS256`).
    ///
    /// It **must** answer `false`, not an error, for a signature or a key that is malformed.
    fn verify_rs256<'a>(
        &'a self,
        key: &'a RsaKey,
        message: &'a [u8],
        signature: &'a [u8],
    ) -> Task<'a, bool>;
}

/// Sends HTTP requests.
pub trait Http {
    /// Sends `request` and reads the whole response.
    ///
    /// It **must not** follow redirects, send or keep cookies, answer from a cache, add a referrer, take more than
    /// [`MAX_RESPONSE_BYTES`] or wait longer than [`HTTP_TIMEOUT`]. Dropping the task **must** abandon the request.
    /// It **must** say [`PortError::NotConnected`] only if the server cannot have seen anything of the request.
    fn send(&self, request: HttpRequest) -> Task<'_, HttpResponse>;
}

/// Keeps text under a name.
pub trait Storage {
    /// Reads the text at `key`.
    ///
    /// What it cannot read it **must** report as [`PortError::Stored`], and the next [`set`](Self::set) **must** work.
    fn get<'a>(&'a self, key: &'a str) -> Task<'a, Option<String>>;

    /// Writes `text` at `key`. When it fails, what was there before **must** still be there.
    fn set<'a>(&'a self, key: &'a str, text: &'a str) -> Task<'a, ()>;

    /// Writes `to` at `key` if `from` is there, and says whether it was.
    ///
    /// No other process **may** come between the look and the write: a session that was ended meanwhile, here or
    /// elsewhere, does not come back.
    fn swap<'a>(&'a self, key: &'a str, from: &'a str, to: &'a str) -> Task<'a, bool>;

    /// Removes what is at `key`, if anything is.
    fn remove<'a>(&'a self, key: &'a str) -> Task<'a, ()>;

    /// Lists the keys that start with `prefix`, in any order.
    fn keys<'a>(&'a self, prefix: &'a str) -> Task<'a, Vec<String>>;
}

/// Something that is held until it is dropped.
pub type Held = Box<dyn Any>;

/// The longest time a [`Lock`] waits for somebody who does not let go: longer than they may wait for an answer.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(20);

/// Lets one at a time do something, among all tabs or processes that share a storage.
pub trait Lock {
    /// Waits until nobody else holds `name`, and holds it until what it returns is dropped.
    ///
    /// It **must** be free as soon as a holder is gone, however it ended. It **must not** wait longer than
    /// [`LOCK_TIMEOUT`] for a holder that is alive and stuck, and **must** then return without it: what the lock
    /// guards bears being done twice, but not never.
    fn hold<'a>(&'a self, name: &'a str) -> Task<'a, Held>;
}

/// Lets everybody who shares a storage know that something in it has changed.
pub trait Channel {
    /// Tells all others who [listen](Self::listen) to `name`: tabs, windows, processes. It carries nothing but that.
    ///
    /// It **must** reach those that are awake within a second, and **may** come back to the teller. A machine whose
    /// storage tells by itself has nothing to do here.
    fn tell(&self, name: &str);

    /// Hears whenever somebody has told, from this call on; several tellings **may** come as one.
    ///
    /// On a machine that cannot listen it **must** never bring anything, and not end.
    fn listen(&self, name: &str) -> News;
}

/// Knows whether there is a network.
pub trait Connection {
    /// Says whether the machine knows that it has none. It **must** be `false` when it does not know.
    fn is_offline(&self) -> bool;

    /// Hears whenever it has one again. On a machine that does not know it **must** never bring anything, and not end.
    fn back_online(&self) -> News;
}

/// Keeps pairs of keys for `ES256` ([RFC 7518 §3.4](https://www.rfc-editor.org/rfc/rfc7518#section-3.4)).
///
/// A private key **must not** leave the machine, nor the adapter where the machine allows that.
pub trait Keys {
    /// Returns the public key under `name` as an uncompressed point
    /// ([SEC 1 §2.3.3](https://www.secg.org/sec1-v2.pdf)), of a pair that is made when there is none.
    ///
    /// All who share a storage **must** find the same one.
    fn public<'a>(&'a self, name: &'a str) -> Task<'a, [u8; 65]>;

    /// Signs `message` with the key under `name`: both numbers of 32 bytes, one after the other.
    ///
    /// # Errors
    ///
    /// [`PortError::Unavailable`] when there is no such key.
    fn sign<'a>(&'a self, name: &'a str, message: &'a [u8]) -> Task<'a, [u8; 64]>;

    /// Removes the pair under `name`, if there is one.
    fn remove<'a>(&'a self, name: &'a str) -> Task<'a, ()>;
}

/// The way back that the developer chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WayBack<'a> {
    /// The redirect URI, exactly as registered. Without one the machine offers its own.
    pub redirect_uri: Option<&'a str>,
    /// The ports to try in order, where the way back is a port of this machine; `0` lets the machine choose.
    pub loopback_ports: &'a [u16],
    /// The provider's host, which the way back to a phone has in it.
    pub provider: &'a str,
}

/// The links that an app was opened with.
pub type Links = Pin<Box<dyn Stream<Item = Url>>>;

/// Takes the user to the provider and back.
pub trait Navigator {
    /// Reserves a way back before the authorization URL exists: a browser the page's origin and base path, a desktop a
    /// port of this machine. A reservation **must** take the place of an earlier one, whose trip ends as
    /// [`Trip::Cancelled`].
    fn depart<'a>(&'a self, way_back: WayBack<'a>) -> Task<'a, Box<dyn Departure>>;

    /// Opens a place beside the app, and reserves a way back from there. It is opened by this very call, since browsers
    /// open a popup only while they handle a click; [`Departure::go`] then leads it on.
    ///
    /// The trip **must** end as [`Trip::Cancelled`] within a second of the user closing it, and the place **must** be gone
    /// when the trip has ended or was dropped, as far as the provider lets the app reach it. The app that comes up in it on the way back **must** hand the answer over
    /// and do nothing else: its own [`arrival`](Self::arrival) is none.
    ///
    /// # Errors
    ///
    /// [`PortError::PopupBlocked`] when the browser does not open one, [`PortError::Unavailable`] on machines whose
    /// departures leave the app alone anyway. [`Departure::go`] ends as [`PortError::NobodyBack`] after `patience`.
    fn beside(
        &self,
        place: Beside,
        way_back: WayBack<'_>,
        patience: Duration,
    ) -> Result<Box<dyn Departure>, PortError> {
        let _ = (way_back, patience);
        Err(PortError::Unavailable {
            what: place.as_str(),
            why: "only browsers have that".into(),
        })
    }

    /// Returns the URL this process was started with when it may be an authorization response to `configured`.
    ///
    /// It **must** be taken once only, and the address bar **must** be clean, without a new history entry, when this
    /// returns: no reload and no Back shows the answer again.
    fn arrival(&self, configured: Option<&str>) -> Option<Url>;

    /// Says whether this process runs in a place that another [opened beside itself](Self::beside), and has handed its
    /// [`arrival`](Self::arrival) over. It **must** show nothing and do nothing then.
    fn is_beside(&self) -> bool {
        false
    }

    /// Hears of the links that the running app is opened with: on a phone, by whatever other app and page likes to.
    ///
    /// Each **must** come once, to one listener, also when it came before anybody listened; links that are longer than an
    /// [answer](crate::oidc::callback::MAX_URL) may be left out. Those that a departure waits for are its own and **must not**
    /// come here. On a machine without links to apps it **must** never bring anything, and not end.
    fn links(&self) -> Links {
        Box::pin(stream::pending())
    }

    /// Leaves for `url`, such as the end-session endpoint. A machine that shows it in front of the app may close it when the
    /// user comes to [`after_logout`](Self::after_logout) of `way_back`.
    fn leave<'a>(&'a self, url: &'a Url, way_back: WayBack<'a>) -> Task<'a, ()>;

    /// Returns where the app itself lives, such as the page's origin, if it has an address.
    fn home(&self) -> Option<Url>;

    /// Returns where the provider may send the user after a logout, exactly as it must be registered: by default
    /// [`home`](Self::home), without a slash at its end.
    fn after_logout(&self, way_back: WayBack<'_>) -> Option<String> {
        let _ = way_back;
        let home = self.home()?;
        Some(home.as_str().trim_end_matches('/').to_owned())
    }
}

/// A place where the provider is asked while the app stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// A window for the user.
    Popup,
    /// A frame that nobody sees, for a provider that knows the user already.
    Frame,
}

impl Beside {
    /// Names it, as errors do.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Popup => "a popup",
            Self::Frame => "a hidden frame",
        }
    }
}

/// A way back that is reserved, and the way out.
pub trait Departure {
    /// Returns the redirect URI to put into the request, exactly as it must be registered.
    fn redirect_uri(&self) -> &str;

    /// Says which answer the trip waits for, where its URL does not: a provider that has the whole request already wants no
    /// `state` in the URL. A machine that waits **must** then wait for this one.
    fn await_answer(&mut self, state: &State) {
        let _ = state;
    }

    /// Says whether the app goes on while the user is away, and waits for them.
    fn waits(&self) -> bool;

    /// Says whether the page opens in front of the app, where nobody needs its address.
    fn is_in_front(&self) -> bool {
        false
    }

    /// Sends the user to `url`, and waits for the answer that carries its `state`.
    ///
    /// An answer with another `state`, or none, **must not** end the trip. Dropping the task **must** give the way
    /// back up. A machine that cannot show the page **must** wait all the same: the user may get there by themselves. Where it
    /// would be [in front](Self::is_in_front) they cannot, and it **must not** wait.
    ///
    /// # Errors
    ///
    /// [`PortError::NobodyBack`] when the user has not come back in time, [`PortError::NoBrowser`] where that is not waited
    /// for, and [`PortError::Unavailable`] for an address that no browser may be given, whoever wrote it.
    fn go(self: Box<Self>, url: Url) -> Task<'static, Trip>;
}

/// How a departure ended.
#[derive(Clone, PartialEq, Eq)]
pub enum Trip {
    /// The page is being left; the answer will come to a later one, as an [arrival](Navigator::arrival).
    Away,
    /// The user came back to this very process with an answer.
    Back(Url),
    /// Another departure took the place of this one, or the user closed the popup.
    Cancelled,
    /// The user closed the browser, as far as the machine can tell. An answer may come after all, by a
    /// [link](Navigator::links).
    Closed,
}

/// Says how it ended, and nothing of an answer but that it came: its URL carries a code.
impl fmt::Debug for Trip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Away => "Away",
            Self::Back(_) => "Back([redacted])",
            Self::Cancelled => "Cancelled",
            Self::Closed => "Closed",
        })
    }
}

/// Everything the client asks of the machine it runs on. Each field can be replaced by itself.
#[derive(Clone)]
pub struct Platform {
    /// The time.
    pub clock: Rc<dyn Clock>,
    /// The random generator.
    pub entropy: Rc<dyn Entropy>,
    /// Digests and signatures.
    pub crypto: Rc<dyn Crypto>,
    /// HTTP.
    pub http: Rc<dyn Http>,
    /// The way to the provider and back.
    pub navigator: Rc<dyn Navigator>,
    /// Storage that lives as long as this tab or window, and through a login at least: pending logins, provider metadata, and
    /// sessions by default.
    pub session_storage: Rc<dyn Storage>,
    /// Storage that outlives it.
    pub local_storage: Rc<dyn Storage>,
    /// The one of the two that keeps sessions unless the app chooses: what people expect of this kind of machine.
    pub usual_storage: Rc<dyn Storage>,
    /// The lock among all that share [`local_storage`](Self::local_storage).
    pub lock: Rc<dyn Lock>,
    /// What they tell each other.
    pub channel: Rc<dyn Channel>,
    /// The network, as far as the machine knows.
    pub connection: Rc<dyn Connection>,
    /// Keys that tokens are bound to.
    pub keys: Rc<dyn Keys>,
}
