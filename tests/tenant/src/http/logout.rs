//! `/v2/logout` and `/oidc/logout`.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::config::Application;
use crate::http::cookie;
use crate::http::reply;
use crate::http::visit::Stop;
use crate::module::Twist;
use crate::pages::{self, Language};
use crate::store::Session;
use crate::tenant::{App, Shared};

/// What the question's form is about.
const ABOUT: &str = "logout";

#[derive(Deserialize)]
pub(crate) struct Auth0Logout {
    client_id: Option<String>,
    #[serde(rename = "returnTo")]
    return_to: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct OidcLogout {
    id_token_hint: Option<String>,
    logout_hint: Option<String>,
    client_id: Option<String>,
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
    ui_locales: Option<String>,
    csrf: Option<String>,
}

pub(crate) async fn auth0(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query<Auth0Logout>,
) -> Result<Response, Stop> {
    let application = match &query.client_id {
        Some(id) => Some(
            app.settings
                .application(id)
                .ok_or_else(|| error_page(&format!("Unknown client: {id}")))?,
        ),
        None => None,
    };
    let allowed: Vec<&String> = match application {
        Some(application) => application.logout_urls.iter().collect(),
        None => app
            .settings
            .applications
            .iter()
            .flat_map(|application| &application.logout_urls)
            .collect(),
    };
    let target = match &query.return_to {
        Some(url) if allowed.iter().any(|known| *known == bare(url)) => Some(url.as_str()),
        Some(url) => {
            let text = format!(
                "The \"returnTo\" querystring parameter \"{url}\" is not defined as a valid URL in \"Allowed Logout URLs\"."
            );
            return Err(error_page(&text));
        }
        None => application
            .and_then(|application| application.logout_urls.first())
            .map(String::as_str),
    };
    end(&app, &headers)?;
    Ok(left(&app, target.map(str::to_owned), Language::English))
}

/// The URL without query and fragment, which Auth0 leaves out of the comparison.
fn bare(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

pub(crate) async fn oidc(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query<OidcLogout>,
) -> Result<Response, Stop> {
    oidc_logout(&app, &headers, query)
}

pub(crate) async fn oidc_post(
    State(app): State<App>,
    headers: HeaderMap,
    axum::Form(form): axum::Form<OidcLogout>,
) -> Result<Response, Stop> {
    oidc_logout(&app, &headers, form)
}

/// [RP-Initiated Logout](https://openid.net/specs/openid-connect-rpinitiated-1_0.html): who asks with an ID token
/// of this session is believed; anyone else has to ask the user.
fn oidc_logout(app: &Shared, headers: &HeaderMap, request: OidcLogout) -> Result<Response, Stop> {
    let language = Language::choose(request.ui_locales.as_deref().unwrap_or_default());
    let hint = request
        .id_token_hint
        .as_deref()
        .map(|token| read_hint(app, token))
        .transpose()?;
    let application = hint
        .as_ref()
        .map(|hint| hint.client_id.clone())
        .or_else(|| request.client_id.clone());
    let application = match &application {
        Some(id) => Some(
            app.settings
                .application(id)
                .ok_or_else(|| error_page(&format!("Unknown client: {id}")))?,
        ),
        None => None,
    };
    let target = target(app, &request, application)?;
    let session = match cookie::session(app, headers) {
        Some(cookie) => app.store.session(&cookie, app.clock.now())?,
        None => None,
    };
    let named = hint
        .and_then(|hint| hint.sid)
        .or_else(|| request.logout_hint.clone());
    let browser = cookie::browser(app, headers);
    let confirmed = request
        .csrf
        .as_deref()
        .is_some_and(|csrf| browser.sent(app, ABOUT, csrf));
    let meant = |session: &Session| named.as_deref() == Some(&session.sid);
    if session.as_ref().is_some_and(|session| !meant(session)) && !confirmed {
        return Ok(ask(app, &request, &browser, target));
    }
    end(app, headers)?;
    Ok(left(app, target, language))
}

struct Hint {
    client_id: String,
    sid: Option<String>,
}

/// Reads an ID token of ours; an expired one still says whose session it was.
fn read_hint(app: &Shared, token: &str) -> Result<Hint, Stop> {
    let claims = app
        .keys
        .verify(token, &app.issuer, None)
        .map_err(|_| error_page("The id_token_hint is not valid."))?;
    let word = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let client_id =
        word("aud").ok_or_else(|| error_page("The id_token_hint is not an ID token."))?;
    Ok(Hint {
        client_id,
        sid: word("sid"),
    })
}

fn target(
    app: &Shared,
    request: &OidcLogout,
    application: Option<&Application>,
) -> Result<Option<String>, Stop> {
    let Some(url) = &request.post_logout_redirect_uri else {
        return Ok(None);
    };
    let known = application.is_some_and(|application| application.logout_urls.contains(url));
    if !known {
        return Err(error_page(&format!(
            "The post_logout_redirect_uri \"{url}\" is not registered."
        )));
    }
    let spoilt = app.course.find(|twist| match twist {
        Twist::LogoutState(spoil) => Some(spoil.of(request.state.clone())),
        _ => None,
    });
    Ok(Some(
        match spoilt.unwrap_or_else(|| request.state.clone()) {
            Some(state) => reply::with_query(url, &[("state", state)]),
            None => url.clone(),
        },
    ))
}

fn ask(
    app: &Shared,
    request: &OidcLogout,
    browser: &cookie::Browser,
    target: Option<String>,
) -> Response {
    let fields = [
        ("id_token_hint", &request.id_token_hint),
        ("logout_hint", &request.logout_hint),
        ("client_id", &request.client_id),
        (
            "post_logout_redirect_uri",
            &request.post_logout_redirect_uri,
        ),
        ("state", &request.state),
    ];
    let hidden: Vec<(&str, &str)> = fields
        .iter()
        .filter_map(|(name, value)| value.as_deref().map(|value| (*name, value)))
        .collect();
    let origin = target
        .and_then(|url| Url::parse(&url).ok())
        .map(|url| url.origin().ascii_serialization());
    let mut response =
        pages::logout_question(&browser.form_tag(app, ABOUT), origin, &hidden).into_response();
    browser.remember(app, response.headers_mut());
    response
}

fn end(app: &Shared, headers: &HeaderMap) -> Result<(), Stop> {
    if let Some(cookie) = cookie::session(app, headers) {
        app.store.remove_session(&cookie)?;
    }
    Ok(())
}

fn left(app: &Shared, target: Option<String>, language: Language) -> Response {
    let mut response = match target {
        Some(url) => reply::found(&url),
        None => pages::message(
            StatusCode::OK,
            language,
            "Logged out",
            "You are logged out.",
            None,
        )
        .into_response(),
    };
    response
        .headers_mut()
        .append(header::SET_COOKIE, cookie::clear_session(app));
    response
}

fn error_page(text: &str) -> Stop {
    let title = "Oops, something went wrong";
    Stop::with(pages::message(
        StatusCode::BAD_REQUEST,
        Language::English,
        title,
        text,
        None,
    ))
}
