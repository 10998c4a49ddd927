//! `/oauth/token` and `/oauth/revoke`.

use std::collections::HashMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::clock::iso;
use crate::fault::Mutation;
use crate::http::Broken;
use crate::http::gate::{GrantType, Mutate, text};
use crate::http::visit::Stop;
use crate::random::{self, secret};
use crate::store::{Grant, OpaqueToken, Refusal, Rotation, Spend, User};
use crate::tenant::{App, Shared};

pub(crate) async fn exchange(
    State(app): State<App>,
    mutate: Option<Extension<Mutate>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Stop> {
    let form = read(&headers, &body)?;
    let grant_type = require(&form, "grant_type")?.to_owned();
    let mutation = mutate.map(|Extension(Mutate(mutation))| mutation);
    let mut response = match grant_type.as_str() {
        "authorization_code" => by_code(&app, &form, mutation.as_ref()),
        "refresh_token" => by_refresh_token(&app, &form, mutation.as_ref()),
        other => Err(denied(
            403,
            "unsupported_grant_type",
            &format!("Unsupported grant type: {other}"),
        )),
    }
    .unwrap_or_else(IntoResponse::into_response);
    response.extensions_mut().insert(GrantType(grant_type));
    Ok(response)
}

fn by_code(
    app: &Shared,
    form: &HashMap<String, String>,
    mutation: Option<&Mutation>,
) -> Result<Response, Stop> {
    let client_id = client(app, form)?;
    let spend = Spend {
        code: require(form, "code")?,
        client_id,
        redirect_uri: form.get("redirect_uri").map(String::as_str),
        verifier: require(form, "code_verifier")?,
    };
    let lifetime = app.settings.refresh_token_lifetime;
    let (record, refresh) = app
        .store
        .spend_code(&spend, app.clock.now(), lifetime)?
        .map_err(refused)?;
    let user = active_user(app, &record.grant)?;
    Ok(issue(
        app,
        &Issue {
            grant: &record.grant,
            user: &user,
            nonce: record.nonce,
            refresh,
            mutation,
        },
    )?)
}

fn by_refresh_token(
    app: &Shared,
    form: &HashMap<String, String>,
    mutation: Option<&Mutation>,
) -> Result<Response, Stop> {
    let client_id = client(app, form)?;
    let token = require(form, "refresh_token")?;
    let rotation = Rotation {
        on: app.settings.rotation,
        overlap: app.settings.overlap,
    };
    let used = app
        .store
        .use_refresh_token(token, client_id, rotation, app.clock.now())?;
    let (mut grant, refresh) = used.map_err(refused)?;
    let user = active_user(app, &grant)?;
    if let Some(wanted) = form.get("scope").filter(|scope| !scope.is_empty()) {
        grant
            .scope
            .retain(|held| wanted.split_whitespace().any(|one| one == held));
    }
    Ok(issue(
        app,
        &Issue {
            grant: &grant,
            user: &user,
            nonce: None,
            refresh,
            mutation,
        },
    )?)
}

pub(crate) async fn revoke(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Stop> {
    let form = read(&headers, &body)?;
    let client_id = client(&app, &form)?;
    app.store.revoke(require(&form, "token")?, client_id)?;
    Ok(StatusCode::OK.into_response())
}

struct Issue<'a> {
    grant: &'a Grant,
    user: &'a User,
    nonce: Option<String>,
    refresh: Option<String>,
    mutation: Option<&'a Mutation>,
}

fn issue(app: &Shared, issue: &Issue<'_>) -> Result<Response, Broken> {
    let Issue { grant, user, .. } = issue;
    let mut body = json!({
        "access_token": access_token(app, grant)?,
        "scope": grant.scope.join(" "),
        "expires_in": app.settings.access_token_lifetime,
        "token_type": "Bearer",
    });
    if has(grant, "openid") {
        let claims = id_claims(app, grant, user, issue.nonce.as_deref());
        if let Some(token) = app.keys.sign(claims, issue.mutation)? {
            body["id_token"] = token.into();
        }
    }
    if let Some(refresh) = &issue.refresh {
        body["refresh_token"] = refresh.as_str().into();
    }
    Ok(Json(body).into_response())
}

fn access_token(app: &Shared, grant: &Grant) -> Result<String, Broken> {
    let now = app.clock.now();
    let expires = now + app.settings.access_token_lifetime;
    let Some(audience) = &grant.audience else {
        let token = secret();
        app.store.insert_opaque(
            &token,
            &OpaqueToken {
                grant: grant.clone(),
                expires,
            },
        )?;
        return Ok(token);
    };
    let audience = if has(grant, "openid") {
        json!([audience, format!("{}userinfo", app.issuer)])
    } else {
        json!(audience)
    };
    let mut claims = object(json!({
        "iss": app.issuer,
        "sub": grant.user_id,
        "aud": audience,
        "iat": now,
        "exp": expires,
        "scope": grant.scope.join(" "),
        "azp": grant.client_id,
        // Two tokens of one second would be equal without it.
        "jti": random::hex24(),
    }));
    if let Some(organization) = &grant.organization {
        claims.insert("org_id".into(), organization.id.as_str().into());
    }
    Ok(app.keys.sign(claims, None)?.unwrap_or_default())
}

fn id_claims(app: &Shared, grant: &Grant, user: &User, nonce: Option<&str>) -> Map<String, Value> {
    let now = app.clock.now();
    let mut claims = user_claims(app, grant, user);
    claims.extend(object(json!({
        "iss": app.issuer,
        "aud": grant.client_id,
        "iat": now,
        "exp": now + app.settings.id_token_lifetime,
        "sid": grant.sid,
    })));
    if let Some(nonce) = nonce {
        claims.insert("nonce".into(), nonce.into());
    }
    if grant.tells_auth_time {
        claims.insert("auth_time".into(), grant.auth_time.into());
    }
    if let Some(organization) = &grant.organization {
        claims.insert("org_id".into(), organization.id.as_str().into());
        claims.insert("org_name".into(), organization.name.as_str().into());
    }
    claims
}

/// The claims about a user that the granted scopes open.
pub(crate) fn user_claims(app: &Shared, grant: &Grant, user: &User) -> Map<String, Value> {
    let mut claims = object(json!({ "sub": user.user_id }));
    if has(grant, "profile") {
        claims.extend(object(json!({
            "name": user.name,
            "nickname": user.nickname,
            "picture": user.picture_url(&app.issuer),
            "updated_at": iso(user.updated_at),
        })));
    }
    if has(grant, "email") {
        claims.extend(object(
            json!({ "email": user.email, "email_verified": user.email_verified }),
        ));
    }
    claims
}

fn has(grant: &Grant, scope: &str) -> bool {
    grant.scope.iter().any(|held| held == scope)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Reads a form or a JSON body; both are taken, as Auth0 does.
fn read(headers: &HeaderMap, body: &[u8]) -> Result<HashMap<String, String>, Stop> {
    let content_type = text(headers, header::CONTENT_TYPE).unwrap_or_default();
    if content_type.starts_with("application/json") {
        let invalid = |_| {
            denied(
                400,
                "invalid_request",
                "The body is no JSON object of strings",
            )
        };
        return serde_json::from_slice(body).map_err(invalid);
    }
    let mut form = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(body).into_owned() {
        if form.contains_key(&name) {
            return Err(denied(
                400,
                "invalid_request",
                &format!("The parameter {name} was sent more than once"),
            ));
        }
        form.insert(name, value);
    }
    Ok(form)
}

fn require<'a>(form: &'a HashMap<String, String>, name: &str) -> Result<&'a str, Stop> {
    let missing = || {
        denied(
            400,
            "invalid_request",
            &format!("Missing required parameter: {name}"),
        )
    };
    form.get(name)
        .map(String::as_str)
        .filter(|value| !value.is_empty())
        .ok_or_else(missing)
}

