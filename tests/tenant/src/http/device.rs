//! The device authorization grant: the codes of `/oauth/device/code`, and the pages that let a device in.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::authorize::{AuthorizeRequest, Wanted};
use crate::config::Application;
use crate::http::authorize::go_on;
use crate::http::cookie;
use crate::http::form::{self, Form};
use crate::http::gate::text;
use crate::http::reply;
use crate::http::visit::Stop;
use crate::pages::{self, Activate, Language};
use crate::random::{secret, user_code};
use crate::store::{Decision, Device};
use crate::tenant::{App, Shared};

/// What the form of the page is about.
const ABOUT: &str = "activate";

#[derive(Deserialize)]
pub(crate) struct Code {
    user_code: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Activation {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    user_code: String,
    #[serde(default)]
    decision: String,
}

pub(crate) async fn codes(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Stop> {
    let form = Form::read(&headers, &body)?;
    let client_id = client(&app, &form)?.client_id.clone();
    let Wanted { audience, scope } =
        Wanted::read(&form.parameters(), &app.settings, &app.issuer)
            .map_err(|error| form::denied(403, error.error, &error.description))?;
    let device_code = secret();
    let settings = &app.settings;
    let device = Device {
        client_id,
        audience,
        scope,
        user_code: user_code(),
        expires: app.clock.now() + settings.device_code_lifetime,
        interval: settings.device_interval,
        polled: None,
        decision: Decision::Pending,
    };
    app.store.insert_device(&device_code, &device)?;
    let page = format!("{}activate", app.issuer);
    Ok(Json(json!({
        "device_code": device_code,
        "user_code": device.user_code,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={}", device.user_code),
        "expires_in": settings.device_code_lifetime,
        "interval": settings.device_interval,
    })))
}

/// The application that sent a form, if it may use this grant.
pub(crate) fn client<'a>(app: &'a Shared, form: &Form) -> Result<&'a Application, Stop> {
    let application = form.client(app)?;
    if application.device_code {
        return Ok(application);
    }
    let grant_type = "urn:ietf:params:oauth:grant-type:device_code";
    let text = format!("Grant type '{grant_type}' not allowed for the client.");
    Err(form::denied(403, "unauthorized_client", &text))
}

pub(crate) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Query(code): Query<Code>,
) -> Result<Response, Stop> {
    let named = code.user_code.map(|code| normal(&code));
    let is_unknown = match &named {
        Some(code) => app.store.waiting_device(code, app.clock.now())?.is_none(),
        None => false,
    };
    Ok(page(&app, &headers, named.as_deref(), is_unknown))
}

pub(crate) async fn submit(
    State(app): State<App>,
    headers: HeaderMap,
    axum::Form(form): axum::Form<Activation>,
) -> Result<Response, Stop> {
    let language = language(&headers);
    if !cookie::browser(&app, &headers).sent(&app, ABOUT, &form.csrf) {
        let texts = language.texts();
        let (title, text) = (texts.stale_title, texts.form_old);
        let page = pages::message(StatusCode::FORBIDDEN, language, title, text, None);
        return Ok(page.into_response());
    }
    let code = normal(&form.user_code);
    let Some((id, device)) = app.store.waiting_device(&code, app.clock.now())? else {
        return Ok(page(&app, &headers, Some(&code), true));
    };
    if form.decision == "deny" {
        return decide(&app, &id, Decision::Denied);
    }
    let request = AuthorizeRequest::of_device(id, device, &app.issuer, language);
    go_on(&app, &headers, request)
}

/// Decides over a device and sends the user to the page that says so.
pub(crate) fn decide(app: &Shared, id: &str, decision: Decision) -> Result<Response, Stop> {
    let is_approved = decision != Decision::Denied;
    let is_decided = app.store.decide(id, decision, app.clock.now())?;
    Ok(reply::found(match is_approved && is_decided {
        true => "/device/success",
        false => "/device/denied",
    }))
}

pub(crate) async fn succeeded(headers: HeaderMap) -> Response {
    let language = language(&headers);
    let texts = language.texts();
    let (title, text) = (texts.device_done, texts.device_done_text);
    pages::message(StatusCode::OK, language, title, text, None).into_response()
}

pub(crate) async fn denied(headers: HeaderMap) -> Response {
    let language = language(&headers);
    let texts = language.texts();
    let (title, text) = (texts.device_denied, texts.device_denied_text);
    pages::message(StatusCode::OK, language, title, text, None).into_response()
}

fn page(app: &Shared, headers: &HeaderMap, user_code: Option<&str>, is_unknown: bool) -> Response {
    let browser = cookie::browser(app, headers);
    let page = Activate {
        language: language(headers),
        csrf: &browser.form_tag(app, ABOUT),
        user_code,
        is_unknown,
    };
    let mut response = page.page().into_response();
    browser.remember(app, response.headers_mut());
    response
}

fn language(headers: &HeaderMap) -> Language {
    Language::accepted(&text(headers, header::ACCEPT_LANGUAGE).unwrap_or_default())
}

/// A user code as it was given out, whatever the user made of its case and its hyphen.
fn normal(typed: &str) -> String {
    let letters: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    match letters.split_at_checked(4) {
        Some((head, tail)) if !tail.is_empty() => format!("{head}-{tail}"),
        _ => letters,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for typed in ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk "] {
            assert_eq!(normal(typed), "BCDF-GHJK");
        }
        assert_eq!(normal("bc"), "BC");
        assert_eq!(normal("ä"), "");
    }
}
