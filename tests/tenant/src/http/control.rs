//! The control interface: what tests in other languages do to the tenant, as JSON over its own port.

use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::act;
use crate::breach::Breach;
use crate::dpop::DpopNonces;
use crate::error::Error;
use crate::fault::{Endpoint, Fault};
use crate::http::gate::host_is_ours;
use crate::module::Module;
use crate::record::Recorded;
use crate::store::Decision;
use crate::tenant::App;

/// The routes of the control interface.
pub(crate) fn control(app: App, port: u16) -> Router {
    Router::new()
        .route("/requests", get(requests).delete(forget_requests))
        .route("/faults", post(set_fault).delete(clear_faults))
        .route("/modules", get(modules))
        .route("/module", get(module).put(begin_module).delete(end_module))
        .route("/breaches", get(breaches))
        .route("/keys/rotate", post(rotate_keys))
        .route("/keys/retire", post(retire_keys))
        .route("/users", get(users))
        .route("/users/{id}/block", post(block).delete(unblock))
        .route("/users/{id}/mfa", post(require_mfa).delete(forgo_mfa))
        .route("/users/{id}/metadata", put(set_metadata))
        .route("/devices/{user_code}/approve", post(approve_device))
        .route("/devices/{user_code}/deny", post(deny_device))
        .route("/subject_tokens", post(subject_token))
        .route("/dpop_nonces", get(dpop_nonces).put(set_dpop_nonces))
        .route("/dpop_nonces/rotate", post(rotate_dpop_nonces))
        .route("/clock", get(clock).post(set_clock))
        .layer(from_fn(move |request: Request, next: Next| {
            guard(port, request, next)
        }))
        .with_state(app)
}

/// Keeps web pages out: browsers name the origin of every request that changes something.
async fn guard(port: u16, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !host_is_ours(headers, port) || headers.contains_key(header::ORIGIN) {
        return (
            StatusCode::FORBIDDEN,
            Json(json!({ "error": "not for web pages" })),
        )
            .into_response();
    }
    next.run(request).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedFault {
    endpoint: Endpoint,
    fault: Fault,
    #[serde(default)]
    times: Option<u32>,
    /// Queue after what is planned already.
    #[serde(default)]
    then: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockSetting {
    offset_seconds: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedModule {
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedUser {
    /// An id or an e-mail address.
    user: String,
}

async fn requests(State(app): State<App>) -> Json<Vec<Recorded>> {
    Json(app.log.all())
}

async fn forget_requests(State(app): State<App>) -> StatusCode {
    app.log.clear();
    StatusCode::NO_CONTENT
}

async fn set_fault(State(app): State<App>, Json(planned): Json<PlannedFault>) -> StatusCode {
    let PlannedFault {
        endpoint,
        fault,
        times,
        then,
    } = planned;
    if then {
        app.faults.then(endpoint, fault, times);
    } else {
        app.faults.set(endpoint, fault, times);
    }
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(app): State<App>) -> StatusCode {
    app.faults.clear();
    StatusCode::NO_CONTENT
}

async fn modules() -> Json<Vec<Module>> {
    Json(Module::all())
}

async fn module(State(app): State<App>) -> Json<Option<Module>> {
    Json(app.course.module())
}

async fn begin_module(
    State(app): State<App>,
    Json(NamedModule { id }): Json<NamedModule>,
) -> Result<StatusCode, Failed> {
    let module = Module::find(&id).ok_or(Error::UnknownModule { id })?;
    app.begin(Some(module))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end_module(State(app): State<App>) -> Result<StatusCode, Failed> {
    app.begin(None)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn breaches(State(app): State<App>) -> Json<Vec<Breach>> {
    Json(app.breaches.all())
}

async fn rotate_keys(State(app): State<App>) -> Result<Json<Value>, Failed> {
    Ok(Json(json!({ "kid": app.keys.rotate()? })))
}

async fn retire_keys(State(app): State<App>) -> Result<StatusCode, Failed> {
    app.keys.retire()?;
    Ok(StatusCode::NO_CONTENT)
}

async fn users(State(app): State<App>) -> Result<Json<Vec<Value>>, Failed> {
    Ok(Json(
        app.store
            .users()?
            .iter()
            .map(|user| user.to_json(&app.issuer))
            .collect(),
    ))
}

async fn block(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Value>, Failed> {
    Ok(Json(
        app.store
            .change_user(&id, |user| user.blocked = true)?
            .to_json(&app.issuer),
    ))
}

async fn unblock(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Value>, Failed> {
    Ok(Json(
        app.store
            .change_user(&id, |user| user.blocked = false)?
            .to_json(&app.issuer),
    ))
}

async fn require_mfa(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, Failed> {
    app.store
        .change_user(&id, |user| user.mfa_required = true)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn forgo_mfa(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, Failed> {
    app.store
        .change_user(&id, |user| user.mfa_required = false)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_metadata(
    State(app): State<App>,
    Path(id): Path<String>,
    Json(metadata): Json<Value>,
) -> Result<Json<Value>, Failed> {
    Ok(Json(
        act::set_metadata(&app, &id, metadata)?.to_json(&app.issuer),
    ))
}

async fn approve_device(
    State(app): State<App>,
    Path(user_code): Path<String>,
    Json(named): Json<NamedUser>,
) -> Result<StatusCode, Failed> {
    act::approve_device(&app, &user_code, &named.user)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn deny_device(
    State(app): State<App>,
    Path(user_code): Path<String>,
) -> Result<StatusCode, Failed> {
    act::decide(&app, &user_code, Decision::Denied)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn subject_token(
    State(app): State<App>,
    Json(named): Json<NamedUser>,
) -> Result<Json<Value>, Failed> {
    let token = act::subject_token(&app, &named.user)?;
    Ok(Json(json!({ "subject_token": token })))
}

async fn dpop_nonces(State(app): State<App>) -> Json<DpopNonces> {
    Json(app.proofs.nonces.demand())
}

async fn set_dpop_nonces(
    State(app): State<App>,
    Json(nonces): Json<DpopNonces>,
) -> Json<DpopNonces> {
    app.proofs.nonces.set_demand(nonces);
    dpop_nonces(State(app)).await
}

async fn rotate_dpop_nonces(State(app): State<App>) -> StatusCode {
    app.proofs.nonces.rotate();
    StatusCode::NO_CONTENT
}

async fn clock(State(app): State<App>) -> Json<Value> {
    Json(json!({ "offset_seconds": app.clock.offset(), "now": app.clock.now() }))
}

async fn set_clock(State(app): State<App>, Json(setting): Json<ClockSetting>) -> Json<Value> {
    app.clock.set_offset(setting.offset_seconds);
    clock(State(app)).await
}

struct Failed(Error);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = match self.0 {
            Error::UnknownUser { .. } | Error::UnknownUserCode | Error::UnknownModule { .. } => {
                StatusCode::NOT_FOUND
            }
            Error::MetadataShape => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(json!({ "error": self.0.to_string() }))).into_response()
    }
}
