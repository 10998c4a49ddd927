//! F1, F3, F16 and F17: answers that never came, and whether the refresh token is spent.

use std::time::Duration;

use dioxus_auth0::lifecycle::Standing;
use dioxus_auth0::testing::{Fault, Rotation, Rules, Wait};
use dioxus_auth0::{Error, Reason, TokenOptions};
use serde_json::Value;

use super::{LIFETIME, NEARLY, Scene, is_signed_in, token, unavailable, unreachable};

const OVERLAP: Duration = Duration::from_secs(180);

fn broken(status: u16, is_processed: bool) -> Fault {
    Fault::Unavailable {
        status,
        wait: None,
        is_processed,
    }
}

/// A scene at a provider that takes a spent refresh token once more, whose access token has run out.
async fn forgiving() -> Scene {
    let rules = Rules {
        rotation: Rotation::Overlap(OVERLAP),
        ..Rules::default()
    };
    let scene = Scene::signed_in_with(rules, |it| it.refresh_token_overlap = OVERLAP).await;
    scene.advance(LIFETIME);
    scene
}

#[tokio::test]
async fn f01a_a_lost_answer_is_not_asked_for_again_by_itself() {
    let scene = Scene::expired().await;
    let before = scene.stored().expect("somebody is signed in");
    scene.fault(Fault::AnswerLost);

    assert_eq!(scene.token().await, unreachable());

    scene.has_spent(&["rt-1"]);
    assert!(is_signed_in(&scene.client));
    let standing = scene.client.standing(&TokenOptions::default());
    assert_eq!(standing, Standing::InDoubt);
    let after = scene.stored().expect("the session goes on");
    assert_eq!(after["refresh_token"], "rt-1", "it is kept");
    assert_eq!(after["tokens"], before["tokens"]);
    let now = 1_700_000_000 + LIFETIME;
    assert_eq!(after["setback"]["lost_at"], now, "with the time of doubt");
}

#[tokio::test]
async fn f01b_a_refresh_token_in_doubt_is_tried_once_at_the_next_need_and_its_end_is_one_logout() {
    let scene = Scene::expired().await;
    scene.fault(Fault::AnswerLost);
    assert_eq!(scene.token().await, unreachable());

    assert_eq!(scene.token().await, Err(Error::Expired));

    assert_eq!(scene.spent(), ["rt-1", "rt-1"]);
    assert!(!is_signed_in(&scene.client));
    assert_eq!(scene.client.reason(), Reason::Expired);
    assert_eq!(scene.stored(), None);
    assert_eq!(scene.token().await, Err(Error::Expired));
    assert_eq!(scene.spent().len(), 2, "nothing is sent after the end");
}

#[tokio::test]
async fn f01c_an_access_token_that_is_still_good_is_handed_out_while_in_doubt() {
    let scene = Scene::signed_in().await;
    scene.advance(NEARLY);
    scene.fault(Fault::AnswerLost);
    assert_eq!(scene.token().await, Ok("at-1".into()));
    scene.has_spent(&["rt-1"]);
    assert!(is_signed_in(&scene.client));
    let standing = scene.client.standing(&TokenOptions::default());
    assert_eq!(standing, Standing::Expiring);
}

#[tokio::test]
async fn f01d_within_the_overlap_the_request_is_repeated_once_after_a_moment() {
    let scene = forgiving().await;
    scene.fault(Fault::AnswerLost);
    let begun = scene.elapsed();

    assert_eq!(scene.token().await, Ok("at-3".into()));

    scene.has_spent(&["rt-1", "rt-1"]);
    assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-3"));
    let waited = scene.elapsed() - begun;
    assert!(!waited.is_zero() && waited <= Duration::from_secs(1));
    let session = scene.stored().expect("the session goes on");
    assert_eq!(session["setback"], Value::Null, "no doubt is left");
}

