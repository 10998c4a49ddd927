//! `/oauth/par`: requests that are pushed before the user comes
//! ([RFC 9126](https://www.rfc-editor.org/rfc/rfc9126)).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::authorize::{AuthorizeRequest, Parameters, Rejected};
use crate::config::PushedRequests;
use crate::http::authorize::refused;
use crate::http::form::{Form, denied};
use crate::http::nothing_here;
use crate::http::proof::Asked;
use crate::http::visit::Stop;
use crate::pages::Language;
use crate::random::secret;
use crate::store::Pushed;
use crate::tenant::{App, Shared};

/// What the name of every pushed request begins with.
const URN: &str = "urn:ietf:params:oauth:request_uri:";
/// How long a pushed request waits, as at Auth0.
const PUSHED_SECONDS: i64 = 30;

pub(crate) async fn push(
    State(app): State<App>,
    asked: Asked,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Stop> {
    if app.pushed_requests() == PushedRequests::Unknown {
        return Ok(nothing_here().await);
    }
    let form = Form::read(&headers, &body)?;
    let client_id = form.client(&app)?.client_id.clone();
    if form.get("request_uri").is_some() {
        let text = "The parameter request_uri cannot be pushed";
        return Err(denied(400, "invalid_request", text));
    }
    let key = asked.key(&app)?;
    let parameters = bind(&form, key)?;
    let read = AuthorizeRequest::read(&parameters, &app.settings, &app.issuer);
    read.map_err(|rejected| match rejected {
        Rejected::Page(text) => denied(400, "invalid_request", &text),
        Rejected::Redirect(_, error) => denied(400, error.error, &error.description),
    })?;
    let request_uri = format!("{URN}{}", secret());
    let pushed = Pushed {
        client_id,
        parameters: parameters.0,
        expires: app.clock.now() + PUSHED_SECONDS,
    };
    app.store.push(&request_uri, &pushed)?;
    let body = json!({ "request_uri": request_uri, "expires_in": PUSHED_SECONDS });
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// Writes the key of a proof into the request, where `dpop_jkt` would stand
/// ([RFC 9449 §10.1](https://www.rfc-editor.org/rfc/rfc9449#section-10.1)).
fn bind(form: &Form, key: Option<String>) -> Result<Parameters, Stop> {
    let named = form.get("dpop_jkt");
    let mut parameters = form.parameters();
    match (named, key) {
        (Some(named), Some(key)) if named != key => {
            let text = "The DPoP proof is of another key than dpop_jkt";
            return Err(denied(400, "invalid_dpop_proof", text));
        }
        (None, Some(key)) => parameters.0.push(("dpop_jkt".into(), key)),
        _ => {}
    }
    Ok(parameters)
}

/// The parameters that a request at `/authorize` stands for; the second is whether they were pushed.
///
/// Whatever else stands in the URL of a pushed request counts for nothing
/// ([RFC 9126 §4](https://www.rfc-editor.org/rfc/rfc9126#section-4)).
pub(crate) fn pull(app: &Shared, parameters: Parameters) -> Result<(Parameters, bool), Stop> {
    let is_offered = app.pushed_requests() != PushedRequests::Unknown;
    let name = parameters
        .get("request_uri")
        .filter(|name| is_offered && name.starts_with(URN));
    let Some(name) = name else {
        return Ok((parameters, false));
    };
    let client_id = parameters.get("client_id").unwrap_or_default();
    let pushed = app
        .store
        .take_pushed(name, client_id, app.clock.now())?
        .ok_or_else(|| {
            let text = "The request_uri is unknown, used or expired.";
            Stop::with(refused(Language::English, text))
        })?;
    Ok((Parameters(pushed.parameters), true))
}
