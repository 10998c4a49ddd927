//! [`reqwest`] on rustls and tokio, without redirects or cookies.
//!
//! No request is sent twice. `reqwest` would repeat one that the server has turned away before reading it; here that is
//! for the caller to decide, who knows what a second refresh token costs. What is left to repeat is a request of which
//! nothing was written, because the connection was found closed before.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::redirect::Policy;

use super::roots;
use crate::platform::CERTIFICATES;
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
    /// Where the certificates are; none where the system verifies.
    certificates: Vec<PathBuf>,
    /// Made by the first request.
    client: OnceCell<reqwest::Client>,
}

impl Default for NativeHttp {
    /// Trusts whom this machine trusts.
    fn default() -> Self {
        Self::trusting(CERTIFICATES.iter().map(PathBuf::from))
    }
}

impl NativeHttp {
    /// Trusts the certificates in the first of these directories that has any, or whom this machine trusts if there are
    /// no directories. Nothing is read yet.
    pub fn trusting(certificates: impl IntoIterator<Item = PathBuf>) -> Self {
        Self {
            certificates: certificates.into_iter().collect(),
            client: OnceCell::new(),
        }
    }

    fn client(&self) -> Result<&reqwest::Client, PortError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = client(&self.certificates)?;
        Ok(self.client.get_or_init(|| client))
    }
}

fn client(certificates: &[PathBuf]) -> Result<reqwest::Client, PortError> {
    // An app that has chosen a provider of cryptography before keeps it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut client = reqwest::Client::builder()
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(HTTP_TIMEOUT);
    if !certificates.is_empty() {
        client = client.tls_certs_only(roots::read(certificates)?);
    }
    client.build().map_err(|error| PortError::Unavailable {
        what: "a secure connection",
        why: error.to_string(),
    })
}

impl Http for NativeHttp {
    fn send(&self, request: HttpRequest) -> Task<'_, HttpResponse> {
        let host = port::host(&request);
        Box::pin(async move {
            let failed = |error: reqwest::Error| failure(&host, &error);
            let client = self.client()?;
            let request = reqwest::Request::try_from(request).map_err(failed)?;
            let mut response = client.execute(request).await.map_err(failed)?;
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
