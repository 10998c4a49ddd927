//! The sign-up page.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::error::Error;
use crate::http::login::{State_, enter};
use crate::http::reply;
use crate::http::visit::{Stop, Visit};
use crate::pages::{SignUp, Texts};
use crate::store::{NewUser, Stage};
use crate::tenant::{self, App};

#[derive(Deserialize)]
pub(crate) struct SignUpForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    name: String,
}

pub(crate) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query<State_>,
) -> Result<Response, Stop> {
    let visit = Visit::find(&app, &headers, query.state.as_deref())?;
    if visit.transaction.stage != Stage::Login {
        return Ok(reply::found(&format!("/u/consent?state={}", visit.id)));
    }
    let hint = visit
        .transaction
        .request
        .login_hint
        .clone()
        .unwrap_or_default();
    Ok(SignUp {
        frame: visit.frame(&app),
        email: &hint,
        name: "",
        message: None,
    }
    .page()
    .into_response())
}

pub(crate) async fn submit(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query<State_>,
    axum::Form(form): axum::Form<SignUpForm>,
) -> Result<Response, Stop> {
    let visit = Visit::find(&app, &headers, query.state.as_deref())?;
    visit.check(&app, &form.csrf)?;
    if visit.transaction.stage != Stage::Login {
        return Ok(reply::found(&format!("/u/consent?state={}", visit.id)));
    }
    let texts = visit.language().texts();
    let again = |message: &str| {
        let page = SignUp {
            frame: visit.frame(&app),
            email: &form.email,
            name: &form.name,
            message: Some(message),
        };
        Ok(page.page().into_response())
    };
    if let Some(message) = objection(&form, texts) {
        return again(message);
    }
    let new = NewUser::new(form.email.as_str(), form.password.as_str()).name(form.name.trim());
    let sharing = app.clone();
    let added = tokio::task::spawn_blocking(move || tenant::add(&sharing, new)).await;
    match added {
        Ok(Ok(user)) => enter(&app, &headers, &visit, &user),
        Ok(Err(Error::EmailTaken { .. })) => again(texts.email_taken),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Error::Password("the hashing was cut off".into()).into()),
    }
}

fn objection(form: &SignUpForm, texts: &Texts) -> Option<&'static str> {
    let email = form.email.trim();
    let whole = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    });
    if !whole || email.len() > 254 || email.contains(char::is_whitespace) {
        return Some(texts.email_malformed);
    }
    let has = |kind: fn(char) -> bool| form.password.chars().any(kind);
    let strong = has(char::is_lowercase) && has(char::is_uppercase) && has(|c| c.is_ascii_digit());
    if form.password.chars().count() < 8 || !strong {
        return Some(texts.password_weak);
    }
    None
}
