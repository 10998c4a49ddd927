//! What a tenant lets through at the authorization endpoint, and for what a code can be traded.

use dioxus_auth0::oidc::{
    AuthorizeRequest, Challenge, CodeExchange, PushedRequest, TokenAnswer, TokenError,
};
use dioxus_auth0::port::{Http, PortError};
use dioxus_auth0::scope::Scope;
use dioxus_auth0::secret::{Code, Nonce, State, Verifier};
use dioxus_auth0::testing::Rules;
use ring::digest::{SHA256, digest};
use url::Url;

use super::{ADA, Scene, refused, url};
use crate::world::parameter;

const REDIRECT_URI: &str = "https://app.example/";

/// What an authentication request of this library says.
struct Login {
    endpoint: Url,
    scope: Scope,
    state: State,
    nonce: Nonce,
    challenge: Challenge,
}

impl Login {
    fn new() -> Self {
        let verifier = Verifier::from_random(&[7; 32]);
        let digest = digest(&SHA256, verifier.expose().as_bytes());
        let digest = digest.as_ref().try_into().expect("SHA-256 has 32 bytes");
        Self {
            endpoint: url("https://tenant.example/authorize"),
            scope: Scope::parse("profile offline_access"),
            state: State::new("s-1"),
            nonce: Nonce::new("n-1"),
            challenge: Challenge::from_digest(digest),
        }
    }

    fn request(&self) -> AuthorizeRequest<'_> {
        AuthorizeRequest {
            endpoint: &self.endpoint,
            client_id: "client-1",
            redirect_uri: REDIRECT_URI,
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

fn departure() -> Url {
    let url = Login::new().request().url();
    url.expect("the request is well made")
}

async fn trade(
    scene: &Scene,
    code: &str,
    redirect_uri: &str,
    random: u8,
) -> Result<TokenAnswer, TokenError<PortError>> {
    let exchange = CodeExchange {
        endpoint: &url("https://tenant.example/oauth/token"),
        client_id: "client-1",
        redirect_uri,
        code: Code::new(code),
        verifier: Verifier::from_random(&[random; 32]),
    };
    exchange.send(|request| scene.provider.send(request)).await
}

/// `departure` with a parameter that is another, or missing when it is empty.
fn changed(departure: &Url, name: &str, value: &str) -> Url {
    let pairs: Vec<(String, String)> = departure.query_pairs().into_owned().collect();
    let mut url = departure.clone();
    let mut query = url.query_pairs_mut();
    query.clear();
    query.extend_pairs(pairs.iter().filter(|(it, _)| it != name));
    if !value.is_empty() {
        query.append_pair(name, value);
    }
    drop(query);
    url
}

#[test]
fn a_user_comes_back_with_a_code_and_the_state() {
    let scene = Scene::new();
    let back = scene.provider.authorize(&departure(), ADA);
    assert_eq!(back.as_str(), "https://app.example/?code=code-1&state=s-1");
}

#[test]
fn what_a_tenant_refuses_comes_back_as_an_error() {
    let scene = Scene::new();
    for (name, value, error) in [
        ("response_type", "token", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("audience", "https://nowhere.example/", "access_denied"),
    ] {
        let departure = changed(&departure(), name, value);
        let back = scene.provider.authorize(&departure, ADA);
        assert_eq!(parameter(&back, "error"), error, "{name}");
        assert_eq!(parameter(&back, "state"), "s-1");
        assert_eq!(parameter(&back, "code"), "");
    }
    let back = scene.provider.authorize(&departure(), "auth0|nobody");
    assert_eq!(parameter(&back, "error"), "access_denied");
}

#[test]
#[should_panic(expected = "the client is known")]
fn another_client_sees_a_page_of_the_tenant() {
    let departure = changed(&departure(), "client_id", "client-2");
    Scene::new().provider.authorize(&departure, ADA);
}

#[test]
#[should_panic(expected = "requests must be pushed")]
fn a_request_in_the_url_sees_a_page_where_it_must_be_pushed() {
    let scene = Scene::with(Rules {
        requires_pushed_requests: true,
        ..Rules::default()
    });
    scene.provider.authorize(&departure(), ADA);
}

#[tokio::test]
async fn a_code_is_traded_once_and_a_second_use_ends_what_it_bought() {
    let scene = Scene::new();
    scene.provider.authorize(&departure(), ADA);
    let answer = trade(&scene, "code-1", REDIRECT_URI, 7).await;
    assert!(answer.expect("it is good").id_token.is_some());
    assert!(scene.provider.accepts("rt-1"));

    let again = trade(&scene, "code-1", REDIRECT_URI, 7).await;
    assert_eq!(refused(again), "invalid_grant");
    assert!(!scene.provider.accepts("rt-1"));
}

#[tokio::test]
async fn a_code_is_for_whoever_began_the_login_and_for_a_while() {
    let scene = Scene::new();
    let code = || parameter(&scene.provider.authorize(&departure(), ADA), "code");

    let foreign = trade(&scene, &code(), REDIRECT_URI, 8).await;
    assert_eq!(refused(foreign), "invalid_grant", "another verifier");

    let elsewhere = trade(&scene, &code(), "https://evil.example/", 7).await;
    assert_eq!(refused(elsewhere), "unauthorized_client");

    let late = code();
    scene.memory.clock.advance(600);
    let late = trade(&scene, &late, REDIRECT_URI, 7).await;
    assert_eq!(refused(late), "invalid_grant");

    let unknown = trade(&scene, "code-99", REDIRECT_URI, 7).await;
    assert_eq!(refused(unknown), "invalid_grant");
}

/// Leaves a request with the provider and returns where its user goes.
async fn push(scene: &Scene) -> Url {
    let login = Login::new();
    let request = PushedRequest {
        endpoint: &url("https://tenant.example/oauth/par"),
        authorize: &login.request(),
    };
    let answer = request.send(|request| scene.provider.send(request)).await;
    let url = answer.expect("the request is taken").url(&login.request());
    url.expect("the endpoint has no query")
}

#[tokio::test]
async fn a_pushed_request_is_good_once_and_for_half_a_minute() {
    let scene = Scene::with(Rules {
        requires_pushed_requests: true,
        ..Rules::default()
    });
    let short = push(&scene).await;
    assert_eq!(short.query_pairs().count(), 2, "{short}");
    let back = scene.provider.authorize(&short, ADA);
    assert_eq!(parameter(&back, "state"), "s-1");
    let answer = trade(&scene, &parameter(&back, "code"), REDIRECT_URI, 7).await;
    assert!(answer.is_ok());

    let late = push(&scene).await;
    scene.memory.clock.advance(30);
    for used_or_late in [short, late] {
        let provider = &scene.provider;
        let shown = std::panic::AssertUnwindSafe(|| provider.authorize(&used_or_late, ADA));
        assert!(std::panic::catch_unwind(shown).is_err());
    }
}
