//! A machine whose app goes on while its user is at the provider's page.

use std::rc::Rc;

use dioxus::prelude::*;
use dioxus_auth0::app::App;
use dioxus_auth0::auth::Aside;
use dioxus_auth0::components::{LoginButton, LogoutButton, Notice, SignedIn, SignedOut};
use dioxus_auth0::platform::memory::{Asked, MemoryPlatform};
use dioxus_auth0::port::PortError;
use dioxus_auth0::{Auth0Provider, AuthState, Reason};
use url::Url;

use crate::machine::{CONFIG, DISCOVERY, FILE, JWKS, METADATA, machine};
use crate::screen::Screen;
use crate::{ada, signed_out, unreachable};

async fn start(path: &str) -> (MemoryPlatform, Screen) {
    let memory = machine();
    memory.navigator.wait();
    memory.http.answer(CONFIG, 200, FILE);
    memory.http.answer(DISCOVERY, 200, METADATA);
    memory.http.answer(JWKS, 200, r#"{"keys": []}"#);
    let dom = VirtualDom::new(App).with_root_context(memory.platform());
    let screen = Screen::start(dom, path, Rc::new(signed_out(Reason::Fresh))).await;
    (memory, screen)
}

fn pending(memory: &MemoryPlatform) -> usize {
    let entries = memory.session_storage.entries().into_keys();
    entries.filter(|key| key.contains("transaction")).count()
}

/// What the provider answers to the login that left last.
fn answer(memory: &MemoryPlatform, parameters: &str) -> Url {
    let departures = memory.navigator.departures();
    let departure = departures.last().expect("a login has left");
    let mut pairs = departure.query_pairs();
    let (_, state) = pairs.find(|(name, _)| name == "state").expect("a state");
    let url = format!("https://app.example/?{parameters}&state={state}");
    url.parse().expect("a literal with a state")
}

fn plant_session(memory: &MemoryPlatform) {
    let session = r#"{
        "version": 1, "issuer": "https://tenant.example/", "client_id": "abc", "id_token": "x", "refresh_token": "rt",
        "claims": {"iss": "https://tenant.example/", "sub": "auth0|ada", "name": "Ada Lovelace"}, "tokens": []
    }"#;
    let key = r#"dioxus-auth0.session.["https://tenant.example/","abc",null]"#;
    memory.session_storage.plant(key, session);
}

/// An app whose user may log in once more while they are, for a permission for instance.
#[component]
fn Stepping() -> Element {
    rsx! {
        Auth0Provider { domain: "tenant.example", client_id: "abc",
            Notice {}
            SignedIn {
                LoginButton { "Step up" }
                LogoutButton {}
            }
            SignedOut { "nobody" }
        }
    }
}

