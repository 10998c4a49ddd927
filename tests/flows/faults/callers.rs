//! F9, F18, F19 and F20: many who wait, those who give up, and processes that end in between.

use dioxus_auth0::client::Client;
use dioxus_auth0::config::CacheLocation;
use dioxus_auth0::testing::{Fault, Resource, Rules};
use dioxus_auth0::{Error, LoginOptions, Reason, TokenOptions};
use futures_util::future::{join, join_all};
use futures_util::poll;

use super::slow::{POLLS, fresh, slow_client};
use super::{ADA, GRACE, LIFETIME, Scene, token, token_of};

/// Begins to ask for a token, and gives up after `polls`.
async fn give_up_after(client: &Client, polls: usize) {
    give_up(client, &TokenOptions::default(), polls).await;
}

async fn give_up(client: &Client, options: &TokenOptions, polls: usize) {
    let mut asking = Box::pin(token_of(client, options));
    for _ in 0..polls {
        if poll!(&mut asking).is_ready() {
            return;
        }
    }
}

#[tokio::test]
async fn f09a_the_end_of_a_refresh_token_ends_the_session_once_for_all_who_wait() {
    let scene = Scene::expired().await;
    scene.fault(Fault::invalid_grant());
    let mut changes = scene.client.changes();

    let all = join_all((0..20).map(|_| scene.token())).await;

    assert!(all.iter().all(|it| *it == Err(Error::Expired)), "{all:?}");
    scene.has_spent(&["rt-1"]);
    assert_eq!(scene.stored(), None);
    assert_eq!(scene.client.reason(), Reason::Expired);
    assert!(poll!(futures_util::StreamExt::next(&mut changes)).is_ready());
    assert!(
        poll!(futures_util::StreamExt::next(&mut changes)).is_pending(),
        "it is told once"
    );
}

#[tokio::test]
async fn f09b_who_waits_for_something_else_hears_the_same_and_the_reason_stays() {
    let scene = Scene::expired().await;
    scene.fault(Fault::invalid_grant());
    let other = TokenOptions {
        min_ttl: std::time::Duration::from_secs(600),
        ..TokenOptions::default()
    };
    let both = join(scene.token(), token_of(&scene.client, &other)).await;
    assert_eq!(both, (Err(Error::Expired), Err(Error::Expired)));
    scene.has_spent(&["rt-1"]);
    assert_eq!(scene.client.reason(), Reason::Expired);
}

#[tokio::test]
async fn f18a_a_hundred_callers_at_once_make_one_request() {
    let scene = Scene::expired().await;
    let all = join_all((0..100).map(|_| scene.token())).await;
    assert!(all.iter().all(|it| *it == Ok("at-2".into())), "{all:?}");
    scene.has_spent(&["rt-1"]);
}

#[tokio::test]
async fn f18b_callers_with_other_needs_queue_up() {
    let further = "https://orders.example/";
    let rules = Rules {
        further: vec![Resource {
            audience: further.into(),
            scope: "read:orders".into(),
        }],
        ..Rules::default()
    };
    let scene = Scene::signed_in_with(rules, |it| it.use_mrrt = true).await;
    scene.advance(LIFETIME);
    let options = [
        TokenOptions::default(),
        TokenOptions::scope("profile"),
        TokenOptions {
            audience: Some(further.into()),
            ..TokenOptions::default()
        },
        TokenOptions {
            min_ttl: std::time::Duration::from_secs(300),
            ..TokenOptions::default()
        },
    ];
    let all = (0..100).map(|it| token_of(&scene.client, &options[it % 4]));
    let all = join_all(all).await;
    for (index, token) in all.into_iter().enumerate() {
        let expected = if index % 4 == 2 { "at-3" } else { "at-2" };
        assert_eq!(token, Ok(expected.into()), "{index}");
    }
    scene.has_spent(&["rt-1", "rt-2"]);
    let requests = scene.provider.refreshes_with("rt-1");
    assert!(!requests[0].overlaps(&scene.provider.refreshes_with("rt-2")[0]));
}

