//! A browser with cookies that follows redirects, and a user who knows their password.

use std::collections::BTreeMap;

use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use tenant::DEMO_PASSWORD;
use url::Url;

/// The user whom the provider knows.
pub(crate) const EMAIL: &str = "ada@example.com";
/// The same, as the provider calls them.
pub(crate) const SUB: &str = "auth0|ada000000000000000000001";

pub(crate) struct Browser {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

/// Where the browser stopped.
pub(crate) enum Stop {
    /// Before it left the provider for this address.
    Left(Url),
    /// At a page without a form.
    Page(Url, u16),
}

impl Browser {
    pub(crate) fn new() -> Self {
        // Nobody else may have chosen one before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy();
        Self {
            http: http.build().expect("a client"),
            cookies: BTreeMap::new(),
        }
    }

    /// Goes to a page of the provider's and on, logging in where it asks for that.
    pub(crate) async fn visit(&mut self, url: &Url) -> Stop {
        let home = url.origin();
        let (mut at, mut form) = (url.clone(), None);
        loop {
            let response = self.ask(&at, form.take()).await;
            if let Some(location) = response.headers().get(LOCATION) {
                let location = location.to_str().expect("text");
                at = at.join(location).expect("a URL");
                if at.origin() != home {
                    return Stop::Left(at);
                }
                continue;
            }
            let status = response.status().as_u16();
            let page = response.text().await.expect("text");
            let Some(fields) = fill(&page) else {
                return Stop::Page(at, status);
            };
            form = Some(fields);
            if let Some(action) = attribute(&page, "action") {
                at = at.join(&action).expect("a URL");
            }
        }
    }

    /// Opens one address as a navigation, and returns the status.
    pub(crate) async fn open(&mut self, url: &Url) -> u16 {
        self.ask(url, None).await.status().as_u16()
    }

    async fn ask(&mut self, url: &Url, form: Option<Vec<(String, String)>>) -> reqwest::Response {
        let request = match form {
            None => self.http.get(url.clone()),
            Some(form) => {
                let mut body = url::form_urlencoded::Serializer::new(String::new());
                body.extend_pairs(form);
                let request = self.http.post(url.clone()).body(body.finish());
                request.header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            }
        };
        let request = request
            .header("sec-fetch-dest", "document")
            .header("sec-fetch-mode", "navigate")
            .header(COOKIE, self.cookie());
        let response = request.send().await.expect("an answer");
        self.keep(response.headers());
        response
    }

    fn cookie(&self) -> String {
        let pairs = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let pair = cookie
                .split(';')
                .next()
                .and_then(|pair| pair.split_once('='));
            let (name, value) = pair.expect("a cookie");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// Fills in a form as this user does, of the tenant or of `oidc-provider`; `None` for a page that has none for them.
fn fill(page: &str) -> Option<Vec<(String, String)>> {
    let mut fields = hidden(page);
    let has = |name: &str| page.contains(&format!("name=\"{name}\""));
    if has("password") {
        let login = if has("login") { "login" } else { "email" };
        fields.push((login.into(), EMAIL.into()));
        fields.push(("password".into(), DEMO_PASSWORD.into()));
    } else if has("logout") {
        fields.push(("logout".into(), "yes".into()));
    } else if !has("prompt") {
        return None;
    }
    Some(fields)
}

fn hidden(page: &str) -> Vec<(String, String)> {
    let fields = page.split("<input type=\"hidden\"").skip(1);
    let field = |text: &str| {
        let (tag, _) = text.split_once('>')?;
        Some((attribute(tag, "name")?, attribute(tag, "value")?))
    };
    fields.filter_map(field).collect()
}

/// The first attribute of this name.
fn attribute(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&amp;", "&").replace("&quot;", "\""))
}
