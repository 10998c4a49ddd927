use std::time::Duration;

use dioxus_auth0::json::JsonError;
use dioxus_auth0::oidc::{
    Actor, AnswerError, ErrorCode, TokenAnswer, TokenError, TokenExchange, TokenType,
};
use dioxus_auth0::scope::Scope;
use dioxus_auth0::secret::SecurityToken;
use serde_json::{Value, json};

use crate::support::{Offline, Script, now_or_never, response, url};

type Read = Result<TokenAnswer, TokenError<Offline>>;

const ENDPOINT: &str = "https://as.example.com/as/token.oauth2";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn answered(body: &Value) -> Script {
    Script::new(response(200, "application/json", &body.to_string()))
}

/// The answer of <https://www.rfc-editor.org/rfc/rfc8693#section-2.3>, its token shortened.
fn tokens() -> Value {
    json!({
        "access_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6IjllciJ9",
        "issued_token_type": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": 60
    })
}

struct Exchange<'a> {
    subject_token_type: &'a str,
    actor_type: Option<&'a str>,
    audience: Option<&'a str>,
    scope: Option<&'a str>,
    organization: Option<&'a str>,
    extra: &'a [(String, String)],
}

const PLAIN: Exchange<'_> = Exchange {
    subject_token_type: ACCESS_TOKEN,
    actor_type: None,
    audience: None,
    scope: None,
    organization: None,
    extra: &[],
};

impl Exchange<'_> {
    fn send(&self, script: &Script) -> Read {
        let token = SecurityToken::new("accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC");
        let scope = self.scope.map(Scope::parse);
        let exchange = TokenExchange {
            endpoint: &url(ENDPOINT),
            client_id: "client-1",
            subject_token: &token,
            subject_token_type: self.subject_token_type,
            actor: self.actor_type.map(|token_type| Actor {
                token: &token,
                token_type,
            }),
            audience: self.audience,
            scope: scope.as_ref(),
            organization: self.organization,
            extra: self.extra,
        };
        now_or_never(exchange.send(|request| script.http(request)))
    }
}

fn answer(body: &Value) -> Read {
    PLAIN.send(&answered(body))
}

/// The example of <https://www.rfc-editor.org/rfc/rfc8693#section-2.3>, by a client without a secret.
#[test]
fn the_exchange_of_rfc_8693_holds() {
    let script = answered(&tokens());
    let exchange = Exchange {
        extra: &[pair("resource", "https://backend.example.com/api")],
        ..PLAIN
    };
    let read = exchange.send(&script).unwrap();
    assert_eq!(
        script.form(ENDPOINT),
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
         &client_id=client-1\
         &subject_token=accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC\
         &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token\
         &resource=https%3A%2F%2Fbackend.example.com%2Fapi"
    );
    assert_eq!(
        read.access_token.expose(),
        "eyJhbGciOiJFUzI1NiIsImtpZCI6IjllciJ9"
    );
    assert_eq!(read.token_type, TokenType::Bearer);
    assert_eq!(read.expires_in, Some(Duration::from_secs(60)));
    assert_eq!(read.refresh_token, None);
}

#[test]
fn the_full_exchange_is_exactly_this_request() {
    let script = answered(&tokens());
    let exchange = Exchange {
        subject_token_type: "urn:acme:legacy-token",
        actor_type: Some("https://acme.example/agent"),
        audience: Some("https://api.example/"),
        scope: Some("openid offline_access"),
        organization: Some("org_1"),
        extra: &[
            pair("device_fingerprint", "a b&c"),
            pair("resource", "https://a.example/"),
            pair("resource", "https://b.example/"),
        ],
    };
    exchange.send(&script).unwrap();
    assert_eq!(
        script.form(ENDPOINT),
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
         &client_id=client-1\
         &subject_token=accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC\
         &subject_token_type=urn%3Aacme%3Alegacy-token\
         &actor_token=accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC\
         &actor_token_type=https%3A%2F%2Facme.example%2Fagent\
         &audience=https%3A%2F%2Fapi.example%2F&scope=openid+offline_access&organization=org_1\
         &device_fingerprint=a+b%26c\
         &resource=https%3A%2F%2Fa.example%2F&resource=https%3A%2F%2Fb.example%2F"
    );
}

#[test]
fn an_empty_parameter_is_left_out() {
    let script = answered(&tokens());
    let exchange = Exchange {
        audience: Some(""),
        scope: Some(" "),
        organization: Some(""),
        ..PLAIN
    };
    exchange.send(&script).unwrap();
    let form = script.form(ENDPOINT);
    assert!(form.ends_with("token-type%3Aaccess_token"), "{form}");
}

