//! [`fetch`](https://developer.mozilla.org/docs/Web/API/Window/fetch), without redirects, cookies, cache or referrer.
//!
//! `reqwest` runs on `fetch` too, but cannot tell it to leave redirects alone or to stop after so many bytes.

use std::cell::Cell;
use std::rc::Rc;

use http::header::{CONTENT_TYPE, DATE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, Request, RequestCache,
    RequestCredentials, RequestInit, RequestRedirect, Response, ResponseType,
};

use super::{WebConnection, window};
use crate::port::{
    self, Connection, HTTP_TIMEOUT, Http, HttpRequest, HttpResponse, MAX_RESPONSE_BYTES, PortError,
    Task,
};

/// What the protocol reads. A page is shown no header but the first unless the server exposes it
/// ([Fetch §3.3.4](https://fetch.spec.whatwg.org/#http-access-control-expose-headers)).
const READ: [HeaderName; 6] = [
    CONTENT_TYPE,
    DATE,
    RETRY_AFTER,
    WWW_AUTHENTICATE,
    HeaderName::from_static("x-ratelimit-reset"),
    HeaderName::from_static("dpop-nonce"),
];

/// The browser's `fetch`.
pub struct WebHttp;

impl Http for WebHttp {
    fn send(&self, request: HttpRequest) -> Task<'_, HttpResponse> {
        Box::pin(async move {
            let url = request.uri().to_string();
            let host = port::host(&request);
            let Some(deadline) = Deadline::start() else {
                return Err(PortError::Unreachable { host });
            };
            let exchanged = exchange(&url, request, &deadline).await;
            exchanged.map_err(|failure| match failure {
                _ if deadline.is_over() => PortError::Timeout {
                    host,
                    seconds: HTTP_TIMEOUT.as_secs(),
                },
                Failure::NotConnected => PortError::NotConnected { host },
                Failure::Thrown => PortError::Unreachable { host },
                Failure::Redirected => PortError::Redirected { host },
                Failure::TooLarge => PortError::TooLarge {
                    host,
                    limit: MAX_RESPONSE_BYTES,
                },
            })
        })
    }
}

enum Failure {
    /// There was no network, before and after: nothing can have been sent.
    NotConnected,
    /// `fetch` tells a page nothing but that it failed.
    Thrown,
    Redirected,
    TooLarge,
}

impl From<JsValue> for Failure {
    fn from(_: JsValue) -> Self {
        Self::Thrown
    }
}

async fn exchange(
    url: &str,
    request: HttpRequest,
    deadline: &Deadline,
) -> Result<HttpResponse, Failure> {
    let request = write(url, request, deadline)?;
    // Sent all the same: there are machines on which browsers miss the network and are wrong.
    let was_offline = WebConnection.is_offline();
    let fetched = JsFuture::from(window().fetch_with_request(&request)).await;
    let response: Response = match fetched {
        Ok(response) => response.unchecked_into(),
        Err(_) if was_offline && WebConnection.is_offline() => return Err(Failure::NotConnected),
        Err(_) => return Err(Failure::Thrown),
    };
    if response.type_() == ResponseType::Opaqueredirect {
        return Err(Failure::Redirected);
    }
    let mut answer = HttpResponse::new(read(&response).await?);
    *answer.status_mut() = StatusCode::from_u16(response.status()).map_err(|_| Failure::Thrown)?;
    for name in READ {
        if let Some(value) = response.headers().get(name.as_str())?
            && let Ok(value) = HeaderValue::try_from(value)
        {
            answer.headers_mut().insert(name, value);
        }
    }
    Ok(answer)
}

fn write(url: &str, request: HttpRequest, deadline: &Deadline) -> Result<Request, Failure> {
    let init = RequestInit::new();
    init.set_method(request.method().as_str());
    init.set_redirect(RequestRedirect::Manual);
    init.set_credentials(RequestCredentials::Omit);
    init.set_cache(RequestCache::NoStore);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_signal(Some(&deadline.controller.signal()));
    if !request.body().is_empty() {
        init.set_body(&Uint8Array::from(request.body().as_slice()));
    }
    let fetch = Request::new_with_str_and_init(url, &init)?;
    for (name, value) in request.headers() {
        let value = value.to_str().map_err(|_| Failure::Thrown)?;
        fetch.headers().set(name.as_str(), value)?;
    }
    Ok(fetch)
}

async fn read(response: &Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    let Some(stream) = response.body() else {
        return Ok(body);
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let chunk = JsFuture::from(reader.read()).await?;
        if Reflect::get(&chunk, &"done".into())?.is_truthy() {
            return Ok(body);
        }
        let chunk: Uint8Array = Reflect::get(&chunk, &"value".into())?.unchecked_into();
        if body.len() + chunk.length() as usize > MAX_RESPONSE_BYTES {
            return Err(Failure::TooLarge);
        }
        body.extend(chunk.to_vec());
    }
}

/// Aborts a request when its time is over, or when nobody waits for it any more.
struct Deadline {
    controller: AbortController,
    timer: i32,
    is_over: Rc<Cell<bool>>,
    /// What the timer calls; it lives as long as the timer may.
    _ring: Closure<dyn Fn()>,
}

impl Deadline {
    fn start() -> Option<Self> {
        let controller = AbortController::new().ok()?;
        let is_over = Rc::new(Cell::new(false));
        let ring = Closure::<dyn Fn()>::new({
            let (controller, is_over) = (controller.clone(), is_over.clone());
            move || {
                is_over.set(true);
                controller.abort();
            }
        });
        let milliseconds = i32::try_from(HTTP_TIMEOUT.as_millis()).ok()?;
        let timer = window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(
                ring.as_ref().unchecked_ref(),
                milliseconds,
            )
            .ok()?;
        Some(Self {
            controller,
            timer,
            is_over,
            _ring: ring,
        })
    }

    fn is_over(&self) -> bool {
        self.is_over.get()
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        window().clear_timeout_with_handle(self.timer);
        self.controller.abort();
    }
}
