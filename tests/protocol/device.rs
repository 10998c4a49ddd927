use std::time::Duration;

use dioxus_auth0::json::{JsonError, MAX_BYTES};
use dioxus_auth0::oidc::device::{
    DEFAULT_INTERVAL, Heard, LONGEST_LIFE, MAX_USER_CODE, SLOWER, Schedule,
};
use dioxus_auth0::oidc::{
    AnswerError, DeviceAnswer, DeviceAuthorization, DeviceError, DevicePoll, ErrorCode, TokenError,
    Verdict,
};
use dioxus_auth0::provider::IssuerError;
use dioxus_auth0::scope::Scope;
use dioxus_auth0::secret::{DeviceCode, MfaToken};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Answer, Offline, Script, now_or_never, response, url, with_headers};

type Read = Result<DeviceAnswer, DeviceError<Offline>>;
type Poll = Result<Verdict, TokenError<Offline>>;

const HERE: &str = "http://127.0.0.1:4400/oauth/device/code";

fn authorize(script: &Script, endpoint: &str, audience: Option<&str>) -> Read {
    let authorization = DeviceAuthorization {
        endpoint: &url(endpoint),
        client_id: "1406020730",
        scope: &Scope::parse("example_scope"),
        audience,
    };
    now_or_never(authorization.send(|request| script.http(request)))
}

fn answered(answer: Answer) -> Read {
    let script = Script::new(answer);
    authorize(
        &script,
        "https://server.example.com/device_authorization",
        None,
    )
}

fn answer(body: &Value) -> Read {
    answered(response(200, "application/json", &body.to_string()))
}

/// The answer of <https://www.rfc-editor.org/rfc/rfc8628#section-3.2>.
fn codes() -> Value {
    json!({
        "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
        "user_code": "WDJB-MJHT",
        "verification_uri": "https://example.com/device",
        "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
        "expires_in": 1800,
        "interval": 5
    })
}

fn with(member: &str, value: Value) -> Read {
    let mut body = codes();
    body[member] = value;
    answer(&body)
}

fn malformed(error: impl Into<AnswerError>) -> Read {
    Err(DeviceError::Malformed(error.into()))
}

fn poll(script: &Script) -> Poll {
    let poll = DevicePoll {
        endpoint: &url("https://server.example.com/token"),
        client_id: "1406020730",
        device_code: &DeviceCode::new("GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS"),
    };
    now_or_never(poll.send(|request| script.http(request)))
}