#[test]
fn no_parameter_of_the_exchange_can_be_replaced_by_an_extra_one() {
    for name in [
        "grant_type",
        "client_id",
        "subject_token",
        "subject_token_type",
        "actor_token",
        "actor_token_type",
        "requested_token_type",
        "audience",
        "scope",
        "organization",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "refresh_token",
    ] {
        let script = answered(&tokens());
        let exchange = Exchange {
            extra: &[pair(name, "x")],
            ..PLAIN
        };
        let expected = "extra parameters of other names, each once";
        let refused = Err(TokenError::Request { expected });
        assert_eq!(exchange.send(&script), refused, "{name}");
        assert!(script.sent().is_empty());
    }
}

#[test]
fn an_extra_parameter_twice_is_rejected() {
    let script = answered(&tokens());
    let exchange = Exchange {
        extra: &[pair("a", "1"), pair("b", "2"), pair("a", "1")],
        ..PLAIN
    };
    let expected = "extra parameters of other names, each once";
    let refused = Err(TokenError::Request { expected });
    assert_eq!(exchange.send(&script), refused);
    assert!(script.sent().is_empty());
}

#[test]
fn a_type_that_is_no_uri_is_not_sent() {
    for text in ["", "access_token", "/legacy", "not a uri"] {
        for exchange in [
            Exchange {
                subject_token_type: text,
                ..PLAIN
            },
            Exchange {
                actor_type: Some(text),
                ..PLAIN
            },
        ] {
            let script = answered(&tokens());
            let expected = "a uri as the type of a token";
            let refused = Err(TokenError::Request { expected });
            assert_eq!(exchange.send(&script), refused, "{text}");
            assert!(script.sent().is_empty());
        }
    }
}

/// <https://www.rfc-editor.org/rfc/rfc8693#section-2.2.1>
#[test]
fn a_token_of_another_kind_is_rejected() {
    for found in [
        "urn:ietf:params:oauth:token-type:refresh_token",
        "urn:ietf:params:oauth:token-type:id_token",
        "urn:ietf:params:oauth:token-type:saml2",
        "URN:ietf:params:oauth:token-type:access_token",
        "access_token",
        "",
    ] {
        let mut body = tokens();
        body["issued_token_type"] = found.into();
        let found = found.to_owned();
        let refused = TokenError::Malformed(AnswerError::IssuedTokenType { found });
        assert_eq!(answer(&body), Err(refused));
    }
    let mut body = tokens();
    body["issued_token_type"] = json!(1);
    let wrong = JsonError::WrongType {
        member: "issued_token_type",
        expected: "a string",
        found: "a number",
    };
    let refused = TokenError::Malformed(AnswerError::Json(wrong));
    assert_eq!(answer(&body), Err(refused));
}

#[test]
fn a_token_that_is_no_access_token_by_its_use_is_rejected() {
    let mut body = tokens();
    body["token_type"] = "N_A".into();
    let found = "N_A".to_owned();
    let refused = TokenError::Malformed(AnswerError::TokenType { found });
    assert_eq!(answer(&body), Err(refused));
}

#[test]
fn an_access_token_by_any_of_its_names_is_read() {
    for issued in [
        json!(ACCESS_TOKEN),
        json!("urn:ietf:params:oauth:token-type:jwt"),
        Value::Null,
    ] {
        let mut body = tokens();
        body["issued_token_type"] = issued;
        assert!(answer(&body).is_ok());
    }
}

#[test]
fn a_refusal_is_read_by_its_error() {
    let body = r#"{"error":"invalid_target","error_description":"unknown audience"}"#;
    let script = Script::new(response(400, "application/json", body));
    let refused = TokenError::Refused {
        code: ErrorCode::new("invalid_target"),
        description: Some("unknown audience".into()),
        status: 400,
    };
    assert_eq!(PLAIN.send(&script), Err(refused));

    let demand = json!({"error": "mfa_required", "mfa_token": "t"}).to_string();
    let script = Script::new(response(403, "application/json", &demand));
    let read = PLAIN.send(&script);
    assert!(matches!(read, Err(TokenError::MfaRequired { .. })));
}

#[test]
fn a_request_that_fails_is_not_sent_again() {
    let script = Script::new(Err(Offline));
    assert_eq!(PLAIN.send(&script), Err(TokenError::Transport(Offline)));
    assert_eq!(script.sent().len(), 1);
}

#[test]
fn no_debug_text_holds_a_token() {
    let token = SecurityToken::new("s3cret");
    let exchange = TokenExchange {
        endpoint: &url(ENDPOINT),
        client_id: "client-1",
        subject_token: &token,
        subject_token_type: ACCESS_TOKEN,
        actor: Some(Actor {
            token: &token,
            token_type: ACCESS_TOKEN,
        }),
        audience: None,
        scope: None,
        organization: None,
        extra: &[],
    };
    assert!(!format!("{exchange:?}").contains("s3cret"));
}
