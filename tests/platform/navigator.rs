//! [`Navigator`](dioxus_auth0::port::Navigator), where the answer starts the app anew. Where the app waits for it, its
//! contract is in `tests/desktop`.

use std::rc::Rc;

use dioxus_auth0::platform::desktop::DesktopNavigator;
use dioxus_auth0::platform::memory::{MemoryClock, MemoryNavigator};
use dioxus_auth0::platform::mobile::{MemoryPhone, MobileNavigator};
use dioxus_auth0::port::{Navigator, WayBack};
use url::Url;

use crate::contract::{
    brings_each_link_once, brings_no_links, comes_home_after_a_logout, takes_an_arrival_once,
};

#[test]
fn the_navigator_in_memory_takes_an_arrival_once() {
    let redirect_uri = "https://app.example";
    let arrival = Url::parse("https://app.example/?code=c&state=s").expect("a literal");
    let navigator = MemoryNavigator::default();
    navigator.arrive_at(arrival.clone());
    takes_an_arrival_once(&navigator, redirect_uri, &arrival);
}

#[tokio::test]
async fn a_phone_brings_each_link_once() {
    let phone = Rc::new(MemoryPhone::new("android"));
    let navigator = MobileNavigator::new(phone.clone(), Rc::new(MemoryClock::default()));
    assert_eq!(
        navigator.arrival(None),
        None,
        "a start by a link is one of them"
    );
    let open = |link: &Url| phone.open_link(link.clone());
    brings_each_link_once(&navigator, open, |time| Box::pin(tokio::time::sleep(time))).await;
}

#[tokio::test]
async fn machines_without_links_to_apps_bring_none() {
    let navigators: [Box<dyn Navigator>; 2] = [
        Box::new(MemoryNavigator::default()),
        Box::new(DesktopNavigator::new()),
    ];
    for navigator in navigators {
        brings_no_links(&*navigator, |time| Box::pin(tokio::time::sleep(time))).await;
    }
}

#[test]
fn an_app_with_an_address_comes_home_after_a_logout_and_a_phone_by_a_link() {
    let home = Some("https://app.example/");
    comes_home_after_a_logout(&MemoryNavigator::default(), home);
    comes_home_after_a_logout(&DesktopNavigator::new(), None);

    let phone = Rc::new(MemoryPhone::new("ios"));
    let navigator = MobileNavigator::new(phone.clone(), Rc::new(MemoryClock::default()));
    assert_eq!(navigator.home(), None);
    let mut way_back = WayBack {
        provider: "tenant.example",
        ..WayBack::default()
    };
    let link = "com.example.app://tenant.example/ios/com.example.app/callback";
    assert_eq!(navigator.after_logout(way_back).as_deref(), Some(link));
    way_back.redirect_uri = Some("https://app.example/callback");
    assert_eq!(
        navigator.after_logout(way_back).as_deref(),
        Some("https://app.example/callback")
    );
    phone.set_identifier(None);
    way_back.redirect_uri = None;
    assert_eq!(navigator.after_logout(way_back), None);
}
