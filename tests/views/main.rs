//! Views and components without a browser: drawn on a page of the tests' own, on events fired by hand.

mod app;
mod buttons;
mod config_problem;
mod guard;
mod home;
mod machine;
mod page;
mod phone;
mod problem;
mod profile;
mod screen;
mod tabs;
mod use_api;
mod waiting;

use dioxus_auth0::error::{Error, NetworkError, Refusal};
use dioxus_auth0::oidc::ErrorCode;
use dioxus_auth0::platform::memory::{MemoryAuth, signed_in};
use dioxus_auth0::{AuthState, Reason};
use serde_json::json;

const ADA: &str = "auth0|ada000000000000000000001";

fn signed_out(reason: Reason) -> MemoryAuth {
    MemoryAuth::new(AuthState::SignedOut(reason))
}

fn failed(error: Error) -> MemoryAuth {
    MemoryAuth::new(AuthState::Failed(error))
}

fn ada() -> MemoryAuth {
    MemoryAuth::new(ada_is_signed_in())
}

fn ada_is_signed_in() -> AuthState {
    signed_in(&json!({
        "sub": ADA,
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "picture": "http://127.0.0.1:4400/pictures/ada.svg",
    }))
}

fn unreachable() -> Error {
    Error::Network(NetworkError::Unreachable {
        host: "127.0.0.1:4400".into(),
    })
}

fn refused(code: &str, description: &str, status: Option<u16>) -> Error {
    let description = Some(description.to_owned());
    Error::Refused(Refusal::new(ErrorCode::new(code), description, status))
}
