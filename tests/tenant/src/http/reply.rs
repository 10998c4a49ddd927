//! Sending the answer of `/authorize` to the application, by each response mode.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use url::Url;

use crate::authorize::{OAuthError, ReplyTo, ResponseMode};
use crate::module::Twist;
use crate::pages::{self, Language};
use crate::tenant::Shared;

pub(crate) fn code(app: &Shared, reply: &ReplyTo, language: Language, code: String) -> Response {
    send(app, reply, language, vec![("code", code)])
}

pub(crate) fn error(
    app: &Shared,
    reply: &ReplyTo,
    language: Language,
    error: &OAuthError,
) -> Response {
    let parameters = vec![
        ("error", error.error.to_owned()),
        ("error_description", error.description.clone()),
    ];
    send(app, reply, language, parameters)
}

fn send(
    app: &Shared,
    reply: &ReplyTo,
    language: Language,
    mut parameters: Vec<(&'static str, String)>,
) -> Response {
    let state = app.course.find(|twist| match twist {
        Twist::AnswerState(spoil) => Some(spoil.of(reply.state.clone())),
        _ => None,
    });
    let state = state.unwrap_or_else(|| reply.state.clone());
    parameters.extend(state.map(|state| ("state", state)));
    if app.response_iss() {
        let iss = Some(app.issuer.clone());
        let spoilt = app.course.find(|twist| match twist {
            Twist::AnswerIss(spoil) => Some(spoil.of(iss.clone())),
            _ => None,
        });
        parameters.extend(spoilt.unwrap_or(iss).map(|iss| ("iss", iss)));
    }
    match reply.mode {
        ResponseMode::Query => found(&with_query(&reply.redirect_uri, &parameters)),
        ResponseMode::FormPost => pages::form_post(
            language,
            &reply.redirect_uri,
            form_target(reply),
            &parameters,
        )
        .into_response(),
        ResponseMode::WebMessage => {
            let origin = reply.origin().unwrap_or_default();
            let response: Map<String, Value> = parameters
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect();
            pages::web_message(language, &origin, &Value::Object(response)).into_response()
        }
    }
}

/// A redirect by status 302, as Auth0 sends it.
pub(crate) fn found(location: &str) -> Response {
    match HeaderValue::try_from(location) {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Where forms that end at the application lead, in the words of a Content-Security-Policy.
pub(crate) fn form_target(reply: &ReplyTo) -> Option<String> {
    reply.origin().or_else(|| {
        Url::parse(&reply.redirect_uri)
            .ok()
            .map(|url| format!("{}:", url.scheme()))
    })
}

/// Appends parameters to a URL that may have some already.
pub(crate) fn with_query(url: &str, parameters: &[(&str, String)]) -> String {
    let Ok(mut parsed) = Url::parse(url) else {
        return url.to_owned();
    };
    parsed.query_pairs_mut().extend_pairs(parameters);
    parsed.into()
}
