//! A phone: the browser is in front of the app, which may be ended behind it, and a link brings the user back.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use dioxus::prelude::*;
use dioxus_auth0::client::Client;
use dioxus_auth0::components::{LoginButton, LogoutButton, Notice, Problem, SignedIn, SignedOut};
use dioxus_auth0::config::Config;
use dioxus_auth0::platform::memory::MemoryPlatform;
use dioxus_auth0::platform::mobile::{MemoryPhone, MobileNavigator};
use dioxus_auth0::port::Platform;
use dioxus_auth0::testing::{Account, Endpoint, Fault, MemoryProvider};
use dioxus_auth0::{Auth0Provider, AuthState, LoginOptions, Reason, RequireAuth, use_auth0};
use url::Url;

use crate::screen::Screen;
use crate::signed_out;

const ADA: &str = "auth0|ada";
const GRACE: &str = "auth0|grace";

thread_local! {
    /// What the app has shown, one after the other.
    static SHOWN: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

#[derive(Clone, PartialEq, Routable)]
enum Page {
    #[layout(Frame)]
    #[route("/")]
    Front {},
    #[route("/orders")]
    Orders {},
}

#[component]
fn Handheld() -> Element {
    let client = use_context::<Client>();
    rsx! {
        Auth0Provider { client, Router::<Page> {} }
    }
}

/// An app that can put its provider away.
#[component]
fn Removable() -> Element {
    let mut is_there = use_signal(|| true);
    rsx! {
        if is_there() {
            Handheld {}
        }
        button { r#type: "button", onclick: move |_| is_there.set(false), "Remove" }
    }
}

#[component]
fn Frame() -> Element {
    let auth = use_auth0();
    let name = auth
        .user()
        .and_then(|user| user.name().map(str::to_owned))
        .unwrap_or_default();
    let state = match auth.state() {
        AuthState::Loading => "loading",
        AuthState::SignedOut(Reason::Unfinished) => "unfinished",
        AuthState::SignedOut(_) => "signed out",
        AuthState::SignedIn(_) => "signed in",
        AuthState::Failed(_) => "failed",
    };
    SHOWN.with_borrow_mut(|shown| {
        if shown.last() != Some(&state) {
            shown.push(state);
        }
    });
    rsx! {
        Notice {}
        SignedIn {
            p { {name} }
            LogoutButton {}
            LoginButton { "Step up" }
        }
        SignedOut { LoginButton {} }
        Outlet::<Page> {}
    }
}

#[component]
fn Front() -> Element {
    rsx! {
        h1 { "Front" }
    }
}

#[component]
fn Orders() -> Element {
    rsx! {
        RequireAuth { h1 { "Orders" } }
    }
}

/// A phone with a tenant, whose logins and sessions are in the same files.
struct Handset {
    memory: MemoryPlatform,
    provider: Rc<MemoryProvider>,
    phone: Rc<MemoryPhone>,
}

impl Handset {
    fn new() -> Self {
        let memory = MemoryPlatform::new();
        memory.clock.hold(true);
        let provider = MemoryProvider::new(&memory.clock);
        provider.add(Account::new(ADA, "Ada Lovelace"));
        provider.add(Account::new(GRACE, "Grace Hopper"));
        let phone = Rc::new(MemoryPhone::new("ios"));
        Self {
            memory,
            provider,
            phone,
        }
    }

    /// The phone after the system has ended the process of the app.
    fn restarted(&self) -> Self {
        Self {
            memory: self.memory.clone(),
            provider: self.provider.clone(),
            phone: Rc::new(MemoryPhone::new("ios")),
        }
    }

    async fn start(&self, path: &str) -> Screen {
        self.start_app(Handheld, path).await
    }

    async fn start_app(&self, app: fn() -> Element, path: &str) -> Screen {
        SHOWN.take();
        let clock = self.memory.clock.clone();
        let platform = Platform {
            navigator: Rc::new(MobileNavigator::new(self.phone.clone(), clock)),
            session_storage: self.memory.local_storage.clone(),
            usual_storage: self.memory.local_storage.clone(),
            ..self.provider.platform(&self.memory)
        };
        let config = Config::new(&self.provider.settings());
        let client = Client::new(config.expect("the provider's own settings"), platform);
        let dom = VirtualDom::new(app).with_root_context(client);
        Screen::start(dom, path, Rc::new(signed_out(Reason::Fresh))).await
    }

    /// A phone on which Ada is signed in, and what it shows.
    async fn signed_in() -> (Self, Screen) {
        let handset = Self::new();
        let mut screen = handset.start("/").await;
        screen.press("Log in").await;
        handset.open_link(&mut screen, handset.answer(ADA)).await;
        assert!(screen.text().contains("Ada Lovelace"), "{}", screen.text());
        (handset, screen)
    }

    /// The link that the login on the page opened last leads to, if `sub` logs in there.
    fn answer(&self, sub: &str) -> Url {
        let opened = self.phone.opened();
        let page = opened.last().expect("a page was opened");
        self.provider.authorize(page, sub)
    }

    async fn open_link(&self, screen: &mut Screen, link: Url) {
        self.phone.open_link(link);
        screen.settle().await;
    }

    async fn close_browser(&self, screen: &mut Screen) {
        self.phone.close_browser();
        screen.settle().await;
        self.memory.clock.advance(1);
        screen.settle().await;
    }

    fn trades(&self) -> usize {
        self.provider.count(Endpoint::Token)
    }
}

fn shown() -> Vec<&'static str> {
    SHOWN.with_borrow(Clone::clone)
}

/// A link of a login that began on `/orders`, whose process has been ended since.
async fn killed_on_orders() -> (Handset, Url) {
    let handset = Handset::new();
    let screen = handset.start("/orders").await;
    assert_eq!(handset.phone.opened().len(), 1, "{}", screen.text());
    let answer = handset.answer(ADA);
    drop(screen);
    (handset.restarted(), answer)
}

#[tokio::test]
async fn a_start_by_the_link_shows_that_it_loads_and_then_the_user_on_the_page_they_wanted() {
    let (handset, answer) = killed_on_orders().await;
    handset.phone.open_link(answer);
    let screen = handset.start("/").await;
    assert_eq!(shown(), ["loading", "signed in"]);
    assert!(screen.text().contains("Ada Lovelace"), "{}", screen.text());
    assert_eq!(screen.body().only("h1").text(), "Orders");
    assert!(handset.phone.opened().is_empty());
}

#[tokio::test]
async fn a_guarded_page_begins_no_login_while_the_link_is_answered() {
    let (handset, answer) = killed_on_orders().await;
    // Another app has been at it too.
    let stranger = "com.example.app://tenant.example/ios/com.example.app/callback?code=c&state=x";
    handset.phone.open_link(stranger.parse().expect("a link"));
    handset.phone.open_link(answer.clone());
    handset.phone.open_link(answer);
    let screen = handset.start("/orders").await;
    assert_eq!(shown(), ["loading", "signed in"]);
    assert_eq!(screen.body().only("h1").text(), "Orders");
    assert!(handset.phone.opened().is_empty());
    assert_eq!(handset.trades(), 1);
}

#[tokio::test]
async fn a_guarded_page_waits_for_a_link_that_comes_a_little_later() {
    let (handset, answer) = killed_on_orders().await;
    let mut screen = handset.start("/orders").await;
    assert_eq!(shown(), ["loading", "unfinished"]);
    assert!(screen.text().contains("Log in to see this page"));
    assert!(handset.phone.opened().is_empty(), "nobody is sent again");
    handset.open_link(&mut screen, answer).await;
    assert_eq!(screen.body().only("h1").text(), "Orders");
}

#[tokio::test]
async fn a_start_by_a_link_that_answers_nothing_is_like_any_other() {
    let handset = Handset::new();
    let planted = "com.example.app://tenant.example/ios/com.example.app/callback?error=x&error_description=Call+0900&state=y";
    handset.phone.open_link(planted.parse().expect("a link"));
    let mut screen = handset.start("/").await;
    assert_eq!(shown(), ["loading", "signed out"]);
    let before = screen.text();
    handset
        .open_link(&mut screen, planted.parse().expect("a link"))
        .await;
    assert_eq!(screen.text(), before);
    assert_eq!(shown(), ["loading", "signed out"]);
    assert_eq!(handset.trades(), 0);
}

#[tokio::test]
async fn a_start_by_a_link_that_says_no_says_so_and_begins_no_login() {
    let handset = Handset::new();
    drop(handset.start("/orders").await);
    let page = handset.phone.opened().remove(0);
    let refusal = handset.provider.refuse(&page, "access_denied", "No.");
    let handset = handset.restarted();
    handset.phone.open_link(refusal);
    let screen = handset.start("/orders").await;
    assert_eq!(shown(), ["loading", "failed"]);
    assert!(
        screen.text().contains("You are not logged in"),
        "{}",
        screen.text()
    );
    assert!(handset.phone.opened().is_empty());
}

#[tokio::test]
async fn a_browser_that_is_closed_leaves_the_app_with_the_way_in() {
    let handset = Handset::new();
    let mut screen = handset.start("/orders").await;
    let answer = handset.answer(ADA);
    handset.close_browser(&mut screen).await;
    assert!(screen.text().contains("Log in to see this page"));
    assert!(!screen.text().contains("Go on in your browser"));
    assert_eq!(handset.phone.opened().len(), 1, "nobody is sent again");

    // It was out of sight only, and the user has gone elsewhere meanwhile.
    screen.history.replace("/".into());
    screen.settle().await;
    handset.open_link(&mut screen, answer).await;
    assert!(screen.text().contains("Ada Lovelace"), "{}", screen.text());
    assert_eq!(screen.body().only("h1").text(), "Orders");
}

#[tokio::test]
async fn a_late_link_ends_the_login_that_waits_for_the_same() {
    let handset = Handset::new();
    let mut screen = handset.start("/").await;
    screen.press("Log in").await;
    let of_first = handset.answer(ADA);
    handset.close_browser(&mut screen).await;
    screen.press("Log in").await;
    assert!(screen.text().contains("Go on in your browser"));

    handset.open_link(&mut screen, of_first).await;

    assert!(screen.text().contains("Ada Lovelace"), "{}", screen.text());
    assert!(!screen.text().contains("Go on in your browser"));
    assert_eq!(handset.phone.closed(), 1, "nor is its page in front");
}

#[tokio::test]
async fn a_login_that_waits_says_so_without_an_address_and_can_be_given_up() {
    let handset = Handset::new();
    let mut screen = handset.start("/").await;
    screen.press("Log in").await;
    assert!(
        screen
            .text()
            .contains("You come back to this app by itself when you are done."),
        "{}",
        screen.text()
    );
    assert!(!screen.text().contains("window") && !screen.text().contains("copy"));
    assert!(screen.body().all("input").is_empty(), "nothing to copy");
    let page = handset.phone.opened()[0].to_string();
    let again = screen.control("Open it again");
    assert_eq!(again.attribute("href"), Some(&*page));
    let answer = handset.answer(ADA);

    screen.press("Cancel").await;
    assert!(!screen.text().contains("Go on in your browser"));
    assert_eq!(handset.phone.closed(), 1);
    assert_eq!(shown(), ["loading", "signed out", "unfinished"]);

    handset.open_link(&mut screen, answer).await;
    assert_eq!(shown(), ["loading", "signed out", "unfinished"]);
    assert_eq!(handset.trades(), 0);
}

#[tokio::test]
async fn a_link_of_a_second_login_is_as_good_as_anywhere() {
    let (handset, mut screen) = Handset::signed_in().await;
    screen.press("Step up").await;
    let answer = handset.answer(GRACE);
    handset.close_browser(&mut screen).await;
    assert_eq!(shown().last(), Some(&"signed in"), "nothing was lost");

    handset.open_link(&mut screen, answer).await;
    assert!(screen.text().contains("Grace Hopper"), "{}", screen.text());
    assert!(!screen.text().contains("Ada"), "{}", screen.text());
}

#[tokio::test]
async fn a_late_refusal_leaves_the_user_and_says_why() {
    let (handset, mut screen) = Handset::signed_in().await;
    screen.press("Step up").await;
    let page = handset.phone.opened().pop().expect("a page");
    handset.close_browser(&mut screen).await;
    let refusal = handset.provider.refuse(&page, "access_denied", "No.");

    handset.open_link(&mut screen, refusal).await;
    assert!(screen.text().contains("Ada Lovelace"), "{}", screen.text());
    assert!(
        screen.text().contains("You did not give your consent"),
        "{}",
        screen.text()
    );
}

#[tokio::test]
async fn a_late_link_of_another_login_leaves_the_one_that_waits_beside_a_user() {
    let (handset, mut screen) = Handset::signed_in().await;
    screen.press("Step up").await;
    let of_first = handset.answer(ADA);
    handset.close_browser(&mut screen).await;
    screen.press("Step up").await;
    handset.open_link(&mut screen, of_first).await;
    assert!(
        screen.text().contains("Go on in your browser"),
        "{}",
        screen.text()
    );
    handset.open_link(&mut screen, handset.answer(GRACE)).await;
    assert!(screen.text().contains("Grace Hopper"), "{}", screen.text());
}

#[tokio::test]
async fn a_logout_closes_the_login_that_waits_and_opens_its_own_page() {
    let (handset, mut screen) = Handset::signed_in().await;
    screen.press("Step up").await;
    let closed = handset.phone.closed();
    screen.press("Log out").await;
    assert_eq!(shown().last(), Some(&"signed out"));
    let page = handset.phone.opened().pop().expect("a page");
    assert_eq!(page.path(), "/oidc/logout");
    assert!(handset.phone.closed() <= closed + 1);

    let back = "com.example.app://tenant.example/ios/com.example.app/callback";
    handset
        .open_link(&mut screen, back.parse().expect("a link"))
        .await;
    assert_eq!(shown().last(), Some(&"signed out"));
}

#[tokio::test]
async fn a_link_is_answered_though_its_provider_is_gone_meanwhile() {
    let handset = Handset::new();
    let mut screen = handset.start_app(Removable, "/").await;
    screen.press("Log in").await;
    let answer = handset.answer(ADA);
    handset.close_browser(&mut screen).await;
    let slow = Fault::Slow(Duration::from_secs(2));
    handset.provider.fault(Endpoint::Token, slow);
    handset.open_link(&mut screen, answer).await;
    let is_stored = || {
        let stored = handset.memory.local_storage.entries();
        stored.keys().any(|key| key.contains(".session."))
    };
    assert!(!is_stored(), "the answer is on its way");
    screen.press("Remove").await;
    assert_eq!(screen.text(), "Remove");
    handset.memory.clock.advance(2);
    screen.settle().await;
    assert!(is_stored());
}

#[tokio::test]
async fn a_phone_without_a_browser_says_what_to_do() {
    let handset = Handset::new();
    handset.phone.remove_browser();
    let screen = handset.start("/orders").await;
    assert!(
        screen.text().contains("This device has no browser"),
        "{}",
        screen.text()
    );
    assert!(screen.has_control("Try again"));
}

#[tokio::test]
async fn an_identifier_that_is_no_scheme_says_what_to_configure() {
    let handset = Handset::new();
    handset.phone.set_identifier(Some("com.example.My_App"));
    let screen = handset.start("/orders").await;
    let text = screen.text();
    assert!(text.contains("found com.example.My_App"), "{text}");
    assert!(
        text.contains("set redirectUri to a link that opens it"),
        "{text}"
    );
}

/// What the README shows.
#[component]
fn WaysIn() -> Element {
    let client = use_context::<Client>();
    rsx! {
        Auth0Provider { client,
            SignedIn { "somebody" }
            SignedOut { LoginButton {} }
            ByCode {}
            Notice {}
        }
    }
}

#[component]
fn ByCode() -> Element {
    let auth = use_auth0();
    let mut failed = use_signal(|| None);
    let log_in = move |_| async move {
        let login = auth.login_with_device(LoginOptions::default()).await;
        failed.set(login.err());
    };
    rsx! {
        button { r#type: "button", onclick: log_in, "Log in with a code" }
        if let Some(error) = failed() {
            Problem { error }
        }
    }
}

#[tokio::test]
async fn a_code_helps_where_no_browser_is() {
    let handset = Handset::new();
    handset.phone.remove_browser();
    let mut screen = handset.start_app(WaysIn, "/").await;
    screen.press("Log in").await;
    screen.press("Log in with a code").await;
    assert!(screen.text().contains("CODE-1"), "{}", screen.text());

    screen.press("Cancel").await;
    assert!(
        screen.text().contains("You did not log in"),
        "{}",
        screen.text()
    );

    screen.press("Log in with a code").await;
    assert!(handset.provider.approve_device("CODE-2", ADA));
    handset.memory.clock.advance(5);
    screen.settle().await;
    assert!(screen.text().contains("somebody"), "{}", screen.text());
    assert!(handset.phone.opened().is_empty());
}