#[tokio::test]
async fn f01e_within_the_overlap_it_is_not_repeated_twice() {
    let scene = forgiving().await;
    scene
        .provider
        .faults(super::Endpoint::Token, 2, Fault::AnswerLost);
    assert_eq!(scene.token().await, unreachable());
    scene.has_spent(&["rt-1", "rt-1"]);
    assert!(is_signed_in(&scene.client));
}

#[tokio::test]
async fn f01f_a_doubt_older_than_the_overlap_is_not_repeated() {
    let scene = forgiving().await;
    scene
        .provider
        .faults(super::Endpoint::Token, 3, Fault::RequestLost);
    assert_eq!(scene.token().await, unreachable());
    assert_eq!(scene.spent().len(), 2);
    scene.advance(OVERLAP.as_secs() as i64 - 30);

    assert_eq!(scene.token().await, unreachable());

    assert_eq!(scene.spent().len(), 3, "one try for the need, and no more");
    assert_eq!(scene.token().await, Ok("at-2".into()));
    scene.has_spent(&["rt-1"; 4]);
}

#[tokio::test]
async fn f01g_doubt_outlives_a_restart() {
    let scene = Scene::expired().await;
    scene.fault(Fault::RequestLost);
    assert_eq!(scene.token().await, unreachable());
    let client = scene.restarted().await;
    let standing = client.standing(&TokenOptions::default());
    assert_eq!(standing, Standing::InDoubt);
    assert_eq!(
        token(&client).await,
        Ok("at-2".into()),
        "it had not arrived"
    );
    let standing = client.standing(&TokenOptions::default());
    assert_eq!(standing, Standing::Valid);
    scene.has_spent(&["rt-1", "rt-1"]);
}

#[tokio::test]
async fn f03a_a_broken_server_that_may_have_acted_is_not_asked_again() {
    for status in [500, 502, 503, 504] {
        for is_processed in [false, true] {
            let scene = Scene::expired().await;
            scene.fault(broken(status, is_processed));
            assert_eq!(scene.token().await, unavailable(status));
            scene.has_spent(&["rt-1"]);
            let standing = scene.client.standing(&TokenOptions::default());
            assert_eq!(standing, Standing::InDoubt);
            let next = match is_processed {
                true => Err(Error::Expired),
                false => Ok("at-2".into()),
            };
            assert_eq!(scene.token().await, next, "the next need asks once");
            assert_eq!(scene.spent().len(), 2);
        }
    }
}

#[tokio::test]
async fn f03b_a_broken_server_is_asked_again_within_the_overlap() {
    for status in [500, 502, 503, 504] {
        let scene = forgiving().await;
        scene.fault(broken(status, true));
        assert_eq!(scene.token().await, Ok("at-3".into()));
        scene.has_spent(&["rt-1", "rt-1"]);
    }
}

#[tokio::test]
async fn f03c_a_server_that_says_when_to_come_back_is_asked_twice_more_at_most() {
    let scene = Scene::expired().await;
    let busy = Fault::Unavailable {
        status: 503,
        wait: Some(Wait::Seconds(1)),
        is_processed: false,
    };
    scene.provider.faults(super::Endpoint::Token, 3, busy);
    assert_eq!(scene.token().await, unavailable(503));
    scene.has_spent(&["rt-1"; 3]);
    let standing = scene.client.standing(&TokenOptions::default());
    assert_eq!(standing, Standing::Expired, "there is no doubt");
}

