use dioxus_auth0::oidc::logout::{auth0_logout_url, end_session_url};
use dioxus_auth0::secret::{IdToken, State};

use crate::support::url;

#[test]
fn auth0_logout_is_exactly_this_url() {
    let issuer = url("https://tenant.auth0.com/");
    assert_eq!(
        auth0_logout_url(&issuer, "client 1", Some("http://127.0.0.1:8080"), false).as_str(),
        "https://tenant.auth0.com/v2/logout?client_id=client+1\
         &returnTo=http%3A%2F%2F127.0.0.1%3A8080"
    );
    assert_eq!(
        auth0_logout_url(&issuer, "client-1", None, true).as_str(),
        "https://tenant.auth0.com/v2/logout?client_id=client-1&federated"
    );
}

#[test]
fn auth0_logout_takes_nothing_else_from_the_issuer() {
    let issuer = url("http://127.0.0.1:4400/path?a=b#c");
    assert_eq!(
        auth0_logout_url(&issuer, "c", None, false).as_str(),
        "http://127.0.0.1:4400/v2/logout?client_id=c"
    );
}

#[test]
fn end_session_is_exactly_this_url() {
    let endpoint = url("https://tenant.auth0.com/oidc/logout?tenant=a");
    let (hint, state) = (IdToken::new("a.b.c"), State::new("s"));
    assert_eq!(
        end_session_url(
            &endpoint,
            Some(&hint),
            "client-1",
            Some("https://app.example/"),
            Some(&state)
        )
        .as_str(),
        "https://tenant.auth0.com/oidc/logout?tenant=a&id_token_hint=a.b.c&client_id=client-1\
         &post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F&state=s"
    );
    assert_eq!(
        end_session_url(&endpoint, None, "client-1", None, None).as_str(),
        "https://tenant.auth0.com/oidc/logout?tenant=a&client_id=client-1"
    );
}

#[test]
fn a_hint_that_is_too_long_for_a_url_stays_out() {
    let endpoint = url("https://tenant.auth0.com/oidc/logout");
    let hint = IdToken::new("x".repeat(9_000));
    let end = Some("https://app.example/");
    assert_eq!(
        end_session_url(&endpoint, Some(&hint), "client-1", end, None),
        end_session_url(&endpoint, None, "client-1", end, None)
    );
}
