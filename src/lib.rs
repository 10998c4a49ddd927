//! Auth0 and OpenID Connect login for Dioxus.
pub mod oidc;
