//! A page that holds the browser's adapters to the contracts of their ports, and says in its title how far it came.

#[path = "../../platform/contract.rs"]
mod contract;

use std::pin::Pin;
use std::time::Duration;

use dioxus_auth0::platform::page::set_title;
use dioxus_auth0::platform::web::{WebLock, WebNavigator, WebStorage, WebStorageArea};
use js_sys::Promise;
use url::Url;
use wasm_bindgen_futures::{JsFuture, spawn_local};

fn main() {
    std::panic::set_hook(Box::new(|panic| set_title(&panic.to_string())));
    spawn_local(async {
        keep().await;
        set_title("every contract is kept");
    });
}

async fn keep() {
    let window = web_sys::window().expect("a page has a window");
    let href = || window.location().href().expect("a page has an address");
    let arrival = Url::parse(&href()).expect("an address is a URL");
    let redirect_uri = window.location().origin().expect("a page has an origin");
    let entries = || window.history().and_then(|history| history.length());
    let before = entries();
    contract::takes_an_arrival_once(&WebNavigator::new(), &redirect_uri, &arrival);
    assert!(!href().contains('?'), "the address bar is clean");
    assert_eq!(entries(), before, "without a new history entry");

    for area in [WebStorageArea::Session, WebStorageArea::Local] {
        let storage = WebStorage::new(area);
        contract::keeps_text_under_names(&storage).await;
        contract::swaps_only_what_is_there(&storage).await;
    }
    contract::lets_one_at_a_time(&WebLock, sleep).await;
    contract::a_waiter_that_gives_up_holds_nothing(&WebLock, sleep).await;
}

fn sleep(time: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
    let slept = Promise::new(&mut |resolve, _| {
        let window = web_sys::window().expect("a page has a window");
        let milliseconds = i32::try_from(time.as_millis()).expect("no test sleeps for weeks");
        window
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds)
            .expect("a page has timers");
    });
    Box::pin(async {
        JsFuture::from(slept).await.expect("a timer never fails");
    })
}
