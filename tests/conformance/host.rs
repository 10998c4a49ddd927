//! What the run wants of a machine that the client runs on.

use std::collections::BTreeMap;
use std::error::Error as _;

use dioxus_auth0::Error;
use tenant::Tenant;

/// What a machine keeps: a name for each text or file, and its bytes.
pub(crate) type Storage = BTreeMap<String, Vec<u8>>;

/// A client on a machine, its user, and their browser. Each module has a new one.
pub(crate) trait Host: Sized {
    /// The name of its column.
    const NAME: &'static str;

    /// The redirect URIs that the next one will use, for the provider to know before it starts.
    async fn callbacks() -> Vec<String>;

    /// Sets it up for a provider that knows its callbacks, as the plan of a module wants it.
    async fn new(tenant: &Tenant, profile: Profile, callbacks: &[String]) -> Self;

    /// Logs the user in, or tries to.
    async fn log_in(&mut self, tenant: &Tenant) -> Login;

    /// Asks for userinfo, and returns the claims the app then knows of the user.
    async fn userinfo(&mut self) -> Result<BTreeMap<String, String>, Failure>;

    /// Calls the protected API.
    async fn call(&mut self) -> Result<(), Failure>;

    /// Gets a token that is not the held one.
    async fn refresh(&mut self) -> Result<(), Failure>;

    /// Wants any token at all, as an app does that does not know what has happened.
    async fn token(&mut self) -> Result<(), Failure>;

    /// Logs out at the provider, and returns the address that the browser has come to after it.
    async fn log_out(&mut self) -> Result<String, Failure>;

    /// Starts the app again, on the same storage.
    async fn restart(&mut self);

    /// The `sub` of the user that the app shows.
    fn user(&self) -> Option<String>;

    fn storage(&self) -> Storage;
}

/// How the client is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Bearer tokens, userinfo.
    OpenId,
    /// Tokens bound to a key, an API of its own.
    Fapi,
}

/// What came of a login.
pub(crate) struct Login {
    /// How it stood when the answer of the provider was about to reach the client; `None` if it never came so far.
    pub(crate) answered: Option<Before>,
    pub(crate) outcome: Result<(), Failure>,
    /// What was stored when the client had taken note of the answer, and nobody had done anything else.
    pub(crate) after: Storage,
}

/// How things stood before an answer.
pub(crate) struct Before {
    pub(crate) storage: Storage,
    /// How many requests the provider had seen.
    pub(crate) requests: usize,
}

/// Why something did not go well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The error's code.
    pub(crate) code: String,
    /// Its message, and those of its sources.
    pub(crate) why: String,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let mut why = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            why = format!("{why}: {error}");
            source = error.source();
        }
        Self {
            code: error.code().to_owned(),
            why,
        }
    }
}

/// The code of a login that goes on waiting, because what came was no answer to it.
pub(crate) const UNANSWERED: &str = "unanswered";
