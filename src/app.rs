//! The demonstration app: joins the configuration, the provider and the routes.

use dioxus::prelude::*;
use http::Method;

use crate::auth::Auth0Provider;
use crate::client::Client;
use crate::config::{CONFIG_FILE, Config, ConfigError, Device, Settings, WithoutKeychain};
use crate::platform;
use crate::port::{self, Platform};
use crate::route::Route;
use crate::views::{ConfigProblem, loading};

/// The configuration for machines that serve no files.
const EMBEDDED: &[u8] = include_bytes!("../assets/public/auth_config.json");

/// Lands in the head of `index.html`, so that the page never shows without it.
const _: Asset = asset!(
    "/assets/main.css",
    AssetOptions::css().with_static_head(true)
);

/// The root of the app.
///
/// A [`Platform`] in the context above replaces the machine's own.
#[component]
pub fn App() -> Element {
    use_hook(|| {
        platform::page::set_language("en");
        if try_consume_context::<Platform>().is_none() {
            provide_context(platform::current(&device()));
        }
    });
    let mut found = use_signal(|| None);
    use_hook(|| {
        let platform: Platform = consume_context();
        spawn(async move {
            let client = match config(&platform).await {
                Ok(config) => Ok(Client::new(config, platform)),
                Err(error) => {
                    // Nobody will read an answer of the provider, so it must not stay in the address bar.
                    platform.navigator.arrival(None);
                    Err(error)
                }
            };
            found.set(Some(client));
        })
    });
    match &*found.read() {
        None => loading("Starting…"),
        Some(Err(error)) => rsx! {
            ConfigProblem { error: error.clone() }
        },
        Some(Ok(client)) => provider(client.clone()),
    }
}

/// What the demonstration does where there is no keychain: it must show that a session outlives a restart.
fn device() -> Device {
    Device {
        application: Some("dioxus-auth0".into()),
        without_keychain: WithoutKeychain::PlainFile,
    }
}

fn provider(client: Client) -> Element {
    rsx! {
        Auth0Provider { client, pending: loading("Signing you in…"), Router::<Route> {} }
    }
}

/// Reads the configuration and checks it.
async fn config(platform: &Platform) -> Result<Config, ConfigError> {
    let settings = match platform.navigator.home() {
        Some(home) => {
            let url = home.join(CONFIG_FILE).map_err(|_| ConfigError::Missing)?;
            let request = port::request(Method::GET, &url, Vec::new());
            let sent = platform
                .http
                .send(request.map_err(|_| ConfigError::Missing)?);
            let answer = sent.await.map_err(|_| ConfigError::Missing)?;
            if !answer.status().is_success() {
                return Err(ConfigError::Missing);
            }
            Settings::parse(answer.body())?
        }
        None => platform::local_settings(&device(), Settings::parse(EMBEDDED)?)?,
    };
    Config::new(&settings)
}
