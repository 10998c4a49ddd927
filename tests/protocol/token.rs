use std::time::Duration;

use dioxus_auth0::json::{JsonError, MAX_BYTES};
use dioxus_auth0::oidc::token::AnswerError;
use dioxus_auth0::oidc::{CodeExchange, ErrorCode, Refresh, TokenAnswer, TokenError, TokenType};
use dioxus_auth0::scope::Scope;
use dioxus_auth0::secret::{Code, MfaToken, RefreshToken, Verifier};
use http::Response;
use serde_json::{Value, json};

use crate::support::{Offline, Script, now_or_never, response, url};

impl Script {
    fn exchange(&self) -> Result<TokenAnswer, TokenError<Offline>> {
        let exchange = CodeExchange {
            endpoint: &url("http://127.0.0.1:4400/oauth/token"),
            client_id: "client-1",
            redirect_uri: "http://127.0.0.1:8080",
            code: Code::new("c/+ 1"),
            verifier: Verifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        };
        now_or_never(exchange.send(|request| self.http(request)))
    }

    fn refresh(
        &self,
        scope: Option<&Scope>,
        audience: Option<&str>,
    ) -> Result<TokenAnswer, TokenError<Offline>> {
        let refresh = Refresh {
            endpoint: &url("https://tenant.auth0.com/oauth/token"),
            client_id: "client-1",
            refresh_token: &RefreshToken::new("rt+1"),
            scope,
            audience,
        };
        now_or_never(refresh.send(|request| self.http(request)))
    }
}

fn answer(status: u16, body: &str) -> Result<TokenAnswer, TokenError<Offline>> {
    Script::new(response(status, "application/json", body)).exchange()
}

fn malformed(error: impl Into<AnswerError>) -> Result<TokenAnswer, TokenError<Offline>> {
    Err(TokenError::Malformed(error.into()))
}

fn tokens() -> Value {
    json!({"access_token": "at", "token_type": "Bearer"})
}

fn with(member: &str, value: Value) -> Result<TokenAnswer, TokenError<Offline>> {
    let mut body = tokens();
    body[member] = value;
    answer(200, &body.to_string())
}

#[test]
fn the_code_grant_is_exactly_this_request() {
    let script = Script::new(response(200, "application/json", &tokens().to_string()));
    script.exchange().unwrap();

    assert_eq!(
        script.form("http://127.0.0.1:4400/oauth/token"),
        "grant_type=authorization_code&code=c%2F%2B+1\
         &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk&client_id=client-1\
         &redirect_uri=http%3A%2F%2F127.0.0.1%3A8080"
    );
}

#[test]
fn the_refresh_grant_is_exactly_this_request() {
    let script = Script::new(response(200, "application/json", &tokens().to_string()));
    script.refresh(None, None).unwrap();
    let request = script.request();
    assert_eq!(request.uri(), "https://tenant.auth0.com/oauth/token");
    assert_eq!(
        String::from_utf8(request.into_body()).unwrap(),
        "grant_type=refresh_token&refresh_token=rt%2B1&client_id=client-1"
    );
}

#[test]
fn the_refresh_grant_for_another_api_is_exactly_this_request() {
    let script = Script::new(response(200, "application/json", &tokens().to_string()));
    let scope = Scope::parse("openid read:orders");
    script
        .refresh(Some(&scope), Some("https://orders.example/"))
        .unwrap();
    assert_eq!(
        String::from_utf8(script.request().into_body()).unwrap(),
        "grant_type=refresh_token&refresh_token=rt%2B1&scope=openid+read%3Aorders\
         &client_id=client-1&audience=https%3A%2F%2Forders.example%2F"
    );
}

#[test]
fn a_redirect_uri_that_is_no_url_sends_nothing() {
    let script = Script::new(Err(Offline));
    let exchange = CodeExchange {
        endpoint: &url("http://127.0.0.1:4400/oauth/token"),
        client_id: "client-1",
        redirect_uri: "callback",
        code: Code::new("c"),
        verifier: Verifier::from_random(&[0; 32]),
    };
    let refused = now_or_never(exchange.send(|request| script.http(request)));
    let expected = "an absolute redirect uri";
    assert_eq!(refused, Err(TokenError::Request { expected }));
    assert!(script.sent().is_empty());
}

/// A lost answer may have been a success: a second attempt would look like a stolen code or token.
#[test]
fn a_request_that_fails_is_not_sent_again() {
    let script = Script::new(Err(Offline));
    assert_eq!(script.exchange(), Err(TokenError::Transport(Offline)));
    assert_eq!(script.sent().len(), 1);

    let script = Script::new(response(200, "application/json", "{"));
    assert!(script.refresh(None, None).is_err());
    assert_eq!(script.sent().len(), 1);

    let script = Script::new(response(
        400,
        "application/json",
        r#"{"error":"invalid_request","error_description":"transform algorithm not supported"}"#,
    ));
    assert!(script.exchange().is_err());
    assert_eq!(script.sent().len(), 1);
}