/// A user who is signed in and has left to log in once more.
async fn stepping_up(app: fn() -> Element) -> (MemoryPlatform, Screen) {
    let memory = machine();
    memory.navigator.wait();
    plant_session(&memory);
    memory.http.answer(DISCOVERY, 200, METADATA);
    memory.http.answer(JWKS, 200, r#"{"keys": []}"#);
    let dom = VirtualDom::new(app).with_root_context(memory.platform());
    let mut screen = Screen::start(dom, "/", Rc::new(signed_out(Reason::Fresh))).await;
    screen.press("Step up").await;
    assert!(memory.navigator.is_waiting());
    (memory, screen)
}

#[tokio::test]
async fn a_second_login_that_is_refused_leaves_the_first_and_says_why() {
    let (memory, mut screen) = stepping_up(Stepping).await;
    assert!(
        memory
            .navigator
            .visit(answer(&memory, "error=access_denied"))
    );
    screen.settle().await;
    assert!(
        screen.text().contains("You did not give your consent"),
        "{}",
        screen.text()
    );
    assert!(screen.has_control("Log out"));

    screen.press("Close").await;
    assert!(!screen.text().contains("You did not give your consent"));
}

#[tokio::test]
async fn a_second_login_that_is_given_up_is_no_trouble() {
    let (_memory, mut screen) = stepping_up(Stepping).await;
    screen.press("Cancel").await;
    assert_eq!(screen.text(), "Step up Log out");
}

#[tokio::test]
async fn a_logout_gives_up_the_login_that_waits() {
    let (memory, mut screen) = stepping_up(Stepping).await;
    screen.press("Log out").await;
    assert!(!memory.navigator.is_waiting());
    assert_eq!(pending(&memory), 0);
    assert_eq!(screen.text(), "nobody");
}

/// An app that can put its provider away.
#[component]
fn Removable() -> Element {
    let mut is_there = use_signal(|| true);
    rsx! {
        if is_there() {
            Stepping {}
        }
        button { r#type: "button", onclick: move |_| is_there.set(false), "Remove" }
    }
}

#[tokio::test]
async fn a_login_may_end_after_its_provider_is_gone() {
    let (memory, mut screen) = stepping_up(Removable).await;
    screen.press("Remove").await;
    assert!(
        memory
            .navigator
            .visit(answer(&memory, "error=access_denied"))
    );
    screen.settle().await;
    assert_eq!(screen.text(), "Remove");
    assert_eq!(pending(&memory), 0, "and was finished");
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_troubles_a_user_who_is_signed_in_only() {
    let memory = machine();
    memory.http.answer(CONFIG, 200, FILE);
    plant_session(&memory);
    let planted = "https://app.example/?code=c&state=of-nobody";
    memory
        .navigator
        .arrive_at(planted.parse().expect("a literal"));
    let dom = VirtualDom::new(App).with_root_context(memory.platform());
    let screen = Screen::start(dom, "/", Rc::new(signed_out(Reason::Fresh))).await;
    assert!(
        screen.text().contains("This login link cannot be used"),
        "{}",
        screen.text()
    );
    assert!(
        screen.text().contains("Hello, Ada Lovelace"),
        "{}",
        screen.text()
    );
}

#[tokio::test]
async fn a_login_that_waits_shows_the_way_there_and_the_way_out() {
    let (memory, mut screen) = start("/").await;
    screen.press("Log in").await;

    assert!(screen.text().contains("Go on in your browser"));
    let departure = memory.navigator.departures()[0].to_string();
    let link = screen.control("Open it again");
    assert_eq!(link.attribute("href"), Some(&*departure));
    let field = screen.body().only("input");
    assert_eq!(field.attribute("value"), Some(&*departure));
    assert_eq!(
        screen.control("Log in").attribute("aria-busy"),
        Some("true")
    );
    assert_eq!(pending(&memory), 1);
}

#[tokio::test]
async fn a_login_that_is_given_up_leaves_nothing_behind() {
    let (memory, mut screen) = start("/").await;
    screen.press("Log in").await;
    screen.press("Cancel").await;

    assert!(!memory.navigator.is_waiting());
    assert_eq!(pending(&memory), 0);
    assert!(!screen.text().contains("Go on in your browser"));
    assert_eq!(
        screen.control("Log in").attribute("aria-busy"),
        Some("false")
    );
    assert!(!memory.navigator.visit(answer(&memory, "code=late")));

    screen.press("Log in").await;
    assert!(memory.navigator.is_waiting(), "and the next one begins");
}

#[tokio::test]
async fn a_guarded_page_whose_login_is_given_up_offers_it_again() {
    let (memory, mut screen) = start("/profile").await;
    assert!(memory.navigator.is_waiting());
    screen.press("Cancel").await;
    assert!(
        screen.text().contains("Log in to see this page"),
        "{}",
        screen.text()
    );
    assert_eq!(memory.navigator.departures().len(), 1, "and not by itself");
}

#[tokio::test]
async fn a_second_login_takes_the_place_of_the_first() {
    let (memory, mut screen) = start("/profile").await;
    let first = answer(&memory, "error=access_denied");
    screen.press("Home").await;
    screen.press("Log in").await;

    assert_eq!(memory.navigator.departures().len(), 2);
    assert_eq!(pending(&memory), 1);
    assert!(
        !memory.navigator.visit(first),
        "nobody waits for it any more"
    );
    let departure = memory.navigator.departures()[1].to_string();
    let link = screen.control("Open it again");
    assert_eq!(link.attribute("href"), Some(&*departure));
}

#[tokio::test]
async fn an_answer_leads_to_the_page_that_asked_for_the_login() {
    let (memory, mut screen) = start("/profile").await;
    screen.press("Home").await;
    assert_eq!(screen.body().only("h1").text(), "Login for Dioxus apps");

    assert!(
        memory
            .navigator
            .visit(answer(&memory, "error=access_denied"))
    );
    screen.settle().await;

    assert_eq!(screen.body().only("h1").text(), "Your profile");
    assert!(
        screen.text().contains("You did not give your consent"),
        "{}",
        screen.text()
    );
    assert!(!screen.text().contains("Go on in your browser"));
}

#[tokio::test]
async fn a_user_who_does_not_come_back_can_start_again() {
    let (memory, mut screen) = start("/").await;
    screen.press("Log in").await;
    assert!(
        memory
            .navigator
            .fail(PortError::NobodyBack { seconds: 300 })
    );
    screen.settle().await;

    assert!(screen.text().contains("The login took too long"));
    assert_eq!(pending(&memory), 0);
    screen.press("Try again").await;
    assert!(memory.navigator.is_waiting());
}

#[tokio::test]
async fn a_login_given_up_after_a_logout_leaves_it_at_the_logout() {
    let memory = machine();
    memory.navigator.wait();
    memory.http.answer(CONFIG, 200, FILE);
    plant_session(&memory);
    let dom = VirtualDom::new(App).with_root_context(memory.platform());
    let mut screen = Screen::start(dom, "/", Rc::new(signed_out(Reason::Fresh))).await;
    screen.press("Log out").await;
    let after_logout = screen.text();

    memory.http.answer(DISCOVERY, 200, METADATA);
    memory.http.answer(JWKS, 200, r#"{"keys": []}"#);
    screen.press("Log in").await;
    assert!(screen.text().contains("Go on in your browser"));
    screen.press("Cancel").await;
    assert_eq!(screen.text(), after_logout);
}

#[component]
fn Noticed() -> Element {
    rsx! {
        Notice {}
    }
}

#[tokio::test]
async fn trouble_stays_until_it_is_read() {
    let mut screen = Screen::show(Noticed, "/", ada()).await;
    assert_eq!(screen.text(), "");
    screen.set_aside(Aside::Trouble(unreachable())).await;
    assert!(screen.text().contains("127.0.0.1:4400 does not answer"));

    screen.press("Close").await;
    assert_eq!(screen.asked(), [Asked::Dismiss]);
    assert_eq!(screen.text(), "");
}

#[tokio::test]
async fn trouble_is_shown_whoever_is_signed_in() {
    let mut screen = Screen::show(Noticed, "/", ada()).await;
    screen.set_aside(Aside::Trouble(unreachable())).await;
    screen
        .set_state(AuthState::SignedOut(Reason::LoggedOut))
        .await;
    assert!(screen.text().contains("127.0.0.1:4400 does not answer"));
}

fn code(user_code: &str, complete: Option<&str>) -> Aside {
    let url = |text: &str| text.parse::<Url>().expect("a literal");
    Aside::Code {
        user_code: user_code.into(),
        verification_uri: url("https://tenant.example/activate"),
        verification_uri_complete: complete.map(url),
    }
}

#[tokio::test]
async fn a_login_by_code_shows_where_to_go_what_to_type_and_the_way_out() {
    let mut screen = Screen::show(Noticed, "/", signed_out(Reason::Fresh)).await;
    let complete = "https://tenant.example/activate?user_code=WDJB-MJHT";
    screen.set_aside(code("WDJB-MJHT", Some(complete))).await;

    assert_eq!(
        screen.body().only("section").attribute("role"),
        Some("status")
    );
    let page = screen.control("tenant.example/activate");
    assert_eq!(
        page.attribute("href"),
        Some("https://tenant.example/activate")
    );
    let filled_in = screen.control("open the page with the code in it");
    assert_eq!(filled_in.attribute("href"), Some(complete));
    for link in [page, filled_in] {
        assert_eq!(
            link.attribute("target"),
            Some("_blank"),
            "the app must stay"
        );
        assert_eq!(link.attribute("rel"), Some("noopener noreferrer"));
    }

    screen.press("Cancel").await;
    assert_eq!(screen.asked(), [Asked::Dismiss]);
    assert_eq!(screen.text(), "");
}

#[tokio::test]
async fn a_code_is_seen_as_it_is_and_heard_letter_by_letter() {
    let mut screen = Screen::show(Noticed, "/", signed_out(Reason::Fresh)).await;
    for (user_code, heard) in [
        ("WDJB-MJHT", "Your code: W D J B, M J H T"),
        ("123 456", "Your code: 1 2 3, 4 5 6"),
        ("-A--b", "Your code: A, b"),
        ("<b>", "Your code: b,"),
    ] {
        screen.set_aside(code(user_code, None)).await;
        let shown = screen.body().with("role", "img")[0];
        assert_eq!(shown.exact_text(), user_code);
        assert_eq!(shown.attribute("aria-label"), Some(heard));
        assert_eq!(screen.body().all("a").len(), 1, "without the other address");
    }
}

#[tokio::test]
async fn offline_is_said_until_it_is_over() {
    let mut screen = Screen::show(Noticed, "/", ada()).await;
    screen.set_aside(Aside::Offline).await;
    assert_eq!(
        screen.text(),
        "You are offline What you see is what was known before."
    );
    let notice = screen.body().only("section");
    assert_eq!(notice.attribute("role"), Some("status"));
    assert_eq!(notice.attribute("data-state"), Some("offline"));
    assert!(screen.body().all("button").is_empty(), "nothing to press");

    screen.set_aside(Aside::Nothing).await;
    assert_eq!(screen.text(), "");
    assert_eq!(screen.asked(), [], "it went away by itself");
}
