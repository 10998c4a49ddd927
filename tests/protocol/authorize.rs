use std::time::Duration;

use dioxus_auth0::oidc::{AuthorizeError, AuthorizeRequest, Challenge};
use dioxus_auth0::scope::Scope;
use dioxus_auth0::secret::{Nonce, State};
use url::Url;

use crate::support::url;

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
            scope: Scope::parse("openid profile email"),
            state: State::new("state-1"),
            nonce: Nonce::new("nonce-1"),
            challenge: Challenge::from_digest(&[0; 32]),
        }
    }

    fn request(&self) -> AuthorizeRequest<'_> {
        AuthorizeRequest {
            endpoint: &self.endpoint,
            client_id: "client-1",
            redirect_uri: "http://127.0.0.1:8080",
            scope: &self.scope,
            state: &self.state,
            nonce: &self.nonce,
            challenge: &self.challenge,
            audience: None,
            organization: None,
            invitation: None,
            prompt: None,
            max_age: None,
            login_hint: None,
            screen_hint: None,
            ui_locales: None,
            acr_values: None,
            connection: None,
            extra: &[],
        }
    }
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn no_generated_parameter_can_be_replaced_by_an_extra_one() {
    let login = Login::at("http://127.0.0.1:4400/authorize");
    for name in [
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "audience",
        "prompt",
        "max_age",
        "response_mode",
        "request",
        "request_uri",
        "client_secret",
    ] {
        let extra = [pair(name, "x")];
        let request = AuthorizeRequest {
            extra: &extra,
            ..login.request()
        };
        let refused = AuthorizeError::Reserved { name: name.into() };
        assert_eq!(request.url(), Err(refused), "{name}");
    }
}

#[test]
fn an_extra_parameter_twice_is_rejected() {
    let login = Login::at("http://127.0.0.1:4400/authorize");
    let extra = [pair("ext-a", "1"), pair("ext-a", "2")];
    let request = AuthorizeRequest {
        extra: &extra,
        ..login.request()
    };
    let refused = AuthorizeError::Duplicate {
        name: "ext-a".into(),
    };
    assert_eq!(request.url(), Err(refused));
}

#[test]
fn an_endpoint_that_brings_a_parameter_of_ours_is_rejected() {
    for (query, name) in [("state=theirs", "state"), ("tenant=a&nonce=", "nonce")] {
        let login = Login::at(&format!("http://127.0.0.1:4400/authorize?{query}"));
        let refused = AuthorizeError::Duplicate { name: name.into() };
        assert_eq!(login.request().url(), Err(refused));
    }
}

#[test]
fn an_extra_parameter_that_the_endpoint_has_is_rejected() {
    let login = Login::at("http://127.0.0.1:4400/authorize?tenant=a");
    let extra = [pair("tenant", "b")];
    let request = AuthorizeRequest {
        extra: &extra,
        ..login.request()
    };
    let refused = AuthorizeError::Duplicate {
        name: "tenant".into(),
    };
    assert_eq!(request.url(), Err(refused));
}

#[test]
fn the_plain_request_is_exactly_this_url() {
    let login = Login::at("http://127.0.0.1:4400/authorize");
    assert_eq!(
        login.request().url().unwrap().as_str(),
        "http://127.0.0.1:4400/authorize?response_type=code&client_id=client-1\
         &redirect_uri=http%3A%2F%2F127.0.0.1%3A8080&scope=openid+profile+email\
         &state=state-1&nonce=nonce-1\
         &code_challenge=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&code_challenge_method=S256"
    );
}

#[test]
fn the_full_request_is_exactly_this_url() {
    let login = Login::at("https://tenant.auth0.com/authorize?tenant=a");
    let extra = [pair("ext-plan", "pro & more"), pair("ext-b", "")];
    let request = AuthorizeRequest {
        audience: Some("https://tenant.auth0.com/api/v2/"),
        organization: Some("org_abc"),
        invitation: Some("inv"),
        prompt: Some("login"),
        max_age: Some(Duration::from_secs(3600)),
        login_hint: Some("ada+test@example.com"),
        screen_hint: Some("signup"),
        ui_locales: Some("de en"),
        acr_values: Some("http://schemas.openid.net/pape/policies/2007/06/multi-factor"),
        connection: Some("google-oauth2"),
        extra: &extra,
        ..login.request()
    };
    assert_eq!(
        request.url().unwrap().as_str(),
        "https://tenant.auth0.com/authorize?tenant=a&response_type=code&client_id=client-1\
         &redirect_uri=http%3A%2F%2F127.0.0.1%3A8080&scope=openid+profile+email\
         &state=state-1&nonce=nonce-1\
         &code_challenge=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&code_challenge_method=S256\
         &audience=https%3A%2F%2Ftenant.auth0.com%2Fapi%2Fv2%2F&organization=org_abc\
         &invitation=inv&prompt=login&max_age=3600&login_hint=ada%2Btest%40example.com\
         &screen_hint=signup&ui_locales=de+en\
         &acr_values=http%3A%2F%2Fschemas.openid.net%2Fpape%2Fpolicies%2F2007%2F06%2Fmulti-factor\
         &connection=google-oauth2&ext-plan=pro+%26+more&ext-b="
    );
}

#[test]
fn openid_is_asked_for_even_if_the_scope_lacks_it() {
    let login = Login {
        scope: Scope::parse("read:current_user"),
        ..Login::at("http://127.0.0.1:4400/authorize")
    };
    let url = login.request().url().unwrap();
    assert!(url.as_str().contains("&scope=openid+read%3Acurrent_user&"));
}

#[test]
fn a_max_age_of_zero_is_sent() {
    let login = Login::at("http://127.0.0.1:4400/authorize");
    let request = AuthorizeRequest {
        max_age: Some(Duration::ZERO),
        ..login.request()
    };
    assert!(request.url().unwrap().as_str().ends_with("&max_age=0"));
}

#[test]
fn an_empty_parameter_is_left_out() {
    let login = Login::at("http://127.0.0.1:4400/authorize");
    let request = AuthorizeRequest {
        audience: Some(""),
        prompt: Some(""),
        ..login.request()
    };
    assert_eq!(request.url(), login.request().url());
}
