use std::time::Duration;

use dioxus_auth0::json::{JsonError, MAX_BYTES};
use dioxus_auth0::oidc::par::{LONGEST_LIFE, MAX_REQUEST_URI};
use dioxus_auth0::oidc::{
    AnswerError, AuthorizeError, AuthorizeRequest, Challenge, ErrorCode, ParError, PushedAnswer,
    PushedRequest,
};
use dioxus_auth0::scope::Scope;
use dioxus_auth0::secret::{Nonce, RequestUri, State};
use serde_json::{Value, json};
use url::Url;

use crate::support::{Answer, Offline, Script, now_or_never, response, url};

type Read = Result<PushedAnswer, ParError<Offline>>;

const ENDPOINT: &str = "https://as.example.com/as/par";

/// The `request_uri` of <https://www.rfc-editor.org/rfc/rfc9126#section-2.2>.
const URN: &str = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c";

struct Login {
    endpoint: Url,
    scope: Scope,
    state: State,
    nonce: Nonce,
    challenge: Challenge,
}

impl Login {
    fn at(endpoint: &str) -> Self {
        Self {
            endpoint: url(endpoint),
            scope: Scope::parse("account-information"),
            state: State::new("af0ifjsldkj"),
            nonce: Nonce::new("nonce-1"),
            challenge: Challenge::from_digest(&[0; 32]),
        }
    }

    fn request<'a>(&'a self, extra: &'a [(String, String)]) -> AuthorizeRequest<'a> {
        AuthorizeRequest {
            endpoint: &self.endpoint,
            client_id: "s6BhdRkqt3",
            redirect_uri: "https://client.example.org/cb",
            scope: &self.scope,
            state: &self.state,
            nonce: &self.nonce,
            challenge: &self.challenge,
            audience: Some("https://api.example/"),
            organization: None,
            invitation: None,
            prompt: Some("login"),
            max_age: Some(Duration::from_secs(60)),
            login_hint: None,
            screen_hint: None,
            ui_locales: None,
            acr_values: None,
            connection: None,
            extra,
        }
    }
}

fn push(script: &Script, authorize: &AuthorizeRequest<'_>) -> Read {
    let request = PushedRequest {
        endpoint: &url(ENDPOINT),
        authorize,
    };
    now_or_never(request.send(|request| script.http(request)))
}

fn answered(answer: Answer) -> Read {
    let login = Login::at("https://as.example.com/authorize");
    push(&Script::new(answer), &login.request(&[]))
}

fn answer(body: &Value) -> Read {
    answered(response(201, "application/json", &body.to_string()))
}

fn granted() -> Answer {
    let body = json!({"request_uri": URN, "expires_in": 60}).to_string();
    response(201, "application/json", &body)
}

fn malformed(error: impl Into<AnswerError>) -> Read {
    Err(ParError::Malformed(error.into()))
}

/// <https://www.rfc-editor.org/rfc/rfc9126#section-2.2> and
/// <https://www.rfc-editor.org/rfc/rfc9126#section-4>.
#[test]
fn the_answer_and_the_url_of_rfc_9126_hold() {
    let body = format!("{{\n  \"request_uri\":\n    \"{URN}\",\n  \"expires_in\": 60\n}}");
    let answer = answered(response(201, "application/json", &body)).unwrap();
    assert_eq!(answer.request_uri.expose(), URN);
    assert_eq!(answer.expires_in, Duration::from_secs(60));

    let login = Login::at("https://as.example.com/authorize");
    assert_eq!(
        answer.url(&login.request(&[])).unwrap().as_str(),
        "https://as.example.com/authorize?client_id=s6BhdRkqt3\
         &request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc_11ACC5bwc014ltc14eY22c"
    );
}

#[test]
fn what_is_pushed_is_exactly_what_the_url_would_say() {
    let login = Login::at("https://as.example.com/authorize");
    let extra = [("ext-a".to_owned(), "a b&c".to_owned())];
    let authorize = login.request(&extra);
    let script = Script::new(granted());
    push(&script, &authorize).unwrap();
    let form = script.form(ENDPOINT);
    assert_eq!(
        form,
        "response_type=code&client_id=s6BhdRkqt3\
         &redirect_uri=https%3A%2F%2Fclient.example.org%2Fcb&scope=openid+account-information\
         &state=af0ifjsldkj&nonce=nonce-1&code_challenge=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
         &code_challenge_method=S256&audience=https%3A%2F%2Fapi.example%2F&prompt=login&max_age=60\
         &ext-a=a+b%26c"
    );
    assert_eq!(authorize.url().unwrap().query(), Some(&form[..]));
}

#[test]
fn no_parameter_is_pushed_that_the_url_would_not_bear() {
    let login = Login::at("https://as.example.com/authorize");
    for name in [
        "request_uri",
        "request",
        "client_secret",
        "state",
        "client_id",
    ] {
        let extra = [(name.to_owned(), "x".to_owned())];
        let script = Script::new(granted());
        let refused = AuthorizeError::Reserved { name: name.into() };
        assert_eq!(
            push(&script, &login.request(&extra)),
            Err(ParError::Parameters(refused))
        );
        assert!(script.sent().is_empty());
    }
    let pair = ("a".to_owned(), "x".to_owned());
    let script = Script::new(granted());
    let refused = AuthorizeError::Duplicate { name: "a".into() };
    assert_eq!(
        push(&script, &login.request(&[pair.clone(), pair])),
        Err(ParError::Parameters(refused))
    );
    assert!(script.sent().is_empty());
}

