//! [`reqwest`] on rustls and tokio, without redirects or cookies.
//!
//! No request is sent twice. `reqwest` would repeat one that the server has turned away before reading it; here that is
//! for the caller to decide, who knows what a second refresh token costs. What is left to repeat is a request of which
//! nothing was written, because the connection was found closed before.

use std::time::Duration;

use reqwest::redirect::Policy;

use crate::port::{
    self, HTTP_TIMEOUT, Http, HttpRequest, HttpResponse, MAX_RESPONSE_BYTES, PortError, Task,
};

/// The time a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The time a connection is kept for another request: those of one login. It is shorter than servers keep theirs, and
/// than a machine sleeps, since nobody can tell whether a request arrived that was sent on a connection just closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// HTTP by `reqwest`.
pub struct NativeHttp {
    client: reqwest::Client,
}

impl Default for NativeHttp {
    fn default() -> Self {
        // An app that has chosen a provider of cryptography before keeps it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(HTTP_TIMEOUT)
            .build()
            .expect("rustls with its own provider and roots always builds");
        Self { client }
    }
}

impl Http for NativeHttp {
    fn send(&self, request: HttpRequest) -> Task<'_, HttpResponse> {
        let host = port::host(&request);
        Box::pin(async move {
            let failed = |error: reqwest::Error| failure(&host, &error);
            let request = reqwest::Request::try_from(request).map_err(failed)?;
            let mut response = self.client.execute(request).await.map_err(failed)?;
            if response.status().is_redirection() {
                return Err(PortError::Redirected { host });
            }
            let mut answer = http::Response::builder().status(response.status());
            for (name, value) in response.headers() {
                answer = answer.header(name, value);
            }
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(failed)? {
                if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
                    return Err(PortError::TooLarge {
                        host,
                        limit: MAX_RESPONSE_BYTES,
                    });
                }
                body.extend_from_slice(&chunk);
            }
            Ok(answer
                .body(body)
                .expect("status and headers of a response make a response"))
        })
    }
}

/// Says how far a request got. Opening a connection includes its TLS handshake, and the tunnel through a proxy.
fn failure(host: &str, error: &reqwest::Error) -> PortError {
    let host = host.to_owned();
    if error.is_connect() {
        return PortError::NotConnected { host };
    }
    match error.is_timeout() {
        true => PortError::Timeout {
            host,
            seconds: HTTP_TIMEOUT.as_secs(),
        },
        false => PortError::Unreachable { host },
    }
}
