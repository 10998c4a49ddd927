//! A provider in memory, for the tests of an app: no network, no waiting, the same tokens every time.
//!
//! It is there with the Cargo feature `testing`, for tests that run on the host; on wasm32 the feature does not
//! compile. Let it be a feature of the tests alone:
//!
//! ```toml
//! [dev-dependencies]
//! dioxus-auth0 = { version = "0.1", features = ["testing"] }
//! ```
//!
//! A [`MemoryProvider`] takes the place of the network on a
//! [`MemoryPlatform`](crate::platform::memory::MemoryPlatform): the app's own code runs against it from the login
//! button to the API, and a test decides who logs in and [what goes wrong](Fault).
//!
//! # Examples
//!
//! An app that shows who is signed in. The provider keeps the session of the login before, and the app finds it:
//!
//! ```
//! use dioxus::prelude::*;
//! use dioxus_auth0::client::Client;
//! use dioxus_auth0::config::Config;
//! use dioxus_auth0::platform::memory::MemoryPlatform;
//! use dioxus_auth0::testing::{Account, MemoryProvider};
//! use dioxus_auth0::{Auth0Provider, use_auth0};
//!
//! fn App() -> Element {
//!     rsx! {
//!         Auth0Provider { issuer: "https://tenant.example/", client_id: "client-1", Greeting {} }
//!     }
//! }
//!
//! #[component]
//! fn Greeting() -> Element {
//!     match use_auth0().user() {
//!         Some(user) => rsx! { "Hello, {user.name().unwrap_or_default()}" },
//!         None => rsx! { "Hello, stranger" },
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let memory = MemoryPlatform::new();
//! let provider = MemoryProvider::new(&memory.clock);
//! provider.add(Account::new("auth0|ada", "Ada Lovelace"));
//! let client = Client::new(Config::new(&provider.settings())?, provider.platform(&memory));
//! provider.sign_in(&client, &memory, "auth0|ada").await?;
//!
//! let mut dom = VirtualDom::new(App).with_root_context(provider.platform(&memory));
//! dom.rebuild_in_place();
//! dom.wait_for_work().await;
//! dom.render_immediate(&mut dioxus::core::NoOpMutations);
//! assert_eq!(dioxus_ssr::render(&dom), "Hello, Ada Lovelace");
//! # Ok::<(), dioxus_auth0::Error>(())
//! # }).unwrap();
//! ```
//!
//! A call to the app's own API, with a token that is refreshed on the way:
//!
//! ```
//! # use dioxus_auth0::client::Client;
//! # use dioxus_auth0::config::Config;
//! # use dioxus_auth0::platform::memory::MemoryPlatform;
//! use dioxus_auth0::ApiRequest;
//! use dioxus_auth0::testing::{Account, Endpoint, MemoryProvider, Rules};
//! use serde_json::json;
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let memory = MemoryPlatform::new();
//! let provider = MemoryProvider::with(&memory.clock, Rules {
//!     audiences: vec!["https://api.example/".into()],
//!     ..Rules::default()
//! });
//! provider.add(Account::new("auth0|ada", "Ada Lovelace"));
//! provider.serve("https://api.example/orders/42", json!({ "total": 7 }));
//! # let client = Client::new(Config::new(&provider.settings())?, provider.platform(&memory));
//! # provider.sign_in(&client, &memory, "auth0|ada").await?;
//! // … sign in as above …
//! memory.clock.advance(7200);
//!
//! let order = client.call(&ApiRequest::get("orders/42")).await?;
//! assert_eq!(order, json!({ "total": 7 }));
//! assert_eq!(provider.refreshes_with("rt-1").len(), 1);
//! assert!(provider.breaches().is_empty());
//! # Ok::<(), dioxus_auth0::Error>(())
//! # }).unwrap();
//! ```

mod account;
mod api;
mod authorize;
mod device;
mod endpoint;
mod exchange;
mod fault;
mod id_token;
mod journal;
mod key;
mod ledger;
mod proof;
mod provider;
mod reply;
mod rules;
mod sign_in;
mod token;

pub use account::Account;
pub use endpoint::Endpoint;
pub use fault::{Fault, Wait};
pub use journal::{Heard, Received};
pub use provider::MemoryProvider;
pub use rules::{Resource, Rotation, Rules};
