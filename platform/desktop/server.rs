//! The listener while a login waits: [`hyper`] over what [`tokio`] accepts on one socket of loopback.
//!
//! All of it is one value that is polled by whoever waits. Dropping it closes the port and every connection at once.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::{self, Cursor, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep, timeout};
use url::Url;

use super::gate::{Gate, Guest, parameter};
use super::head::{self, MAX_FIELDS, MAX_HEADERS, MAX_LINE};
use super::pages::{self, Page};

/// The most connections at a time. One more takes the place of the oldest, which has had its time: a browser sends its
/// request in one piece.
const MAX_CONNECTIONS: usize = 64;

/// How many connections are accepted before those that are there are served again.
const ACCEPTED_AT_ONCE: usize = 16;

/// How long a connection may last.
const DEADLINE: Duration = Duration::from_secs(5);

/// How long to leave the listener alone when the system has no more sockets to give.
const PAUSE: Duration = Duration::from_millis(100);

/// How long the port stays open for the browser to fetch its last page.
const FAREWELL: Duration = Duration::from_secs(2);

/// The most bytes that are read and thrown away, so that a peer that still sends gets to read the answer.
const MAX_LEFTOVER: u64 = 65_536;

/// Stands in for a request whose head was refused before it was parsed.
const REFUSED: &[u8] = b"GET / HTTP/1.1\r\nhost: refused\r\n\r\n";

/// A port that is listened on.
pub(super) struct Server {
    listener: TcpListener,
    hall: Arc<Hall>,
    connections: VecDeque<Connection>,
    pause: Option<Pin<Box<Sleep>>>,
}

type Connection = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What all connections share: who is waited for, and whether they have come.
struct Hall {
    gate: Gate,
    stage: Mutex<Stage>,
}

enum Stage {
    Waiting,
    Answered {
        /// The answer, until it is taken.
        url: Option<Url>,
        is_refusal: bool,
        has_shown: bool,
    },
}

impl Server {
    pub(super) fn new(listener: TcpListener, gate: Gate) -> Self {
        Self {
            listener,
            hall: Arc::new(Hall {
                gate,
                stage: Mutex::new(Stage::Waiting),
            }),
            connections: VecDeque::new(),
            pause: None,
        }
    }

    /// Serves whoever is there, until the answer is.
    pub(super) fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<Url> {
        self.serve(context);
        match self.hall.take_answer() {
            Some(url) => Poll::Ready(url),
            None => Poll::Pending,
        }
    }

    /// Serves the browser that brought the answer until it has its last page.
    fn poll_farewell(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.serve(context);
        match self.hall.has_shown() && self.connections.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    fn serve(&mut self, context: &mut Context<'_>) {
        self.accept(context);
        self.connections
            .retain_mut(|connection| connection.as_mut().poll(context).is_pending());
    }

    fn accept(&mut self, context: &mut Context<'_>) {
        for _ in 0..ACCEPTED_AT_ONCE {
            if let Some(pause) = &mut self.pause {
                if pause.as_mut().poll(context).is_pending() {
                    return;
                }
                self.pause = None;
            }
            match self.listener.poll_accept(context) {
                Poll::Pending => return,
                Poll::Ready(Ok((stream, _))) => self.welcome(stream),
                // The peer was gone before it was accepted.
                Poll::Ready(Err(error)) if error.kind() == ErrorKind::ConnectionAborted => {}
                Poll::Ready(Err(_)) => self.pause = Some(Box::pin(sleep(PAUSE))),
            }
        }
        // More may be there, after these.
        context.waker().wake_by_ref();
    }

    fn welcome(&mut self, stream: TcpStream) {
        if self.connections.len() >= MAX_CONNECTIONS {
            self.connections.pop_front();
        }
        let hall = self.hall.clone();
        self.connections.push_back(Box::pin(async move {
            // Whoever takes longer, or goes away, has nothing more to hear.
            let _ = timeout(DEADLINE, converse(stream, &hall)).await;
        }));
    }
}

/// A port that is open for the browser's last page only, and closes by itself soon.
#[derive(Clone, Default)]
pub(super) struct Farewell(Arc<Mutex<Option<Server>>>);

impl Farewell {
    /// Takes over from the login that has its answer.
    pub(super) fn of(server: Server) -> Self {
        Self(Arc::new(Mutex::new(Some(server))))
    }

    pub(super) async fn serve(self) {
        let served = std::future::poll_fn(|context| match &mut *lock(&self.0) {
            Some(server) => server.poll_farewell(context),
            None => Poll::Ready(()),
        });
        // Nobody may ever ask for the page.
        let _ = timeout(FAREWELL, served).await;
        self.close();
    }

    /// Closes the port now.
    pub(super) fn close(&self) {
        let server = lock(&self.0).take();
        drop(server);
    }
}

/// Takes one request and answers it.
async fn converse(mut stream: TcpStream, hall: &Hall) -> io::Result<()> {
    let head = head::read(&mut stream).await?;
    let refused = head.as_ref().err().copied();
    let head = head.unwrap_or_else(|_| REFUSED.to_vec());
    let respond = |request| {
        let page = match refused {
            Some(status) => pages::refusal(status),
            None => hall.respond(&request),
        };
        std::future::ready(Ok::<_, Infallible>(page))
    };
    let (reader, writer) = stream.split();
    let replayed = tokio::io::join(Cursor::new(head).chain(reader), writer);
    // An error is the peer's: its request is none, or it has gone away. `hyper` has answered as far as it could.
    let _ = http1::Builder::new()
        .keep_alive(false)
        .half_close(true)
        .auto_date_header(false)
        .max_headers(MAX_FIELDS)
        .max_buf_size(MAX_LINE + MAX_HEADERS + 2)
        .serve_connection(TokioIo::new(replayed), service_fn(respond))
        .await;
    stream.shutdown().await?;
    // A socket that is closed with bytes unread resets the connection. Linux hands the answer over all the same; other
    // systems throw it away.
    tokio::io::copy(&mut stream.take(MAX_LEFTOVER), &mut tokio::io::sink()).await?;
    Ok(())
}

impl Hall {
    fn respond<B>(&self, request: &Request<B>) -> Page {
        let guest = self.gate.judge(request);
        let mut stage = self.stage();
        match (guest, &mut *stage) {
            (Guest::Answer(url), Stage::Waiting) => {
                *stage = Stage::Answered {
                    is_refusal: !matches!(parameter(&url, "error"), Ok(None)),
                    url: Some(url),
                    has_shown: false,
                };
                pages::onward(self.gate.last_page())
            }
            // The first has counted.
            (Guest::Answer(_), Stage::Answered { .. }) => pages::onward(self.gate.last_page()),
            (Guest::Leaving, Stage::Waiting) => pages::refusal(http::StatusCode::NOT_FOUND),
            (
                Guest::Leaving,
                Stage::Answered {
                    is_refusal,
                    has_shown,
                    ..
                },
            ) => {
                *has_shown = true;
                pages::last(*is_refusal)
            }
            (Guest::Stranger(status), _) => pages::refusal(status),
        }
    }

    fn take_answer(&self) -> Option<Url> {
        match &mut *self.stage() {
            Stage::Answered { url, .. } => url.take(),
            Stage::Waiting => None,
        }
    }

    fn has_shown(&self) -> bool {
        matches!(
            &*self.stage(),
            Stage::Answered {
                has_shown: true,
                ..
            }
        )
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        lock(&self.stage)
    }
}

/// Locks what nothing that panics can leave half-done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
