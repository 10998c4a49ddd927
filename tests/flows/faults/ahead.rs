//! F23: renewal ahead of time, spread, and never in a storm.

use std::collections::BTreeSet;
use std::time::Duration;

use dioxus_auth0::client::Client;
use dioxus_auth0::config::CacheLocation;
use dioxus_auth0::port::Clock;
use dioxus_auth0::testing::{Endpoint, Fault, Rules};
use futures_util::future::{Either, join_all, select};

use super::{ADA, LIFETIME, Scene, is_signed_in, token};
use crate::world::NOW;

async fn ahead() -> Scene {
    Scene::signed_in_with(Rules::default(), |it| it.renew_ahead = true).await
}

/// Lets `clients` watch for so many seconds.
async fn watch(scene: &Scene, clients: &[&Client], seconds: u64) {
    let watching = std::pin::pin!(join_all(clients.iter().map(|client| client.watch())));
    let passing = scene.memory.clock.sleep(Duration::from_secs(seconds));
    match select(watching, passing).await {
        Either::Left(_) => panic!("watching never ends"),
        Either::Right(_) => {}
    }
}

#[tokio::test]
async fn f23a_a_token_is_renewed_between_70_and_90_percent_of_its_life() {
    let scene = ahead().await;
    watch(&scene, &[&scene.client], 7200 * 7 / 10 - 1).await;
    scene.has_spent(&[]);
    watch(&scene, &[&scene.client], 7200 * 2 / 10 + 1).await;
    scene.has_spent(&["rt-1"]);
    assert_eq!(token(&scene.client).await, Ok("at-2".into()));
}

#[tokio::test]
async fn f23b_many_clients_are_spread_over_that_time() {
    let scene = ahead().await;
    let tabs: Vec<_> = (0..32).map(|_| scene.memory.tab()).collect();
    let clients: Vec<Client> = tabs.iter().map(|tab| scene.another(tab)).collect();
    for (index, (client, tab)) in clients.iter().zip(&tabs).enumerate() {
        // As different as real ones.
        let text = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        scene.fault(Fault::member("access_token", format!("{text:016x}")));
        scene.sign_in_to(client, tab, ADA).await;
    }
    watch(&scene, &clients.iter().collect::<Vec<_>>(), 6500).await;
    let requests = scene.provider.requests().into_iter();
    let moments = requests.filter(|it| it.refresh_token().is_some());
    let moments: Vec<i64> = moments.map(|it| it.sent_at.seconds() - NOW).collect();
    assert_eq!(moments.len(), 32, "each once");
    let tenth = LIFETIME / 10;
    let different: BTreeSet<&i64> = moments.iter().collect();
    assert!(different.len() > 24, "{moments:?}");
    let span = moments.iter().max().zip(moments.iter().min());
    assert!(
        span.is_some_and(|(last, first)| last - first > tenth),
        "{moments:?}"
    );
    assert!(
        moments
            .iter()
            .all(|it| (7 * tenth..=9 * tenth + 1).contains(it)),
        "{moments:?}"
    );
    assert!(scene.provider.breaches().is_empty());
}

#[tokio::test]
async fn f23c_tabs_that_share_a_session_renew_it_once() {
    let scene = Scene::signed_in_with(Rules::default(), |it| {
        it.renew_ahead = true;
        it.cache = CacheLocation::LocalStorage;
    })
    .await;
    let tabs: Vec<Client> = (0..5).map(|_| scene.another(&scene.memory.tab())).collect();
    join_all(tabs.iter().map(|tab| tab.restore())).await;
    watch(&scene, &tabs.iter().collect::<Vec<_>>(), 6600).await;
    scene.has_spent(&["rt-1"]);
    for tab in &tabs {
        assert_eq!(token(tab).await, Ok("at-2".into()));
    }
}

#[tokio::test]
async fn f23d_nothing_is_renewed_ahead_unless_it_is_configured() {
    let scene = Scene::signed_in().await;
    watch(&scene, &[&scene.client], 8000).await;
    scene.has_spent(&[]);
}

#[tokio::test]
async fn f23e_a_token_in_doubt_is_not_tried_on_a_timer() {
    let scene = ahead().await;
    scene.fault(Fault::AnswerLost);
    watch(&scene, &[&scene.client], 7100).await;
    scene.has_spent(&["rt-1"]);
    watch(&scene, &[&scene.client], 50_000).await;
    scene.has_spent(&["rt-1"]);
    assert!(is_signed_in(&scene.client));
}

#[tokio::test]
async fn f23f_an_outage_is_not_answered_by_a_storm() {
    let scene = ahead().await;
    let down = Fault::NotConnected;
    scene.provider.faults(Endpoint::Token, 10_000, down);
    watch(&scene, &[&scene.client], 9 * 720 + 900).await;
    let sent = scene.spent().len();
    assert!((3..=200).contains(&sent), "{sent} in a quarter of an hour");
    scene.provider.forget_faults();
    watch(&scene, &[&scene.client], 120).await;
    assert_eq!(scene.spent().len(), sent + 1, "it is back");
    assert!(scene.provider.breaches().is_empty());
}

#[tokio::test]
async fn f23g_a_provider_that_says_no_is_not_asked_again_by_a_timer() {
    for fault in [Fault::invalid_client(), Fault::MfaRequired] {
        let scene = ahead().await;
        scene
            .provider
            .faults(Endpoint::Token, 10_000, fault.clone());
        watch(&scene, &[&scene.client], 20_000).await;
        scene.has_spent(&["rt-1"]);
        assert!(is_signed_in(&scene.client), "{fault:?}");
    }
}

#[tokio::test]
async fn f23h_tokens_that_live_for_no_time_are_not_renewed_in_a_storm() {
    for lifetime in [0, 1, 5] {
        let scene = ahead().await;
        let fault = Fault::member("expires_in", lifetime);
        scene.provider.faults(Endpoint::Token, 100_000, fault);
        let clients = [&scene.client];
        let watching = std::pin::pin!(watch(&scene, &clients, 9 * 720 + 100));
        let storm = std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            match scene.spent().len() > 100 {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        });
        if let Either::Right(_) = select(watching, storm).await {
            panic!("a storm for {lifetime} s");
        }
        assert!(scene.provider.breaches().is_empty());
    }
}
