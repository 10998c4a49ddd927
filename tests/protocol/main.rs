//! The protocol layer against the standards: their own vectors first, then exact bytes, then each
//! rejected case before the accepted one.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod authenticate;
mod authorize;
mod callback;
mod device;
mod dpop;
mod exchange;
mod id_token;
mod json;
mod jwks;
mod jws;
mod login;
mod logout;
mod par;
mod pkce;
mod provider;
mod retry;
mod return_to;
mod revoke;
mod support;
mod token;
mod user;
mod userinfo;