#[test]
fn the_query_of_the_authorize_endpoint_stays_on_its_url() {
    let login = Login::at("https://as.example.com/authorize?tenant=a");
    let script = Script::new(granted());
    let answer = push(&script, &login.request(&[])).unwrap();
    assert!(!script.form(ENDPOINT).contains("tenant"));
    let url = answer.url(&login.request(&[])).unwrap();
    let names: Vec<_> = url
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(names, ["tenant", "client_id", "request_uri"]);
}

#[test]
fn an_endpoint_that_brings_a_parameter_of_ours_is_rejected() {
    for name in ["client_id", "request_uri", "state", "scope"] {
        let login = Login::at(&format!("https://as.example.com/authorize?{name}=x"));
        let answer = PushedAnswer {
            request_uri: RequestUri::new(URN),
            expires_in: Duration::from_secs(60),
        };
        let refused = AuthorizeError::Duplicate { name: name.into() };
        assert_eq!(answer.url(&login.request(&[])), Err(refused));
    }
}

#[test]
fn a_request_uri_that_is_no_short_urn_is_rejected() {
    let limit = MAX_REQUEST_URI;
    for request_uri in [
        "",
        "urn",
        "urn:",
        "urn:x",
        "6esc_11ACC5bwc014ltc14eY22c",
        "https://as.example.com/request/1",
        "data:,x:y",
        "javascript:alert(1)",
        "urn:a:b c",
        "urn:a:b\n",
        "urn:a:ä",
        " urn:a:b",
        &format!("urn:a:{}", "x".repeat(MAX_REQUEST_URI - 5)),
    ] {
        let refused = Err(ParError::RequestUri { limit });
        let body = json!({"request_uri": request_uri, "expires_in": 60});
        assert_eq!(answer(&body), refused, "{request_uri}");
    }
    for request_uri in [
        "URN:a:b",
        "urn:uuid:4f0a8a3e-6f0a-4d8f-9d5b-0f1a4a2b3c4d",
        &format!("urn:a:{}", "x".repeat(MAX_REQUEST_URI - 6)),
    ] {
        let body = json!({"request_uri": request_uri, "expires_in": 60});
        assert_eq!(answer(&body).unwrap().request_uri.expose(), request_uri);
    }
}

#[test]
fn a_lifetime_is_positive_and_bounded() {
    for found in [0, -1, i64::MIN] {
        let refused = Err(ParError::Lifetime { found });
        assert_eq!(
            answer(&json!({"request_uri": URN, "expires_in": found})),
            refused
        );
    }
    for (seconds, life) in [
        (json!(1), 1),
        (json!(90.9), 90),
        (json!(600), 600),
        (json!(601), 600),
        (json!(u64::MAX), 600),
    ] {
        let read = answer(&json!({"request_uri": URN, "expires_in": seconds})).unwrap();
        assert_eq!(read.expires_in, Duration::from_secs(life));
    }
    assert_eq!(LONGEST_LIFE, Duration::from_secs(600));
}

#[test]
fn an_answer_without_a_needed_member_is_rejected() {
    for (member, expected) in [("request_uri", "a string"), ("expires_in", "a number")] {
        let mut body = json!({"request_uri": URN, "expires_in": 60});
        body[member] = Value::Null;
        let missing = JsonError::Missing { member, expected };
        assert_eq!(answer(&body), malformed(missing));
        body[member] = json!([]);
        let wrong = JsonError::WrongType {
            member,
            expected,
            found: "an array",
        };
        assert_eq!(answer(&body), malformed(wrong));
    }
    let text = json!({"request_uri": URN, "expires_in": "60"});
    assert!(answer(&text).is_err());
}

/// <https://www.rfc-editor.org/rfc/rfc9126#section-2.3>
#[test]
fn the_refusal_of_rfc_9126_is_read() {
    let body = r#"{
        "error": "invalid_request",
        "error_description": "The redirect_uri is not valid for the given client"
    }"#;
    for status in [400, 401, 413, 429, 201] {
        let refused = ParError::Refused {
            code: ErrorCode::new("invalid_request"),
            description: Some("The redirect_uri is not valid for the given client".into()),
            status,
        };
        assert_eq!(
            answered(response(status, "application/json", body)),
            Err(refused)
        );
    }
}

#[test]
fn an_answer_that_is_no_json_is_rejected() {
    let body = json!({"request_uri": URN, "expires_in": 60}).to_string();
    let found = "text/html".to_owned();
    assert_eq!(
        answered(response(201, "text/html", &body)),
        malformed(AnswerError::ContentType { found })
    );
    assert_eq!(
        answered(response(302, "application/json", &body)),
        malformed(AnswerError::Status(302))
    );
    let portal = response(200, "text/html", "<html>");
    assert_eq!(answered(portal), malformed(JsonError::Html));
    let endless = json!({"request_uri": "x".repeat(MAX_BYTES), "expires_in": 60}).to_string();
    let refused = JsonError::TooLarge {
        limit: MAX_BYTES,
        found: endless.len(),
    };
    assert_eq!(
        answered(response(201, "application/json", &endless)),
        malformed(refused)
    );
}

#[test]
fn a_request_that_fails_is_not_sent_again() {
    let login = Login::at("https://as.example.com/authorize");
    let script = Script::new(Err(Offline));
    let lost = Err(ParError::Transport(Offline));
    assert_eq!(push(&script, &login.request(&[])), lost);
    assert_eq!(script.sent().len(), 1);
}

#[test]
fn no_debug_text_holds_the_request_uri() {
    let body = json!({"request_uri": "urn:a:s3cret", "expires_in": 60});
    assert!(!format!("{:?}", answer(&body)).contains("s3cret"));
    let error = answer(&json!({"request_uri": "https://s3cret", "expires_in": 60}));
    let error = error.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}
