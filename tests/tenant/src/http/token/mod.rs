//! `/oauth/token` and `/oauth/revoke`.

mod exchange;
mod issue;
mod revoke;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::authorize::is_of_login;
use crate::breach::of_refusal;
use crate::fault::Mutation;
use crate::http::device;
use crate::http::form::{Form, denied};
use crate::http::gate::Mutate;
use crate::http::proof::Asked;
use crate::http::token::exchange::{ACCESS_TOKEN, TOKEN_EXCHANGE, by_exchange};
use crate::http::token::issue::{Issue, issue};
use crate::http::visit::Stop;
use crate::module::Twist;
use crate::random::secret;
use crate::store::{Grant, Poll, Refusal, Rotation, Spend, Use, User};
use crate::tenant::{App, Shared};

pub(crate) use issue::user_claims;
pub(crate) use revoke::revoke;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A token request, read as far as every grant type needs it.
struct TokenRequest<'a> {
    app: &'a Shared,
    form: &'a Form,
    /// The thumbprint of the key it proves.
    key: Option<&'a str>,
    mutation: Option<&'a Mutation>,
}

pub(crate) async fn exchange(
    State(app): State<App>,
    mutate: Option<Extension<Mutate>>,
    asked: Asked,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Stop> {
    let form = Form::read(&headers, &body)?;
    let grant_type = form.require("grant_type")?;
    let mutation = mutate
        .map(|Extension(Mutate(mutation))| mutation)
        .or_else(|| app.course.mutation(grant_type));
    let response = asked
        .key(&app)
        .and_then(|key| {
            let request = TokenRequest {
                app: &app,
                form: &form,
                key: key.as_deref(),
                mutation: mutation.as_ref(),
            };
            match grant_type {
                "authorization_code" => by_code(&request),
                "refresh_token" => by_refresh_token(&request),
                TOKEN_EXCHANGE => by_exchange(&request),
                DEVICE_CODE => by_device_code(&request),
                other => Err(denied(
                    403,
                    "unsupported_grant_type",
                    &format!("Unsupported grant type: {other}"),
                )),
            }
        })
        .unwrap_or_else(IntoResponse::into_response);
    Ok(response)
}

fn by_code(request: &TokenRequest<'_>) -> Result<Response, Stop> {
    let TokenRequest { app, form, key, .. } = *request;
    let spend = Spend {
        client_id: &form.client(app)?.client_id,
        code: form.require("code")?,
        redirect_uri: form.get("redirect_uri"),
        verifier: form.require("code_verifier")?,
        key,
    };
    let lifetime = app.settings.refresh_token_lifetime;
    let (record, refresh) = app
        .store
        .spend_code(&spend, app.clock.now(), lifetime)?
        .map_err(|refusal| noted(app, refusal))?;
    if app.course.has(&Twist::KeysBeforeSigning) {
        app.replace_keys()?;
    }
    let user = active_user(app, &record.grant)?;
    request.issue(&record.grant, &user, record.nonce, refresh)
}

fn by_refresh_token(request: &TokenRequest<'_>) -> Result<Response, Stop> {
    let TokenRequest { app, form, key, .. } = *request;
    let presented = Use {
        client_id: &form.client(app)?.client_id,
        token: form.require("refresh_token")?,
        key,
    };
    let rotation = Rotation {
        on: app.settings.rotation,
        overlap: app.settings.overlap,
    };
    let used = app
        .store
        .use_refresh_token(presented, rotation, app.clock.now())?;
    let (mut grant, refresh) = used.map_err(|refusal| noted(app, refusal))?;
    let user = active_user(app, &grant)?;
    trade(app, &mut grant, form.get("audience"));
    if let Some(wanted) = form.get("scope") {
        grant
            .scope
            .retain(|held| wanted.split_whitespace().any(|one| one == held));
    }
    request.issue(&grant, &user, None, refresh)
}

fn by_device_code(request: &TokenRequest<'_>) -> Result<Response, Stop> {
    let TokenRequest { app, form, key, .. } = *request;
    let poll = Poll {
        client_id: &device::client(app, form)?.client_id,
        device_code: form.require("device_code")?,
        key,
    };
    let lifetime = app.settings.refresh_token_lifetime;
    let (grant, refresh) = app
        .store
        .poll_device(poll, app.clock.now(), lifetime)?
        .map_err(refused)?;
    let user = active_user(app, &grant)?;
    request.issue(&grant, &user, None, refresh)
}

/// Turns a grant to the API that a refresh asks for, if the application may have that.
///
/// Otherwise the audience is ignored, as Auth0 does, and the grant stays what it was.
fn trade(app: &Shared, grant: &mut Grant, wanted: Option<&str>) {
    let policy = |audience| {
        app.settings
            .refresh_policy(&grant.client_id, audience, &app.issuer)
    };
    let Some((audience, scopes)) = wanted.and_then(|audience| Some((audience, policy(audience)?)))
    else {
        return;
    };
    if grant.audience.as_deref() != Some(audience) {
        grant.scope.retain(|held| is_of_login(held));
        grant.audience = Some(audience.to_owned());
    }
    for scope in scopes {
        if !grant.has(&scope) {
            grant.scope.push(scope);
        }
    }
}

impl TokenRequest<'_> {
    fn is_exchange(&self) -> bool {
        self.form.get("grant_type") == Some(TOKEN_EXCHANGE)
    }

    fn issue(
        &self,
        grant: &Grant,
        user: &User,
        nonce: Option<String>,
        refresh: Option<String>,
    ) -> Result<Response, Stop> {
        Ok(issue(
            self.app,
            &Issue {
                grant,
                user,
                nonce,
                refresh,
                key: self.key,
                issued_token_type: self.is_exchange().then_some(ACCESS_TOKEN),
                mutation: self.mutation,
            },
        )?)
    }
}

fn active_user(app: &Shared, grant: &Grant) -> Result<User, Stop> {
    match app.store.user(&grant.user_id)? {
        Some(user) if !user.blocked && !user.mfa_required => Ok(user),
        Some(user) if !user.blocked => Err(refused(Refusal::MfaRequired)),
        Some(_) => Err(denied(403, "invalid_grant", "user is blocked")),
        None => Err(denied(
            403,
            "invalid_grant",
            "Unknown or invalid refresh token.",
        )),
    }
}

/// Refuses, and notes what the client did wrong.
fn noted(app: &Shared, refusal: Refusal) -> Stop {
    app.breaches.note("/oauth/token", of_refusal(&refusal));
    refused(refusal)
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
        Refusal::UnknownDevice => denied(403, "invalid_grant", "Invalid or expired device code."),
        Refusal::ExpiredDevice => denied(403, "expired_token", "The device code has expired."),
        Refusal::PendingDevice => denied(
            403,
            "authorization_pending",
            "User has yet to authorize device code.",
        ),
        Refusal::DeniedDevice => denied(
            403,
            "access_denied",
            "User cancelled the confirmation prompt.",
        ),
        Refusal::EarlyDevice { interval } => denied(
            429,
            "slow_down",
            &format!("You are polling faster than the specified interval of {interval} seconds."),
        ),
        Refusal::MfaRequired => {
            let body = json!({
                "error": "mfa_required",
                "error_description": "Multifactor authentication required",
                "mfa_token": secret(),
            });
            Stop::with((StatusCode::FORBIDDEN, Json(body)))
        }
        Refusal::NoProof => denied(400, "invalid_dpop_proof", "A DPoP proof is required"),
        Refusal::WrongKey => denied(
            403,
            "invalid_grant",
            "The DPoP proof is of another key than the grant",
        ),
    }
}
