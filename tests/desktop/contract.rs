//! The contract of [`Navigator`] and [`Departure`] where the app waits for its user, for every adapter that does.

use std::rc::Rc;
use std::time::Duration;

use dioxus_auth0::platform::memory::{MemoryClock, MemoryNavigator};
use dioxus_auth0::platform::mobile::{MemoryPhone, MobileNavigator};
use dioxus_auth0::port::{Departure, Navigator, Task, Trip, WayBack};
use futures_util::{FutureExt, StreamExt};
use tokio::time::timeout;
use url::Url;

use crate::harness::*;

/// A machine, and a user who can be sent anywhere.
trait Machine {
    fn navigator(&self) -> &dyn Navigator;
    /// Brings the user to `url`, if anything is there.
    async fn visit(&self, url: Url);
    /// Says whether the way back at `redirect_uri` is still held.
    async fn is_held(&self, redirect_uri: &str) -> bool;
    fn way_back(&self) -> WayBack<'static>;
}

async fn depart(machine: &impl Machine) -> Box<dyn Departure> {
    let departure = machine.navigator().depart(machine.way_back()).await;
    departure.expect("a way back")
}

fn answer(redirect_uri: &str, query: &str) -> Url {
    format!("{redirect_uri}?{query}").parse().expect("a URL")
}

/// Lets the trip go on while `work` is done, and says how it ended, if it did.
async fn meanwhile(trip: &mut Task<'static, Trip>, work: impl Future<Output = ()>) -> Option<Trip> {
    let work = async {
        work.await;
        tokio::time::sleep(Duration::from_millis(30)).await;
    };
    tokio::select! {
        biased;
        trip = trip => Some(trip.expect("no trip of these fails")),
        () = work => None,
    }
}

async fn takes_its_user_there_and_back(machine: &impl Machine) {
    assert_eq!(
        machine.navigator().arrival(None),
        None,
        "nobody has left yet"
    );

    // Reserved before the URL exists, as it is to be registered.
    let departure = depart(machine).await;
    assert!(departure.waits());
    let redirect_uri = departure.redirect_uri().to_owned();
    let mut trip = departure.go(authorize("one"));

    // Only the answer with its state ends it.
    for query in [
        "code=a",
        "code=a&state=",
        "code=a&state=two",
        "error=a&state=two",
        "",
    ] {
        let visit = machine.visit(answer(&redirect_uri, query));
        assert_eq!(meanwhile(&mut trip, visit).await, None, "{query}");
    }
    let back = answer(&redirect_uri, "code=a&state=one");
    let visit = machine.visit(back.clone());
    assert_eq!(meanwhile(&mut trip, visit).await, Some(Trip::Back(back)));
    drop(trip);

    // So does one that says no.
    let departure = depart(machine).await;
    let back = answer(departure.redirect_uri(), "error=access_denied&state=one");
    let mut trip = departure.go(authorize("one"));
    let visit = machine.visit(back.clone());
    assert_eq!(meanwhile(&mut trip, visit).await, Some(Trip::Back(back)));

    // A trip that is told which answer it waits for needs no state in its URL, and heeds none.
    for url in [
        "https://tenant.example/authorize?request_uri=urn%3Aa",
        "https://tenant.example/authorize?state=two",
    ] {
        let mut departure = depart(machine).await;
        let redirect_uri = departure.redirect_uri().to_owned();
        departure.await_answer(&dioxus_auth0::secret::State::new("one"));
        let mut trip = departure.go(url.parse().expect("a URL"));
        for query in ["code=a&state=two", "code=a"] {
            let visit = machine.visit(answer(&redirect_uri, query));
            assert_eq!(meanwhile(&mut trip, visit).await, None, "{query}");
        }
        let back = answer(&redirect_uri, "code=a&state=one");
        let visit = machine.visit(back.clone());
        assert_eq!(meanwhile(&mut trip, visit).await, Some(Trip::Back(back)));
    }

    // A way back is given up with its departure, or with its trip.
    let departure = depart(machine).await;
    let redirect_uri = departure.redirect_uri().to_owned();
    drop(departure);
    assert!(!machine.is_held(&redirect_uri).await);
    let departure = depart(machine).await;
    let redirect_uri = departure.redirect_uri().to_owned();
    let mut trip = departure.go(authorize("one"));
    assert_eq!(meanwhile(&mut trip, async {}).await, None);
    assert!(machine.is_held(&redirect_uri).await);
    drop(trip);
    assert!(!machine.is_held(&redirect_uri).await);

    // A reservation takes the place of an earlier one, whether that has begun or not.
    let mut begun = depart(machine).await.go(authorize("one"));
    assert_eq!(meanwhile(&mut begun, async {}).await, None);
    let reserved = depart(machine).await;
    assert_eq!(begun.await, Ok(Trip::Cancelled));
    let departure = depart(machine).await;
    assert_eq!(reserved.go(authorize("two")).await, Ok(Trip::Cancelled));

    // And the last one is not touched by any of that.
    let back = answer(departure.redirect_uri(), "code=a&state=three");
    let mut trip = departure.go(authorize("three"));
    let visit = machine.visit(back.clone());
    assert_eq!(meanwhile(&mut trip, visit).await, Some(Trip::Back(back)));
    assert_eq!(
        machine.navigator().arrival(None),
        None,
        "nobody starts another process"
    );
}

