//! [`Navigator`](dioxus_auth0::port::Navigator), where the answer starts the app anew. Where the app waits for it, its
//! contract is in `tests/desktop`.

use std::rc::Rc;

use dioxus_auth0::platform::desktop::DesktopNavigator;
use dioxus_auth0::platform::memory::{MemoryClock, MemoryNavigator};
use dioxus_auth0::platform::mobile::{MemoryPhone, MobileNavigator};
use dioxus_auth0::port::{Links, Navigator, WayBack};
use futures_util::{FutureExt, StreamExt};
use url::Url;

use crate::contract::{brings_no_links, comes_home_after_a_logout, takes_an_arrival_once};

#[test]
fn the_navigator_in_memory_takes_an_arrival_once() {
    let redirect_uri = "https://app.example";
    let arrival = Url::parse("https://app.example/?code=c&state=s").expect("a literal");
    let navigator = MemoryNavigator::default();
    navigator.arrive_at(arrival.clone());
    takes_an_arrival_once(&navigator, redirect_uri, &arrival);
}

/// Of a machine whose apps `open` opens with a link, and which nobody listens to yet.
fn brings_each_link_once(navigator: &dyn Navigator, open: impl Fn(&Url)) {
    let link = |name: &str| -> Url {
        let text = format!("com.example.app://{name}?a=b");
        text.parse().expect("a link")
    };
    // Before anybody listens.
    open(&link("one"));
    open(&link("two"));
    let [mut first, mut second] = [navigator.links(), navigator.links()];
    assert_eq!(comes(&mut first), Some(link("one")));
    assert_eq!(comes(&mut second), Some(link("two")));
    assert_eq!(comes(&mut first), None, "once only");
    assert_eq!(comes(&mut second), None, "once only");

    // While both wait, and the same link again.
    open(&link("two"));
    let came = [&mut first, &mut second].map(comes);
    assert_eq!(came.iter().flatten().collect::<Vec<_>>(), [&link("two")]);

    // Between a listener that is gone and the next.
    drop((first, second));
    open(&link("three"));
    let mut third = navigator.links();
    assert_eq!(comes(&mut third), Some(link("three")));
    assert_eq!(comes(&mut third), None, "and it does not end");
}

fn comes(links: &mut Links) -> Option<Url> {
    let link = links.next().now_or_never()?;
    Some(link.expect("links never end"))
}

#[test]
fn a_phone_brings_each_link_once() {
    let phone = Rc::new(MemoryPhone::new("android"));
    let navigator = MobileNavigator::new(phone.clone(), Rc::new(MemoryClock::default()));
    assert_eq!(
        navigator.arrival(None),
        None,
        "a start by a link is one of them"
    );
    let open = |link: &Url| phone.open_link(link.clone());
    brings_each_link_once(&navigator, open);
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