#[tokio::test]
async fn f18c_twenty_tabs_make_one_request() {
    let scene = Scene::signed_in_with(Rules::default(), |it| {
        it.cache = CacheLocation::LocalStorage;
    })
    .await;
    let tabs: Vec<Client> = (0..20)
        .map(|_| scene.another(&scene.memory.tab()))
        .collect();
    join_all(tabs.iter().map(|tab| tab.restore())).await;
    scene.advance(LIFETIME);
    let all = join_all(tabs.iter().map(token)).await;
    assert!(all.iter().all(|it| *it == Ok("at-2".into())), "{all:?}");
    scene.has_spent(&["rt-1"]);
}

#[tokio::test]
async fn f19a_a_caller_who_gives_up_at_any_moment_loses_no_refresh_token() {
    for polls in 0..POLLS {
        let scene = Scene::expired().await;
        give_up_after(&scene.client, polls).await;
        assert_eq!(scene.token().await, Ok("at-2".into()), "{polls}");
        scene.has_spent(&["rt-1"]);
        assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-2"));
    }
}

#[tokio::test]
async fn f19b_nor_on_a_slow_storage_and_for_others_who_wait_too() {
    for polls in 0..3 * POLLS {
        let scene = Scene::expired().await;
        let client = slow_client(&scene).await;
        let (_, other) = join(give_up_after(&client, polls), token(&client)).await;
        assert_eq!(other, Ok("at-2".into()), "{polls}");
        assert_eq!(token(&client).await, Ok("at-2".into()), "{polls}");
        scene.has_spent(&["rt-1"]);
        assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-2"));
    }
}

#[tokio::test]
async fn f19c_who_asks_for_something_else_afterwards_finds_it_too() {
    for polls in 0..POLLS {
        let scene = Scene::expired().await;
        give_up_after(&scene.client, polls).await;
        let token = token_of(&scene.client, &fresh()).await;
        assert!(token.is_ok(), "{polls}: {token:?}");
        let spent = scene.spent();
        assert_eq!(spent[0], "rt-1");
        assert!(spent.len() == 1 || spent[1..] == ["rt-2"], "{spent:?}");
        assert!(scene.provider.breaches().is_empty());
    }
}

#[tokio::test]
async fn f19d_a_refresh_that_was_given_up_harms_nobody_who_logs_in_afterwards() {
    for polls in 1..POLLS {
        let scene = Scene::expired().await;
        give_up(&scene.client, &fresh(), polls).await;
        scene.sign_in(GRACE).await;
        let token = token_of(&scene.client, &fresh()).await;
        assert!(token.is_ok(), "{polls}: {token:?}");
        let identity = scene.client.identity().expect("somebody is signed in");
        assert_eq!(identity.user().sub(), GRACE);
        let spent = scene.spent();
        assert_ne!(spent.last().map(String::as_str), Some("rt-1"), "{polls}");
        assert!(scene.provider.breaches().is_empty());
    }
}

#[tokio::test]
async fn f19e_a_refresh_that_was_given_up_keeps_nobody_from_logging_in() {
    for polls in 1..POLLS {
        let scene = Scene::expired().await;
        let client = scene.restarted_without_metadata().await;
        give_up_after(&client, polls).await;
        let mut login = Box::pin(client.login(LoginOptions::default()));
        let mut left = 1000;
        let gone = loop {
            if let std::task::Poll::Ready(gone) = poll!(&mut login) {
                break gone;
            }
            left -= 1;
            assert!(left > 0, "after {polls} polls nobody can log in");
        };
        assert_eq!(gone, Ok(None));
    }
}

