//! The part of the Management API a user may call for themselves: `/api/v2/users/{id}`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::http::gate::text;
use crate::http::userinfo::{bearer, names_audience};
use crate::http::visit::Stop;
use crate::keys::Invalid;
use crate::store::User;
use crate::tenant::{App, Shared};

#[derive(Deserialize)]
pub(crate) struct Fields {
    fields: Option<String>,
    include_fields: Option<bool>,
}

pub(crate) async fn read(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(fields): Query<Fields>,
    headers: HeaderMap,
) -> Result<Json<Value>, Stop> {
    authorize(&app, &headers, &id, "read:current_user")?;
    let user = app.store.user(&id)?.ok_or_else(nobody)?;
    Ok(Json(selected(&user, &app.issuer, &fields)))
}

pub(crate) async fn update(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Stop> {
    authorize(&app, &headers, &id, "update:current_user_metadata")?;
    let change = metadata_of(&headers, &body.map_err(|_| too_large())?)?;
    let clears = app.settings.empty_metadata_clears;
    let now = app.clock.now();
    let changed = app.store.change_user(&id, |user| {
        merge(user, change, clears);
        user.updated_at = now;
    });
    match changed {
        Ok(user) => Ok(Json(user.to_json(&app.issuer))),
        Err(Error::UnknownUser { .. }) => Err(nobody()),
        Err(error) => Err(error.into()),
    }
}

/// Merges at the first level only, as Auth0 does; `null` removes a key.
fn merge(user: &mut User, change: Map<String, Value>, empty_clears: bool) {
    if change.is_empty() && empty_clears {
        user.user_metadata = None;
        return;
    }
    let metadata = user.user_metadata.get_or_insert_default();
    for (key, value) in change {
        match value {
            Value::Null => metadata.remove(&key),
            value => metadata.insert(key, value),
        };
    }
}

/// Lets a request through whose token is ours, for this API, not expired, wide enough and about this user.
fn authorize(app: &Shared, headers: &HeaderMap, id: &str, scope: &str) -> Result<(), Stop> {
    if !headers.contains_key(header::AUTHORIZATION) {
        return Err(unauthorized("Missing authentication"));
    }
    let Some(token) = bearer(headers) else {
        return Err(failure(
            400,
            "Bad HTTP authentication header format",
            Some("Bearer"),
        ));
    };
    let claims = app
        .keys
        .verify(&token, &app.issuer, Some(app.clock.now()))
        .map_err(|invalid| match invalid {
            Invalid::Expired => {
                unauthorized("Expired token received for JSON Web Token validation")
            }
            Invalid::Malformed => unauthorized("Invalid token"),
            Invalid::Signature => {
                unauthorized("Invalid signature received for JSON Web Token validation")
            }
        })?;
    let audience = format!("{}api/v2/", app.issuer);
    if !names_audience(&claims, &audience) {
        return Err(unauthorized(&format!("Bad audience: expected {audience}")));
    }
    let word = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if !word("scope").split_whitespace().any(|held| held == scope) {
        let text = format!("Insufficient scope, expected any of: {scope}");
        return Err(failure(403, &text, Some("insufficient_scope")));
    }
    if word("sub") != id {
        let text = "User to be acted on does not match subject in bearer token.";
        return Err(failure(403, text, Some("insufficient_scope")));
    }
    Ok(())
}

fn metadata_of(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Stop> {
    let content_type = text(headers, header::CONTENT_TYPE).unwrap_or_default();
    if !content_type.starts_with("application/json") {
        return Err(failure(415, "Unsupported Media Type", None));
    }
    let body: Value = serde_json::from_slice(body)
        .map_err(|_| failure(400, "Invalid request payload JSON format", None))?;
    let Value::Object(mut body) = body else {
        return Err(invalid_body(
            &format!("Expected type object but found type {}", kind(&body)),
            "",
        ));
    };
    let metadata = body.remove("user_metadata");
    if let Some(name) = body.keys().next() {
        return Err(invalid_body(
            &format!("Additional properties not allowed: {name}"),
            "",
        ));
    }
    match metadata {
        Some(Value::Object(map)) => Ok(map),
        Some(other) => {
            let text = format!("Expected type object but found type {}", kind(&other));
            Err(invalid_body(&text, " on property user_metadata"))
        }
        None => Err(invalid_body(
            "Too few properties defined (0), minimum 1",
            "",
        )),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn selected(user: &User, issuer: &str, fields: &Fields) -> Value {
    let json = user.to_json(issuer);
    let (Some(names), Value::Object(map)) = (&fields.fields, &json) else {
        return json;
    };
    let named = |key: &str| names.split(',').any(|name| name.trim() == key);
    let include = fields.include_fields.unwrap_or(true);
    Value::Object(
        map.iter()
            .filter(|(key, _)| named(key) == include)
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
    )
}

fn nobody() -> Stop {
    failure(404, "The user does not exist.", Some("inexistent_user"))
}

fn too_large() -> Stop {
    failure(
        413,
        "Payload content length greater than maximum allowed: 1048576",
        None,
    )
}

fn invalid_body(text: &str, place: &str) -> Stop {
    failure(
        400,
        &format!("Payload validation error: '{text}'{place}."),
        Some("invalid_body"),
    )
}

fn unauthorized(text: &str) -> Stop {
    let body = json!({
        "statusCode": 401,
        "error": "Unauthorized",
        "message": text,
        "attributes": { "error": text },
    });
    let challenge = format!("Bearer error=\"{text}\"");
    Stop::with(
        (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, challenge)],
            Json(body),
        )
            .into_response(),
    )
}

fn failure(status: u16, text: &str, code: Option<&str>) -> Stop {
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