async fn leaves_without_a_way_back(machine: &impl Machine) {
    let url = "https://tenant.example/v2/logout?client_id=a"
        .parse()
        .expect("a URL");
    // A login that waits goes on.
    let departure = depart(machine).await;
    let back = answer(departure.redirect_uri(), "code=a&state=one");
    let mut trip = departure.go(authorize("one"));
    assert_eq!(meanwhile(&mut trip, async {}).await, None);
    let left = timeout(
        Duration::from_secs(1),
        machine.navigator().leave(&url, machine.way_back()),
    )
    .await;
    assert_eq!(left, Ok(Ok(())));
    assert_eq!(meanwhile(&mut trip, async {}).await, None);
    let visit = machine.visit(back.clone());
    assert_eq!(meanwhile(&mut trip, visit).await, Some(Trip::Back(back)));
}

/// What a departure waits for is its own, also when others listen before it looks. It is for machines that can be visited
/// while nothing goes on.
async fn keeps_its_answer_to_itself(machine: &impl Machine) {
    let mut links = machine.navigator().links();
    let departure = depart(machine).await;
    let redirect_uri = departure.redirect_uri().to_owned();
    let mut trip = departure.go(authorize("one"));
    assert_eq!(meanwhile(&mut trip, async {}).await, None);
    let back = answer(&redirect_uri, "code=a&state=one");
    machine.visit(back.clone()).await;
    assert_eq!(links.next().now_or_never(), None, "it is the trip's");
    assert_eq!(meanwhile(&mut trip, async {}).await, Some(Trip::Back(back)));
    assert_eq!(links.next().now_or_never(), None);
}

impl Machine for Desktop {
    fn navigator(&self) -> &dyn Navigator {
        &self.navigator
    }

    async fn visit(&self, url: Url) {
        let address = url.socket_addrs(|| None).expect("an address")[0];
        let target = &url[url::Position::BeforePath..];
        send(
            address,
            request("GET", target, &address.to_string(), &[]).as_bytes(),
        )
        .await;
    }

    async fn is_held(&self, redirect_uri: &str) -> bool {
        let url: Url = redirect_uri.parse().expect("a URL");
        is_open(url.socket_addrs(|| None).expect("an address")[0]).await
    }

    fn way_back(&self) -> WayBack<'static> {
        WayBack {
            redirect_uri: None,
            loopback_ports: &[0],
            ..WayBack::default()
        }
    }
}

/// A phone, whose user comes back by opening links.
struct Handset {
    phone: Rc<MemoryPhone>,
    navigator: MobileNavigator,
}

impl Handset {
    fn new() -> Self {
        let phone = Rc::new(MemoryPhone::new("android"));
        let clock = MemoryClock::default();
        clock.hold(true);
        let navigator = MobileNavigator::new(phone.clone(), Rc::new(clock));
        Self { phone, navigator }
    }
}

impl Machine for Handset {
    fn navigator(&self) -> &dyn Navigator {
        &self.navigator
    }

    async fn visit(&self, url: Url) {
        self.phone.open_link(url);
    }

    /// Whoever holds it keeps its answer from others.
    async fn is_held(&self, redirect_uri: &str) -> bool {
        self.phone
            .open_link(answer(redirect_uri, "code=a&state=one"));
        let mut links = self.navigator.links();
        std::iter::from_fn(|| links.next().now_or_never().flatten()).count() == 0
    }

    fn way_back(&self) -> WayBack<'static> {
        WayBack {
            provider: "tenant.example",
            ..WayBack::default()
        }
    }
}

impl Machine for MemoryNavigator {
    fn navigator(&self) -> &dyn Navigator {
        self
    }

    async fn visit(&self, url: Url) {
        MemoryNavigator::visit(self, url);
    }

    async fn is_held(&self, _: &str) -> bool {
        self.is_waiting()
    }

    fn way_back(&self) -> WayBack<'static> {
        WayBack::default()
    }
}

#[tokio::test]
async fn the_desktop_takes_its_user_there_and_back() {
    let desktop = Desktop::new();
    takes_its_user_there_and_back(&desktop).await;
    leaves_without_a_way_back(&desktop).await;
    let shown = desktop.shown();
    assert!(shown.iter().any(|url| url.path() == "/v2/logout"));
}

#[tokio::test]
async fn a_phone_takes_its_user_there_and_back() {
    let handset = Handset::new();
    takes_its_user_there_and_back(&handset).await;
    leaves_without_a_way_back(&handset).await;
    keeps_its_answer_to_itself(&handset).await;
    let opened = handset.phone.opened();
    assert!(opened.iter().any(|url| url.path() == "/v2/logout"));
}

#[tokio::test]
async fn a_phone_that_cannot_show_the_page_does_not_wait() {
    let handset = Handset::new();
    handset.phone.remove_browser();
    let gone = depart(&handset).await.go(authorize("one")).await;
    assert_eq!(gone, Err(dioxus_auth0::port::PortError::NoBrowser));
}

#[tokio::test]
async fn memory_takes_its_user_there_and_back() {
    let memory = MemoryNavigator::default();
    memory.wait();
    takes_its_user_there_and_back(&memory).await;
    leaves_without_a_way_back(&memory).await;
    keeps_its_answer_to_itself(&memory).await;
}

#[tokio::test]
async fn memory_fails_when_it_is_told_to() {
    let memory = MemoryNavigator::default();
    memory.wait();
    let nobody = dioxus_auth0::port::PortError::NobodyBack { seconds: 300 };
    assert!(!memory.fail(nobody.clone()), "nobody has left");
    let mut trip = depart(&memory).await.go(authorize("one"));
    assert_eq!(meanwhile(&mut trip, async {}).await, None);
    assert!(memory.fail(nobody.clone()));
    assert_eq!(trip.await, Err(nobody));
}