#[test]
fn a_refusal_of_any_status_is_read_by_its_error() {
    for status in [400, 401, 403, 429, 500, 503, 200] {
        let body =
            r#"{"error":"invalid_grant","error_description":"Unknown or invalid refresh token."}"#;
        let refused = TokenError::Refused {
            code: ErrorCode::new("invalid_grant"),
            description: Some("Unknown or invalid refresh token.".into()),
            status,
        };
        assert_eq!(answer(status, body), Err(refused));
    }
}

#[test]
fn a_refusal_without_a_description_is_read() {
    for body in [
        r#"{"error":"x"}"#,
        r#"{"error":"x","error_description":1}"#,
        r#"{"error":"x","error_description":"\n"}"#,
    ] {
        let refused = TokenError::Refused {
            code: ErrorCode::new("x"),
            description: None,
            status: 403,
        };
        assert_eq!(answer(403, body), Err(refused));
    }
}

#[test]
fn a_demand_for_another_factor_brings_what_it_is_given_with() {
    let body = json!({
        "error": "mfa_required", "error_description": "Multifactor authentication required",
        "mfa_token": "s3cret",
    });
    let demand = TokenError::MfaRequired {
        mfa_token: MfaToken::new("s3cret"),
        description: Some("Multifactor authentication required".into()),
        status: 403,
    };
    let read = answer(403, &body.to_string());
    assert!(!format!("{read:?}").contains("s3cret"));
    assert_eq!(read, Err(demand));
}

#[test]
fn a_demand_for_another_factor_without_a_usable_token_is_a_refusal() {
    for token in [Value::Null, "".into(), "a b".into(), "ä".into(), json!(1)] {
        let body = json!({"error": "mfa_required", "mfa_token": token});
        let refused = TokenError::Refused {
            code: ErrorCode::new("mfa_required"),
            description: None,
            status: 403,
        };
        assert_eq!(answer(403, &body.to_string()), Err(refused), "{body}");
    }
}

