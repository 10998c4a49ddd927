//! A list of answers, and the requests that were sent.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::task::Poll;

use crate::port::{self, Http, HttpRequest, HttpResponse, PortError, Task};

/// How often others are let go first: more often than callers wait for one request.
const TURNS: u32 = 128;

/// Answers each request with what was prepared for it, in order, and not before others had their turn, as on a network.
///
/// A request that nothing was prepared for gets no answer. Dropping it with answers that nobody asked for panics, so
/// that a test cannot pass by doing less.
#[derive(Default)]
pub struct MemoryHttp {
    answers: RefCell<VecDeque<(String, Result<HttpResponse, PortError>)>>,
    requests: RefCell<Vec<HttpRequest>>,
}

impl MemoryHttp {
    /// Prepares an answer to `request`, written as method and URL: `GET https://…`.
    pub fn answer(&self, request: &str, status: u16, body: impl Into<Vec<u8>>) {
        let body = body.into();
        let kind = match body.first() {
            Some(b'<') => "text/html",
            _ => "application/json",
        };
        let response = http::Response::builder()
            .status(status)
            .header("content-type", kind)
            .body(body)
            .expect("a status and a literal header make a response");
        self.prepare(request, Ok(response));
    }

    /// Prepares a failure for `request`.
    pub fn fail(&self, request: &str, error: PortError) {
        self.prepare(request, Err(error));
    }

    /// Returns what was sent, in order.
    pub fn requests(&self) -> Vec<HttpRequest> {
        self.requests.borrow().clone()
    }

    /// Returns method and URL of what was sent, in order.
    pub fn sent(&self) -> Vec<String> {
        self.requests.borrow().iter().map(line).collect()
    }

    /// Gives up the answers that are left.
    pub fn forget_answers(&self) {
        self.answers.borrow_mut().clear();
    }

    fn prepare(&self, request: &str, answer: Result<HttpResponse, PortError>) {
        let mut answers = self.answers.borrow_mut();
        answers.push_back((request.to_owned(), answer));
    }

    fn take(&self, request: &str) -> Option<Result<HttpResponse, PortError>> {
        let mut answers = self.answers.borrow_mut();
        match answers.front() {
            Some((expected, _)) if expected == request => answers.pop_front().map(|(_, a)| a),
            _ => None,
        }
    }
}

impl Http for MemoryHttp {
    fn send(&self, request: HttpRequest) -> Task<'_, HttpResponse> {
        Box::pin(async move {
            let line = line(&request);
            let host = port::host(&request);
            self.requests.borrow_mut().push(request);
            others_first().await;
            self.take(&line)
                .unwrap_or(Err(PortError::Unreachable { host }))
        })
    }
}

impl Drop for MemoryHttp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let answers = self.answers.borrow();
        let left: Vec<&str> = answers.iter().map(|(line, _)| line.as_str()).collect();
        assert!(left.is_empty(), "nobody asked for {}", left.join(", "));
    }
}

/// Lets everything else that is ready run before it goes on. What waits for one request together polls it together.
pub(super) async fn others_first() {
    let mut turns = 0;
    std::future::poll_fn(|context| {
        turns += 1;
        if turns > TURNS {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn line(request: &HttpRequest) -> String {
    [request.method().as_str(), " ", &request.uri().to_string()].concat()
}
