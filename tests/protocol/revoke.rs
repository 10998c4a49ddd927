use std::time::Duration;

use dioxus_auth0::oidc::{ErrorCode, RetryAfter, Revocation, RevokeError};
use dioxus_auth0::secret::RefreshToken;
use dioxus_auth0::time::UnixTime;

use crate::support::{Answer, Offline, Script, now_or_never, response, url, with_headers};

const ENDPOINT: &str = "http://127.0.0.1:4400/oauth/revoke";

fn revoke(script: &Script, token: &str) -> Result<(), RevokeError<Offline>> {
    let revocation = Revocation {
        endpoint: &url(ENDPOINT),
        client_id: "client 1",
        refresh_token: &RefreshToken::new(token),
    };
    now_or_never(revocation.send(|request| script.http(request)))
}

fn answered(answer: Answer) -> Result<(), RevokeError<Offline>> {
    revoke(&Script::new(answer), "45ghiukldjahdnhzdauz")
}

/// The example of <https://www.rfc-editor.org/rfc/rfc7009#section-2.1>, with the id of a client without a secret.
#[test]
fn the_revocation_is_exactly_this_request() {
    let script = Script::new(response(200, "text/plain", ""));
    assert_eq!(revoke(&script, "45ghiukldjahdnhzdauz"), Ok(()));
    assert_eq!(
        script.form(ENDPOINT),
        "token=45ghiukldjahdnhzdauz&token_type_hint=refresh_token&client_id=client+1"
    );
}

#[test]
fn no_token_brings_parameters_of_its_own() {
    let script = Script::new(response(200, "text/plain", ""));
    revoke(&script, "a&client_id=b+c").unwrap();
    assert_eq!(
        script.form(ENDPOINT),
        "token=a%26client_id%3Db%2Bc&token_type_hint=refresh_token&client_id=client+1"
    );
}

#[test]
fn a_success_is_one_whatever_its_body_says() {
    for body in ["", "OK", "<html>", "{", r#"{"error":"invalid_request"}"#] {
        assert_eq!(answered(response(200, "text/html", body)), Ok(()), "{body}");
    }
}

/// <https://www.rfc-editor.org/rfc/rfc7009#section-2.2.1>
#[test]
fn a_refusal_is_read_by_its_error() {
    for status in [400, 401, 403] {
        let body = r#"{"error":"unsupported_token_type","error_description":"no such token\n"}"#;
        let refused = RevokeError::Refused {
            code: ErrorCode::new("unsupported_token_type"),
            description: Some("no such token".into()),
            status,
        };
        let read = answered(response(status, "application/json", body));
        assert_eq!(read, Err(refused));
    }
}

#[test]
fn a_busy_provider_says_when_to_ask_again() {
    for status in [429, 500, 502, 503, 504] {
        for (headers, retry_after) in [
            (&[][..], None),
            (
                &[("retry-after", "30")],
                Some(RetryAfter::For(Duration::from_secs(30))),
            ),
            (
                &[("x-ratelimit-reset", "1700000000")],
                Some(RetryAfter::Until(UnixTime::from_seconds(1_700_000_000))),
            ),
        ] {
            let busy = RevokeError::Busy {
                status,
                retry_after,
            };
            let body = r#"{"error":"too_many_requests"}"#;
            assert_eq!(answered(with_headers(status, headers, body)), Err(busy));
        }
    }
}

#[test]
fn a_status_that_says_nothing_is_no_success() {
    for status in [201, 204, 301, 302, 400, 404, 405] {
        for body in ["", "<html>", "{}", r#"{"error":1}"#, "[]"] {
            assert_eq!(
                answered(response(status, "application/json", body)),
                Err(RevokeError::Status(status)),
                "{body}"
            );
        }
    }
}

#[test]
fn a_request_that_fails_is_not_sent_again() {
    let script = Script::new(Err(Offline));
    let lost = Err(RevokeError::Transport(Offline));
    assert_eq!(revoke(&script, "rt"), lost);
    assert_eq!(script.sent().len(), 1);
}

#[test]
fn no_debug_text_holds_the_token() {
    let revocation = Revocation {
        endpoint: &url(ENDPOINT),
        client_id: "client-1",
        refresh_token: &RefreshToken::new("s3cret"),
    };
    assert!(!format!("{revocation:?}").contains("s3cret"));
}
