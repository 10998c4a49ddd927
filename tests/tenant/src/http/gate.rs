//! What every request passes: the log, the host check, CORS, faults, and the headers of every answer.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::breach::{of_form, of_request};
use crate::clock::{http_date, machine_millis};
use crate::fault::{Endpoint, Fault, Mutation};
use crate::http::form::Form;
use crate::http::proof::{DPOP, renew_nonce};
use crate::http::{BODY_LIMIT, FORM_LIMIT};
use crate::random;
use crate::record::{Line, Recorded};
use crate::server::HangUp;
use crate::tenant::{App, Shared};

/// What a token handler is to do to its ID token.
#[derive(Clone)]
pub(crate) struct Mutate(pub(crate) Mutation);

pub(crate) async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let origin = text(request.headers(), header::ORIGIN);
    let is_proven = request.headers().contains_key(DPOP);
    let recorded = recorded(&request, origin.clone());
    note_request(&app, &request, &recorded);
    let line = app.log.arrive(recorded);

    let mut response = if !host_is_ours(request.headers(), app.port) {
        misdirected()
    } else if method == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        match note_grant(&app, line, request).await {
            Ok(request) => let_through(&app, line, request, next).await,
            Err(refusal) => refusal,
        }
    };

    share(&app, &method, &path, origin.as_deref(), &mut response);
    protect(response.headers_mut());
    if let Ok(date) = HeaderValue::try_from(http_date(app.clock.now())) {
        // A fault may have a time of its own.
        response.headers_mut().entry(header::DATE).or_insert(date);
    }
    let is_answered = response.extensions().get::<HangUp>().is_none();
    if is_proven && is_answered {
        renew_nonce(&app, &path, response.headers_mut());
    }
    let status = is_answered.then(|| response.status().as_u16());
    app.log.amend(line, |recorded| recorded.status = status);
    response
}

fn note_request(app: &Shared, request: &Request, recorded: &Recorded) {
    let (method, path) = (request.method(), recorded.path.as_str());
    let broken = of_request(method, path, request.headers(), &recorded.query);
    app.breaches.note(path, broken);
}

/// Writes down what a token request is about, before a fault can hit it, and gives it back whole.
async fn note_grant(app: &Shared, line: Line, request: Request) -> Result<Request, Response> {
    let path = request.uri().path().to_owned();
    if request.method() != Method::POST || !path.starts_with("/oauth/") {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, FORM_LIMIT)
        .await
        .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
    if let Ok(form) = Form::read(&parts.headers, &body) {
        let broken = of_form(&app.breaches, &path, &form);
        app.breaches.note(&path, broken);
        app.log.amend(line, |recorded| {
            recorded.grant_type = form.get("grant_type").map(str::to_owned);
            if form.get("grant_type") == Some("refresh_token") {
                recorded.refresh_token = form.get("refresh_token").map(short_hash);
            }
        });
    }
    Ok(Request::from_parts(parts, Body::from(body)))
}

fn short_hash(token: &str) -> String {
    random::fingerprint(token).chars().take(12).collect()
}

async fn let_through(app: &Shared, line: Line, request: Request, next: Next) -> Response {
    let endpoint = Endpoint::of(request.method().as_str(), request.uri().path());
    match endpoint.and_then(|endpoint| app.faults.strike(endpoint)) {
        Some(fault) => {
            app.log.amend(line, |recorded| recorded.faulted = true);
            suffer(fault, request, next).await
        }
        None => next.run(request).await,
    }
}

fn recorded(request: &Request, origin: Option<String>) -> Recorded {
    let query = request.uri().query().unwrap_or_default();
    Recorded {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes())
            .map(|(name, _)| name.into_owned())
            .collect(),
        grant_type: None,
        refresh_token: None,
        origin,
        status: None,
        time: machine_millis(),
        faulted: false,
    }
}

/// Refuses names that merely resolve to loopback: a page of a rebound name must not reach the tenant.
pub(crate) fn host_is_ours(headers: &HeaderMap, port: u16) -> bool {
    let Some(host) = text(headers, header::HOST) else {
        return false;
    };
    ["127.0.0.1", "localhost"]
        .iter()
        .any(|name| host == format!("{name}:{port}"))
}

fn misdirected() -> Response {
    let body = json!({ "error": "misdirected_request", "error_description": "this host is not the tenant's" });
    (StatusCode::MISDIRECTED_REQUEST, Json(body)).into_response()
}

async fn suffer(fault: Fault, mut request: Request, next: Next) -> Response {
    match fault {
        Fault::Slow(wait) => {
            tokio::time::sleep(wait).await;
            next.run(request).await
        }
        Fault::Status(status, body) => {
            let content_type = if body.starts_with('{') {
                "application/json"
            } else {
                "text/plain; charset=utf-8"
            };
            answer(
                status,
                &[("content-type".into(), content_type.into())],
                body.into(),
            )
        }
        Fault::Answer {
            status,
            headers,
            body,
        } => answer(status, &headers, body.into()),
        Fault::Body {
            content_type,
            bytes,
        } => answer(200, &[("content-type".into(), content_type)], bytes.into()),
        Fault::HangUp => hung_up(),
        Fault::LoseAnswer => {
            next.run(request).await;
            hung_up()
        }
        Fault::Late(wait) => {
            let answer = next.run(request).await;
            tokio::time::sleep(wait).await;
            answer
        }
        Fault::Redirect(url) => answer(302, &[("location".into(), url)], Body::empty()),
        Fault::Patch(patch) => patched(next.run(request).await, &patch).await,
        Fault::IdToken(mutation) => {
            request.extensions_mut().insert(Mutate(mutation));
            next.run(request).await
        }
    }
}

fn answer(status: u16, headers: &[(String, String)], body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (
            header::HeaderName::try_from(name),
            HeaderValue::try_from(value),
        ) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn hung_up() -> Response {
    let mut response = StatusCode::BAD_GATEWAY.into_response();
    response.extensions_mut().insert(HangUp);
    response
}

async fn patched(response: Response, patch: &Value) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
    let (Ok(Value::Object(mut json)), Value::Object(patch)) =
        (serde_json::from_slice(&bytes), patch)
    else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    for (name, value) in patch {
        match value {
            Value::Null => json.remove(name),
            value => json.insert(name.clone(), value.clone()),
        };
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(Value::Object(json).to_string()))
}

/// Lets registered origins read what scripts may read. No cookies: none of these endpoints uses one.
fn share(app: &Shared, method: &Method, path: &str, origin: Option<&str>, response: &mut Response) {
    let scripted = [
        "/.well-known/",
        "/oauth/",
        "/userinfo",
        "/api/v2/",
        "/orders",
    ]
    .iter()
    .any(|prefix| path.starts_with(prefix));
    if !scripted {
        return;
    }
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    let allowed = |origin: &&str| {
        app.settings
            .applications
            .iter()
            .any(|one| one.origins.iter().any(|known| known == origin))
    };
    let Some(origin) = origin
        .filter(allowed)
        .and_then(|origin| HeaderValue::try_from(origin).ok())
    else {
        return;
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(
            "date, dpop-nonce, www-authenticate, retry-after, \
             x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset",
        ),
    );
    if method == Method::OPTIONS {
        let methods = if path.starts_with("/api/v2/") {
            "GET, PATCH"
        } else {
            "GET, POST"
        };
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static(methods),
        );
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("authorization, content-type, dpop, auth0-client"),
        );
        headers.insert(
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static("600"),
        );
    }
}

fn protect(headers: &mut HeaderMap) {
    let defaults = [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    for (name, value) in defaults {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
}

pub(crate) fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}
