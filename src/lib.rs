// The first of two definitions holds: here the link leads to the page, and in the repository to its file.
#![doc = "[how it compares]: crate::compared\n\n"]
#![doc = include_str!("../README.md")]

pub mod config;
pub mod provider;

pub mod oidc;
pub mod scope;
pub mod secret;
pub mod time;
pub mod user;

pub mod json;
pub mod lifecycle;
pub mod return_to;
pub mod session;
pub mod transaction;

pub mod client;
pub mod options;
pub mod port;

pub mod api;
pub mod auth;
pub mod management;

pub mod error;

#[doc = include_str!("compared.md")]
pub mod compared {}

pub mod components;

pub mod app;
pub mod route;
pub mod views;

#[path = "../platform/mod.rs"]
pub mod platform;

#[cfg(feature = "testing")]
pub mod testing;

pub use api::ApiRequest;
pub use auth::{ApiCall, ApiState, use_api, use_api_as, use_api_with};
pub use auth::{Auth0, Auth0Provider, AuthContext, AuthState, Reason, use_auth0};
pub use components::{LoginButton, LogoutButton, RequireAuth, SignedIn, SignedOut};
pub use config::CacheLocation;
pub use error::Error;
pub use options::{LoginOptions, LogoutOptions, TokenOptions};
pub use secret::AccessToken;
pub use user::{Claims, User};
