//! What a phone tells, on any of its threads, before and after somebody listens.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use dioxus_auth0::oidc::callback::MAX_URL;
use dioxus_auth0::platform::memory::MemoryClock;
use dioxus_auth0::platform::mobile::{Inbox, MemoryPhone, MobileNavigator, News, Phone};
use dioxus_auth0::port::{Links, Navigator, Task, Trip, WayBack};
use futures_util::future::join_all;
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::time::timeout;
use url::Url;

struct Handset {
    phone: Rc<MemoryPhone>,
    navigator: MobileNavigator,
    inbox: Arc<Inbox>,
}

impl Handset {
    fn new() -> Self {
        let phone = Rc::new(MemoryPhone::new("android"));
        let clock = MemoryClock::default();
        clock.hold(true);
        Self {
            navigator: MobileNavigator::new(phone.clone(), Rc::new(clock)),
            inbox: phone.inbox(),
            phone,
        }
    }

    async fn go(&self, state: &str) -> Task<'static, Trip> {
        let way_back = WayBack {
            provider: "tenant.example",
            ..WayBack::default()
        };
        let departure = self.navigator.depart(way_back).await.expect("a way back");
        departure.go(url(&format!(
            "https://tenant.example/authorize?state={state}"
        )))
    }
}

fn url(text: &str) -> Url {
    text.parse().expect(text)
}

fn link(number: usize) -> Url {
    url(&format!("com.example.app://link?number={number}"))
}

fn answer(state: &str) -> Url {
    let callback = "com.example.app://tenant.example/android/com.example.app/callback";
    url(&format!("{callback}?code=c&state={state}"))
}

fn take(links: &mut Links) -> Vec<Url> {
    std::iter::from_fn(|| links.next().now_or_never().flatten()).collect()
}

/// Counts how often it is woken.
#[derive(Default)]
struct Alarm(AtomicUsize);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Alarm {
    fn rings(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

fn is_pending(stream: &mut (impl Stream + Unpin), alarm: &Arc<Alarm>) -> bool {
    let waker = Waker::from(alarm.clone());
    stream
        .poll_next_unpin(&mut Context::from_waker(&waker))
        .is_pending()
}

#[tokio::test]
async fn links_from_many_threads_all_come() {
    const THREADS: usize = 8;
    const EACH: usize = 200;
    let handset = Handset::new();
    let mut links = [handset.navigator.links(), handset.navigator.links()];
    let (inbox, room) = (handset.inbox.clone(), Arc::new(AtomicUsize::new(0)));
    let threads = (0..THREADS).map(|number| {
        let (inbox, room) = (inbox.clone(), room.clone());
        thread::spawn(move || {
            for turn in 0..EACH {
                // There is room for 16, and eight who knock.
                while room.load(Ordering::SeqCst) >= 8 {
                    thread::yield_now();
                }
                room.fetch_add(1, Ordering::SeqCst);
                inbox.put(News::Link(link(number * EACH + turn)));
            }
        })
    });
    let threads: Vec<_> = threads.collect();

    let mut came = Vec::new();
    while came.len() < THREADS * EACH {
        let soon = Duration::from_secs(1);
        let next = join_all(links.iter_mut().map(|links| timeout(soon, links.next()))).await;
        let before = came.len();
        came.extend(next.into_iter().filter_map(|it| it.ok().flatten()));
        assert!(came.len() > before, "{} came", came.len());
        room.fetch_sub(came.len() - before, Ordering::SeqCst);
    }
    for thread in threads {
        thread.join().expect("nobody panics");
    }
    let mut came: Vec<_> = came.into_iter().map(String::from).collect();
    came.sort();
    came.dedup();
    assert_eq!(came.len(), THREADS * EACH, "each once");
}

#[test]
fn a_flood_of_links_leaves_the_last_and_no_more() {
    let handset = Handset::new();
    for number in 0..10_000 {
        handset.phone.open_link(link(number));
    }
    let came = take(&mut handset.navigator.links());
    assert_eq!(came, (9_984..10_000).map(link).collect::<Vec<_>>());
}

#[test]
fn there_is_no_room_for_a_link_longer_than_any_answer() {
    let handset = Handset::new();
    let of = |length: usize| {
        let start = "com.example.app://link?";
        url(&format!("{start}{}", "x".repeat(length - start.len())))
    };
    handset.phone.open_link(of(MAX_URL));
    handset.phone.open_link(of(MAX_URL + 1));
    assert_eq!(take(&mut handset.navigator.links()), [of(MAX_URL)]);
}

#[test]
fn whoever_waits_is_woken_by_links_and_nobody_else() {
    let handset = Handset::new();
    let (first, second) = (Arc::<Alarm>::default(), Arc::<Alarm>::default());
    let mut links = handset.navigator.links();
    assert!(is_pending(&mut links, &first));
    assert!(is_pending(&mut links, &second), "asked by another task");
    handset.phone.open_link(link(1));
    assert_eq!((first.rings(), second.rings()), (0, 1));
    assert_eq!(take(&mut links), [link(1)]);

    let mut other = handset.navigator.links();
    assert!(is_pending(&mut links, &first) && is_pending(&mut other, &second));
    drop(other);
    handset.phone.open_link(link(2));
    assert_eq!((first.rings(), second.rings()), (1, 1), "the other is gone");
}

#[tokio::test]
async fn those_who_gave_up_leave_nothing_behind() {
    let handset = Handset::new();
    for _ in 0..100 {
        let alarm = Arc::new(Alarm::default());
        let mut links = handset.navigator.links();
        assert!(is_pending(&mut links, &alarm));
        let mut trip = handset.go("one").await;
        let waker = Waker::from(alarm.clone());
        let polled = trip.poll_unpin(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
    }
    assert_eq!(
        format!("{:?}", handset.inbox),
        "Inbox { links: 0, waiting: 0, .. }"
    );
}

#[test]
fn a_link_is_in_no_log() {
    let handset = Handset::new();
    handset.phone.open_link(answer("s3cret"));
    let said = format!("{:?}", handset.inbox);
    assert_eq!(said, "Inbox { links: 1, waiting: 0, .. }");
}

#[tokio::test]
async fn a_window_that_is_made_anew_hears_what_came_between() {
    let handset = Handset::new();
    let mut first = handset.navigator.links();
    assert!(take(&mut first).is_empty());
    drop(first);
    handset.phone.open_link(link(1));
    let clock = Rc::new(MemoryClock::default());
    let anew = MobileNavigator::new(handset.phone.clone(), clock);
    assert_eq!(take(&mut anew.links()), [link(1)]);
    assert!(take(&mut handset.navigator.links()).is_empty());
}

#[tokio::test]
async fn the_answer_wakes_the_login_and_what_it_leaves_wakes_the_others() {
    let handset = Handset::new();
    let (login, other) = (Arc::<Alarm>::default(), Arc::<Alarm>::default());
    let mut trip = handset.go("one").await;
    let waker = Waker::from(login.clone());
    let polled = trip.poll_unpin(&mut Context::from_waker(&waker));
    assert!(polled.is_pending());
    let mut links = handset.navigator.links();
    assert!(is_pending(&mut links, &other));

    handset.phone.open_link(answer("one"));
    assert!(login.rings() > 0);
    assert!(is_pending(&mut links, &other), "it is the login's");
    let before = other.rings();
    drop(trip);
    assert!(other.rings() > before, "now it is anybody's");
    assert_eq!(take(&mut links), [answer("one")]);
}
