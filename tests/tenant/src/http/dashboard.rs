//! The page on which anyone at this machine edits users' metadata.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

use crate::act;
use crate::error::Error;
use crate::http::cookie;
use crate::http::gate::text;
use crate::http::reply;
use crate::http::visit::Stop;
use crate::pages::{self, Language, Row};
use crate::store::User;
use crate::tenant::{App, Shared};

/// What the dashboard's forms are about.
const ABOUT: &str = "dashboard";

#[derive(Deserialize)]
pub(crate) struct Saved {
    saved: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Edit {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    metadata: String,
}

pub(crate) async fn home(State(app): State<App>) -> Result<Response, Stop> {
    let users: Vec<String> = app
        .store
        .users()?
        .into_iter()
        .map(|user| user.email)
        .collect();
    Ok(pages::home(&app.issuer, &users).into_response())
}

pub(crate) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query<Saved>,
) -> Result<Response, Stop> {
    let users = app.store.users()?;
    let rows = users
        .iter()
        .map(|user| Row {
            saved: query.saved.as_deref() == Some(&user.user_id),
            ..row(user, &app)
        })
        .collect::<Vec<_>>();
    Ok(page(&app, &headers, &rows))
}

pub(crate) async fn save(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    axum::Form(form): axum::Form<Edit>,
) -> Result<Response, Stop> {
    let ours = app.issuer.trim_end_matches('/');
    let foreign = text(&headers, header::ORIGIN).is_some_and(|origin| origin != ours);
    if foreign || !cookie::browser(&app, &headers).sent(&app, ABOUT, &form.csrf) {
        let texts = Language::English.texts();
        let page = pages::message(
            StatusCode::FORBIDDEN,
            Language::English,
            texts.stale_title,
            texts.form_old,
            None,
        );
        return Ok(page.into_response());
    }
    let problem = match parse(&form.metadata) {
        Ok(metadata) => match act::set_metadata(&app, &id, metadata) {
            Ok(_) => {
                let saved = utf8_percent_encode(&id, NON_ALPHANUMERIC);
                return Ok(reply::found(&format!("/dashboard?saved={saved}")));
            }
            Err(Error::MetadataShape) => {
                "The metadata must be a JSON object, such as {\"theme\": \"dark\"}.".to_owned()
            }
            Err(Error::UnknownUser { .. }) => "This user does not exist any more.".to_owned(),
            Err(error) => return Err(error.into()),
        },
        Err(problem) => problem,
    };
    let rows = app
        .store
        .users()?
        .iter()
        .map(|user| match user.user_id == id {
            true => Row {
                text: form.metadata.clone(),
                problem: Some(problem.clone()),
                ..row(user, &app)
            },
            false => row(user, &app),
        })
        .collect::<Vec<_>>();
    Ok(page(&app, &headers, &rows))
}

/// Reads what was typed; an empty field removes the metadata.
fn parse(typed: &str) -> Result<Value, String> {
    if typed.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(typed).map_err(|error| {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        format!(
            "This is not JSON: line {}, column {}: {what}. Nothing was saved.",
            error.line(),
            error.column()
        )
    })
}

fn page(app: &Shared, headers: &HeaderMap, rows: &[Row]) -> Response {
    let browser = cookie::browser(app, headers);
    let mut response = pages::dashboard(&browser.form_tag(app, ABOUT), rows).into_response();
    browser.remember(app, response.headers_mut());
    response
}

fn row(user: &User, app: &Shared) -> Row {
    let text = user
        .user_metadata
        .as_ref()
        .and_then(|metadata| serde_json::to_string_pretty(metadata).ok());
    Row {
        id: user.user_id.clone(),
        action: format!(
            "/dashboard/users/{}",
            utf8_percent_encode(&user.user_id, NON_ALPHANUMERIC)
        ),
        name: user.name.clone(),
        email: user.email.clone(),
        picture: user.picture_url(&app.issuer),
        blocked: user.blocked,
        text: text.unwrap_or_default(),
        problem: None,
        saved: false,
    }
}
