//! A desktop whose browser is a list, and a client that can send what no browser would.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dioxus_auth0::platform::desktop::DesktopNavigator;
use dioxus_auth0::port::{Departure, Navigator, PortError, Task, Trip, WayBack};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use url::Url;

pub(crate) const STATE: &str = "st4te-of-the-test";

/// A navigator, what its browser was shown, and how often its user has come back.
pub(crate) struct Desktop {
    pub(crate) navigator: DesktopNavigator,
    pub(crate) shown: Arc<Mutex<Vec<Url>>>,
    pub(crate) returns: Rc<Cell<u32>>,
}

impl Desktop {
    pub(crate) fn new() -> Self {
        let shown = Arc::new(Mutex::new(Vec::new()));
        let list = shown.clone();
        Self::with_browser(shown, move |url| {
            list.lock().expect("nobody panics").push(url.clone());
            Ok(())
        })
    }

    pub(crate) fn with_browser(
        shown: Arc<Mutex<Vec<Url>>>,
        browser: impl Fn(&Url) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let returns = Rc::new(Cell::new(0));
        let count = returns.clone();
        let navigator = DesktopNavigator::new()
            .with_browser(browser)
            .with_on_return(Rc::new(move || count.set(count.get() + 1)));
        Self {
            navigator,
            shown,
            returns,
        }
    }

    pub(crate) fn patient_for(mut self, patience: Duration) -> Self {
        self.navigator = self.navigator.with_patience(patience);
        self
    }

    pub(crate) fn shown(&self) -> Vec<Url> {
        self.shown.lock().expect("nobody panics").clone()
    }

    pub(crate) async fn depart(&self, ports: &[u16]) -> Result<Box<dyn Departure>, PortError> {
        let way_back = WayBack {
            redirect_uri: None,
            loopback_ports: ports,
            ..WayBack::default()
        };
        self.navigator.depart(way_back).await
    }

    /// Leaves for the login page, on a port of the system's choice.
    pub(crate) async fn leave(&self) -> Away {
        let departure = self.depart(&[0]).await.expect("a free port");
        Away::by(departure)
    }

    /// Leaves, coming back to `redirect_uri`.
    pub(crate) async fn leave_for(&self, redirect_uri: &str) -> Away {
        let way_back = WayBack {
            redirect_uri: Some(redirect_uri),
            loopback_ports: &[],
            ..WayBack::default()
        };
        Away::by(self.navigator.depart(way_back).await.expect("a free port"))
    }
}

/// Returns an authorization URL with this state.
pub(crate) fn authorize(state: &str) -> Url {
    let url = format!("https://tenant.example/authorize?response_type=code&state={state}");
    url.parse().expect("a URL")
}

/// A login that waits for its user.
pub(crate) struct Away {
    pub(crate) trip: Task<'static, Trip>,
    pub(crate) redirect_uri: Url,
    pub(crate) authority: String,
    pub(crate) address: SocketAddr,
}

impl Away {
    pub(crate) fn by(departure: Box<dyn Departure>) -> Self {
        Self::with_state(departure, STATE)
    }

    pub(crate) fn with_state(departure: Box<dyn Departure>, state: &str) -> Self {
        let redirect_uri: Url = departure.redirect_uri().parse().expect("a URL");
        let address = redirect_uri.socket_addrs(|| None).expect("an address")[0];
        Self {
            trip: departure.go(authorize(state)),
            authority: address.to_string(),
            address,
            redirect_uri,
        }
    }

    /// Does `work` while the trip goes on, and fails if the trip ends.
    pub(crate) async fn during<T>(&mut self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            trip = &mut self.trip => panic!("the trip ended: {trip:?}"),
            done = work => done,
        }
    }

    /// Lets the trip go on for a moment.
    pub(crate) async fn wait(&mut self) {
        self.during(sleep(Duration::from_millis(30))).await;
    }

    /// Sends `bytes` and returns the answer. The trip goes on.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> Answer {
        let address = self.address;
        self.during(send(address, bytes.as_ref())).await
    }

    /// Asks for `target` as a browser does, with `headers` more. The trip goes on.
    pub(crate) async fn get(&mut self, target: &str, headers: &[&str]) -> Answer {
        let request = request("GET", target, &self.authority, headers);
        self.send(request).await
    }

    /// Returns the target of the answer that is waited for.
    pub(crate) fn good_target(&self) -> String {
        format!("{}?code=c0de&state={STATE}", self.redirect_uri.path())
    }

    pub(crate) fn good_request(&self) -> String {
        request("GET", &self.good_target(), &self.authority, &[])
    }

    /// Sends `request` and returns the answer to it and the end of the trip.
    pub(crate) async fn finish(self, request: &str) -> (Answer, Result<Trip, PortError>) {
        let (answer, trip) = tokio::join!(send(self.address, request.as_bytes()), self.trip);
        (answer, trip)
    }

    /// Comes back as the provider sends the user, which works whatever was sent before.
    pub(crate) async fn comes_back(self) {
        let request = self.good_request();
        let expected = self.redirect_uri.join(&self.good_target()).expect("a URL");
        let (answer, trip) = self.finish(&request).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        assert_eq!(trip, Ok(Trip::Back(expected)));
    }
}

/// Writes a request.
pub(crate) fn request(method: &str, target: &str, host: &str, headers: &[&str]) -> String {
    let mut lines = vec![
        format!("{method} {target} HTTP/1.1"),
        format!("Host: {host}"),
    ];
    lines.extend(headers.iter().map(|&header| header.to_owned()));
    lines.join("\r\n") + "\r\n\r\n"
}

/// What came back on a connection, up to its end.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Zero when nothing came.
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) text: String,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        Self {
            status: status.and_then(|status| status.parse().ok()).unwrap_or(0),
            headers: headers.collect(),
            body: body.to_owned(),
            text: text.clone(),
        }
    }

    /// Returns a header that stands there once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(found, _)| found == name);
        let (_, value) = values.next()?;
        assert!(values.next().is_none(), "{name} stands there twice");
        Some(value)
    }
}

/// Sends `bytes` on a connection of their own, and reads until the other side closes it.
pub(crate) async fn send(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.expect("the port is open");
    // The other side may refuse before it has read everything.
    let _ = stream.write_all(bytes).await;
    receive(&mut stream).await
}

pub(crate) async fn receive(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    let ended = timeout(Duration::from_secs(8), read).await;
    assert!(ended.is_ok(), "the connection stays open");
    Answer::parse(&bytes)
}

/// Says whether anybody listens at `address`.
pub(crate) async fn is_open(address: SocketAddr) -> bool {
    TcpStream::connect(address).await.is_ok()
}

/// Waits until nobody listens at `address`, at most for `limit`.
pub(crate) async fn closes_within(address: SocketAddr, limit: Duration) -> bool {
    let closed = async {
        while is_open(address).await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(limit, closed).await.is_ok()
}

/// Holds a port that was free.
pub(crate) async fn hold() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    (listener, port)
}

/// Returns a port that was free a moment ago.
pub(crate) async fn free_port() -> u16 {
    hold().await.1
}