fn client<'a>(app: &Shared, form: &'a HashMap<String, String>) -> Result<&'a str, Stop> {
    let client_id = form
        .get("client_id")
        .map(String::as_str)
        .unwrap_or_default();
    match app.settings.application(client_id) {
        Some(_) => Ok(client_id),
        None => Err(denied(401, "access_denied", "Unauthorized")),
    }
}

fn active_user(app: &Shared, grant: &Grant) -> Result<User, Stop> {
    match app.store.user(&grant.user_id)? {
        Some(user) if !user.blocked => Ok(user),
        Some(_) => Err(denied(403, "invalid_grant", "user is blocked")),
        None => Err(denied(
            403,
            "invalid_grant",
            "Unknown or invalid refresh token.",
        )),
    }
}

fn refused(refusal: Refusal) -> Stop {
    match refusal {
        Refusal::UnknownCode => denied(403, "invalid_grant", "Invalid authorization code"),
        Refusal::WrongVerifier => denied(403, "invalid_grant", "Failed to verify code verifier"),
        Refusal::UnknownRefreshToken => {
            denied(403, "invalid_grant", "Unknown or invalid refresh token.")
        }
        Refusal::WrongRedirect { sent, expected } => {
            let sent = sent.unwrap_or_else(|| "nothing".into());
            let text =
                format!("The redirect URI is wrong. You sent {sent}, and we expected {expected}");
            denied(403, "unauthorized_client", &text)
        }
    }
}

fn denied(status: u16, error: &str, description: &str) -> Stop {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    Stop::with((
        status,
        Json(json!({ "error": error, "error_description": description })),
    ))
}
