//! An answer over HTTP as a text that people can write and fuzzers can cut: a status, headers, an empty line, a body.

use std::future::ready;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use dioxus_auth0::port::HttpResponse;
use http::{HeaderName, HeaderValue, Response, StatusCode};

/// Reads the text. A line that is no header is left out, so that most texts are some answer.
pub(crate) fn read(bytes: &[u8]) -> Option<HttpResponse> {
    let mut rest = bytes;
    let status = std::str::from_utf8(line(&mut rest)).ok()?;
    let mut answer = Response::new(Vec::new());
    *answer.status_mut() = StatusCode::from_u16(status.trim().parse().ok()?).ok()?;
    loop {
        let line = line(&mut rest);
        if line.is_empty() {
            break;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            answer.headers_mut().append(name, value);
        }
    }
    *answer.body_mut() = rest.to_vec();
    Some(answer)
}

fn line<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let end = rest.iter().position(|byte| *byte == b'\n');
    let (line, after) = match end {
        Some(end) => (&rest[..end], &rest[end + 1..]),
        None => (*rest, &rest[rest.len()..]),
    };
    *rest = after;
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The headers as a text, for what may be said of them.
pub(crate) fn headers(answer: &HttpResponse) -> String {
    let values = answer.headers().values();
    values
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect()
}

/// Gives the answer to whoever sends a request.
pub(crate) fn give(
    answer: &HttpResponse,
) -> impl Fn(http::Request<Vec<u8>>) -> std::future::Ready<Result<HttpResponse, std::fmt::Error>> {
    let answer = answer.clone();
    move |_| ready(Ok(answer.clone()))
}

/// Runs what waits for nothing but itself.
///
/// # Panics
///
/// When it waits for something that never comes.
pub(crate) fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..100_000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
    panic!("it waits for something that never comes");
}
