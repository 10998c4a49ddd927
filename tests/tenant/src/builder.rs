//! Describing a tenant before it starts.

use std::time::Duration;

use serde_json::json;

use crate::clock::Seconds;
use crate::config::{Application, Organization, PasswordCost, PushedRequests, Settings};
use crate::dpop::DpopNonces;
use crate::error::Error;
use crate::store::{NewUser, Store};
use crate::tenant::Tenant;

/// The password of the three demo users.
pub const DEMO_PASSWORD: &str = "dioxus-Demo-1";

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
                token_exchange_profiles: Vec::new(),
                access_token_lifetime: 86_400,
                id_token_lifetime: 36_000,
                refresh_token_lifetime: 30 * 86_400,
                device_code_lifetime: 900,
                device_interval: 5,
                rotation: true,
                overlap: 0,
                response_iss: false,
                pushed_requests: PushedRequests::default(),
                dpop_nonces: DpopNonces::default(),
                empty_metadata_clears: true,
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

    /// Takes subject tokens of this type, a URI, in exchange for the tenant's own.
    ///
    /// They are made by [`subject_token`](Tenant::subject_token), or are simply `user:` and an e-mail address.
    #[must_use]
    pub fn token_exchange_profile(mut self, subject_token_type: impl Into<String>) -> Self {
        let profiles = &mut self.settings.token_exchange_profiles;
        profiles.push(subject_token_type.into());
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

    /// Sets how long a user has to enter a device's code; a quarter of an hour by default.
    #[must_use]
    pub fn device_code_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.device_code_lifetime = seconds(lifetime);
        self
    }

    /// Sets how often a device may ask whether its user is done, in whole seconds; every five by default.
    #[must_use]
    pub fn device_interval(mut self, interval: Duration) -> Self {
        self.settings.device_interval = seconds(interval);
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

    /// Offers to take authorization requests before their user comes
    /// ([RFC 9126](https://www.rfc-editor.org/rfc/rfc9126)); not offered by default.
    #[must_use]
    pub fn pushed_requests(mut self) -> Self {
        self.settings.pushed_requests = PushedRequests::Offered;
        self
    }

    /// Takes no authorization request that was not pushed.
    #[must_use]
    pub fn require_pushed_requests(mut self) -> Self {
        self.settings.pushed_requests = PushedRequests::Required;
        self
    }

    /// Sets where proofs of a key must carry a nonce of the tenant's; nowhere by default.
    #[must_use]
    pub fn dpop_nonces(mut self, nonces: DpopNonces) -> Self {
        self.settings.dpop_nonces = nonces;
        self
    }

    /// Lets a PATCH with an empty `user_metadata` object remove all of it, as Auth0 documents; on by default.
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
