//! What the APIs behind the tenant's tokens have in common.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};

use crate::http::proof::{Asked, bound_to};
use crate::http::visit::Stop;
use crate::keys::Invalid;
use crate::tenant::Shared;

/// Lets a request through whose token is ours, for this API, not expired, its sender's own and wide enough, and returns
/// the token's claims.
pub(crate) fn authorize(
    app: &Shared,
    asked: &Asked,
    audience: &str,
    scope: &str,
) -> Result<Map<String, Value>, Stop> {
    if asked.is_anonymous() {
        return Err(unauthorized("Missing authentication"));
    }
    let Some(credentials) = asked.credentials() else {
        return Err(failure(
            400,
            "Bad HTTP authentication header format",
            Some("Bearer"),
        ));
    };
    let claims = app
        .keys
        .verify(&credentials.token, &app.issuer, Some(app.clock.now()))
        .map_err(|invalid| match invalid {
            Invalid::Expired => {
                unauthorized("Expired token received for JSON Web Token validation")
            }
            Invalid::Malformed => unauthorized("Invalid token"),
            Invalid::Signature => {
                unauthorized("Invalid signature received for JSON Web Token validation")
            }
        })?;
    if !names_audience(&claims, audience) {
        return Err(unauthorized(&format!("Bad audience: expected {audience}")));
    }
    asked
        .check_binding(app, bound_to(&claims))
        .map_err(|challenge| {
            let body = refusal(challenge.description);
            Stop::with(challenge.put_on(app, body))
        })?;
    let held = claims.get("scope").and_then(Value::as_str);
    if !held
        .unwrap_or_default()
        .split_whitespace()
        .any(|held| held == scope)
    {
        let text = format!("Insufficient scope, expected any of: {scope}");
        return Err(failure(403, &text, Some("insufficient_scope")));
    }
    if app.course.refuses_call() {
        let challenge = asked.invalid_token("The access token is not good any more");
        let body = refusal(challenge.description);
        return Err(Stop::with(challenge.put_on(app, body)));
    }
    Ok(claims)
}

/// Whether `aud`, a string or a list, names this audience.
pub(crate) fn names_audience(claims: &Map<String, Value>, audience: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(all)) => all.iter().any(|one| one == audience),
        _ => false,
    }
}

fn unauthorized(text: &str) -> Stop {
    let challenge = format!("Bearer error=\"{text}\"");
    Stop::with(
        (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, challenge)],
            refusal(text),
        )
            .into_response(),
    )
}

fn refusal(text: &str) -> Json<Value> {
    Json(json!({
        "statusCode": 401,
        "error": "Unauthorized",
        "message": text,
        "attributes": { "error": text },
    }))
}

pub(crate) fn failure(status: u16, text: &str, code: Option<&str>) -> Stop {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut body = json!({
        "statusCode": status.as_u16(),
        "error": status.canonical_reason().unwrap_or("Error"),
        "message": text,
    });
    if let Some(code) = code {
        body["errorCode"] = code.into();
    }
    Stop::with((status, Json(body)).into_response())
}