fn heard(status: u16, body: &str) -> Poll {
    poll(&Script::new(response(status, "application/json", body)))
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// <https://www.rfc-editor.org/rfc/rfc8628#section-3.2>
#[test]
fn the_answer_of_rfc_8628_is_read() {
    let read = answer(&codes()).unwrap();
    assert_eq!(
        read.device_code.expose(),
        "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS"
    );
    assert_eq!(read.user_code.expose(), "WDJB-MJHT");
    assert_eq!(read.verification_uri.as_str(), "https://example.com/device");
    assert_eq!(
        read.verification_uri_complete
            .as_ref()
            .map(|url| url.as_str()),
        Some("https://example.com/device?user_code=WDJB-MJHT")
    );
    assert_eq!(read.expires_in, seconds(1800));
    assert_eq!(read.interval, seconds(5));
}

/// <https://www.rfc-editor.org/rfc/rfc8628#section-3.1>
#[test]
fn the_device_authorization_is_exactly_this_request() {
    let body = codes().to_string();
    let script = Script::new(response(200, "application/json", &body));
    authorize(&script, HERE, None).unwrap();
    assert_eq!(
        script.form(HERE),
        "scope=openid+example_scope&client_id=1406020730"
    );

    let script = Script::new(response(200, "application/json", &body));
    authorize(&script, HERE, Some("https://api.example/")).unwrap();
    assert_eq!(
        script.form(HERE),
        "scope=openid+example_scope&client_id=1406020730&audience=https%3A%2F%2Fapi.example%2F"
    );
}

/// <https://www.rfc-editor.org/rfc/rfc8628#section-3.4>
#[test]
fn the_poll_is_exactly_this_request() {
    let script = Script::new(response(
        400,
        "application/json",
        r#"{"error":"slow_down"}"#,
    ));
    assert_eq!(poll(&script), Ok(Verdict::SlowDown));
    assert_eq!(
        script.form("https://server.example.com/token"),
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code\
         &device_code=GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS&client_id=1406020730"
    );
}

#[test]
fn an_address_that_is_not_safe_is_rejected() {
    for member in ["verification_uri", "verification_uri_complete"] {
        for address in [
            "http://example.com/device",
            "http://127.0.0.1:4400/activate",
            "http://localhost/activate",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "/device",
            "example.com/device",
            "https://user@example.com/device",
            "https://example.com/device#x",
            "https://exa\tmple.com/",
            "",
        ] {
            let read = with(member, address.into());
            let wrong = matches!(
                read,
                Err(DeviceError::Address { member: found, .. }) if found == member
            );
            assert!(wrong, "{member} {address}: {read:?}");
        }
    }
    let long = format!("https://example.com/{}", "x".repeat(4_000));
    let source = IssuerError::TooLong {
        limit: 2_048,
        found: long.len(),
    };
    let member = "verification_uri";
    let refused = Err(DeviceError::Address { member, source });
    assert_eq!(with(member, long.into()), refused);
}

#[test]
fn a_provider_on_this_machine_may_name_this_machine() {
    let mut body = codes();
    body["verification_uri"] = "http://127.0.0.1:4400/activate".into();
    let script = Script::new(response(200, "application/json", &body.to_string()));
    assert!(authorize(&script, HERE, None).is_ok());

    body["verification_uri"] = "http://example.com/activate".into();
    let script = Script::new(response(200, "application/json", &body.to_string()));
    assert!(authorize(&script, HERE, None).is_err());
}

#[test]
fn an_answer_without_a_needed_member_is_rejected() {
    for (member, expected) in [
        ("device_code", "a string"),
        ("user_code", "a string"),
        ("verification_uri", "a string"),
        ("expires_in", "a number"),
    ] {
        let missing = JsonError::Missing { member, expected };
        assert_eq!(with(member, Value::Null), malformed(missing));
    }
    let missing = JsonError::Missing {
        member: "device_code",
        expected: "a string",
    };
    assert_eq!(with("device_code", "".into()), malformed(missing));
}

#[test]
fn a_member_of_the_wrong_kind_is_rejected() {
    for (member, expected) in [
        ("device_code", "a string"),
        ("user_code", "a string"),
        ("verification_uri", "a string"),
        ("verification_uri_complete", "a string"),
        ("expires_in", "a number"),
        ("interval", "a number"),
    ] {
        let wrong = JsonError::WrongType {
            member,
            expected,
            found: "an array",
        };
        assert_eq!(with(member, json!([])), malformed(wrong));
    }
}

#[test]
fn a_user_code_that_nobody_can_enter_is_rejected() {
    let limit = MAX_USER_CODE;
    for code in [
        "",
        "   ",
        "WDJB\u{202e}MJHT",
        "WDJB\nMJHT",
        "ÄBCD",
        &"X".repeat(MAX_USER_CODE + 1),
    ] {
        let refused = Err(DeviceError::UserCode { limit });
        assert_eq!(with("user_code", code.into()), refused, "{code}");
    }
    for code in ["0723 4509", "X", &"X".repeat(MAX_USER_CODE)] {
        let read = with("user_code", code.into()).unwrap();
        assert_eq!(read.user_code.expose(), code);
    }
}

#[test]
fn a_device_code_of_other_characters_is_rejected() {
    for code in ["a b", "a\r\nb", "ä"] {
        let member = "device_code";
        let refused = malformed(AnswerError::Characters { member });
        assert_eq!(with(member, code.into()), refused);
    }
}

#[test]
fn a_lifetime_is_positive_and_bounded() {
    for found in [0, -1, i64::MIN] {
        let refused = Err(DeviceError::Lifetime { found });
        assert_eq!(with("expires_in", found.into()), refused);
    }
    for (value, life) in [
        (json!(1), seconds(1)),
        (json!(900.5), seconds(900)),
        (json!(86_400), LONGEST_LIFE),
        (json!(86_401), LONGEST_LIFE),
        (json!(1e300), LONGEST_LIFE),
    ] {
        assert_eq!(with("expires_in", value).unwrap().expires_in, life);
    }
}

#[test]
fn an_interval_is_bounded_and_5_seconds_without_one() {
    assert_eq!(DEFAULT_INTERVAL, seconds(5));
    for (value, interval) in [
        (Value::Null, 5),
        (json!(0), 1),
        (json!(-7), 1),
        (json!(1), 1),
        (json!(30), 30),
        (json!(600), 600),
        (json!(601), 600),
        (json!(u64::MAX), 600),
    ] {
        let read = with("interval", value).unwrap();
        assert_eq!(read.interval, seconds(interval));
    }
}

#[test]
fn the_address_with_the_code_in_it_may_be_missing() {
    let read = with("verification_uri_complete", Value::Null).unwrap();
    assert_eq!(read.verification_uri_complete, None);
}

#[test]
fn a_refusal_is_read_by_its_error() {
    let body = r#"{"error":"unauthorized_client","error_description":"Grant type not allowed"}"#;
    for status in [400, 403, 429, 200] {
        let refused = DeviceError::Refused {
            code: ErrorCode::new("unauthorized_client"),
            description: Some("Grant type not allowed".into()),
            status,
        };
        let read = answered(response(status, "application/json", body));
        assert_eq!(read, Err(refused));
    }
}

#[test]
fn an_answer_that_is_no_json_is_rejected() {
    let html = answered(response(200, "text/html", "<html>"));
    assert_eq!(html, malformed(JsonError::Html));
    let found = "text/plain".to_owned();
    let text = answered(response(200, "text/plain", &codes().to_string()));
    assert_eq!(text, malformed(AnswerError::ContentType { found }));
    let broken = answered(with_headers(502, &[], "<html>"));
    assert_eq!(broken, malformed(AnswerError::Status(502)));
    let endless = json!({"device_code": "x".repeat(MAX_BYTES)}).to_string();
    let refused = JsonError::TooLarge {
        limit: MAX_BYTES,
        found: endless.len(),
    };
    let read = answered(response(200, "application/json", &endless));
    assert_eq!(read, malformed(refused));
}

#[test]
fn a_request_that_fails_is_not_sent_again() {
    let script = Script::new(Err(Offline));
    let lost = Err(DeviceError::Transport(Offline));
    assert_eq!(authorize(&script, HERE, None), lost);
    assert_eq!(script.sent().len(), 1);

    let script = Script::new(Err(Offline));
    assert_eq!(poll(&script), Err(TokenError::Transport(Offline)));
    assert_eq!(script.sent().len(), 1);
}

/// <https://www.rfc-editor.org/rfc/rfc8628#section-3.5>, whose errors Auth0 sends with other statuses.
#[test]
fn the_errors_of_rfc_8628_are_verdicts_whatever_their_status() {
    for (error, verdict) in [
        ("authorization_pending", Verdict::Pending),
        ("slow_down", Verdict::SlowDown),
        ("access_denied", Verdict::Denied),
        ("expired_token", Verdict::Expired),
        ("invalid_grant", Verdict::Expired),
    ] {
        let body = json!({"error": error}).to_string();
        for status in [400, 403, 429] {
            assert_eq!(heard(status, &body), Ok(verdict.clone()), "{error}");
        }
    }
}

#[test]
fn tokens_end_the_polling() {
    let body = json!({
        "access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": "a.b.c",
    });
    let Ok(Verdict::Done(answer)) = heard(200, &body.to_string()) else {
        panic!("expected tokens");
    };
    assert_eq!(answer.access_token.expose(), "at");
    assert_eq!(answer.expires_in, Some(seconds(60)));
}

#[test]
fn every_other_answer_to_a_poll_is_an_error() {
    for error in [
        "invalid_client",
        "invalid_request",
        "AUTHORIZATION_PENDING",
        "",
    ] {
        let refused = TokenError::Refused {
            code: ErrorCode::new(error),
            description: None,
            status: 400,
        };
        let body = json!({"error": error}).to_string();
        assert_eq!(heard(400, &body), Err(refused));
    }
    let busy = TokenError::Malformed(AnswerError::Status(503));
    assert_eq!(heard(503, ""), Err(busy));
    let html = TokenError::Malformed(AnswerError::Json(JsonError::Html));
    assert_eq!(heard(200, "<html>"), Err(html));
    let empty = heard(200, r#"{"token_type":"Bearer"}"#);
    assert!(matches!(empty, Err(TokenError::Malformed(_))));

    let factor = r#"{"error":"mfa_required","mfa_token":"t"}"#;
    let demand = TokenError::MfaRequired {
        mfa_token: MfaToken::new("t"),
        description: None,
        status: 403,
    };
    assert_eq!(heard(403, factor), Err(demand));
}

#[test]
fn what_may_pass_is_nothing_heard_and_the_rest_is_the_end() {
    let of = |status, content_type, body: &str| {
        Heard::of(&poll(&Script::new(response(status, content_type, body))))
    };
    let json = |status, body: &Value| of(status, "application/json", &body.to_string());
    let error = |status, error: &str| json(status, &json!({"error": error}));
    let tokens = json!({"access_token": "at", "token_type": "Bearer"});

    assert_eq!(error(403, "authorization_pending"), Some(Heard::Pending));
    assert_eq!(error(429, "slow_down"), Some(Heard::SlowDown));
    for (heard, ends) in [
        (Heard::of(&poll(&Script::new(Err(Offline)))), false),
        (error(429, "too_many_requests"), false),
        (error(500, "server_error"), false),
        (of(429, "text/plain", ""), false),
        (of(502, "text/html", "<html>"), false),
        (of(200, "text/html", "<html>"), false),
        (of(200, "text/plain", &tokens.to_string()), false),
        (json(200, &tokens), true),
        (error(403, "access_denied"), true),
        (error(403, "expired_token"), true),
        (error(403, "invalid_grant"), true),
        (error(401, "invalid_client"), true),
        (error(499, "x"), true),
        (of(404, "text/plain", ""), true),
        (json(200, &json!({})), true),
        (
            json(403, &json!({"error": "mfa_required", "mfa_token": "t"})),
            true,
        ),
        (
            Heard::of::<Offline>(&Err(TokenError::Request { expected: "" })),
            true,
        ),
    ] {
        assert_eq!(heard, (!ends).then_some(Heard::Nothing));
    }
}

#[test]
fn no_debug_text_holds_a_code() {
    let shown = format!("{:?}", answer(&codes()).unwrap());
    assert!(
        !shown.contains("GmRh") && !shown.contains("WDJB"),
        "{shown}"
    );

    let error = with("user_code", "s3cret\u{0}".into()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"));
    let error = with(
        "verification_uri_complete",
        "http://e.example/?c=s3cret".into(),
    );
    let error = error.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

/// Runs a schedule against a list of what the polls hear, each taking a second, and gives the times of the polls.
fn times(mut schedule: Schedule, heard: &[Heard]) -> Vec<u64> {
    let mut times = Vec::new();
    let mut now = Duration::ZERO;
    let mut wait = schedule.first();
    for heard in heard {
        let Some(length) = wait else {
            return times;
        };
        now += length;
        times.push(now.as_secs());
        now += seconds(1);
        wait = schedule.next(*heard, now);
    }
    times
}

#[test]
fn polls_keep_the_interval() {
    let schedule = Schedule::from(&answer(&codes()).unwrap());
    assert_eq!(times(schedule, &[Heard::Pending; 4]), [5, 11, 17, 23]);
}

#[test]
fn slow_down_adds_5_seconds_for_good() {
    assert_eq!(SLOWER, seconds(5));
    let schedule = Schedule::new(seconds(5), seconds(900));
    let heard = [
        Heard::SlowDown,
        Heard::Pending,
        Heard::SlowDown,
        Heard::Pending,
        Heard::Pending,
    ];
    assert_eq!(times(schedule, &heard), [5, 16, 27, 43, 59]);
}

/// <https://www.rfc-editor.org/rfc/rfc8628#section-3.5>
#[test]
fn waits_double_while_the_network_fails_and_return_when_it_is_back() {
    let mut schedule = Schedule::new(seconds(5), seconds(100_000));
    let mut next = |heard| schedule.next(heard, seconds(1)).map(|wait| wait.as_secs());
    let waits: Vec<_> = (0..6).map(|_| next(Heard::Nothing)).collect();
    assert_eq!(
        waits,
        [Some(10), Some(20), Some(40), Some(60), Some(60), Some(60)]
    );
    assert_eq!(next(Heard::Pending), Some(5));
    assert_eq!(next(Heard::Nothing), Some(10));
    assert_eq!(next(Heard::SlowDown), Some(10));
    assert_eq!(next(Heard::Nothing), Some(20));
}

#[test]
fn a_failing_network_never_shortens_a_long_interval() {
    let mut schedule = Schedule::new(seconds(120), seconds(10_000));
    assert_eq!(
        schedule.next(Heard::Nothing, seconds(1)),
        Some(seconds(120))
    );
}

#[test]
fn nobody_polls_when_the_code_is_gone() {
    let schedule = Schedule::new(seconds(5), seconds(16));
    assert_eq!(times(schedule, &[Heard::Pending; 9]), [5, 11]);
    assert_eq!(Schedule::new(seconds(5), seconds(5)).first(), None);
    assert_eq!(
        Schedule::new(seconds(5), seconds(6)).first(),
        Some(seconds(5))
    );
}

proptest! {
    #[test]
    fn no_schedule_polls_too_fast_or_too_late(
        interval in 1_u64..=600,
        life in 1_u64..=86_400,
        heard in prop::collection::vec(0_usize..3, 0..200),
        elapsed in prop::collection::vec(0_u64..90_000, 200),
    ) {
        let mut schedule = Schedule::new(seconds(interval), seconds(life));
        let mut shortest = seconds(interval);
        for (heard, elapsed) in heard.into_iter().zip(elapsed) {
            let heard = [Heard::Pending, Heard::SlowDown, Heard::Nothing][heard];
            if heard == Heard::SlowDown {
                shortest += SLOWER;
            }
            if let Some(wait) = schedule.next(heard, seconds(elapsed)) {
                prop_assert!(wait >= shortest);
                prop_assert!(seconds(elapsed) + wait < seconds(life));
            }
        }
    }
}