#[tokio::test]
async fn f03d_needs_that_fail_in_a_row_leave_the_server_alone_for_longer_and_longer() {
    let scene = Scene::expired().await;
    scene
        .provider
        .faults(super::Endpoint::Token, 99, broken(502, false));
    assert_eq!(scene.token().await, unavailable(502));
    assert_eq!(scene.token().await, unavailable(502), "the first is free");
    let mut longest = 0;
    for _ in 0..12 {
        let sent = scene.spent().len();
        match scene.token().await {
            Err(Error::Network(super::NetworkError::Backoff { host, seconds })) => {
                assert_eq!(host, super::host());
                assert_eq!(scene.spent().len(), sent, "nothing is sent meanwhile");
                longest = longest.max(seconds);
                scene.advance(seconds as i64 + 1);
            }
            other => assert_eq!(other, unavailable(502)),
        }
    }
    assert!((2..=60).contains(&longest), "{longest}");
    assert!(is_signed_in(&scene.client));
    scene.advance(60);
    scene.provider.forget_faults();
    assert_eq!(scene.token().await, Ok("at-2".into()));
}

#[tokio::test]
async fn f16_an_answer_that_is_cut_off_or_too_large_puts_the_token_in_doubt() {
    for fault in [Fault::Truncated, Fault::TooLarge] {
        let scene = Scene::expired().await;
        scene.fault(fault.clone());
        let error = scene.token().await.expect_err("there is no token");
        assert_ne!(error, Error::Expired, "{fault:?}");
        scene.has_spent(&["rt-1"]);
        assert!(is_signed_in(&scene.client));
        assert_eq!(scene.stored_refresh_token().as_deref(), Some("rt-1"));
        let standing = scene.client.standing(&TokenOptions::default());
        assert_eq!(standing, Standing::InDoubt, "{fault:?}");
        assert_eq!(scene.token().await, Err(Error::Expired));
    }
}

#[tokio::test]
async fn f16b_an_answer_that_is_cut_off_or_too_large_leaves_a_good_token_in_use() {
    for fault in [Fault::Truncated, Fault::TooLarge] {
        let scene = Scene::signed_in().await;
        scene.advance(NEARLY);
        scene.fault(fault.clone());
        assert_eq!(scene.token().await, Ok("at-1".into()), "{fault:?}");
        scene.has_spent(&["rt-1"]);
        assert!(is_signed_in(&scene.client));
    }
}

#[tokio::test]
async fn f16c_within_the_overlap_an_answer_that_is_cut_off_is_asked_for_once_more() {
    for fault in [Fault::Truncated, Fault::TooLarge] {
        let scene = forgiving().await;
        scene.fault(fault.clone());
        assert_eq!(scene.token().await, Ok("at-3".into()), "{fault:?}");
        scene.has_spent(&["rt-1", "rt-1"]);
    }
}

#[tokio::test]
async fn f17a_a_request_that_was_not_sent_is_repeated_without_doubt() {
    let scene = Scene::expired().await;
    scene
        .provider
        .faults(super::Endpoint::Token, 2, Fault::NotConnected);
    let begun = scene.elapsed();
    assert_eq!(scene.token().await, Ok("at-2".into()));
    assert_eq!(scene.spent(), ["rt-1"; 3]);
    assert!(scene.elapsed() - begun <= Duration::from_secs(3));
    assert!(scene.elapsed() > begun, "not at once");

    let scene = Scene::expired().await;
    scene
        .provider
        .faults(super::Endpoint::Token, 3, Fault::NotConnected);
    assert_eq!(scene.token().await, unreachable());
    assert_eq!(scene.spent(), ["rt-1"; 3], "three times and no more");
    let standing = scene.client.standing(&TokenOptions::default());
    assert_eq!(standing, Standing::Expired, "there is no doubt");
}

#[tokio::test]
async fn f17b_a_request_that_may_have_arrived_is_in_doubt_whether_it_did_or_not() {
    for fault in [Fault::RequestLost, Fault::AnswerLost, Fault::TimedOut] {
        let scene = Scene::expired().await;
        scene.fault(fault.clone());
        assert!(scene.token().await.is_err_and(|error| error.is_network()));
        scene.has_spent(&["rt-1"]);
        let standing = scene.client.standing(&TokenOptions::default());
        assert_eq!(standing, Standing::InDoubt, "{fault:?}");
    }
}
