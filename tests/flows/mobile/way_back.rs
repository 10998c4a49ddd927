//! Where a login on a phone comes back to.

use std::rc::Rc;

use dioxus_auth0::config::ConfigError;
use dioxus_auth0::platform::mobile::{MemoryPhone, MobileNavigator};
use dioxus_auth0::port::{Navigator, PortError, WayBack};
use dioxus_auth0::{Error, LoginOptions};

use super::{ADA, CALLBACK, Handset, end, has_signed_in};

#[tokio::test]
async fn the_system_and_the_identifier_are_in_the_redirect_uri() {
    let handset = Handset::new();
    let mut login = handset.leave().await;
    let answer = handset.answer(ADA);
    assert!(answer.as_str().starts_with(CALLBACK));
    handset.phone.open_link(answer);
    has_signed_in(end(&mut login).await, ADA);

    let phone = Handset::on(
        handset.memory.clone(),
        handset.provider.clone(),
        handset.settings.clone(),
        MemoryPhone::new("ios"),
    );
    let mut login = phone.leave().await;
    let answer = phone.answer(ADA);
    assert_eq!(answer.path(), "/ios/com.example.app/callback");
    phone.phone.open_link(answer);
    has_signed_in(end(&mut login).await, ADA);
}

#[tokio::test]
async fn an_app_link_brings_the_user_back_too() {
    let link = "https://app.example/callback";
    let handset = Handset::with(|settings| settings.redirect_uri = Some(link.into()));
    let mut login = handset.leave().await;
    let answer = handset.answer(ADA);
    assert!(answer.as_str().starts_with(link));
    handset.phone.open_link(answer);
    has_signed_in(end(&mut login).await, ADA);
}

#[tokio::test]
async fn a_way_back_that_opens_no_app_is_the_developers_to_mend() {
    for found in [
        "http://127.0.0.1:14410/callback",
        "myapp://callback",
        "com.example.app:/callback",
    ] {
        let handset = Handset::with(|settings| settings.redirect_uri = Some(found.into()));
        let login = handset.client.login(LoginOptions::default()).await;
        let found = found.to_owned();
        assert_eq!(
            login,
            Err(Error::Config(ConfigError::NotDeepLink { found }))
        );
        assert!(handset.phone.opened().is_empty());
        assert_eq!(handset.pending(), 0);
    }
}

#[tokio::test]
async fn an_identifier_that_is_no_scheme_is_too() {
    for identifier in [None, Some("com.example.My_App")] {
        let handset = Handset::new();
        handset.phone.set_identifier(identifier);
        let login = handset.client.login(LoginOptions::default()).await;
        let found = identifier.unwrap_or("none").to_owned();
        let error = Error::Config(ConfigError::NotScheme { found });
        assert_eq!(error.code(), "invalid_configuration");
        assert_eq!(login, Err(error));
        assert!(handset.phone.opened().is_empty());
        assert_eq!(handset.pending(), 0);
    }
}

#[tokio::test]
async fn only_pages_of_a_provider_reach_the_browser() {
    let handset = Handset::new();
    let clock = handset.memory.clock.clone();
    let navigator = MobileNavigator::new(handset.phone.clone(), clock);
    let way_back = WayBack {
        provider: "tenant.example",
        ..WayBack::default()
    };
    for address in [
        "http://tenant.example/authorize?state=s",
        "http://10.0.0.1/authorize?state=s",
        "https://ada@tenant.example/authorize?state=s",
        "https://:pw@tenant.example/authorize?state=s",
        "file:///etc/passwd?state=s",
        "javascript:alert(1)?state=s",
        "intent://tenant.example/?state=s",
        "com.example.app://tenant.example/?state=s",
        "tel:110?state=s",
    ] {
        let address = super::url(address);
        let departure = navigator.depart(way_back).await.expect("a way back");
        let gone = departure.go(address.clone()).await;
        assert!(
            matches!(gone, Err(PortError::Unavailable { .. })),
            "{address}"
        );
        let left = navigator.leave(&address, way_back).await;
        assert!(
            matches!(left, Err(PortError::Unavailable { .. })),
            "{address}"
        );
        assert!(handset.phone.opened().is_empty(), "{address}");
    }
    for address in [
        "https://tenant.example/v2/logout?a=b",
        "http://127.0.0.1:4400/v2/logout",
        "http://[::1]:4400/v2/logout",
        "http://localhost:4400/v2/logout",
    ] {
        let address = super::url(address);
        assert_eq!(navigator.leave(&address, way_back).await, Ok(()));
        assert_eq!(handset.page(), address);
    }
    let stateless = super::url("https://tenant.example/authorize");
    let departure = navigator.depart(way_back).await.expect("a way back");
    assert!(departure.waits() && departure.is_in_front());
    let gone = departure.go(stateless).await;
    assert!(matches!(gone, Err(PortError::Unavailable { .. })));
    assert_eq!(
        Rc::strong_count(&handset.phone),
        3,
        "nothing is left behind"
    );
}
