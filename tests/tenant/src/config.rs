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

/// The scope that opens the orders.
pub(crate) const READ_ORDERS: &str = "read:orders";

/// An application registered at the tenant.
#[derive(Clone, Debug)]
pub struct Application {
    pub(crate) client_id: String,
    pub(crate) name: String,
    pub(crate) callbacks: Vec<String>,
    pub(crate) logout_urls: Vec<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) first_party: bool,
    pub(crate) refresh_policies: Vec<(String, Vec<String>)>,
    pub(crate) device_code: bool,
    pub(crate) token_exchange: bool,
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
            refresh_policies: Vec::new(),
            device_code: false,
            token_exchange: false,
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

    /// Lets a refresh token buy access tokens for this API too, whatever API its login was for: Auth0's multi-resource
    /// refresh tokens.
    ///
    /// An audience that begins with a slash is under the tenant's address, such as `/orders/`. What no API has is
    /// ignored, and so is the `audience` of a refresh that no policy names.
    #[must_use]
    pub fn refreshes_for<S: Into<String>>(
        mut self,
        audience: impl Into<String>,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        let scopes = scopes.into_iter().map(Into::into).collect();
        self.refresh_policies.push((audience.into(), scopes));
        self
    }

    /// Allows the device authorization grant ([RFC 8628](https://www.rfc-editor.org/rfc/rfc8628)); not allowed by
    /// default.
    #[must_use]
    pub fn device_code(mut self, allowed: bool) -> Self {
        self.device_code = allowed;
        self
    }

    /// Allows custom token exchange with every [profile](crate::Builder::token_exchange_profile); not allowed by default,
    /// as at Auth0.
    #[must_use]
    pub fn token_exchange(mut self, allowed: bool) -> Self {
        self.token_exchange = allowed;
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

/// Whether authorization requests may be pushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PushedRequests {
    /// The tenant does not know what that is.
    #[default]
    Unknown,
    Offered,
    Required,
}

/// What a running tenant goes by.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) applications: Vec<Application>,
    pub(crate) organizations: Vec<Organization>,
    pub(crate) apis: Vec<(String, Vec<String>)>,
    pub(crate) token_exchange_profiles: Vec<String>,
    pub(crate) access_token_lifetime: Seconds,
    pub(crate) id_token_lifetime: Seconds,
    pub(crate) refresh_token_lifetime: Seconds,
    pub(crate) device_code_lifetime: Seconds,
    pub(crate) device_interval: Seconds,
    pub(crate) rotation: bool,
    pub(crate) overlap: Seconds,
    pub(crate) response_iss: bool,
    pub(crate) pushed_requests: PushedRequests,
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

    /// What an application's refresh tokens may buy for an API beside what their login was for.
    pub(crate) fn refresh_policy(
        &self,
        client_id: &str,
        audience: &str,
        issuer: &str,
    ) -> Option<Vec<String>> {
        let known = self.api_scopes(audience, issuer)?;
        let (_, allowed) = self
            .application(client_id)?
            .refresh_policies
            .iter()
            .find(|(named, _)| under(issuer, named) == audience)?;
        let scopes = allowed.iter().filter(|scope| known.contains(scope));
        Some(scopes.cloned().collect())
    }

    /// The scopes of an API, the tenant's own included; `None` for an audience nobody registered.
    pub(crate) fn api_scopes(&self, audience: &str, issuer: &str) -> Option<Vec<String>> {
        if audience == format!("{issuer}api/v2/") {
            return Some(CURRENT_USER_SCOPES.map(str::to_owned).to_vec());
        }
        if audience == format!("{issuer}orders/") {
            return Some(vec![READ_ORDERS.to_owned()]);
        }
        self.apis
            .iter()
            .find(|(identifier, _)| identifier == audience)
            .map(|(_, scopes)| scopes.clone())
    }
}

/// An audience as it was configured, in full.
fn under(issuer: &str, audience: &str) -> String {
    match audience.strip_prefix('/') {
        Some(path) => format!("{issuer}{path}"),
        None => audience.to_owned(),
    }
}
