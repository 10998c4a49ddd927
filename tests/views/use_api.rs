//! A protected call as a hook: what it shows, when it calls, and which answers it drops.

use std::rc::Rc;

use dioxus::prelude::*;
use dioxus_auth0::error::Error;
use dioxus_auth0::options::LogoutOptions;
use dioxus_auth0::platform::memory::{Asked, MemoryAuth, signed_in};
use dioxus_auth0::{
    ApiCall, ApiRequest, ApiState, AuthState, Reason, use_api, use_api_as, use_api_with, use_auth0,
};
use serde_json::{Value, json};

use crate::screen::Screen;
use crate::{ada, ada_is_signed_in, failed, signed_out, unreachable};

fn order(number: u32) -> ApiRequest {
    ApiRequest::get(format!("orders/{number}")).scope("read:orders")
}

fn call(number: u32) -> Asked {
    Asked::Call(order(number))
}

fn grace() -> AuthState {
    signed_in(&json!({ "sub": "auth0|grace" }))
}

/// An order, the ways to another one, and everything a call can be asked.
#[component]
fn Orders() -> Element {
    let auth = use_auth0();
    let mut number = use_signal(|| Some(1));
    let order = use_api(number().map(order));
    rsx! {
        p { {describe(&order.state())} }
        Below { order }
        button { r#type: "button", onclick: move |_| number.set(Some(2)), "Second" }
        button { r#type: "button", onclick: move |_| number.set(Some(1)), "First" }
        button { r#type: "button", onclick: move |_| number.set(None), "None" }
        button { r#type: "button", onclick: move |_| order.refetch(), "Refetch" }
        button {
            r#type: "button",
            onclick: move |_| async move {
                let _ = auth.logout(LogoutOptions::default()).await;
                assert_eq!(order.state(), ApiState::Idle, "before anything is drawn");
            },
            "Log out"
        }
    }
}

/// A component below, which is given the call alone.
#[component]
fn Below(order: ApiCall<Value>) -> Element {
    assert_eq!(order.is_loading(), order.state() == ApiState::Loading);
    assert_eq!(
        order.is_refetching(),
        matches!(order.state(), ApiState::Refetching(_))
    );
    rsx! {
        output { {describe(&order.state())} }
    }
}

fn describe(state: &ApiState<Value>) -> String {
    match state {
        ApiState::Idle => "idle".into(),
        ApiState::Loading => "loading".into(),
        ApiState::Ready(order) => format!("ready {order}"),
        ApiState::Refetching(order) => format!("refetching {order}"),
        ApiState::Failed { error, last: None } => format!("failed {}", error.code()),
        ApiState::Failed {
            error,
            last: Some(order),
        } => format!("failed {} {order}", error.code()),
    }
}

fn shown(screen: &Screen) -> String {
    let shown = screen.body().only("p").text();
    for below in screen.body().all("output") {
        assert_eq!(below.text(), shown);
    }
    shown
}

async fn orders(auth: MemoryAuth) -> Screen {
    Screen::show(Orders, "/", auth).await
}

#[tokio::test]
async fn it_calls_once_and_shows_the_answer() {
    let auth = ada();
    let later = auth.answer_later();
    let mut screen = orders(auth).await;
    assert_eq!(shown(&screen), "loading");
    later.give(Ok(json!("tea")));
    screen.settle().await;
    assert_eq!(shown(&screen), r#"ready "tea""#);
    assert_eq!(screen.asked(), [call(1)]);
}

#[tokio::test]
async fn nobody_signed_in_is_nobody_to_call_for() {
    for auth in [
        signed_out(Reason::Fresh),
        signed_out(Reason::LoggedOut),
        MemoryAuth::new(AuthState::Loading),
        failed(unreachable()),
    ] {
        let mut screen = orders(auth).await;
        assert_eq!(shown(&screen), "idle");
        screen.press("Refetch").await;
        screen.press("Second").await;
        assert_eq!(shown(&screen), "idle");
        assert_eq!(screen.asked(), [], "nothing is called");

        screen.auth.answer(Ok(json!("tea")));
        screen.set_state(ada_is_signed_in()).await;
        assert_eq!(shown(&screen), r#"ready "tea""#);
        assert_eq!(screen.asked(), [call(2)]);
    }
}

#[tokio::test]
async fn without_a_request_nothing_is_called() {
    let auth = ada();
    let later = auth.answer_later();
    let mut screen = orders(auth).await;
    screen.press("None").await;
    assert_eq!(shown(&screen), "idle");
    later.give(Ok(json!("tea")));
    screen.settle().await;
    screen.press("Refetch").await;
    assert_eq!(shown(&screen), "idle", "and its answer is dropped");
    assert_eq!(screen.asked(), [call(1)]);

    screen.auth.answer(Ok(json!("milk")));
    screen.press("First").await;
    assert_eq!(shown(&screen), r#"ready "milk""#);
}

#[tokio::test]
async fn another_request_shows_nothing_of_the_last_one() {
    let auth = ada();
    auth.answer(Ok(json!("tea")));
    let later = auth.answer_later();
    let mut screen = orders(auth).await;
    screen.press_only("Second");
    let at_once = screen.body().only("p").text();
    assert_eq!(at_once, "loading", "not for one drawing");
    screen.settle().await;
    later.give(Ok(json!("milk")));
    screen.settle().await;
    assert_eq!(shown(&screen), r#"ready "milk""#);
    assert_eq!(screen.asked(), [call(1), call(2)]);
}

#[tokio::test]
async fn answers_that_come_out_of_order_do_not_mix() {
    let auth = ada();
    let (first, second) = (auth.answer_later(), auth.answer_later());
    let mut screen = orders(auth).await;
    screen.press("Second").await;
    second.give(Ok(json!("milk")));
    screen.settle().await;
    first.give(Ok(json!("tea")));
    screen.settle().await;
    assert_eq!(shown(&screen), r#"ready "milk""#);

    let third = screen.auth.answer_later();
    screen.press("First").await;
    assert_eq!(shown(&screen), "loading", "what came late was not kept");
    third.give(Ok(json!("coffee")));
    screen.settle().await;
    assert_eq!(shown(&screen), r#"ready "coffee""#);
}

#[tokio::test]
async fn the_last_answer_stays_while_the_next_one_is_on_its_way() {
    let auth = ada();
    auth.answer(Ok(json!("tea")));
    let mut screen = orders(auth).await;
    let later = screen.auth.answer_later();
    screen.press("Refetch").await;
    assert_eq!(shown(&screen), r#"refetching "tea""#);
    later.give(Ok(json!("milk")));
    screen.settle().await;
    assert_eq!(shown(&screen), r#"ready "milk""#);
    assert_eq!(screen.asked(), [call(1), call(1)]);
}

#[tokio::test]
async fn of_two_refetches_the_newer_one_counts() {
    let auth = ada();
    auth.answer(Ok(json!("tea")));
    let mut screen = orders(auth).await;
    let (older, newer) = (screen.auth.answer_later(), screen.auth.answer_later());
    screen.press("Refetch").await;
    screen.press("Refetch").await;
    older.give(Ok(json!("stale")));
    screen.settle().await;
    assert_eq!(shown(&screen), r#"refetching "tea""#);
    newer.give(Ok(json!("fresh")));
    screen.settle().await;
    assert_eq!(shown(&screen), r#"ready "fresh""#);
}

#[tokio::test]
async fn a_failure_keeps_the_last_answer_and_ends_with_the_next_one() {
    let auth = ada();
    auth.answer(Err(unreachable()));
    let mut screen = orders(auth).await;
    assert_eq!(shown(&screen), "failed network_error");
    assert_eq!(screen.asked(), [call(1)], "nothing is tried by itself");

    let later = screen.auth.answer_later();
    screen.press("Refetch").await;
    assert_eq!(shown(&screen), "loading");
    later.give(Ok(json!("tea")));
    screen.settle().await;

    screen.auth.answer(Err(unreachable()));
    screen.press("Refetch").await;
    assert_eq!(shown(&screen), r#"failed network_error "tea""#);
    let later = screen.auth.answer_later();
    screen.press("Refetch").await;
    assert_eq!(shown(&screen), r#"refetching "tea""#);
    later.give(Ok(json!("milk")));
    screen.settle().await;
    assert_eq!(shown(&screen), r#"ready "milk""#);
}

#[tokio::test]
async fn another_user_never_sees_what_was_for_the_last_one() {
    let auth = ada();
    auth.answer(Ok(json!("tea of ada")));
    let (late, hers) = (auth.answer_later(), auth.answer_later());
    let mut screen = orders(auth).await;
    screen.press("Refetch").await;
    assert_eq!(shown(&screen), r#"refetching "tea of ada""#);

    screen.set_state(grace()).await;
    assert_eq!(shown(&screen), "loading");
    late.give(Ok(json!("milk of ada")));
    screen.settle().await;
    assert_eq!(shown(&screen), "loading", "the late answer is dropped");
    hers.give(Err(Error::Expired));
    screen.settle().await;
    assert_eq!(shown(&screen), "failed login_required");
    assert_eq!(screen.asked(), [call(1), call(1), call(1)]);
}

#[tokio::test]
async fn the_same_user_in_another_organization_is_another_user() {
    let member = |organization| signed_in(&json!({ "sub": "auth0|ada", "org_id": organization }));
    let auth = MemoryAuth::new(member("org_tea"));
    auth.answer(Ok(json!("of tea")));
    let later = auth.answer_later();
    let mut screen = orders(auth).await;
    screen.set_state(member("org_milk")).await;
    assert_eq!(shown(&screen), "loading");
    later.give(Ok(json!("of milk")));
    screen.settle().await;
    assert_eq!(shown(&screen), r#"ready "of milk""#);
}

#[tokio::test]
async fn a_user_whose_name_changes_is_the_same_user() {
    let auth = MemoryAuth::signed_in("auth0|ada", "Ada Byron");
    auth.answer(Ok(json!("tea")));
    let mut screen = orders(auth).await;
    let married = json!({ "sub": "auth0|ada", "name": "Ada Lovelace" });
    screen.set_state(signed_in(&married)).await;
    assert_eq!(shown(&screen), r#"ready "tea""#);
    assert_eq!(screen.asked(), [call(1)]);
}

#[tokio::test]
async fn a_logout_takes_the_answer_away_and_drops_the_one_on_its_way() {
    let auth = ada();
    auth.answer(Ok(json!("tea")));
    let late = auth.answer_later();
    let mut screen = orders(auth).await;
    screen.press("Refetch").await;
    screen.press("Log out").await;
    assert_eq!(shown(&screen), "idle");
    late.give(Ok(json!("milk")));
    screen.settle().await;
    assert_eq!(shown(&screen), "idle");

    let again = screen.auth.answer_later();
    screen.set_state(ada_is_signed_in()).await;
    assert_eq!(shown(&screen), "loading", "nothing was kept for later");
    again.give(Ok(json!("coffee")));
    screen.settle().await;
    assert_eq!(shown(&screen), r#"ready "coffee""#);
}

/// Orders that can be put away.
#[component]
fn Removable() -> Element {
    let mut is_there = use_signal(|| true);
    rsx! {
        if is_there() {
            Orders {}
        }
        button { r#type: "button", onclick: move |_| is_there.toggle(), "Toggle" }
    }
}

#[tokio::test]
async fn a_component_that_is_gone_waits_for_nothing() {
    let auth = ada();
    let (late, next) = (auth.answer_later(), auth.answer_later());
    let mut screen = Screen::show(Removable, "/", auth).await;
    screen.press("Toggle").await;
    late.give(Ok(json!("tea")));
    screen.settle().await;
    assert_eq!(screen.text(), "Toggle");

    screen.press("Toggle").await;
    assert_eq!(shown(&screen), "loading", "a new one asks anew");
    next.give(Ok(json!("milk")));
    screen.settle().await;
    assert_eq!(shown(&screen), r#"ready "milk""#);
}

/// A drink that is changed before the API says so.
#[component]
fn Changed() -> Element {
    let drink = use_api_with(order(1), |answer| Ok(answer.to_string()));
    let mut seen = use_signal(|| None::<Rc<String>>);
    let see = move |_| seen.set(drink.data());
    let change = move |_| {
        if let Some(seen) = seen.cloned() {
            drink.replace(&seen, Rc::new("changed".into()));
        }
    };
    rsx! {
        p { {drink.data().map(|drink| drink.to_string())} if drink.is_refetching() { " refetching" } }
        button { r#type: "button", onclick: see, "See" }
        button { r#type: "button", onclick: change, "Change" }
        button { r#type: "button", onclick: move |_| drink.refetch(), "Refetch" }
    }
}

#[tokio::test]
async fn what_is_put_in_its_place_outlives_an_older_answer() {
    let auth = ada();
    auth.answer(Ok(json!(1)));
    let late = auth.answer_later();
    let mut screen = Screen::show(Changed, "/", auth).await;
    screen.press("See").await;
    screen.press("Refetch").await;
    assert_eq!(shown(&screen), "1 refetching");
    screen.press("Change").await;
    late.give(Ok(json!(2)));
    screen.settle().await;
    assert_eq!(shown(&screen), "changed");
}

#[tokio::test]
async fn only_what_is_still_shown_can_be_replaced() {
    let auth = ada();
    auth.answer(Ok(json!("of ada")));
    auth.answer(Ok(json!("of grace")));
    let mut screen = Screen::show(Changed, "/", auth).await;
    screen.press("See").await;
    screen.set_state(grace()).await;
    screen.press("Change").await;
    assert_eq!(shown(&screen), r#""of grace""#);

    let mut screen = Screen::show(Changed, "/", ada()).await;
    screen.auth.answer(Ok(json!("seen")));
    screen.press("Refetch").await;
    screen.press("See").await;
    screen.auth.answer(Ok(json!("newer")));
    screen.press("Refetch").await;
    screen.press("Change").await;
    assert_eq!(shown(&screen), r#""newer""#);
}

#[derive(serde::Deserialize)]
struct Order {
    total: u32,
}

#[component]
fn Total() -> Element {
    let order = use_api_as::<Order>(order(1));
    let error = order.error().map(|error| {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        let cause = std::error::Error::source(&error).and_then(|source| source.source());
        format!("{error} {source:?} {cause:?}")
    });
    rsx! {
        p { {order.data().map(|order| format!("total {}", order.total))} {error} }
    }
}

#[tokio::test]
async fn a_typed_answer_is_read_and_one_of_another_shape_is_a_failure() {
    let auth = ada();
    auth.answer(Ok(json!({ "total": 7, "more": true })));
    let screen = Screen::show(Total, "/", auth).await;
    assert_eq!(shown(&screen), "total 7");

    for (answer, words) in [
        (json!({ "total": "secret, expected" }), "expected u32"),
        (json!(["secret"]), "expected u32"),
        (json!({ "sum": "secret" }), "missing field `total`"),
        (Value::Null, "expected struct Order"),
    ] {
        let auth = ada();
        auth.answer(Ok(answer.clone()));
        let screen = Screen::show(Total, "/", auth).await;
        assert!(shown(&screen).contains(words), "{}", shown(&screen));
        assert!(!shown(&screen).contains("secret"), "{}", shown(&screen));
    }
}
