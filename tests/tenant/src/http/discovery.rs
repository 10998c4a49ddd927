//! What clients read first: metadata and keys.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::config::PushedRequests;
use crate::module::Twist;
use crate::tenant::App;

pub(crate) async fn configuration(State(app): State<App>) -> Json<Value> {
    let issuer = &app.issuer;
    let at = |path: &str| format!("{issuer}{}", app.course.published(path));
    let mut metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("oauth/token"),
        "userinfo_endpoint": at("userinfo"),
        "jwks_uri": at(".well-known/jwks.json"),
        "revocation_endpoint": at("oauth/revoke"),
        "end_session_endpoint": at("oidc/logout"),
        "device_authorization_endpoint": at("oauth/device/code"),
        "scopes_supported": ["openid", "profile", "offline_access", "name", "email", "picture"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post", "web_message"],
        "grant_types_supported": [
            "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "ui_locales_supported": ["en", "de"],
        "claims_supported": [
            "aud", "auth_time", "email", "email_verified", "exp", "iat", "iss", "name", "nickname", "picture", "sub",
        ],
        "request_uri_parameter_supported": false,
        "request_parameter_supported": false,
    });
    if app.pushed_requests() != PushedRequests::Unknown {
        let is_required = app.pushed_requests() == PushedRequests::Required;
        metadata["pushed_authorization_request_endpoint"] = at("oauth/par").into();
        metadata["require_pushed_authorization_requests"] = is_required.into();
    }
    if app.response_iss() {
        metadata["authorization_response_iss_parameter_supported"] = true.into();
    }
    if app.course.has(&Twist::DiscoveryIssuer) {
        metadata["issuer"] = format!("{issuer}INVALID").into();
    }
    Json(metadata)
}

pub(crate) async fn jwks(State(app): State<App>) -> Json<Value> {
    Json(match app.course.has(&Twist::Decoys) {
        true => app.keys.jwks_with_decoys(),
        false => app.keys.jwks(),
    })
}