#[test]
fn another_refusal_brings_no_token_for_another_factor() {
    let refused = answer(403, r#"{"error":"invalid_grant","mfa_token":"t"}"#);
    assert!(matches!(refused, Err(TokenError::Refused { .. })));
}

#[test]
fn a_refusal_is_made_fit_to_show() {
    let body =
        json!({"error": "a\"\u{202e}b", "error_description": "x\u{0}\u{202e}".repeat(5_000)});
    let Err(TokenError::Refused {
        code, description, ..
    }) = answer(403, &body.to_string())
    else {
        panic!("expected a refusal");
    };
    assert_eq!(code, "ab");
    assert_eq!(description.map(|text| text.len()), Some(500));
}

#[test]
fn a_failure_that_says_nothing_is_named_by_its_status() {
    for status in [301, 302, 400, 404, 500, 502, 503] {
        for body in [
            "",
            "<html>502</html>",
            "{}",
            r#"{"error":1}"#,
            "[]",
            r#"{"access_token":"at","token_type":"Bearer"}"#,
        ] {
            assert_eq!(
                answer(status, body),
                malformed(AnswerError::Status(status)),
                "{body}"
            );
        }
    }
}

#[test]
fn a_success_that_is_not_json_is_rejected() {
    assert_eq!(answer(200, "<!doctype html>"), malformed(JsonError::Html));
    assert_eq!(answer(200, ""), malformed(JsonError::Empty));
    assert_eq!(answer(204, ""), malformed(JsonError::Empty));
    assert_eq!(
        answer(200, "[]"),
        malformed(JsonError::NotAnObject { found: "an array" })
    );
    for body in ["{", "{}{}", "access_token=at&token_type=Bearer"] {
        let error = answer(200, body).unwrap_err();
        assert!(
            matches!(error, TokenError::Malformed(AnswerError::Json(_))),
            "{body}: {error:?}"
        );
    }
    let twice = r#"{"access_token":"a","token_type":"Bearer","access_token":"b"}"#;
    let member = "access_token".into();
    assert_eq!(
        answer(200, twice),
        malformed(JsonError::Duplicate { member })
    );
}

#[test]
fn an_endless_success_is_rejected() {
    let body = json!({"access_token": "a".repeat(MAX_BYTES), "token_type": "Bearer"}).to_string();
    let refused = JsonError::TooLarge {
        limit: MAX_BYTES,
        found: body.len(),
    };
    assert_eq!(answer(200, &body), malformed(refused));
}

#[test]
fn a_success_of_another_content_type_is_rejected() {
    for found in [
        "text/html",
        "application/jsonp",
        "text/plain; charset=utf-8",
        "application/x-www-form-urlencoded",
    ] {
        let read = Script::new(response(200, found, &tokens().to_string())).exchange();
        let found = found.into();
        assert_eq!(read, malformed(AnswerError::ContentType { found }));
    }
    for accepted in [
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/json ;x=y",
    ] {
        let read = Script::new(response(200, accepted, &tokens().to_string())).exchange();
        assert!(read.is_ok(), "{accepted}");
    }
    let bare = Script::new(Ok(Response::new(tokens().to_string().into_bytes())));
    assert!(bare.exchange().is_ok());
}

#[test]
fn a_member_of_the_wrong_kind_is_rejected() {
    for (member, expected) in [
        ("access_token", "a string"),
        ("token_type", "a string"),
        ("refresh_token", "a string"),
        ("id_token", "a string"),
        ("scope", "a string"),
    ] {
        let found = "an array";
        let wrong = JsonError::WrongType {
            member,
            expected,
            found,
        };
        assert_eq!(with(member, json!([])), malformed(wrong));
    }
}

#[test]
fn an_answer_without_a_token_or_its_type_is_rejected() {
    let expected = "a string";
    for (member, value) in [
        ("access_token", Value::Null),
        ("access_token", "".into()),
        ("token_type", Value::Null),
    ] {
        assert_eq!(
            with(member, value),
            malformed(JsonError::Missing { member, expected })
        );
    }
}

#[test]
fn a_token_type_that_is_not_known_is_rejected() {
    for found in ["mac", "N_A", "", "Bearer1"] {
        let refused = AnswerError::TokenType {
            found: found.into(),
        };
        assert_eq!(with("token_type", found.into()), malformed(refused));
    }
}

#[test]
fn a_token_that_fits_in_no_header_is_rejected() {
    for member in ["access_token", "refresh_token", "id_token"] {
        for value in ["a b", "a\r\nx: y", "ä", "a\u{0}"] {
            assert_eq!(
                with(member, value.into()),
                malformed(AnswerError::Characters { member })
            );
        }
    }
}

#[test]
fn the_token_type_is_read_in_any_case() {
    for (text, token_type) in [
        ("Bearer", TokenType::Bearer),
        ("bearer", TokenType::Bearer),
        ("BEARER", TokenType::Bearer),
        ("DPoP", TokenType::DPoP),
        ("dpop", TokenType::DPoP),
    ] {
        assert_eq!(
            with("token_type", text.into()).unwrap().token_type,
            token_type
        );
    }
}

#[test]
fn a_lifetime_is_read_tolerantly() {
    let day = Duration::from_secs(86_400);
    let longest = Duration::from_secs(10 * 365 * 86_400);
    for (value, expires_in) in [
        (json!(86_400), Some(day)),
        (json!(86_400.9), Some(day)),
        (json!("86400"), Some(day)),
        (json!(" 86400 "), Some(day)),
        (json!(0), Some(Duration::ZERO)),
        (json!(-5), Some(Duration::ZERO)),
        (json!("-5"), Some(Duration::ZERO)),
        (json!(1e300), Some(longest)),
        (json!(u64::MAX), Some(longest)),
        (Value::Null, None),
        (json!("soon"), None),
        (json!(""), None),
        (json!(true), None),
        (json!({}), None),
    ] {
        let shown = value.to_string();
        assert_eq!(
            with("expires_in", value).unwrap().expires_in,
            expires_in,
            "{shown}"
        );
    }
}

#[test]
fn a_full_answer_is_read() {
    let body = json!({
        "access_token": "at", "token_type": "Bearer", "expires_in": 7200, "refresh_token": "rt",
        "id_token": "a.b.c", "scope": "openid profile", "unknown": {"x": [1]},
    });
    let read = answer(200, &body.to_string()).unwrap();
    assert_eq!(read.access_token.expose(), "at");
    assert_eq!(read.expires_in, Some(Duration::from_secs(7200)));
    assert_eq!(read.refresh_token.unwrap().expose(), "rt");
    assert_eq!(read.id_token.unwrap().expose(), "a.b.c");
    assert_eq!(read.scope, Some(Scope::parse("openid profile")));
}

#[test]
fn a_spare_answer_is_read() {
    let read = with("refresh_token", "".into()).unwrap();
    assert_eq!(read.refresh_token, None);
    assert_eq!(read.id_token, None);
    assert_eq!(read.scope, None);
    assert_eq!(read.expires_in, None);
}

#[test]
fn no_error_and_no_debug_text_holds_a_token() {
    let body = json!({"access_token": "s3cret", "refresh_token": "s3cret", "id_token": "s3cret", "token_type": "Bearer"});
    let read = answer(200, &body.to_string()).unwrap();
    assert!(!format!("{read:?}").contains("s3cret"));

    for (member, value) in [("token_type", json!("mac")), ("scope", json!(1))] {
        let mut body = body.clone();
        body[member] = value;
        let error = answer(200, &body.to_string()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }
    let cut = &body.to_string()[..40];
    let error = answer(200, cut).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}
