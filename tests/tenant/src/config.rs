//! What a tenant is told before it starts.

use crate::clock::Seconds;
use crate::dpop::DpopNonces;

/// The scopes a user may grant for their own record in the Management API.
pub(crate) const CURRENT_USER_SCOPES: [&str; 4] = [
    "read:current_user",
    "create:current_user_metadata",
    "update:current_user_metadata",
    "delete:current_user_metadata",
];

/// An application registered at the tenant.
#[derive(Clone, Debug)]
pub struct Application {
    pub(crate) client_id: String,
    pub(crate) name: String,
    pub(crate) callbacks: Vec<String>,
    pub(crate) logout_urls: Vec<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) first_party: bool,
}

impl Application {
    /// Registers a public client: code with PKCE, no secret.
    pub fn new(client_id: impl Into<String>) -> Self {
        let client_id = client_id.into();
        Self {
            name: client_id.clone(),
            client_id,
            callbacks: Vec::new(),
            logout_urls: Vec::new(),
            origins: Vec::new(),
            first_party: false,
        }
    }

    /// Sets the name the pages show; without it the client id stands there.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the redirect URIs. They are compared byte by byte, the port included.
    #[must_use]
    pub fn callbacks<S: Into<String>>(mut self, urls: impl IntoIterator<Item = S>) -> Self {
        self.callbacks = urls.into_iter().map(Into::into).collect();
        self
    }

    /// Sets where logout may return to.
    #[must_use]
    pub fn logout_urls<S: Into<String>>(mut self, urls: impl IntoIterator<Item = S>) -> Self {
        self.logout_urls = urls.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the origins that may read answers (CORS) and receive web messages.
    #[must_use]
    pub fn origins<S: Into<String>>(mut self, origins: impl IntoIterator<Item = S>) -> Self {
        self.origins = origins.into_iter().map(Into::into).collect();
        self
    }

    /// Skips the consent page. By default each user is asked once per scope, as Auth0 does on localhost.
    #[must_use]
    pub fn first_party(mut self, first_party: bool) -> Self {
        self.first_party = first_party;
        self
    }

    /// Registers the callbacks of a desktop application that listens on one of these ports, on IPv4 or IPv6.
    #[must_use]
    pub fn comes_back_to(mut self, ports: impl IntoIterator<Item = u16>) -> Self {
        for port in ports {
            let hosts = ["127.0.0.1", "[::1]"];
            let callbacks = hosts.map(|host| format!("http://{host}:{port}/callback"));
            self.callbacks.extend(callbacks);
        }
        self
    }

    /// Registers the callbacks, logout URLs and origin of an application served at `origin`.
    #[must_use]
    pub fn served_at(mut self, origin: &str) -> Self {
        let origin = origin.trim_end_matches('/');
        self.callbacks
            .extend([origin.to_owned(), format!("{origin}/callback")]);
        self.logout_urls
            .extend([origin.to_owned(), format!("{origin}/")]);
        self.origins.push(origin.to_owned());
        self
    }
}

/// An organization users can log in to.
#[derive(Clone, Debug)]
pub struct Organization {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) members: Option<Vec<String>>,
}

impl Organization {
    /// Describes an organization by id (`org_…`) and name; every user is a member.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        let name = name.into().to_lowercase();
        Self {
            id: id.into(),
            display_name: name.clone(),
            name,
            members: None,
        }
    }

    /// Sets the name the login page shows.
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = name.into();
        self
    }

    /// Limits membership to these e-mail addresses.
    #[must_use]
    pub fn members<S: Into<String>>(mut self, emails: impl IntoIterator<Item = S>) -> Self {
        self.members = Some(emails.into_iter().map(Into::into).collect());
        self
    }
}

/// The cost of argon2id, at least 8 KiB and one pass.
#[derive(Clone, Copy, Debug)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl PasswordCost {
    /// The least argon2 accepts: for tests, where hashing time is only waiting.
    pub const LEAST: Self = Self {
        memory_kib: 8,
        passes: 1,
    };
    /// The cost OWASP's password storage sheet asks for at least.
    pub const OWASP: Self = Self {
        memory_kib: 19 * 1024,
        passes: 2,
    };
}

/// What a running tenant goes by.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) applications: Vec<Application>,
    pub(crate) organizations: Vec<Organization>,
    pub(crate) apis: Vec<(String, Vec<String>)>,
    pub(crate) access_token_lifetime: Seconds,
    pub(crate) id_token_lifetime: Seconds,
    pub(crate) refresh_token_lifetime: Seconds,
    pub(crate) rotation: bool,
    pub(crate) overlap: Seconds,
    pub(crate) response_iss: bool,
    pub(crate) dpop_nonces: DpopNonces,
    pub(crate) empty_metadata_clears: bool,
    pub(crate) password_cost: PasswordCost,
}

impl Settings {
    pub(crate) fn application(&self, client_id: &str) -> Option<&Application> {
        self.applications
            .iter()
            .find(|application| application.client_id == client_id)
    }

    /// The scopes of an API, the Management API included; `None` for an audience nobody registered.
    pub(crate) fn api_scopes(&self, audience: &str, issuer: &str) -> Option<Vec<String>> {
        if audience == format!("{issuer}api/v2/") {
            return Some(CURRENT_USER_SCOPES.map(str::to_owned).to_vec());
        }
        self.apis
            .iter()
            .find(|(identifier, _)| identifier == audience)
            .map(|(_, scopes)| scopes.clone())
    }
}
