//! Writing the tokens.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::clock::iso;
use crate::fault::Mutation;
use crate::http::Broken;
use crate::module::{Twist, inverted};
use crate::random::{self, secret};
use crate::store::{Grant, OpaqueToken, User};
use crate::tenant::Shared;

pub(super) struct Issue<'a> {
    pub(super) grant: &'a Grant,
    pub(super) user: &'a User,
    pub(super) nonce: Option<String>,
    pub(super) refresh: Option<String>,
    /// The thumbprint of the key the access token is bound to.
    pub(super) key: Option<&'a str>,
    /// What kind of token the access token is, where the answer has to say so.
    pub(super) issued_token_type: Option<&'static str>,
    pub(super) mutation: Option<&'a Mutation>,
}

pub(super) fn issue(app: &Shared, issue: &Issue<'_>) -> Result<Response, Broken> {
    let Issue { grant, user, .. } = issue;
    let mut body = json!({
        "access_token": access_token(app, grant, issue.key)?,
        "scope": grant.scope.join(" "),
        "expires_in": app.settings.access_token_lifetime,
        "token_type": if issue.key.is_some() { "DPoP" } else { "Bearer" },
    });
    if app.course.has(&Twist::TokenTypeCase)
        && let Some(kind) = body["token_type"].as_str()
    {
        body["token_type"] = inverted(kind).into();
    }
    if app.course.has(&Twist::NoExpiresIn)
        && let Some(body) = body.as_object_mut()
    {
        body.remove("expires_in");
    }
    if let Some(kind) = issue.issued_token_type {
        body["issued_token_type"] = kind.into();
    }
    if grant.has("openid") {
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

fn access_token(app: &Shared, grant: &Grant, key: Option<&str>) -> Result<String, Broken> {
    let now = app.clock.now();
    let expires = now + app.settings.access_token_lifetime;
    let Some(audience) = &grant.audience else {
        let token = secret();
        app.store.insert_opaque(
            &token,
            &OpaqueToken {
                grant: grant.clone(),
                expires,
                key: key.map(str::to_owned),
            },
        )?;
        return Ok(token);
    };
    let audience = if grant.has("openid") {
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
    if let Some(key) = key {
        claims.insert("cnf".into(), json!({ "jkt": key }));
    }
    if let Some(organization) = &grant.organization {
        claims.insert("org_id".into(), organization.id.as_str().into());
    }
    if let Some(actor) = &grant.actor {
        claims.insert("act".into(), json!({ "sub": actor }));
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
    if grant.has("profile") {
        claims.extend(object(json!({
            "name": user.name,
            "nickname": user.nickname,
            "picture": user.picture_url(&app.issuer),
            "updated_at": iso(user.updated_at),
        })));
    }
    if grant.has("email") {
        claims.extend(object(
            json!({ "email": user.email, "email_verified": user.email_verified }),
        ));
    }
    // Everybody lives at the same place.
    if grant.has("phone") {
        claims.extend(object(
            json!({ "phone_number": "+44 20 7946 0018", "phone_number_verified": false }),
        ));
    }
    if grant.has("address") {
        let address = json!({ "formatted": "12 St James's Square\nLondon" });
        claims.insert("address".into(), address);
    }
    claims
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
