//! The app in a real browser: the release bundle under a strict Content Security Policy, against a real tenant.
//!
//! Each test has a tenant, a web server and a browser of its own. It asserts on what a person sees, and on what the
//! tenant was asked and the browser keeps. `cargo xtask test --only bundle,web` builds the bundle and runs them.

mod harness;

mod accessibility;
mod beside;
mod callback;
mod config;
mod contracts;
mod history;
mod keyboard;
mod login;
mod logout;
mod metadata;
mod outage;
mod phone;
mod picture;
mod profile;
mod sessions;
mod tokens;
