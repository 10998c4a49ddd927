//! Auth0 and OpenID Connect login for Dioxus.
pub mod json;
pub mod oidc;
pub mod provider;
pub mod return_to;
pub mod scope;
pub mod secret;
pub mod time;
pub mod user;
