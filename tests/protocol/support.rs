//! Keys that sign, a verifier that checks, an HTTP client that follows a script, and a way to run a future that never
//! waits.

use std::cell::RefCell;
use std::future::ready;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dioxus_auth0::oidc::{Jwks, Jws, RsaKey};
use dioxus_auth0::secret::IdToken;
use http::{Request, Response};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use serde_json::{Value, json};
use url::Url;

/// A key of the test provider. They exist for these tests alone and guard nothing.
pub(crate) struct Signer {
    pair: KeyPair,
    kid: &'static str,
}

impl Signer {
    pub(crate) fn provider() -> Self {
        Self::new(include_bytes!("../../src/testing/provider.der"), "provider")
    }

    pub(crate) fn stranger() -> Self {
        Self::new(include_bytes!("keys/stranger.der"), "stranger")
    }

    fn new(pkcs8: &[u8], kid: &'static str) -> Self {
        let pair = KeyPair::from_pkcs8(pkcs8).unwrap();
        Self { pair, kid }
    }

    pub(crate) fn jwk(&self) -> Value {
        let public = PublicKeyComponents::<Vec<u8>>::from(self.pair.public());
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid,
            "n": encode(&public.n), "e": encode(&public.e),
        })
    }

    pub(crate) fn sign(&self, claims: &Value) -> IdToken {
        self.sign_with(
            &json!({ "alg": "RS256", "typ": "JWT", "kid": self.kid }),
            claims,
        )
    }

    /// Signs by RS256 whatever the header says.
    pub(crate) fn sign_with(&self, header: &Value, claims: &Value) -> IdToken {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    pub(crate) fn sign_text(&self, header: &str, payload: &str) -> IdToken {
        let input = format!(
            "{}.{}",
            encode(header.as_bytes()),
            encode(payload.as_bytes())
        );
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                input.as_bytes(),
                &mut signature,
            )
            .unwrap();
        IdToken::new(format!("{input}.{}", encode(&signature)))
    }
}

/// What a machine's crypto port does.
pub(crate) fn is_genuine(jws: &Jws<'_>, keys: &[&RsaKey]) -> bool {
    keys.iter().any(|key| {
        let public = PublicKeyComponents {
            n: &key.n,
            e: &key.e,
        };
        public
            .verify(
                &RSA_PKCS1_2048_8192_SHA256,
                jws.signing_input(),
                jws.signature(),
            )
            .is_ok()
    })
}

pub(crate) fn keys(jwks: &[Value]) -> Jwks {
    Jwks::parse(&json!({ "keys": jwks })).unwrap()
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

pub(crate) type Answer = Result<Response<Vec<u8>>, Offline>;

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("offline")]
pub(crate) struct Offline;

/// An HTTP client that gives one answer and keeps what it was sent.
pub(crate) struct Script {
    answer: RefCell<Option<Answer>>,
    sent: RefCell<Vec<Request<Vec<u8>>>>,
}

impl Script {
    pub(crate) fn new(answer: Answer) -> Self {
        Self {
            answer: RefCell::new(Some(answer)),
            sent: RefCell::default(),
        }
    }

    pub(crate) fn http(&self, request: Request<Vec<u8>>) -> impl Future<Output = Answer> {
        self.sent.borrow_mut().push(request);
        ready(self.answer.take().expect("one request, not more"))
    }

    /// Gives what was sent, and forgets it.
    pub(crate) fn sent(&self) -> Vec<Request<Vec<u8>>> {
        self.sent.take()
    }

    pub(crate) fn request(&self) -> Request<Vec<u8>> {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "one request");
        sent.remove(0)
    }

    /// Gives the body of the one request that was sent, which must be a form posted to `endpoint`.
    pub(crate) fn form(&self, endpoint: &str) -> String {
        let request = self.request();
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri(), endpoint);
        let mut headers: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        headers.sort_unstable();
        assert_eq!(
            headers,
            [
                ("accept", "application/json"),
                ("content-type", "application/x-www-form-urlencoded"),
            ]
        );
        String::from_utf8(request.into_body()).unwrap()
    }
}

pub(crate) fn response(status: u16, content_type: &str, body: &str) -> Answer {
    with_headers(status, &[("content-type", content_type)], body)
}

pub(crate) fn with_headers(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    Ok(response.body(body.as_bytes().to_vec()).unwrap())
}

/// Runs a future whose parts are all ready.
pub(crate) fn now_or_never<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits for something"),
    }
}
