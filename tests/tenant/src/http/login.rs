//! The login and consent pages.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::authorize::OAuthError;
use crate::http::authorize::{admit, finish, needs_consent, refuse, start_session, with_session};
use crate::http::reply;
use crate::http::visit::{Stop, Visit};
use crate::pages::{Consent, Login};
use crate::password;
use crate::store::{Objection, Problem, Stage, User};
use crate::tenant::{App, Shared};

#[derive(Deserialize)]
pub(crate) struct State_ {
    pub(crate) state: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct LoginForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

#[derive(Deserialize)]
pub(crate) struct ConsentForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    decision: String,
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
        .filter(|one| one.problem == Problem::WrongPassword);
    let hint = visit
        .transaction
        .request
        .login_hint
        .as_deref()
        .unwrap_or_default();
    let page = Login {
        frame: visit.frame(&app),
        email: objection.map_or(hint, |objection| &objection.email),
        message: objection.map(|objection| visit.language().problem(objection.problem)),
    };
    Ok(page.page().into_response())
}

pub(crate) async fn submit(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query<State_>,
    axum::Form(form): axum::Form<LoginForm>,
) -> Result<Response, Stop> {
    let visit = Visit::find(&app, &headers, query.state.as_deref())?;
    visit.check(&app, &form.csrf)?;
    if visit.transaction.stage != Stage::Login {
        return Ok(reply::found(&format!("/u/consent?state={}", visit.id)));
    }
    let user = app.store.user_by_email(&form.email)?;
    let Some(user) = recognise(&app, user, form.password).await else {
        let objection = Objection {
            problem: Problem::WrongPassword,
            email: form.email,
            name: String::new(),
        };
        return visit.object(&app, "/u/login", &objection);
    };
    enter(&app, &headers, &visit, &user)
}

/// Checks a password, or as long a decoy's when nobody has the address.
async fn recognise(app: &App, user: Option<User>, password: String) -> Option<User> {
    let hash = user
        .as_ref()
        .map_or_else(|| app.decoy.clone(), |user| user.password.clone());
    let matched = tokio::task::spawn_blocking(move || password::matches(&password, &hash)).await;
    user.filter(|_| matched.unwrap_or(false))
}

/// Lets a recognised user go on: to the consent page or back to the application.
pub(crate) fn enter(
    app: &Shared,
    headers: &HeaderMap,
    visit: &Visit,
    user: &User,
) -> Result<Response, Stop> {
    let request = &visit.transaction.request;
    if let Err(error) = admit(app, request.organization.as_ref(), user) {
        visit.advance(app, Stage::Used)?;
        return refuse(app, request, &error);
    }
    if needs_consent(app, request, user)? {
        let (cookie, session) = start_session(app, headers, user)?;
        let stage = Stage::Consent {
            user_id: session.user_id,
            sid: session.sid,
            auth_time: session.auth_time,
        };
        visit.advance(app, stage)?;
        let next = reply::found(&format!("/u/consent?state={}", visit.id));
        return Ok(with_session(app, &cookie, next));
    }
    visit.advance(app, Stage::Used)?;
    let (cookie, session) = start_session(app, headers, user)?;
    let response = finish(
        app,
        request,
        session.user_id,
        session.sid,
        session.auth_time,
    )?;
    Ok(with_session(app, &cookie, response))
}

pub(crate) async fn show_consent(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query<State_>,
) -> Result<Response, Stop> {
    let visit = Visit::find(&app, &headers, query.state.as_deref())?;
    let Stage::Consent { user_id, .. } = &visit.transaction.stage else {
        return Ok(reply::found(&format!("/u/login?state={}", visit.id)));
    };
    let user = app
        .store
        .user(user_id)?
        .map(|user| user.email)
        .unwrap_or_default();
    let scope = &visit.transaction.request.scope;
    Ok(Consent {
        frame: visit.frame(&app),
        user: &user,
        scope,
    }
    .page()
    .into_response())
}

pub(crate) async fn submit_consent(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query<State_>,
    axum::Form(form): axum::Form<ConsentForm>,
) -> Result<Response, Stop> {
    let visit = Visit::find(&app, &headers, query.state.as_deref())?;
    visit.check(&app, &form.csrf)?;
    let Stage::Consent {
        user_id,
        sid,
        auth_time,
    } = visit.transaction.stage.clone()
    else {
        return Ok(reply::found(&format!("/u/login?state={}", visit.id)));
    };
    visit.advance(&app, Stage::Used)?;
    let request = &visit.transaction.request;
    if form.decision != "allow" {
        let error = OAuthError::new("access_denied", "User did not authorize the request");
        return refuse(&app, request, &error);
    }
    app.store.insert_consent(
        &user_id,
        &request.client_id,
        request.audience.as_deref(),
        &request.scope,
    )?;
    finish(&app, request, user_id, sid, auth_time)
}
