use std::time::Duration;

use dioxus_auth0::json::{JsonError, MAX_BYTES};
use dioxus_auth0::oidc::{
    AnswerError, ErrorCode, RetryAfter, TokenType, UserinfoError, UserinfoRequest,
};
use dioxus_auth0::secret::AccessToken;
use dioxus_auth0::user::User;
use serde_json::{Value, json};

use crate::support::{Answer, Offline, Script, now_or_never, response, url, with_headers};

type Read = Result<User, UserinfoError<Offline>>;

const SUB: &str = "248289761001";

fn ask(script: &Script, token: &str, token_type: TokenType) -> Read {
    let request = UserinfoRequest {
        endpoint: &url("https://server.example.com/userinfo"),
        access_token: &AccessToken::new(token),
        token_type,
        sub: SUB,
    };
    now_or_never(request.send(|request| script.http(request)))
}

fn answered(answer: Answer) -> Read {
    ask(&Script::new(answer), "SlAV32hkKG", TokenType::Bearer)
}

fn claims(body: &Value) -> Read {
    answered(response(200, "application/json", &body.to_string()))
}

fn malformed(error: impl Into<AnswerError>) -> Read {
    Err(UserinfoError::Malformed(error.into()))
}

/// The examples of <https://openid.net/specs/openid-connect-core-1_0.html#UserInfo>.
#[test]
fn the_exchange_of_core_5_3_holds() {
    let body = json!({
        "sub": SUB, "name": "Jane Doe", "given_name": "Jane", "family_name": "Doe",
        "preferred_username": "j.doe", "email": "janedoe@example.com",
        "picture": "http://example.com/janedoe/me.jpg",
    });
    let script = Script::new(response(200, "application/json", &body.to_string()));
    let user = ask(&script, "SlAV32hkKG", TokenType::Bearer).unwrap();
    assert_eq!(user.sub(), SUB);
    assert_eq!(user.name(), Some("Jane Doe"));
    assert_eq!(user.email(), Some("janedoe@example.com"));

    let request = script.request();
    assert_eq!(request.method(), "GET");
    assert_eq!(request.uri(), "https://server.example.com/userinfo");
    assert!(request.body().is_empty());
    let mut headers: Vec<_> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    headers.sort_unstable();
    assert_eq!(
        headers,
        [
            ("accept", "application/json"),
            ("authorization", "Bearer SlAV32hkKG"),
        ]
    );
    assert!(!format!("{request:?}").contains("SlAV32hkKG"));
}

#[test]
fn a_bound_token_is_shown_as_one() {
    let script = Script::new(Err(Offline));
    let lost = ask(&script, "at", TokenType::DPoP);
    assert_eq!(lost, Err(UserinfoError::Transport(Offline)));
    assert_eq!(script.request().headers()["authorization"], "DPoP at");
}

#[test]
fn a_token_that_fits_in_no_header_is_not_sent() {
    for token in ["a\r\nx: y", "a\u{0}"] {
        let script = Script::new(Err(Offline));
        let expected = "an access token that fits in a header";
        let refused = Err(UserinfoError::Request { expected });
        assert_eq!(ask(&script, token, TokenType::Bearer), refused);
        assert!(script.sent().is_empty());
    }
}

/// Core §5.3.2: the claims must not be used.
#[test]
fn claims_of_another_user_are_rejected() {
    for sub in ["2482897610011", "24828976100", "", "248289761001 "] {
        let read = claims(&json!({"sub": sub, "name": "Eve"}));
        assert_eq!(read, Err(UserinfoError::Subject), "{sub}");
    }
}

#[test]
fn claims_without_a_subject_are_rejected() {
    let expected = "a string";
    for body in [json!({}), json!({"sub": null, "name": "Jane"})] {
        let member = "sub";
        assert_eq!(
            claims(&body),
            malformed(JsonError::Missing { member, expected })
        );
    }
    let wrong = JsonError::WrongType {
        member: "sub",
        expected,
        found: "a number",
    };
    assert_eq!(
        claims(&json!({"sub": 248_289_761_001_i64})),
        malformed(wrong)
    );
    let array = JsonError::NotAnObject { found: "an array" };
    assert_eq!(claims(&json!([SUB])), malformed(array));
}

