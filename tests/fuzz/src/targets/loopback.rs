//! A request to the port that a login comes back to, from whoever reaches this machine's ports.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::time::Duration;

use dioxus_auth0::oidc::callback;
use dioxus_auth0::platform::desktop::DesktopNavigator;
use dioxus_auth0::port::{Navigator, PortError, Task, Trip, WayBack};
use futures_util::future::{Either, select};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use url::Url;

use crate::world::STATE;

/// The port as seeds name it; the real one takes its place.
const PORT: &str = "14410";

/// Whatever is sent, it is answered with a page that holds nothing of it or not at all, and ends the wait only if it is
/// an answer to the login: to the letter at the redirect URI, with its state.
pub fn run(bytes: &[u8]) {
    DESK.with_borrow_mut(|desk| {
        let desk = desk.get_or_insert_with(Desk::new);
        desk.check(bytes);
    });
}

thread_local! {
    static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
}

/// A desktop with a login that waits.
struct Desk {
    runtime: Runtime,
    navigator: DesktopNavigator,
    waiting: Option<Waiting>,
}

struct Waiting {
    trip: Task<'static, Trip>,
    redirect_uri: Url,
    address: SocketAddr,
}

impl Desk {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        Self {
            runtime: runtime.expect("a runtime"),
            navigator: DesktopNavigator::new()
                .with_browser(|_| Ok(()))
                .with_patience(Duration::from_secs(1_000_000)),
            waiting: None,
        }
    }

    fn check(&mut self, bytes: &[u8]) {
        let Self {
            runtime,
            navigator,
            waiting,
        } = self;
        runtime.block_on(async {
            let login = match waiting.take() {
                Some(login) => login,
                None => leave(navigator).await,
            };
            *waiting = login.visited(bytes).await;
        });
    }
}

async fn leave(navigator: &DesktopNavigator) -> Waiting {
    let way_back = WayBack {
        loopback_ports: &[0],
        ..WayBack::default()
    };
    let departure = navigator.depart(way_back).await.expect("a free port");
    let redirect_uri: Url = departure.redirect_uri().parse().expect("a URL");
    let authorize = format!("https://tenant.example/authorize?state={STATE}");
    Waiting {
        address: redirect_uri.socket_addrs(|| None).expect("an address")[0],
        trip: departure.go(authorize.parse().expect("a URL")),
        redirect_uri,
    }
}

impl Waiting {
    /// Sends the bytes, and returns the login if it still waits.
    async fn visited(mut self, bytes: &[u8]) -> Option<Self> {
        let port = self.address.port().to_string();
        let bytes = replaced(bytes, PORT.as_bytes(), port.as_bytes());
        let visit = Box::pin(visit(self.address, &bytes));
        let (trip, answer) = match select(&mut self.trip, visit).await {
            Either::Left((trip, visit)) => (Some(trip), visit.await),
            Either::Right((answer, _)) => (None, answer),
        };
        // What came with the end of the visit.
        let trip = match trip {
            Some(trip) => Some(trip),
            None => timeout(Duration::ZERO, &mut self.trip).await.ok(),
        };
        assert_page(&answer);
        match trip {
            None => {
                assert!(!answer.starts_with(b"HTTP/1.1 303"), "nobody is sent on");
                Some(self)
            }
            Some(trip) => {
                self.assert_back(trip);
                None
            }
        }
    }

    fn assert_back(&self, trip: Result<Trip, PortError>) {
        let Ok(Trip::Back(url)) = trip else {
            panic!("{trip:?}");
        };
        assert!(callback::is_callback(&url), "it is an answer");
        let state = callback::state_of(&url).expect("with one state");
        assert_eq!(state.expose(), STATE);
        assert!(callback::leads_to(&url, self.redirect_uri.as_str()));
    }
}

/// Sends all of it and reads up to the end.
async fn visit(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    // A machine may have no sockets left for a moment: they are used up faster here than by any program.
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return answer;
    };
    // The other side may refuse before it has read everything.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let read = stream.read_to_end(&mut answer);
    let ended = timeout(Duration::from_secs(4), read).await;
    assert!(ended.is_ok(), "the connection stays open");
    answer
}

/// Asserts that it is a page of ours or nothing, and that it tells nothing of the login or of the request.
fn assert_page(answer: &[u8]) {
    if answer.is_empty() {
        return;
    }
    let text = String::from_utf8_lossy(answer);
    let status = text
        .strip_prefix("HTTP/1.1 ")
        .or(text.strip_prefix("HTTP/1.0 "));
    let status = status.and_then(|rest| rest.get(..3)).unwrap_or_default();
    let known = ["200", "303", "400", "403", "404", "405", "414", "431"];
    assert!(known.contains(&status), "{text}");
    assert!(!text.contains("s3cr3t"), "{text}");
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|part| part == from) {
        result.extend_from_slice(&rest[..at]);
        result.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    result.extend_from_slice(rest);
    result
}