#[tokio::test]
async fn f19f_a_caller_who_gives_up_holds_up_no_other_tab() {
    for polls in 1..3 {
        let scene = Scene::signed_in_with(Rules::default(), |it| {
            it.cache = CacheLocation::LocalStorage;
        })
        .await;
        let other = scene.another(&scene.memory.tab());
        other.restore().await;
        other.prepare().await.expect("the provider answers");
        scene.advance(LIFETIME);
        let mut watching = Box::pin(scene.client.watch());
        assert!(poll!(&mut watching).is_pending());
        give_up_after(&scene.client, polls).await;
        for _ in 0..20 {
            assert!(poll!(&mut watching).is_pending(), "it goes on by itself");
        }
        let mut asking = Box::pin(token(&other));
        let mut left = 100;
        let given = loop {
            if let std::task::Poll::Ready(given) = poll!(&mut asking) {
                break given;
            }
            left -= 1;
            assert!(left > 0, "after {polls} polls nobody gets a token");
        };
        assert_eq!(given, Ok("at-2".into()), "{polls}");
        scene.has_spent(&["rt-1"]);
        drop(watching);
        assert_eq!(scene.token().await, Ok("at-2".into()), "{polls}");
        scene.has_spent(&["rt-1"]);
    }
}

#[tokio::test]
async fn f20a_a_process_that_ends_at_any_moment_costs_one_login_at_most() {
    for polls in 0..POLLS {
        let mut scene = Scene::expired().await;
        give_up_after(&scene.client, polls).await;
        let was_processed = !scene.provider.accepts("rt-1");
        scene.client = scene.restarted().await;

        let token = scene.token().await;

        let is_lost = was_processed && scene.spent().len() == 2;
        match is_lost {
            true => {
                assert_eq!(token, Err(Error::Expired), "{polls}");
                assert_eq!(scene.stored(), None);
                assert_eq!(scene.token().await, Err(Error::Expired));
                assert_eq!(scene.spent().len(), 2, "it asks no third time");
                scene.sign_in(ADA).await;
                assert!(scene.token().await.is_ok());
            }
            false => assert_eq!(token, Ok("at-2".into()), "{polls}"),
        }
    }
}

#[tokio::test]
async fn f20c_a_tab_that_ends_at_any_moment_holds_up_no_other() {
    for polls in 0.. {
        let scene = Scene::signed_in_with(Rules::default(), |it| {
            it.cache = CacheLocation::LocalStorage;
        })
        .await;
        let other = scene.another(&scene.memory.tab());
        other.restore().await;
        other.prepare().await.expect("the provider answers");
        scene.advance(LIFETIME);
        let tab = scene.restarted().await;
        let mut asking = Box::pin(token(&tab));
        for _ in 0..polls {
            if poll!(&mut asking).is_ready() {
                assert!(polls > 2, "a refresh takes a while");
                return;
            }
        }
        let mut waiting = Box::pin(token(&other));
        assert!(poll!(&mut waiting).is_pending());
        drop(asking);
        drop(tab);
        let was_stored = scene.memory.local_storage.entries().into_values();
        let was_stored = was_stored.into_iter().any(|text| text.contains("rt-2"));
        let was_lost = !scene.provider.accepts("rt-1") && !was_stored;
        let token = waiting.await;
        match was_lost {
            true => assert_eq!(token, Err(Error::Expired), "{polls}"),
            false => assert_eq!(token, Ok("at-2".into()), "{polls}"),
        }
        assert!(scene.spent().len() <= 2, "{polls}");
    }
}

#[tokio::test]
async fn f20b_what_was_handed_out_is_stored() {
    for polls in 0..4 * POLLS {
        let scene = Scene::expired().await;
        let client = slow_client(&scene).await;
        let mut asking = Box::pin(token(&client));
        let mut given = None;
        for _ in 0..polls {
            if let std::task::Poll::Ready(token) = poll!(&mut asking) {
                given = Some(token);
                break;
            }
        }
        if let Some(given) = given {
            assert_eq!(given, Ok("at-2".into()));
            assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-2"));
            assert_eq!(token(&scene.restarted().await).await, Ok("at-2".into()));
            scene.has_spent(&["rt-1"]);
        }
    }
}
