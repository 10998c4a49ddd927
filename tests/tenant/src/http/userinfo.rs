//! `/userinfo`: the claims the access token's scopes open.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Map, Value};

use crate::http::api::names_audience;
use crate::http::proof::{Asked, bound_to};
use crate::http::token::user_claims;
use crate::http::visit::Stop;
use crate::module::Twist;
use crate::store::Grant;
use crate::tenant::{App, Shared};

pub(crate) async fn userinfo(
    State(app): State<App>,
    asked: Asked,
) -> Result<Json<Map<String, Value>>, Stop> {
    let credentials = asked.credentials().ok_or_else(unauthorized)?;
    let (grant, key) = grant_of(&app, &credentials.token)?.ok_or_else(unauthorized)?;
    asked
        .check_binding(&app, key.as_deref())
        .map_err(|challenge| Stop::with(challenge.put_on(&app, "Unauthorized")))?;
    let user = app.store.user(&grant.user_id)?.ok_or_else(unauthorized)?;
    let mut claims = user_claims(&app, &grant, &user);
    if app.course.has(&Twist::UserinfoSub) {
        claims.insert("sub".into(), format!("{}1", user.user_id).into());
    }
    Ok(Json(claims))
}

/// What a token grants, and the key it is bound to.
fn grant_of(app: &Shared, token: &str) -> Result<Option<(Grant, Option<String>)>, Stop> {
    let now = app.clock.now();
    if let Some(opaque) = app.store.opaque(token, now)? {
        let is_for_here = opaque.grant.has("openid");
        return Ok(is_for_here.then_some((opaque.grant, opaque.key)));
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
    let key = bound_to(&claims).map(str::to_owned);
    let grant = Grant {
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
        actor: None,
    };
    Ok(Some((grant, key)))
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
