//! What the hosts without a real browser have in common: a client over ports, and what an app asks of it.

use std::collections::BTreeMap;

use dioxus_auth0::client::Client;
use dioxus_auth0::config::{Config, Settings};
use dioxus_auth0::options::CacheMode;
use dioxus_auth0::port::Platform;
use dioxus_auth0::{ApiRequest, AuthState, Error, LogoutOptions, TokenOptions};
use tenant::Tenant;
use url::Url;

use crate::browser::{Browser, Stop};
use crate::host::{Failure, Profile};

pub(crate) const CLIENT_ID: &str = "conformance-client";
/// Where a logout leads back to.
pub(crate) const AFTER_LOGOUT: &str = "https://app.example";

/// A client, and what it was made of.
pub(crate) struct Device {
    pub(crate) client: Client,
    pub(crate) browser: Browser,
    config: Config,
    platform: Platform,
}

impl Device {
    pub(crate) fn new(settings: &Settings, platform: Platform) -> Self {
        let config = Config::new(settings).expect("the settings are right");
        Self {
            client: Client::new(config.clone(), platform.clone()),
            browser: Browser::new(),
            config,
            platform,
        }
    }

    pub(crate) async fn restart(&mut self) {
        self.client = Client::new(self.config.clone(), self.platform.clone());
        self.client.restore().await;
    }

    pub(crate) fn user(&self) -> Option<String> {
        let identity = self.client.identity()?;
        Some(identity.user().sub().to_owned())
    }

    pub(crate) async fn userinfo(&self) -> Result<BTreeMap<String, String>, Failure> {
        let user = self.client.refresh_user().await.map_err(failure)?;
        let claims = user.to_value();
        let claims = claims.as_object().into_iter().flatten();
        Ok(claims
            .map(|(name, value)| (name.clone(), value.to_string()))
            .collect())
    }

    pub(crate) async fn call(&self) -> Result<(), Failure> {
        let orders = self
            .client
            .call(&ApiRequest::get(""))
            .await
            .map_err(failure)?;
        match orders.as_array().is_some_and(|orders| !orders.is_empty()) {
            true => Ok(()),
            false => Err(Failure {
                code: "no_orders".into(),
                why: orders.to_string(),
            }),
        }
    }

    pub(crate) async fn refresh(&self) -> Result<(), Failure> {
        let options = TokenOptions {
            cache: CacheMode::Off,
            ..TokenOptions::default()
        };
        let token = self.client.access_token(&options).await;
        token.map(drop).map_err(failure)
    }

    pub(crate) async fn token(&self) -> Result<(), Failure> {
        let token = self.client.access_token(&TokenOptions::default()).await;
        token.map(drop).map_err(failure)
    }

    /// Forgets the session, and says where the rest of the logout would lead; `sent` tells where the app went.
    pub(crate) async fn log_out(
        &mut self,
        sent: impl AsyncFnOnce() -> Url,
    ) -> Result<String, Failure> {
        let (session, forgotten) = self.client.forget().await;
        forgotten.map_err(failure)?;
        assert_eq!(self.user(), None, "it is forgotten before anybody is asked");
        let options = LogoutOptions {
            return_to: Some(AFTER_LOGOUT.to_owned()),
            ..LogoutOptions::default()
        };
        self.client
            .end_session(session, options)
            .await
            .map_err(failure)?;
        match self.browser.visit(&sent().await).await {
            Stop::Left(url) => Ok(url.into()),
            Stop::Page(url, status) => Err(Failure {
                code: status.to_string(),
                why: format!("the provider keeps the user at {}", url.path()),
            }),
        }
    }
}

/// The client's settings for a provider.
pub(crate) fn settings(tenant: &Tenant, profile: Profile) -> Settings {
    let orders = tenant.orders_audience();
    let common = Settings {
        issuer: Some(tenant.issuer().to_owned()),
        client_id: CLIENT_ID.into(),
        use_refresh_tokens: true,
        ..Settings::default()
    };
    match profile {
        Profile::OpenId => Settings {
            scope: Some("openid profile email phone address".into()),
            ..common
        },
        Profile::Fapi => Settings {
            audience: Some(orders),
            scope: Some("openid profile email read:orders".into()),
            use_dpop: true,
            ..common
        },
    }
}

/// Reads what came of a login.
pub(crate) fn outcome(state: &AuthState) -> Result<(), Failure> {
    match state {
        AuthState::SignedIn(_) => Ok(()),
        AuthState::Failed(error) => Err(Failure::from(error)),
        other => Err(Failure {
            code: "not_signed_in".into(),
            why: format!("{other:?}"),
        }),
    }
}

pub(crate) fn failure(error: Error) -> Failure {
    Failure::from(&error)
}
