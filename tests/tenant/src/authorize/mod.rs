//! An authorization request and its answers, without HTTP.

mod rules;
mod wanted;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::clock::Seconds;
use crate::pages::Language;
use crate::store::{Device, Membership};

pub(crate) use wanted::{Wanted, is_of_login, organization};

/// A valid request of a registered application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AuthorizeRequest {
    pub(crate) client_id: String,
    pub(crate) reply: ReplyTo,
    /// Whether the request named its redirect URI, or the first registered one was taken.
    pub(crate) redirect_uri_named: bool,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: String,
    pub(crate) scope: Vec<String>,
    pub(crate) audience: Option<String>,
    pub(crate) prompt: Vec<Prompt>,
    pub(crate) max_age: Option<Seconds>,
    pub(crate) login_hint: Option<String>,
    pub(crate) sign_up: bool,
    pub(crate) organization: Option<Membership>,
    pub(crate) invited: bool,
    /// The thumbprint of the key the code will be bound to.
    pub(crate) dpop_jkt: Option<String>,
    pub(crate) language: Language,
    /// The id of the device that is let in, when no application waits for a code.
    pub(crate) device: Option<String>,
}

impl AuthorizeRequest {
    /// The login of a user who lets a device in. Its answer goes to a page of the tenant's.
    pub(crate) fn of_device(id: String, device: Device, issuer: &str, language: Language) -> Self {
        Self {
            client_id: device.client_id,
            reply: ReplyTo {
                redirect_uri: format!("{issuer}device/success"),
                mode: ResponseMode::Query,
                state: None,
            },
            redirect_uri_named: false,
            nonce: None,
            challenge: String::new(),
            scope: device.scope,
            audience: device.audience,
            prompt: Vec::new(),
            max_age: None,
            login_hint: None,
            sign_up: false,
            organization: None,
            invited: false,
            dpop_jkt: None,
            language,
            device: Some(id),
        }
    }
}

/// Where and how the answer goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ReplyTo {
    pub(crate) redirect_uri: String,
    pub(crate) mode: ResponseMode,
    pub(crate) state: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ResponseMode {
    Query,
    FormPost,
    WebMessage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Prompt {
    None,
    Login,
    Consent,
}

/// An error the application is told about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OAuthError {
    pub(crate) error: &'static str,
    pub(crate) description: String,
}

impl OAuthError {
    pub(crate) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            error,
            description: description.into(),
        }
    }
}

/// Why a request is not carried out.
#[derive(Clone, Debug)]
pub(crate) enum Rejected {
    /// The request cannot be trusted with a redirect: the user sees a page.
    Page(String),
    /// The application is told.
    Redirect(ReplyTo, OAuthError),
}

/// The parameters of a request, repeats included.
pub(crate) struct Parameters(pub(crate) Vec<(String, String)>);

impl Parameters {
    /// A parameter's value. Empty means absent (RFC 6749 §3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    fn repeated(&self) -> Option<&str> {
        self.0.iter().enumerate().find_map(|(at, (key, _))| {
            self.0
                .get(at + 1..)?
                .iter()
                .any(|(other, _)| other == key)
                .then_some(key.as_str())
        })
    }

    fn count(&self, name: &str) -> usize {
        self.0.iter().filter(|(key, _)| key == name).count()
    }
}

impl ReplyTo {
    /// The origin of the application, where a page may link back to or post a message.
    pub(crate) fn origin(&self) -> Option<String> {
        let url = Url::parse(&self.redirect_uri).ok()?;
        let origin = url.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }
}
