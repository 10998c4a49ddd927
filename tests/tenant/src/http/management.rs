//! The part of the Management API a user may call for themselves: `/api/v2/users/{id}`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::http::api::{self, failure};
use crate::http::gate::text;
use crate::http::proof::Asked;
use crate::http::visit::Stop;
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
    asked: Asked,
) -> Result<Json<Value>, Stop> {
    authorize(&app, &asked, &id, "read:current_user")?;
    let user = app.store.user(&id)?.ok_or_else(nobody)?;
    Ok(Json(selected(&user, &app.issuer, &fields)))
}

pub(crate) async fn update(
    State(app): State<App>,
    Path(id): Path<String>,
    asked: Asked,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Stop> {
    authorize(&app, &asked, &id, "update:current_user_metadata")?;
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

/// Lets a request through whose token is wide enough and about this user.
fn authorize(app: &Shared, asked: &Asked, id: &str, scope: &str) -> Result<(), Stop> {
    let claims = api::authorize(app, asked, &format!("{}api/v2/", app.issuer), scope)?;
    if claims.get("sub").and_then(Value::as_str) != Some(id) {
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
