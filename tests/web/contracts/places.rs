//! Popups and hidden frames, as the page that opens them sees it, and as the app does that comes up in them.

use std::time::Duration;

use dioxus_auth0::platform::page::set_title;
use dioxus_auth0::platform::web::WebNavigator;
use dioxus_auth0::port::{Beside, Departure, Navigator, PortError, Trip, WayBack};
use dioxus_auth0::secret::State;
use futures_util::future::{Either, select};
use js_sys::{Function, Reflect};
use url::Url;
use wasm_bindgen::JsValue;
use web_sys::{Document, Storage};

use super::contract::SOON;
use super::{sleep, window};

/// Where this page is when it opens places.
pub(super) const START: &str = "/places";
/// Where the provider leads back to.
pub(super) const BACK: &str = "/back";

/// The patience of a user who comes back, and of one who does not.
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_secs(1);

pub(super) async fn keep() {
    let before = window().history().and_then(|history| history.length());
    for place in [Beside::Popup, Beside::Frame] {
        let trip = open(place, LONG).go(provider("answer", "one")).await;
        assert_eq!(trip, Ok(Trip::Back(answer("one"))), "{place:?}");
        is_clear(place);

        let trip = open(place, LONG).go(provider("stray", "two")).await;
        assert_eq!(trip, Ok(Trip::Back(answer("two"))), "{place:?}");
        assert!(
            take("an answer of its own").is_some(),
            "what is not for the page that waits is the app's own"
        );
        is_clear(place);

        // What is awaited is not what the URL says: then the first answer is the one.
        let mut departure = open(place, LONG);
        departure.await_answer(&State::new("stray"));
        let trip = departure.go(provider("stray", "two")).await;
        assert_eq!(trip, Ok(Trip::Back(answer("stray&meant=two"))), "{place:?}");
        is_clear(place);

        let trip = open(place, SHORT).go(provider("stay", "three")).await;
        assert_eq!(trip, Err(PortError::NobodyBack { seconds: 1 }), "{place:?}");
        is_clear(place);

        let trip = open(place, LONG).go(provider("stay", "four"));
        let first = select(trip, sleep(SOON)).await;
        assert!(matches!(first, Either::Right(_)), "{place:?} is waited for");
        drop(first);
        is_clear(place);

        drop(open(place, LONG));
        for url in [
            "https://provider.example/",
            "javascript://p/%0aalert()?state=s",
        ] {
            let nowhere = Url::parse(url).expect("a literal");
            let trip = open(place, LONG).go(nowhere).await;
            let is_refused = matches!(trip, Err(PortError::Unavailable { .. }));
            assert!(is_refused, "{place:?} does not go to {url}: {trip:?}");
            is_clear(place);
        }
    }
    let after = window().history().and_then(|history| history.length());
    assert_eq!(after, before, "no place leaves an entry in the history");

    for (kind, has_focus) in [("stay", true), ("apart-stay", false)] {
        set_focus(has_focus);
        let trip = open(Beside::Popup, LONG).go(provider(kind, "five"));
        let Either::Right(((), trip)) = select(trip, sleep(SOON * 10)).await else {
            panic!("the user is still there");
        };
        // The test gives the focus back then.
        set_title("close the popup");
        assert_eq!(trip.await, Ok(Trip::Cancelled), "{kind}");
        set_title("it was closed");
        while page().title() == "it was closed" {
            sleep(SOON).await;
        }
    }
    set_focus(false);
    let trip = open(Beside::Popup, LONG).go(provider("apart", "six"));
    assert_eq!(trip.await, Ok(Trip::Back(answer("six"))));

    no_popup_is_opened_when_the_browser_refuses();
    assert_eq!(take("the app went on"), None, "it does nothing else there");
}

/// What the app does at the redirect URI: takes an answer of its own, and sends everybody else to log in.
pub(super) async fn come_back() {
    let navigator = WebNavigator::new();
    let arrival = navigator.arrival(Some(&redirect_uri()));
    let href = window().location().href().expect("a page has an address");
    assert!(!href.contains('?'), "the address bar is clean");
    if let Some(arrival) = arrival {
        note("an answer of its own");
        let meant = arrival.query_pairs().find(|(name, _)| name == "meant");
        let (_, meant) = meant.expect("only strays arrive");
        let onward = window().location().replace(answer(&meant).as_str());
        return onward.expect("it leads on");
    }
    let departure = navigator.depart(WayBack::default()).await;
    note("the app went on");
    drop(departure);
}

/// Gives this page the focus, or takes it away, as an open popup does; a browser without a screen lets every page have
/// it. A page of the provider that is cut off from this one looks closed, and only the focus tells.
fn set_focus(has_focus: bool) {
    let text = format!("return {has_focus}");
    let answer = Function::new_no_args(&text);
    Reflect::set(&page(), &"hasFocus".into(), &answer).expect("it can be set");
}

fn no_popup_is_opened_when_the_browser_refuses() {
    let open = Reflect::get(&window(), &"open".into()).expect("it is there");
    let set = |open: &JsValue| Reflect::set(&window(), &"open".into(), open);
    set(&Function::new_no_args("return null")).expect("it can be set");
    let navigator = WebNavigator::new();
    let refused = navigator.beside(Beside::Popup, WayBack::default(), LONG);
    assert_eq!(refused.err(), Some(PortError::PopupBlocked));
    set(&open).expect("it can be set");
}

fn open(place: Beside, patience: Duration) -> Box<dyn Departure> {
    let redirect_uri = redirect_uri();
    let way_back = WayBack {
        redirect_uri: Some(&redirect_uri),
        ..WayBack::default()
    };
    let departure = WebNavigator::new().beside(place, way_back, patience);
    let departure = departure.expect("it opens");
    assert_eq!(departure.redirect_uri(), redirect_uri);
    assert!(departure.waits());
    departure
}

/// Another site, with a page of this `kind`.
fn provider(kind: &str, state: &str) -> Url {
    let mut url = redirect_uri().replace("127.0.0.1", "localhost");
    url.truncate(url.len() - BACK.len());
    let text = [&url, "/provider/", kind, "?state=", state].concat();
    Url::parse(&text).expect("it is a URL")
}

fn answer(state: &str) -> Url {
    let text = [&redirect_uri(), "?code=c&state=", state].concat();
    Url::parse(&text).expect("it is a URL")
}

fn page() -> Document {
    window().document().expect("a page has a document")
}

fn redirect_uri() -> String {
    let origin = window().location().origin();
    [&origin.expect("a page has an origin"), BACK].concat()
}

fn is_clear(place: Beside) {
    let frames = page().query_selector("iframe");
    assert_eq!(frames, Ok(None), "{place:?} is gone");
    let marks = storage("session").length();
    assert_eq!(marks, Ok(0), "{place:?} leaves no marks");
}

/// Lets the page that opened a place know what the app has done in it.
fn note(text: &str) {
    storage("local").set_item(text, "").expect("it is stored");
}

fn take(text: &str) -> Option<String> {
    let found = storage("local").get_item(text).expect("it is read");
    storage("local").remove_item(text).expect("it is removed");
    found
}

fn storage(area: &str) -> Storage {
    let storage = match area {
        "local" => window().local_storage(),
        _ => window().session_storage(),
    };
    storage.expect("it is granted").expect("it is there")
}
