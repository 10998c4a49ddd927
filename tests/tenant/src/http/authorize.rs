//! `/authorize`: who may be logged in without a page, and who is sent to one.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::authorize::{AuthorizeRequest, OAuthError, Parameters, Prompt, Rejected};
use crate::breach::of_authorization;
use crate::config::PushedRequests;
use crate::http::cookie;
use crate::http::device;
use crate::http::par;
use crate::http::reply;
use crate::http::visit::Stop;
use crate::module::Twist;
use crate::pages::{self, Language};
use crate::random::{self, secret};
use crate::store::{CodeRecord, Decision, Grant, Membership, Session, Stage, Transaction, User};
use crate::tenant::{App, Shared};

/// How long a code may take to reach the token endpoint.
const CODE_SECONDS: i64 = 60;

pub(crate) async fn get(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Stop> {
    begin(&app, &headers, &query.unwrap_or_default())
}

pub(crate) async fn post(
    State(app): State<App>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Stop> {
    begin(&app, &headers, &body)
}

fn begin(app: &Shared, headers: &HeaderMap, form: &str) -> Result<Response, Stop> {
    let parameters = Parameters(
        url::form_urlencoded::parse(form.as_bytes())
            .into_owned()
            .collect(),
    );
    let query: Vec<String> = parameters.0.iter().map(|(name, _)| name.clone()).collect();
    let (parameters, is_pushed) = par::pull(app, parameters)?;
    let broken = of_authorization(&app.breaches, &app.settings, &query, &parameters, is_pushed);
    app.breaches.note("/authorize", broken);
    if app.course.is_second_authorization() && app.course.has(&Twist::KeysBetweenLogins) {
        app.replace_keys()?;
    }
    let language = Language::choose(parameters.get("ui_locales").unwrap_or_default());
    let must_be_pushed = app.pushed_requests() == PushedRequests::Required;
    let read =
        AuthorizeRequest::read(&parameters, &app.settings, &app.issuer).and_then(|request| {
            match must_be_pushed && !is_pushed {
                true => Err(not_pushed(request)),
                false => Ok(request),
            }
        });
    let request = match read {
        Ok(request) => request,
        Err(Rejected::Redirect(to, error)) => return Ok(reply::error(app, &to, language, &error)),
        Err(Rejected::Page(text)) => return Ok(refused(language, &text)),
    };
    go_on(app, headers, request)
}

/// Finishes a request by the browser's session, or opens the page that is needed first.
pub(crate) fn go_on(
    app: &Shared,
    headers: &HeaderMap,
    request: AuthorizeRequest,
) -> Result<Response, Stop> {
    let refuse = |error| refuse(app, &request, &error);
    let silent = request.prompts(Prompt::None);

    let Some((session, user)) = usable_session(app, headers, &request)? else {
        if silent {
            return refuse(OAuthError::new("login_required", "Login required"));
        }
        let path = if request.sign_up {
            "/u/signup"
        } else {
            "/u/login"
        };
        return open_page(app, headers, request, Stage::Login, path);
    };
    if let Err(error) = admit(app, request.organization.as_ref(), &user) {
        return refuse(error);
    }
    if needs_consent(app, &request, &user)? {
        if silent {
            return refuse(OAuthError::new("consent_required", "Consent required"));
        }
        let Session {
            user_id,
            sid,
            auth_time,
            ..
        } = session;
        return open_page(
            app,
            headers,
            request,
            Stage::Consent {
                user_id,
                sid,
                auth_time,
            },
            "/u/consent",
        );
    }
    finish(
        app,
        &request,
        session.user_id,
        session.sid,
        session.auth_time,
    )
}

fn not_pushed(request: AuthorizeRequest) -> Rejected {
    let text = "Pushed authorization requests are required";
    Rejected::Redirect(request.reply, OAuthError::new("invalid_request", text))
}

/// The page for a request that cannot be trusted with a redirect.
pub(crate) fn refused(language: Language, text: &str) -> Response {
    let title = "Oops, something went wrong";
    pages::message(StatusCode::BAD_REQUEST, language, title, text, None).into_response()
}

/// The browser's session, unless the request asks for a fresh login.
fn usable_session(
    app: &Shared,
    headers: &HeaderMap,
    request: &AuthorizeRequest,
) -> Result<Option<(Session, User)>, Stop> {
    let now = app.clock.now();
    let Some(cookie) = cookie::session(app, headers) else {
        return Ok(None);
    };
    let Some(session) = app.store.session(&cookie, now)? else {
        return Ok(None);
    };
    let too_old = request
        .max_age
        .is_some_and(|max_age| now - session.auth_time > max_age);
    let always = request.max_age == Some(0) || request.prompts(Prompt::Login);
    if too_old || always {
        return Ok(None);
    }
    Ok(app
        .store
        .user(&session.user_id)?
        .map(|user| (session, user)))
}

/// Whether this user may enter at all.
pub(crate) fn admit(
    app: &Shared,
    organization: Option<&Membership>,
    user: &User,
) -> Result<(), OAuthError> {
    if user.blocked {
        return Err(OAuthError::new("unauthorized", "user is blocked"));
    }
    let Some(membership) = organization else {
        return Ok(());
    };
    let organization = app
        .settings
        .organizations
        .iter()
        .find(|one| one.id == membership.id);
    match organization.and_then(|one| one.members.as_ref()) {
        Some(members) if !members.contains(&user.email) => {
            let text = format!(
                "user {} is not part of the {} organization",
                user.user_id, membership.id
            );
            Err(OAuthError::new("access_denied", text))
        }
        _ => Ok(()),
    }
}

pub(crate) fn needs_consent(
    app: &Shared,
    request: &AuthorizeRequest,
    user: &User,
) -> Result<bool, Stop> {
    if request.prompts(Prompt::Consent) {
        return Ok(true);
    }
    if app
        .settings
        .application(&request.client_id)
        .is_some_and(|application| application.first_party)
    {
        return Ok(false);
    }
    lacks(
        app,
        &user.user_id,
        &request.client_id,
        (request.audience.as_deref(), &request.scope),
    )
}

/// Whether a user has yet to allow an application something.
pub(crate) fn lacks_consent(app: &Shared, grant: &Grant) -> Result<bool, Stop> {
    let wanted = (grant.audience.as_deref(), &*grant.scope);
    lacks(app, &grant.user_id, &grant.client_id, wanted)
}

fn lacks(
    app: &Shared,
    user_id: &str,
    client_id: &str,
    (audience, scope): (Option<&str>, &[String]),
) -> Result<bool, Stop> {
    let held = app.store.consented(user_id, client_id, audience)?;
    Ok(scope.iter().any(|scope| !held.contains(scope)))
}

fn open_page(
    app: &Shared,
    headers: &HeaderMap,
    request: AuthorizeRequest,
    stage: Stage,
    path: &str,
) -> Result<Response, Stop> {
    let browser = cookie::browser(app, headers);
    let id = secret();
    let transaction = Transaction {
        request,
        browser: random::fingerprint(&browser.id),
        created: app.clock.now(),
        stage,
        objection: None,
    };
    app.store.put_transaction(&id, &transaction)?;
    let mut response = reply::found(&format!("{path}?state={id}"));
    browser.remember(app, response.headers_mut());
    Ok(response)
}

/// Tells whoever waits for this login that there will be none.
pub(crate) fn refuse(
    app: &Shared,
    request: &AuthorizeRequest,
    error: &OAuthError,
) -> Result<Response, Stop> {
    match &request.device {
        Some(id) => device::decide(app, id, Decision::Denied),
        None => Ok(reply::error(app, &request.reply, request.language, error)),
    }
}

/// Issues the code and sends it, or lets the device in.
pub(crate) fn finish(
    app: &Shared,
    request: &AuthorizeRequest,
    user_id: String,
    sid: String,
    auth_time: i64,
) -> Result<Response, Stop> {
    if let Some(id) = &request.device {
        let decision = Decision::Approved {
            user_id,
            sid,
            auth_time,
        };
        return device::decide(app, id, decision);
    }
    let grant = Grant {
        client_id: request.client_id.clone(),
        user_id,
        audience: request.audience.clone(),
        scope: request.scope.clone(),
        sid,
        auth_time,
        tells_auth_time: request.max_age.is_some(),
        organization: request.organization.clone(),
        actor: None,
    };
    let code = secret();
    let record = CodeRecord {
        grant,
        redirect_uri: request.reply.redirect_uri.clone(),
        redirect_uri_named: request.redirect_uri_named,
        challenge: request.challenge.clone(),
        nonce: request.nonce.clone(),
        expires: app.clock.now() + CODE_SECONDS,
        used: false,
        family: random::hex24(),
        key: request.dpop_jkt.clone(),
    };
    app.store.insert_code(&code, &record)?;
    Ok(reply::code(app, &request.reply, request.language, code))
}

/// Starts a session for a user who just proved who they are.
pub(crate) fn start_session(
    app: &Shared,
    headers: &HeaderMap,
    user: &User,
) -> Result<(String, Session), Stop> {
    let now = app.clock.now();
    if let Some(old) = cookie::session(app, headers) {
        app.store.remove_session(&old)?;
    }
    let cookie = secret();
    let session = Session {
        user_id: user.user_id.clone(),
        sid: secret(),
        auth_time: now,
        expires: now + cookie::SESSION_SECONDS,
    };
    app.store.insert_session(&cookie, &session)?;
    app.store.change_user(&user.user_id, |user| {
        user.last_login = Some(now);
        user.logins_count += 1;
    })?;
    Ok((cookie, session))
}

/// Adds the session cookie to a response.
pub(crate) fn with_session(app: &Shared, cookie: &str, mut response: Response) -> Response {
    response
        .headers_mut()
        .append(header::SET_COOKIE, cookie::set_session(app, cookie));
    response
}
