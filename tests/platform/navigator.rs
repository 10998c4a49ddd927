//! [`Navigator`](dioxus_auth0::port::Navigator), where the answer starts the app anew. Where the app waits for it, its
//! contract is in `tests/desktop`.

use dioxus_auth0::platform::memory::MemoryNavigator;
use url::Url;

use crate::contract::takes_an_arrival_once;

#[test]
fn the_navigator_in_memory_takes_an_arrival_once() {
    let redirect_uri = "https://app.example";
    let arrival = Url::parse("https://app.example/?code=c&state=s").expect("a literal");
    let navigator = MemoryNavigator::default();
    navigator.arrive_at(arrival.clone());
    takes_an_arrival_once(&navigator, redirect_uri, &arrival);
}
