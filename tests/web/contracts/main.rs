//! A page that holds the browser's adapters to the contracts of their ports, and says in its title how far it came.

#[path = "../../platform/contract.rs"]
mod contract;
mod places;

use std::pin::{Pin, pin};
use std::sync::Once;
use std::time::Duration;

use dioxus_auth0::platform::page::set_title;
use dioxus_auth0::platform::web::{
    WebChannel, WebClock, WebConnection, WebHttp, WebKeys, WebLock, WebNavigator, WebStorage,
    WebStorageArea,
};
use dioxus_auth0::port::{self, Clock, Http, HttpResponse, Keys, PortError};
use futures_util::future::{Either, select};
use http::Method;
use js_sys::{Array, Date, Object, Promise, Reflect, Uint8Array};
use url::Url;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Event, EventTarget, Window};

fn main() {
    // The first one counts: what wakes a task that has panicked makes it panic again.
    let first = Once::new();
    std::panic::set_hook(Box::new(move |panic| {
        first.call_once(|| set_title(&panic.to_string()));
    }));
    spawn_local(async {
        let path = window().location().pathname();
        match path.expect("a page has an address").as_str() {
            places::BACK => return places::come_back().await,
            places::START => places::keep().await,
            _ => keep().await,
        }
        set_title("every contract is kept");
    });
}

fn window() -> Window {
    web_sys::window().expect("a page has a window")
}

async fn keep() {
    let window = window();
    let href = || window.location().href().expect("a page has an address");
    let arrival = Url::parse(&href()).expect("an address is a URL");
    let redirect_uri = window.location().origin().expect("a page has an origin");
    let entries = || window.history().and_then(|history| history.length());
    let before = entries();
    contract::takes_an_arrival_once(&WebNavigator::new(), &redirect_uri, &arrival);
    assert!(!href().contains('?'), "the address bar is clean");
    assert_eq!(entries(), before, "without a new history entry");
    let home = [&redirect_uri, "/"].concat();
    contract::comes_home_after_a_logout(&WebNavigator::new(), Some(&home));
    contract::brings_no_links(&WebNavigator::new(), sleep).await;

    for area in [WebStorageArea::Session, WebStorageArea::Local] {
        let storage = WebStorage::new(area);
        contract::keeps_text_under_names(&storage).await;
        contract::swaps_only_what_is_there(&storage).await;
    }
    contract::lets_one_at_a_time(&WebLock, sleep).await;
    contract::a_waiter_that_gives_up_holds_nothing(&WebLock, sleep).await;

    contract::waits_as_long_as_it_is_told(&WebClock).await;
    a_wait_is_over_when_the_machine_was_asleep_for_so_long().await;
    let [one, two] = [(); 2].map(|()| WebChannel::default());
    contract::reaches_all_who_listen(&one, &two, sleep).await;
    contract::hears_of_the_network_coming_back(&WebConnection, plug, sleep).await;
    contract::signs_with_keys_that_stay(&WebKeys, has_signed).await;
    contract::finds_one_key_from_everywhere(&WebKeys, &WebKeys).await;
    WebKeys.public("kept").await.expect("a key is made");
    responses_carry_the_headers_that_the_protocol_reads(&redirect_uri).await;
    nothing_is_sent_without_a_network(&redirect_uri).await;
}

async fn responses_carry_the_headers_that_the_protocol_reads(origin: &str) {
    let answer = send(&[origin, "/headers"].concat()).await;
    let answer = answer.expect("the server answers");
    for (name, value) in [
        ("content-type", "application/json"),
        ("date", "Tue, 14 Nov 2023 22:13:20 GMT"),
        ("dpop-nonce", "n"),
        ("retry-after", "7"),
        ("www-authenticate", "DPoP error=\"use_dpop_nonce\""),
        ("x-ratelimit-reset", "1700000000"),
    ] {
        let found = answer.headers().get(name);
        assert_eq!(found.map(|found| found.as_bytes()), Some(value.as_bytes()));
    }
    assert_eq!(answer.headers().len(), 6, "and no others");
}