#[test]
fn a_subject_twice_is_rejected() {
    let twice = format!(r#"{{"sub":"{SUB}","sub":"eve"}}"#);
    let member = "sub".into();
    assert_eq!(
        answered(response(200, "application/json", &twice)),
        malformed(JsonError::Duplicate { member })
    );
}

#[test]
fn signed_claims_are_rejected() {
    for content_type in ["application/jwt", "Application/JWT; charset=utf-8"] {
        let read = answered(response(200, content_type, "eyJhbGciOiJub25lIn0.e30."));
        assert_eq!(read, Err(UserinfoError::Signed));
    }
}

#[test]
fn claims_of_another_content_type_are_rejected() {
    let body = json!({"sub": SUB}).to_string();
    for found in ["text/html", "text/plain", "application/jsonp", ""] {
        let refused = AnswerError::ContentType {
            found: found.into(),
        };
        assert_eq!(answered(response(200, found, &body)), malformed(refused));
    }
    let refused = AnswerError::ContentType { found: "".into() };
    assert_eq!(answered(with_headers(200, &[], &body)), malformed(refused));
    for accepted in ["application/json; charset=utf-8", "Application/JSON"] {
        assert!(answered(response(200, accepted, &body)).is_ok());
    }
}

#[test]
fn endless_claims_are_rejected() {
    let body = json!({"sub": SUB, "name": "x".repeat(MAX_BYTES)}).to_string();
    let refused = JsonError::TooLarge {
        limit: MAX_BYTES,
        found: body.len(),
    };
    assert_eq!(
        answered(response(200, "application/json", &body)),
        malformed(refused)
    );
}

/// <https://www.rfc-editor.org/rfc/rfc6750#section-3>
#[test]
fn a_token_that_is_not_accepted_is_told_from_other_refusals() {
    let challenge = r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#;
    for status in [401, 400, 403] {
        let read = answered(with_headers(
            status,
            &[("www-authenticate", challenge)],
            "Unauthorized",
        ));
        let description = Some("The access token expired".to_owned());
        let expected = match status {
            401 => UserinfoError::InvalidToken { description },
            _ => UserinfoError::Refused {
                code: ErrorCode::new("invalid_token"),
                description,
                status,
            },
        };
        assert_eq!(read, Err(expected));
    }
    for challenge in [
        r#"dpop algs="ES256", error=invalid_token"#,
        r#"Basic realm="x", bearer error="invalid_token""#,
    ] {
        let description = None;
        assert_eq!(
            answered(with_headers(401, &[("www-authenticate", challenge)], "")),
            Err(UserinfoError::InvalidToken { description })
        );
    }
}

#[test]
fn a_refusal_is_read_by_its_challenge() {
    let challenge = r#"Bearer error="insufficient_scope", scope="openid""#;
    let refused = UserinfoError::Refused {
        code: ErrorCode::new("insufficient_scope"),
        description: None,
        status: 403,
    };
    assert_eq!(
        answered(with_headers(403, &[("www-authenticate", challenge)], "")),
        Err(refused)
    );
}

#[test]
fn a_failure_without_a_challenge_that_can_be_read_is_named_by_its_status() {
    for headers in [
        &[][..],
        &[("www-authenticate", r#"Bearer realm="x""#)],
        &[("www-authenticate", r#"Basic error="invalid_token""#)],
        &[("www-authenticate", r#"Bearer error="invalid_token"#)],
    ] {
        for status in [201, 302, 401, 404] {
            let body = json!({"sub": SUB}).to_string();
            assert_eq!(
                answered(with_headers(status, headers, &body)),
                malformed(AnswerError::Status(status)),
                "{headers:?}"
            );
        }
    }
}

#[test]
fn a_busy_provider_says_when_to_ask_again() {
    for status in [429, 503] {
        let busy = UserinfoError::Busy {
            status,
            retry_after: Some(RetryAfter::For(Duration::from_secs(12))),
        };
        assert_eq!(
            answered(with_headers(status, &[("retry-after", "12")], "")),
            Err(busy)
        );
    }
}

#[test]
fn no_error_says_who_the_others_are() {
    let read = claims(&json!({"sub": "eve", "email": "eve@example.com"}));
    let error = read.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("eve"));
}
