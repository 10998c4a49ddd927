//! Custom token exchange: a token of another making for tokens of the tenant's
//! ([RFC 8693](https://www.rfc-editor.org/rfc/rfc8693)).

use axum::response::Response;
use serde_json::Value;

use crate::act::subject_audience;
use crate::authorize::{OAuthError, Wanted, organization};
use crate::config::Application;
use crate::http::api::names_audience;
use crate::http::authorize::{admit, lacks_consent};
use crate::http::form::{Form, denied};
use crate::http::token::{TokenRequest, active_user};
use crate::http::visit::Stop;
use crate::random::{hex24, secret};
use crate::store::{Grant, Start, User};
use crate::tenant::Shared;

pub(super) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// The only kind of token that can be asked for.
pub(super) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What no profile may be called, as at Auth0.
const RESERVED: [&str; 7] = [
    "http://auth0.com",
    "https://auth0.com",
    "http://okta.com",
    "https://okta.com",
    "urn:ietf",
    "urn:auth0",
    "urn:okta",
];

pub(super) fn by_exchange(request: &TokenRequest<'_>) -> Result<Response, Stop> {
    let TokenRequest { app, form, key, .. } = *request;
    let application = client(app, form)?;
    let kind = form.get("requested_token_type");
    if kind.is_some_and(|kind| kind != ACCESS_TOKEN) {
        return Err(invalid("Only access tokens can be requested"));
    }
    let subject = token(app, form, "subject_token", "subject_token_type")?;
    let actor = match (form.get("actor_token"), form.get("actor_token_type")) {
        (None, None) => None,
        _ => Some(token(app, form, "actor_token", "actor_token_type")?.user_id),
    };
    let parameters = form.parameters();
    let refused = |error: OAuthError| denied(403, error.error, &error.description);
    let Wanted { audience, scope } =
        Wanted::read(&parameters, &app.settings, &app.issuer).map_err(refused)?;
    let organization = organization(&parameters, &app.settings).map_err(refused)?;
    let grant = Grant {
        client_id: application.client_id.clone(),
        user_id: subject.user_id.clone(),
        audience,
        scope,
        sid: secret(),
        auth_time: app.clock.now(),
        tells_auth_time: false,
        organization,
        actor,
    };
    let user = active_user(app, &grant)?;
    admit(app, grant.organization.as_ref(), &user).map_err(refused)?;
    if !application.first_party && lacks_consent(app, &grant)? {
        return Err(denied(403, "consent_required", "Consent required"));
    }
    let start = Start {
        family: &hex24(),
        grant: &grant,
        key,
        now: app.clock.now(),
        lifetime: app.settings.refresh_token_lifetime,
    };
    let refresh = app.store.start(&start)?;
    request.issue(&grant, &user, None, refresh)
}

fn client<'a>(app: &'a Shared, form: &Form) -> Result<&'a Application, Stop> {
    let application = form.client(app)?;
    if application.token_exchange {
        return Ok(application);
    }
    let text = format!("Grant type '{TOKEN_EXCHANGE}' not allowed for the client.");
    Err(denied(403, "unauthorized_client", &text))
}

/// Finds the user a token is about, if a profile takes tokens of its type.
fn token(app: &Shared, form: &Form, name: &str, type_name: &str) -> Result<User, Stop> {
    let token = form.require(name)?;
    let kind = form.require(type_name)?;
    if RESERVED.iter().any(|reserved| kind.starts_with(reserved)) {
        return Err(invalid(&format!("The {type_name} is reserved")));
    }
    let profiles = &app.settings.token_exchange_profiles;
    if !profiles.iter().any(|profile| profile == kind) {
        return Err(invalid(&format!("No profile takes the {type_name}")));
    }
    let user = match token.strip_prefix("user:") {
        Some(email) => app.store.user_by_email(email)?,
        None => match subject(app, token) {
            Some(id) => app.store.user(&id)?,
            None => None,
        },
    };
    user.ok_or_else(|| invalid(&format!("Invalid {name}")))
}

/// The subject of a token that [`Tenant::subject_token`](crate::Tenant::subject_token) made.
fn subject(app: &Shared, token: &str) -> Option<String> {
    let now = app.clock.now();
    let claims = app.keys.verify(token, &app.issuer, Some(now)).ok()?;
    let is_for_here = names_audience(&claims, &subject_audience(app));
    let subject = claims.get("sub").and_then(Value::as_str)?;
    is_for_here.then(|| subject.to_owned())
}

fn invalid(text: &str) -> Stop {
    denied(400, "invalid_request", text)
}