async fn nothing_is_sent_without_a_network(origin: &str) {
    // Browsers never connect to this port.
    let (nowhere, host) = ("http://127.0.0.1:1/", "127.0.0.1:1".to_owned());
    let unreachable = PortError::Unreachable { host: host.clone() };
    assert_eq!(send(nowhere).await.err(), Some(unreachable));
    plug(false);
    let not_connected = PortError::NotConnected { host };
    assert_eq!(send(nowhere).await.err(), Some(not_connected));
    let answer = send(&[origin, "/headers"].concat()).await;
    assert!(answer.is_ok(), "a browser that is wrong is no obstacle");
    plug(true);
}

async fn send(url: &str) -> Result<HttpResponse, PortError> {
    let url = Url::parse(url).expect("it is a URL");
    let request = port::request(Method::GET, &url, Vec::new()).expect("it can be sent");
    WebHttp.send(request).await
}

async fn a_wait_is_over_when_the_machine_was_asleep_for_so_long() {
    let hour = Duration::from_secs(60 * 60);
    let wait = WebClock.sleep(hour);
    let later = Date::now() + 3_601_000.0;
    let date = Reflect::get(&js_sys::global(), &"Date".into()).expect("it is there");
    let now = Reflect::get(&date, &"now".into()).expect("it is there");
    let shown = Closure::<dyn Fn() -> f64>::new(move || later);
    let set = |now: &JsValue| Reflect::set(&date, &"now".into(), now).expect("it can be set");

    let woken = pin!(async {
        sleep(contract::SOON).await;
        set(shown.as_ref());
        let document = window().document().expect("a page has a document");
        dispatch(&document, "visibilitychange");
        sleep(contract::SOON * 10).await;
    });
    let first = select(wait, woken).await;
    assert!(matches!(first, Either::Left(_)), "it slept that long");
    set(&now);
}

/// Lets the browser believe that there is a network, or none.
fn plug(is_in: bool) {
    let property = Object::new();
    for (name, value) in [("configurable", true), ("value", is_in)] {
        Reflect::set(&property, &name.into(), &value.into()).expect("it can be set");
    }
    let navigator = window().navigator();
    Object::define_property(navigator.as_ref(), &"onLine".into(), &property);
    dispatch(&window(), if is_in { "online" } else { "offline" });
}

fn dispatch(target: &EventTarget, name: &str) {
    let event = Event::new(name).expect("a name makes an event");
    target.dispatch_event(&event).expect("it can be dispatched");
}

/// Verifies by WebCrypto, with a key that is imported.
async fn has_signed(key: [u8; 65], message: &[u8], signature: [u8; 64]) -> bool {
    let crypto = window().crypto().expect("it is there").subtle();
    let object = |members: [(&str, &str); 2]| {
        let object = Object::new();
        for (name, value) in members {
            Reflect::set(&object, &name.into(), &value.into()).expect("it can be set");
        }
        object
    };
    let import = crypto.import_key_with_object(
        "raw",
        &Uint8Array::from(&key[..]),
        &object([("name", "ECDSA"), ("namedCurve", "P-256")]),
        true,
        &Array::of1(&"verify".into()),
    );
    let imported = JsFuture::from(import.expect("it starts")).await;
    let verified = crypto.verify_with_object_and_u8_array_and_u8_array(
        &object([("name", "ECDSA"), ("hash", "SHA-256")]),
        &imported
            .expect("it is a point of the curve")
            .unchecked_into(),
        &signature,
        message,
    );
    let verified = JsFuture::from(verified.expect("it starts")).await;
    verified.expect("it can be verified").is_truthy()
}

fn sleep(time: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
    let slept = Promise::new(&mut |resolve, _| {
        let milliseconds = i32::try_from(time.as_millis()).expect("no test sleeps for weeks");
        window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds)
            .expect("a page has timers");
    });
    Box::pin(async {
        JsFuture::from(slept).await.expect("a timer never fails");
    })
}
