//! The sign-up page.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::act;
use crate::error::Error;
use crate::http::login::{State_, enter};
use crate::http::reply;
use crate::http::visit::{Stop, Visit};
use crate::pages::SignUp;
use crate::store::{NewUser, Objection, Problem, Stage};
use crate::tenant::App;

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
    let objection = visit
        .transaction
        .objection
        .as_ref()
        .filter(|one| one.problem != Problem::WrongPassword);
    let hint = visit
        .transaction
        .request
        .login_hint
        .as_deref()
        .unwrap_or_default();
    let page = SignUp {
        frame: visit.frame(&app),
        email: objection.map_or(hint, |objection| &objection.email),
        name: objection.map_or("", |objection| &objection.name),
        message: objection.map(|objection| visit.language().problem(objection.problem)),
    };
    Ok(page.page().into_response())
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
    let object = |problem| {
        let objection = Objection {
            problem,
            email: form.email.clone(),
            name: form.name.clone(),
        };
        visit.object(&app, "/u/signup", &objection)
    };
    if let Some(problem) = problem(&form) {
        return object(problem);
    }
    let new = NewUser::new(form.email.as_str(), form.password.as_str()).name(form.name.trim());
    let sharing = app.clone();
    let added = tokio::task::spawn_blocking(move || act::add(&sharing, new)).await;
    match added {
        Ok(Ok(user)) => enter(&app, &headers, &visit, &user),
        Ok(Err(Error::EmailTaken { .. })) => object(Problem::EmailTaken),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Error::Password("the hashing was cut off".into()).into()),
    }
}

fn problem(form: &SignUpForm) -> Option<Problem> {
    let email = form.email.trim();
    let whole = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    });
    if !whole || email.len() > 254 || email.contains(char::is_whitespace) {
        return Some(Problem::EmailMalformed);
    }
    let has = |kind: fn(char) -> bool| form.password.chars().any(kind);
    let strong = has(char::is_lowercase) && has(char::is_uppercase) && has(|c| c.is_ascii_digit());
    if form.password.chars().count() < 8 || !strong {
        return Some(Problem::PasswordWeak);
    }
    None
}
