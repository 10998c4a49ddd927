//! `/userinfo`: the claims the access token's scopes open.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Map, Value};

use crate::http::gate::text;
use crate::http::token::user_claims;
use crate::http::visit::Stop;
use crate::store::Grant;
use crate::tenant::{App, Shared};

pub(crate) async fn userinfo(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<Map<String, Value>>, Stop> {
    let token = bearer(&headers).ok_or_else(unauthorized)?;
    let grant = grant_of(&app, &token)?.ok_or_else(unauthorized)?;
    let user = app.store.user(&grant.user_id)?.ok_or_else(unauthorized)?;
    Ok(Json(user_claims(&app, &grant, &user)))
}

/// The token of an `Authorization: Bearer` header; the scheme's case does not matter.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = text(headers, header::AUTHORIZATION)?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}

fn grant_of(app: &Shared, token: &str) -> Result<Option<Grant>, Stop> {
    let now = app.clock.now();
    if let Some(opaque) = app.store.opaque(token, now)? {
        return Ok(
            Some(opaque.grant).filter(|grant| grant.scope.iter().any(|scope| scope == "openid"))
        );
    }
    let Ok(claims) = app.keys.verify(token, &app.issuer, Some(now)) else {
        return Ok(None);
    };
    let here = format!("{}userinfo", app.issuer);
    if !names_audience(&claims, &here) {
        return Ok(None);
    }
    let word = |name: &str| {
        claims
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Ok(Some(Grant {
        client_id: word("azp"),
        user_id: word("sub"),
        audience: None,
        scope: word("scope")
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        sid: String::new(),
        auth_time: 0,
        tells_auth_time: false,
        organization: None,
    }))
}

/// Whether `aud`, a string or a list, names this audience.
pub(crate) fn names_audience(claims: &Map<String, Value>, audience: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(all)) => all.iter().any(|one| one == audience),
        _ => false,
    }
}

fn unauthorized() -> Stop {
    let challenge = r#"Bearer error="invalid_token", error_description="The access token is missing, invalid or expired""#;
    Stop::with(
        (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, challenge)],
            "Unauthorized",
        )
            .into_response(),
    )
}
