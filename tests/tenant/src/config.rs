//! What a tenant is told before it starts.

use std::time::Duration;

use serde_json::json;

use crate::clock::Seconds;
use crate::error::Error;
use crate::store::{NewUser, Store};
use crate::tenant::Tenant;

/// The scopes a user may grant for their own record in the Management API.
pub(crate) const CURRENT_USER_SCOPES: [&str; 4] = [
    "read:current_user",
    "create:current_user_metadata",
    "update:current_user_metadata",
    "delete:current_user_metadata",
];

/// The password of the three demo users.
pub const DEMO_PASSWORD: &str = "dioxus-Demo-1";

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
    pub(crate) empty_metadata_clears: bool,
    pub(crate) password_cost: PasswordCost,
}

/// Collects what a tenant needs before it starts.
#[derive(Debug)]
pub struct Builder {
    pub(crate) port: u16,
    pub(crate) control_port: u16,
    pub(crate) store: Option<Store>,
    pub(crate) users: Vec<NewUser>,
    pub(crate) clock_offset: Seconds,
    pub(crate) settings: Settings,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            port: 0,
            control_port: 0,
            store: None,
            users: Vec::new(),
            clock_offset: 0,
            settings: Settings {
                applications: Vec::new(),
                organizations: Vec::new(),
                apis: Vec::new(),
                access_token_lifetime: 86_400,
                id_token_lifetime: 36_000,
                refresh_token_lifetime: 30 * 86_400,
                rotation: true,
                overlap: 0,
                response_iss: false,
                empty_metadata_clears: false,
                password_cost: PasswordCost::LEAST,
            },
        }
    }
}

impl Builder {
    /// Sets the port on 127.0.0.1; 0, the default, takes any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the port of the control interface; 0, the default, takes any free one.
    #[must_use]
    pub fn control_port(mut self, port: u16) -> Self {
        self.control_port = port;
        self
    }

    /// Sets where users and grants are kept; without it they live in memory.
    #[must_use]
    pub fn store(mut self, store: Store) -> Self {
        self.store = Some(store);
        self
    }

    /// Registers an application.
    #[must_use]
    pub fn application(mut self, application: Application) -> Self {
        self.settings.applications.push(application);
        self
    }

    /// Adds an organization.
    #[must_use]
    pub fn organization(mut self, organization: Organization) -> Self {
        self.settings.organizations.push(organization);
        self
    }

    /// Registers a further API with its scopes, beside the Management API.
    #[must_use]
    pub fn api<S: Into<String>>(
        mut self,
        identifier: impl Into<String>,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        let scopes = scopes.into_iter().map(Into::into).collect();
        self.settings.apis.push((identifier.into(), scopes));
        self
    }

    /// Adds a user, unless the store already has their address.
    #[must_use]
    pub fn user(mut self, user: NewUser) -> Self {
        self.users.push(user);
        self
    }

    /// Adds Ada (with metadata), Grace (without) and Mallory (blocked), all with [`DEMO_PASSWORD`].
    #[must_use]
    pub fn demo_users(self) -> Self {
        let demo = |id: &str, email: &str, name: &str| {
            NewUser::new(email, DEMO_PASSWORD)
                .id(id)
                .name(name)
                .verified()
        };
        self.user(
            demo(
                "auth0|ada000000000000000000001",
                "ada@example.com",
                "Ada Lovelace",
            )
            .metadata(json!({ "theme": "dark", "newsletter": true })),
        )
        .user(demo(
            "auth0|grace0000000000000000002",
            "grace@example.com",
            "Grace Hopper",
        ))
        .user(
            demo(
                "auth0|mallory00000000000000003",
                "mallory@example.com",
                "Mallory Blocked",
            )
            .blocked(),
        )
    }

    /// Sets how long access tokens live; a day by default.
    #[must_use]
    pub fn access_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.access_token_lifetime = seconds(lifetime);
        self
    }

    /// Sets how long ID tokens live; ten hours by default.
    #[must_use]
    pub fn id_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.id_token_lifetime = seconds(lifetime);
        self
    }

    /// Sets how long a family of refresh tokens lives; thirty days by default, not extended by use.
    #[must_use]
    pub fn refresh_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.refresh_token_lifetime = seconds(lifetime);
        self
    }

    /// Turns rotation of refresh tokens on (the default) or off.
    #[must_use]
    pub fn rotation(mut self, on: bool) -> Self {
        self.settings.rotation = on;
        self
    }

    /// Sets for how long a just replaced refresh token is still taken; not at all by default.
    #[must_use]
    pub fn overlap(mut self, overlap: Duration) -> Self {
        self.settings.overlap = seconds(overlap);
        self
    }

    /// Sends `iss` with every authorization response ([RFC 9207](https://www.rfc-editor.org/rfc/rfc9207)); off as at Auth0.
    #[must_use]
    pub fn authorization_response_iss(mut self, on: bool) -> Self {
        self.settings.response_iss = on;
        self
    }

    /// Lets a PATCH with an empty `user_metadata` object remove all of it; off by default.
    #[must_use]
    pub fn empty_metadata_clears(mut self, on: bool) -> Self {
        self.settings.empty_metadata_clears = on;
        self
    }

    /// Sets the cost of password hashing; the least by default, since everything here is for tests.
    #[must_use]
    pub fn password_cost(mut self, cost: PasswordCost) -> Self {
        self.settings.password_cost = cost;
        self
    }

    /// Starts the clock this many seconds ahead of the machine's, or behind it when negative.
    #[must_use]
    pub fn clock_offset(mut self, seconds: i64) -> Self {
        self.clock_offset = seconds;
        self
    }

    /// Binds both ports and starts serving.
    ///
    /// # Errors
    ///
    /// [`Error::PortBusy`] when a named port is taken, [`Error::Store`] when the store fails.
    pub async fn start(self) -> Result<Tenant, Error> {
        Tenant::launch(self).await
    }
}

fn seconds(duration: Duration) -> Seconds {
    Seconds::try_from(duration.as_secs()).unwrap_or(Seconds::MAX / 4)
}
