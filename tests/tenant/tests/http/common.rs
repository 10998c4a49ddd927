//! A browser and an application, over plain HTTP.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::{Map, Value};
use tenant::{Application, Builder, DEMO_PASSWORD, Tenant};
use url::Url;

pub(crate) const ORIGIN: &str = "http://127.0.0.1:8080";
pub(crate) const CALLBACK: &str = "http://127.0.0.1:8080/callback";
pub(crate) const CLIENT: &str = "dioxus-auth0-demo";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const ADA: &str = "auth0|ada000000000000000000001";
pub(crate) const GRACE: &str = "auth0|grace0000000000000000002";
pub(crate) const SCOPE: &str =
    "openid profile email read:current_user update:current_user_metadata";

pub(crate) fn demo() -> Builder {
    builder(true)
}

pub(crate) fn builder(first_party: bool) -> Builder {
    Tenant::builder()
        .application(
            Application::new(CLIENT)
                .name("Demo")
                .served_at(ORIGIN)
                .first_party(first_party),
        )
        .application(
            Application::new("other-app")
                .served_at("http://127.0.0.1:9090")
                .first_party(true),
        )
        .demo_users()
}

pub(crate) async fn start() -> Tenant {
    demo().start().await.expect("the tenant starts")
}

/// One browser with its cookies, which follows no redirect by itself.
pub(crate) struct Browser {
    pub(crate) http: Client,
    pub(crate) root: String,
}

/// A page the browser stands on.
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) html: String,
}

pub(crate) type Params = Vec<(&'static str, String)>;

pub(crate) fn params(tenant: &Tenant) -> Params {
    vec![
        ("client_id", CLIENT.into()),
        ("redirect_uri", CALLBACK.into()),
        ("response_type", "code".into()),
        ("scope", SCOPE.into()),
        ("audience", tenant.audience()),
        ("state", "st4te".into()),
        ("nonce", "n0nce".into()),
        ("code_challenge", challenge(VERIFIER)),
        ("code_challenge_method", "S256".into()),
    ]
}

/// Sets or, with an empty value, removes a parameter.
pub(crate) fn with(mut params: Params, name: &'static str, value: &str) -> Params {
    params.retain(|(key, _)| *key != name);
    if !value.is_empty() {
        params.push((name, value.into()));
    }
    params
}

pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

pub(crate) fn plain_client() -> Client {
    Client::builder()
        .redirect(Policy::none())
        .build()
        .expect("a client")
}

impl Browser {
    pub(crate) fn new(tenant: &Tenant) -> Self {
        let http = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .build()
            .expect("a client");
        Self {
            http,
            root: tenant.issuer().trim_end_matches('/').to_owned(),
        }
    }

    pub(crate) async fn authorize(&self, params: &Params) -> Response {
        self.http
            .get(format!("{}/authorize", self.root))
            .query(params)
            .send()
            .await
            .expect("an answer")
    }

    pub(crate) async fn open(&self, path: &str) -> Page {
        let response = self
            .http
            .get(format!("{}{path}", self.root))
            .send()
            .await
            .expect("an answer");
        page(response).await
    }

    /// Goes to `/authorize` and on to the page it leads to.
    pub(crate) async fn begin(&self, params: &Params) -> Page {
        let response = self.authorize(params).await;
        assert_eq!(response.status(), 302, "authorize redirects");
        let path = location(&response);
        assert!(
            path.starts_with("/u/"),
            "authorize leads to a page, not to {path}"
        );
        self.open(&path).await
    }

    /// Sends the form of a page with these fields beside its hidden ones.
    pub(crate) async fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Response {
        let mut form = page.hidden();
        form.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        self.post(page, &form).await
    }

    /// Sends a form that is not taken, and follows to the page that says why.
    pub(crate) async fn submit_in_vain(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let response = self.submit(page, fields).await;
        assert_eq!(response.status(), 302);
        self.open(&location(&response)).await
    }

    pub(crate) async fn post(&self, page: &Page, form: &HashMap<String, String>) -> Response {
        self.http
            .post(page.url.clone())
            .form(form)
            .send()
            .await
            .expect("an answer")
    }

    pub(crate) async fn log_in(&self, params: &Params, email: &str) -> Response {
        let page = self.begin(params).await;
        self.submit(&page, &[("email", email), ("password", DEMO_PASSWORD)])
            .await
    }

    /// Logs in without consent page and returns the code.
    pub(crate) async fn code(&self, params: &Params, email: &str) -> String {
        answer(&self.log_in(params, email).await)["code"].clone()
    }

    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let response = self
            .http
            .post(format!("{}/oauth/token", self.root))
            .form(form)
            .send()
            .await
            .expect("an answer");
        let status = response.status().as_u16();
        (status, response.json().await.expect("JSON"))
    }

    pub(crate) async fn exchange(&self, code: &str) -> (u16, Value) {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", CALLBACK),
        ])
        .await
    }

    pub(crate) async fn refresh(&self, token: &str) -> (u16, Value) {
        self.token(&[
            ("grant_type", "refresh_token"),
            ("client_id", CLIENT),
            ("refresh_token", token),
        ])
        .await
    }

    /// Logs in and returns the whole token answer.
    pub(crate) async fn tokens(&self, params: &Params, email: &str) -> Value {
        let code = self.code(params, email).await;
        let (status, tokens) = self.exchange(&code).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    pub(crate) async fn jwks(&self) -> JwkSet {
        let url = format!("{}/.well-known/jwks.json", self.root);
        self.http
            .get(url)
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("a key set")
    }

    /// Verifies a token with the published keys.
    pub(crate) async fn verify(&self, token: &str) -> Result<Map<String, Value>, String> {
        let kid = decode_header(token)
            .map_err(|error| error.to_string())?
            .kid
            .ok_or("no kid")?;
        let jwks = self.jwks().await;
        let jwk = jwks.find(&kid).ok_or("unknown kid")?;
        let key = DecodingKey::from_jwk(jwk).map_err(|error| error.to_string())?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_aud = false;
        validation.validate_exp = false;
        decode(token, &key, &validation)
            .map(|data| data.claims)
            .map_err(|error| error.to_string())
    }

    pub(crate) async fn verified(&self, token: &Value) -> Map<String, Value> {
        self.verify(token.as_str().expect("a token"))
            .await
            .expect("a good signature")
    }
}

impl Page {
    pub(crate) fn hidden(&self) -> HashMap<String, String> {
        self.html
            .split("<input type=\"hidden\" ")
            .skip(1)
            .map(|rest| (attribute(rest, "name"), attribute(rest, "value")))
            .collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let start = tag.find(&format!("{name}=\"")).expect("the attribute") + name.len() + 2;
    tag[start..]
        .split('"')
        .next()
        .expect("a value")
        .replace("&amp;", "&")
        .replace("&quot;", "\"")
}

pub(crate) async fn page(response: Response) -> Page {
    let (url, status, headers) = (
        response.url().clone(),
        response.status().as_u16(),
        response.headers().clone(),
    );
    Page {
        url,
        status,
        headers,
        html: response.text().await.expect("text"),
    }
}

pub(crate) fn location(response: &Response) -> String {
    let value = response.headers().get(LOCATION).expect("a redirect");
    value.to_str().expect("text").to_owned()
}

/// The parameters of a redirect to the application's callback.
pub(crate) fn answer(response: &Response) -> HashMap<String, String> {
    assert_eq!(response.status(), 302);
    let url = location(response);
    assert!(url.starts_with(CALLBACK), "not a callback: {url}");
    Url::parse(&url)
        .expect("a URL")
        .query_pairs()
        .into_owned()
        .collect()
}
