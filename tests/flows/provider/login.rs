//! Logins, on machines that leave their page and on machines that wait.

use dioxus_auth0::testing::{Account, Endpoint, Heard};
use dioxus_auth0::{AuthState, LoginOptions};

use super::{ADA, GRACE, Scene};
use crate::world::error_of;

#[tokio::test]
async fn a_user_who_logs_in_is_signed_in_with_their_own_claims() {
    let scene = Scene::new();
    scene.provider.add(Account {
        claims: [("https://app.example/plan".to_owned(), "gold".into())]
            .into_iter()
            .collect(),
        ..Account::new(GRACE, "Grace Hopper")
    });
    let state = scene.sign_in(GRACE).await;
    let AuthState::SignedIn(identity) = state else {
        panic!("expected a session, found {state:?}");
    };
    assert_eq!(identity.user().sub(), GRACE);
    assert_eq!(identity.user().name(), Some("Grace Hopper"));
    assert_eq!(identity.user().email(), Some("grace@example.com"));
    let claims = identity.id_token_claims();
    assert_eq!(claims.get("https://app.example/plan"), Some(&"gold".into()));
    assert_eq!(scene.token().await, Ok("at-1".into()));
}

#[tokio::test]
async fn a_machine_that_waits_for_its_user_gets_them_back() {
    let scene = Scene::new();
    scene.memory.navigator.wait();
    let state = scene.sign_in(ADA).await;
    assert!(matches!(state, AuthState::SignedIn(_)), "{state:?}");
    assert_eq!(scene.memory.navigator.departures().len(), 1);
}

#[tokio::test]
async fn every_request_of_a_login_is_on_record() {
    let scene = Scene::signed_in().await;
    let requests = scene.provider.requests();
    let endpoints: Vec<Endpoint> = requests.iter().map(|it| it.endpoint).collect();
    assert_eq!(
        endpoints,
        [
            Endpoint::Discovery,
            Endpoint::Keys,
            Endpoint::PushedRequest,
            Endpoint::Token
        ]
    );
    let exchange = &requests[3];
    assert_eq!(exchange.grant_type(), Some("authorization_code"));
    assert_eq!(exchange.form["code"], "code-1");
    assert_eq!(exchange.refresh_token(), None);
    assert_eq!(exchange.heard, Heard::Answer(200));
    assert!(exchange.sent < exchange.processed.unwrap_or_default());
    assert!(exchange.processed < exchange.ended);
    assert!(!requests[0].overlaps(&requests[1]), "one after the other");
}

#[tokio::test]
async fn a_blocked_user_is_sent_back_with_an_error() {
    let scene = Scene::new();
    scene.provider.change(ADA, |ada| ada.is_blocked = true);
    let error = error_of(scene.sign_in(ADA).await);
    assert_eq!(error.code(), "unauthorized");
    assert_eq!(scene.provider.count(Endpoint::Token), 0);
}

#[tokio::test]
async fn a_user_who_declines_is_sent_back_with_an_error() {
    let scene = Scene::new();
    let gone = scene.client.login(LoginOptions::default()).await;
    assert_eq!(gone, Ok(None));
    let departure = &scene.memory.navigator.departures()[0];
    let back = scene
        .provider
        .refuse(departure, "access_denied", "The user said no");
    let error = error_of(scene.client.callback(&back).await.state);
    assert_eq!(error.code(), "access_denied");
    assert_eq!(scene.provider.count(Endpoint::Token), 0);
}

#[tokio::test]
async fn a_provider_that_names_itself_in_the_callback_is_believed() {
    let scene = Scene::new();
    scene.provider.change_rules(|rules| rules.sends_iss = true);
    let state = scene.sign_in(ADA).await;
    assert!(matches!(state, AuthState::SignedIn(_)), "{state:?}");
}

#[tokio::test]
async fn new_keys_are_found_by_who_knew_the_old_ones() {
    let scene = Scene::signed_in().await;
    scene.provider.rotate_keys();
    let state = scene.sign_in(GRACE).await;
    let AuthState::SignedIn(identity) = state else {
        panic!("expected a session, found {state:?}");
    };
    assert_eq!(identity.user().sub(), GRACE);
    assert_eq!(scene.provider.count(Endpoint::Keys), 2);
}

#[tokio::test]
async fn a_provider_whose_clock_is_far_ahead_is_believed_about_the_time() {
    let scene = Scene::new();
    scene.provider.change_rules(|rules| rules.ahead = 3600);
    let state = scene.sign_in(ADA).await;
    assert!(matches!(state, AuthState::SignedIn(_)), "{state:?}");
}
