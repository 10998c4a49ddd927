//! The way out for good.

use dioxus_auth0::LogoutOptions;
use dioxus_auth0::config::Settings;

use crate::world::{ISSUER, World, parameter, settings};

async fn log_out(world: &World, options: LogoutOptions) {
    let (session, forgotten) = world.client.forget().await;
    assert_eq!(forgotten, Ok(()));
    assert_eq!(world.client.identity(), None);
    assert_eq!(world.session(), None);
    assert_eq!(world.client.end_session(session, options).await, Ok(()));
}

#[tokio::test]
async fn a_local_logout_goes_nowhere() {
    let world = World::new();
    world.sign_in().await;
    let before = world.memory.navigator.departures();
    let options = LogoutOptions {
        local_only: true,
        ..LogoutOptions::default()
    };
    log_out(&world, options).await;
    assert_eq!(world.memory.navigator.departures(), before);
}

#[tokio::test]
async fn storage_that_fails_does_not_keep_the_user_signed_in() {
    let world = World::new();
    world.sign_in().await;
    world.memory.session_storage.set_withheld(true);
    let (_, forgotten) = world.client.forget().await;
    assert!(forgotten.is_err());
    assert_eq!(world.client.identity(), None);
}

#[tokio::test]
async fn an_auth0_logout_goes_to_its_own_endpoint() {
    let world = World::new();
    world.sign_in().await;
    let options = LogoutOptions {
        federated: true,
        ..LogoutOptions::default()
    };
    log_out(&world, options).await;
    let url = world.memory.navigator.departures()[1].to_string();
    assert_eq!(
        url,
        "https://tenant.example/v2/logout?client_id=client-1&returnTo=https%3A%2F%2Fapp.example&federated"
    );
}

#[tokio::test]
async fn another_providers_logout_goes_to_the_end_session_endpoint_with_a_hint() {
    let world = World::with(Settings {
        domain: None,
        issuer: Some(ISSUER.into()),
        ..settings()
    });
    world.sign_in().await;
    let session = world.session().expect("signed in");
    let options = LogoutOptions {
        return_to: Some("https://app.example/bye".into()),
        ..LogoutOptions::default()
    };
    log_out(&world, options).await;
    let url = world.memory.navigator.departures()[1].clone();
    assert!(
        url.as_str()
            .starts_with("https://tenant.example/oidc/logout?")
    );
    assert_eq!(
        parameter(&url, "id_token_hint"),
        session["id_token"].as_str().unwrap_or("none")
    );
    assert_eq!(parameter(&url, "client_id"), "client-1");
    assert_eq!(
        parameter(&url, "post_logout_redirect_uri"),
        "https://app.example/bye"
    );
}
