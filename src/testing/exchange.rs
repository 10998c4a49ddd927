//! The way of a request: there, what is done with it, and back.

use std::task::Poll;

use http::Method;
use http::header::DATE;
use serde_json::{Value, json};

use super::endpoint::{AUTHORIZE, DEVICE, KEYS, PUSHED_REQUEST, REVOCATION, TOKEN, USERINFO};
use super::fault::{Instead, date, timeout};
use super::journal::form;
use super::reply::{refusal, reply};
use super::{Endpoint, Fault, MemoryProvider, key};
use crate::port::{self, Clock, HTTP_TIMEOUT, Http, HttpRequest, HttpResponse, PortError, Task};

impl Http for MemoryProvider {
    fn send(&self, request: HttpRequest) -> Task<'_, HttpResponse> {
        Box::pin(self.exchange(request))
    }
}

impl MemoryProvider {
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, PortError> {
        let host = port::host(&request);
        let at = Endpoint::at(&request.uri().to_string(), &self.rules.borrow());
        let sent_at = self.clock.now();
        let journey = self.journal.set_out(&request, at, sent_at);
        others_first().await;
        let fault = self.befalls(at);
        journey.meets(fault.as_ref());
        let is_processed = fault.as_ref().is_none_or(Fault::is_processed);
        let answer = is_processed.then(|| self.process(&request, at, fault.as_ref()));
        let mut heard = self.hears(answer, fault.as_ref(), &host);
        if let Some(Fault::Slow(delay)) = fault {
            self.clock.sleep(delay.min(HTTP_TIMEOUT)).await;
            if delay > HTTP_TIMEOUT {
                heard = Err(timeout(host));
            }
        }
        others_first().await;
        journey.ends(&heard);
        heard
    }

    /// Makes what the sender hears of what the provider answered, if it was asked.
    fn hears(
        &self,
        answer: Option<HttpResponse>,
        fault: Option<&Fault>,
        host: &str,
    ) -> Result<HttpResponse, PortError> {
        let mfa_token = || self.ledger.borrow_mut().name("mfa");
        let instead = fault.and_then(|fault| fault.instead(host, mfa_token));
        let mut heard = match (instead, answer) {
            (Some(Instead::Error(error)), _) => return Err(error),
            (Some(Instead::Answer(answer)), _) | (None, Some(answer)) => answer,
            (None, None) => unreachable!("whatever is not processed has something in its place"),
        };
        heard.headers_mut().insert(DATE, date(self.now()));
        if let Some(fault) = fault {
            fault.spoil(&mut heard, self.now());
        }
        Ok(heard)
    }

    /// Does what a request asks and answers it.
    fn process(&self, request: &HttpRequest, at: Endpoint, fault: Option<&Fault>) -> HttpResponse {
        let method = request.method();
        match at {
            Endpoint::Discovery if method == Method::GET => reply(200, &self.metadata()),
            Endpoint::Keys if method == Method::GET => reply(200, &key::jwks(&self.kid())),
            Endpoint::PushedRequest if method == Method::POST => self.push(&form(request)),
            Endpoint::Device if method == Method::POST => self.begin_device(&form(request)),
            Endpoint::Token if method == Method::POST => self.token(request, fault),
            Endpoint::Revocation if method == Method::POST => self.revoke(&form(request)),
            Endpoint::Userinfo => self.userinfo(request),
            Endpoint::Api => self.api(request),
            _ => refusal(404, "not_found", "There is nothing here"),
        }
    }

    fn metadata(&self) -> Value {
        let rules = self.rules.borrow();
        let at = |path: &str| [&rules.issuer, path].concat();
        json!({
            "issuer": rules.issuer,
            "authorization_endpoint": at(AUTHORIZE),
            "token_endpoint": at(TOKEN),
            "jwks_uri": at(KEYS),
            "userinfo_endpoint": at(USERINFO),
            "revocation_endpoint": at(REVOCATION),
            "end_session_endpoint": at("oidc/logout"),
            "device_authorization_endpoint": at(DEVICE),
            "pushed_authorization_request_endpoint": at(PUSHED_REQUEST),
            "require_pushed_authorization_requests": rules.requires_pushed_requests,
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "dpop_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": rules.sends_iss,
        })
    }
}

/// Lets everything else that is ready run before it goes on.
pub(super) async fn others_first() {
    let mut has_waited = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut has_waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
