//! The HTTP surface: one file an endpoint, one gate before all of them.

mod api;
mod authorize;
mod control;
mod cookie;
mod dashboard;
mod device;
mod discovery;
mod form;
mod gate;
mod login;
mod logout;
mod management;
mod orders;
mod par;
mod place;
mod proof;
mod reply;
mod signup;
mod static_files;
mod token;
mod userinfo;
mod visit;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::error::Error;
use crate::pages::{self, Language};
use crate::tenant::App;

pub(crate) use control::control;
pub(crate) use form::Form;
pub(crate) use proof::DPOP;

/// The largest body any endpoint reads.
const BODY_LIMIT: usize = 1024 * 1024;
/// The largest form.
const FORM_LIMIT: usize = 64 * 1024;

/// The tenant's routes behind the gate.
pub(crate) fn router(app: App) -> Router {
    let forms = Router::new()
        .route("/authorize", get(authorize::get).post(authorize::post))
        .route("/u/login", get(login::show).post(login::submit))
        .route("/u/signup", get(signup::show).post(signup::submit))
        .route(
            "/u/consent",
            get(login::show_consent).post(login::submit_consent),
        )
        .route("/oauth/token", post(token::exchange))
        .route("/oauth/device/code", post(device::codes))
        .route("/activate", get(device::show).post(device::submit))
        .route("/device/success", get(device::succeeded))
        .route("/device/denied", get(device::denied))
        .route("/oauth/par", post(par::push))
        .route("/oauth/revoke", post(token::revoke))
        .route("/v2/logout", get(logout::auth0))
        .route("/oidc/logout", get(logout::oidc).post(logout::oidc_post))
        .layer(DefaultBodyLimit::max(FORM_LIMIT));
    let endpoints = Router::new()
        .merge(forms)
        .route("/", get(dashboard::home))
        .route(
            "/.well-known/openid-configuration",
            get(discovery::configuration),
        )
        .route("/.well-known/jwks.json", get(discovery::jwks))
        .route(
            "/userinfo",
            get(userinfo::userinfo).post(userinfo::userinfo),
        )
        .route(
            "/api/v2/users/{id}",
            get(management::read).patch(management::update),
        )
        .route("/orders", get(orders::list))
        .route("/orders/", get(orders::list))
        .route("/dashboard", get(dashboard::show))
        .route("/dashboard/users/{id}", post(dashboard::save))
        .route("/pictures/{name}", get(static_files::picture))
        .route("/assets/{name}", get(static_files::asset))
        .fallback(nothing_here)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(app.clone(), gate::pass))
        .with_state(app.clone());
    // Around the routes, not within them: it changes which of them a request takes.
    Router::new()
        .fallback_service(endpoints)
        .layer(from_fn_with_state(app, place::find))
}

async fn nothing_here() -> Response {
    let text = "There is nothing at this address.";
    pages::message(
        StatusCode::NOT_FOUND,
        Language::English,
        "Not found",
        text,
        None,
    )
    .into_response()
}

/// The tenant itself failed; the store is the only part that can.
#[derive(Debug)]
pub(crate) struct Broken(Error);

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Broken {
    fn into_response(self) -> Response {
        let body = serde_json::json!({
            "error": "server_error",
            "error_description": self.0.to_string(),
        });
        (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(body)).into_response()
    }
}
